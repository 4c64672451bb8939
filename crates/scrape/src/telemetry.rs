//! What this crate counts about itself.

use stdx::telemetry::{Counter, Gauge, Item};

pub(crate) static SCRAPES: Counter = Counter::new("windhover_scrape_scrapes_total", "Targets asked.");
pub(crate) static FAILURES: Counter =
    Counter::new("windhover_scrape_failures_total", "Scrapes that gave no samples.");
pub(crate) static SKIPPED: Counter = Counter::new(
    "windhover_scrape_skipped_total",
    "Turns that passed unused: the scrape before was still under way, no thread was free, or the clock jumped.",
);
pub(crate) static SAMPLES: Counter =
    Counter::new("windhover_scrape_samples_total", "Samples handed to the sink and taken by it.");
pub(crate) static SAMPLES_LOST: Counter =
    Counter::new("windhover_scrape_samples_lost_total", "Samples that the sink did not take.");
pub(crate) static LINES_REFUSED: Counter =
    Counter::new("windhover_scrape_lines_refused_total", "Lines of pages that could not be read or kept.");
pub(crate) static BODY_BYTES: Counter =
    Counter::new("windhover_scrape_body_bytes_total", "Bytes of pages, unpacked.");
pub(crate) static PANICS: Counter = Counter::new("windhover_scrape_panics_total", "Scrapes that panicked.");
pub(crate) static DISCOVERY_FAILURES: Counter = Counter::new(
    "windhover_scrape_discovery_failures_total",
    "Files or names of targets that could not be read; the targets known before stay.",
);
pub(crate) static TARGETS: Gauge = Gauge::new("windhover_scrape_targets", "Targets there are.");
pub(crate) static THREADS: Gauge = Gauge::new("windhover_scrape_threads", "Threads that ask them.");

pub(crate) static ICINGA_EVENTS: Counter =
    Counter::new("windhover_scrape_icinga_events_total", "Events of Icinga 2 that were heard.");
pub(crate) static ICINGA_BROKEN: Counter =
    Counter::new("windhover_scrape_icinga_broken_total", "Streams of events of Icinga 2 that broke.");
pub(crate) static ICINGA_GAPS: Counter = Counter::new(
    "windhover_scrape_icinga_gaps_total",
    "Times nobody listened to Icinga 2 and what was missed was asked for afterwards.",
);

/// The numbers of this crate.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&SCRAPES),
    Item::Counter(&FAILURES),
    Item::Counter(&SKIPPED),
    Item::Counter(&SAMPLES),
    Item::Counter(&SAMPLES_LOST),
    Item::Counter(&LINES_REFUSED),
    Item::Counter(&BODY_BYTES),
    Item::Counter(&PANICS),
    Item::Counter(&DISCOVERY_FAILURES),
    Item::Counter(&ICINGA_EVENTS),
    Item::Counter(&ICINGA_BROKEN),
    Item::Counter(&ICINGA_GAPS),
    Item::Gauge(&TARGETS),
    Item::Gauge(&THREADS),
];
