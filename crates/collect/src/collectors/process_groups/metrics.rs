//! What is said of a group.

use crate::Metric;

const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).by(&["group"])
}

const fn counter(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, unit, help).by(&["group"])
}

/// How many metrics have the group as their only label.
pub(super) const PLAIN: usize = 14;

/// First those with one label, in the order of a group's values; then those with two.
pub(super) static METRICS: [Metric; PLAIN + 3] = [
    gauge("process_group_processes", "", "Processes of the group."),
    gauge("process_group_threads", "", "Threads of the group's processes."),
    gauge("process_group_resident_bytes", "bytes", "Memory the processes hold; shared pages count for each."),
    gauge(
        "process_group_anonymous_bytes",
        "bytes",
        "Memory of the processes' own, backed by no file (Linux 4.5).",
    )
    .from("status RssAnon"),
    gauge("process_group_swapped_bytes", "bytes", "Memory of the processes that was swapped out.")
        .from("status VmSwap"),
    gauge(
        "process_group_proportional_bytes",
        "bytes",
        "Memory the processes hold, shared pages counted in parts; where the rule asks for it.",
    )
    .from("smaps_rollup Pss"),
    counter("process_group_disk_read_bytes_total", "bytes", "Bytes the processes fetched from disks.")
        .from("io read_bytes"),
    counter(
        "process_group_disk_written_bytes_total",
        "bytes",
        "Bytes the processes sent to disks; of what they took back the part that was seen.",
    )
    .from("io write_bytes"),
    gauge("process_group_descriptors", "", "Descriptors the processes have open.").from("fd/"),
    gauge(
        "process_group_descriptors_used_ratio",
        "ratio",
        "Open descriptors as a part of what may be open, of the process that is nearest to its limit.",
    )
    .from("limits Max open files"),
    counter(
        "process_group_major_faults_total",
        "",
        "Page faults of the processes that had to wait for a disk.",
    )
    .from("stat majflt"),
    counter("process_group_starts_total", "", "Processes that began and came to the group."),
    counter(
        "process_group_restarts_total",
        "",
        "Times the oldest process of the group ended and one that had not been there took its place.",
    ),
    gauge("process_group_oldest_start_seconds", "seconds", "When the oldest process began, as Unix time."),
    Metric::counter("process_group_cpu_seconds_total", "seconds", "CPU time the processes used in a mode.")
        .by(&["group", "mode"])
        .from("stat utime stime"),
    Metric::counter(
        "process_group_context_switches_total",
        "",
        "Times the first threads of the processes gave up their core, by themselves or not.",
    )
    .by(&["group", "kind"])
    .from("status ctxt_switches"),
    Metric::gauge("process_group_state_processes", "", "Processes of the group in a state.")
        .by(&["group", "state"]),
];

pub(super) const CPU: &Metric = &METRICS[PLAIN];
pub(super) const SWITCHES: &Metric = &METRICS[PLAIN + 1];
pub(super) const STATE: &Metric = &METRICS[PLAIN + 2];
