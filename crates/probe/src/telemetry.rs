//! What probes and monitors count.

use stdx::telemetry::{Counter, Gauge, Item, Labels};

const fn refused(labels: Labels) -> Counter {
    const NAME: &str = "windhover_probe_refused_datagrams_total";
    Counter::labelled(
        NAME,
        "Datagrams that a monitor or a probe did not believe, or lines of them, by reason.",
        labels,
    )
}

pub(crate) static PINGS_SENT: Counter =
    Counter::new("windhover_probe_pings_sent_total", "Pings that this program's monitor sent.");
pub(crate) static PINGS_HEARD: Counter = Counter::new(
    "windhover_probe_pings_heard_total",
    "Pings of other monitors that this program's monitor heard.",
);
pub(crate) static FOREIGN_HEARD: Counter = Counter::new(
    "windhover_probe_foreign_pings_heard_total",
    "Pings of programs that are not this one, such as socat, that this program's monitor heard.",
);
pub(crate) static TAKEOVERS: Counter = Counter::new(
    "windhover_probe_takeovers_total",
    "Times that this program's monitor began to ping because it heard nobody else do so.",
);
pub(crate) static YIELDS: Counter = Counter::new(
    "windhover_probe_yields_total",
    "Times that this program's monitor left pinging to another.",
);
pub(crate) static PINGING: Gauge =
    Gauge::new("windhover_probe_pinging_networks", "Networks in which this program's monitor pings.");
pub(crate) static ANSWERS: Counter = Counter::new(
    "windhover_probe_answer_datagrams_total",
    "Answers of probes that this program's monitor took.",
);
pub(crate) static LINES_REFUSED: Counter = Counter::new(
    "windhover_probe_refused_lines_total",
    "Lines in answers of probes that were not of the form host:source:value:TYPE.",
);
pub(crate) static PASSED_ON: Counter = Counter::new(
    "windhover_probe_passed_on_datagrams_total",
    "Answers of probes that this program's monitor passed on to monitors that lurk.",
);
pub(crate) static SEND_FAILED: Counter =
    Counter::new("windhover_probe_send_errors_total", "Datagrams that could not be sent.");
pub(crate) static PINGS_ANSWERED: Counter =
    Counter::new("windhover_probe_pings_answered_total", "Pings that this program's probe answered.");
pub(crate) static COMMAND_FAILED: Counter = Counter::new(
    "windhover_probe_command_errors_total",
    "Runs of the probe's command that failed, took too long or printed too much.",
);
pub(crate) static RATE: Counter = refused(&[("reason", "too_many_pings")]);
pub(crate) static OUTSIDE_RANGE: Counter = refused(&[("reason", "outside_range")]);
pub(crate) static UNASKED: Counter = refused(&[("reason", "unasked")]);
pub(crate) static FLOOD_SOURCE: Counter = refused(&[("reason", "flood_of_one_source")]);
pub(crate) static FLOOD_TOTAL: Counter = refused(&[("reason", "flood_of_all_sources")]);
pub(crate) static SOURCES_FULL: Counter = refused(&[("reason", "too_many_sources")]);
pub(crate) static HOST_OF_ANOTHER: Counter = refused(&[("reason", "host_of_another_address")]);
pub(crate) static HOSTS_FULL: Counter = refused(&[("reason", "too_many_hosts")]);
pub(crate) static HOST_OF_ANOTHER_NETWORK: Counter = refused(&[("reason", "host_of_another_network")]);
pub(crate) static DROPPED: Counter = Counter::new(
    "windhover_probe_dropped_datagrams_total",
    "Datagrams that the kernel dropped because this program's monitor did not take them in time.",
);

/// All of them.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&PINGS_SENT),
    Item::Counter(&PINGS_HEARD),
    Item::Counter(&FOREIGN_HEARD),
    Item::Counter(&TAKEOVERS),
    Item::Counter(&YIELDS),
    Item::Gauge(&PINGING),
    Item::Counter(&ANSWERS),
    Item::Counter(&PASSED_ON),
    Item::Counter(&SEND_FAILED),
    Item::Counter(&LINES_REFUSED),
    Item::Counter(&PINGS_ANSWERED),
    Item::Counter(&COMMAND_FAILED),
    Item::Counter(&RATE),
    Item::Counter(&OUTSIDE_RANGE),
    Item::Counter(&UNASKED),
    Item::Counter(&FLOOD_SOURCE),
    Item::Counter(&FLOOD_TOTAL),
    Item::Counter(&SOURCES_FULL),
    Item::Counter(&HOST_OF_ANOTHER),
    Item::Counter(&HOSTS_FULL),
    Item::Counter(&HOST_OF_ANOTHER_NETWORK),
    Item::Counter(&DROPPED),
];
