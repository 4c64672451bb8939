//! What is said of a unit and of a container: the same, under names of their own.

use crate::Metric;

/// Series of one group.
pub(super) const METRICS_PER_FAMILY: usize = 12;
macro_rules! family {
    ($label:literal, $labels:expr) => {
        [
            Metric::counter(
                concat!($label, "_cpu_seconds_total"),
                "seconds",
                concat!("CPU time the ", $label, " used."),
            )
            .by($labels)
            .from("cpu.stat usage_usec"),
            Metric::gauge(
                concat!($label, "_memory_bytes"),
                "bytes",
                concat!("Memory charged to the ", $label, ", cached files among it."),
            )
            .by($labels)
            .from("memory.current"),
            Metric::gauge(
                concat!($label, "_tasks"),
                "",
                concat!("Processes and threads of the ", $label, "."),
            )
            .by($labels)
            .from("pids.current"),
            Metric::counter(
                concat!($label, "_cpu_throttled_seconds_total"),
                "seconds",
                concat!("Time the ", $label, " was kept from running by its CPU limit."),
            )
            .by($labels)
            .from("cpu.stat throttled_usec"),
            Metric::gauge(
                concat!($label, "_memory_limit_bytes"),
                "bytes",
                concat!("Most memory the ", $label, " may have, where there is a limit."),
            )
            .by($labels)
            .from("memory.max"),
            Metric::gauge(
                concat!($label, "_memory_anonymous_bytes"),
                "bytes",
                concat!("Memory of the ", $label, "'s own, backed by no file."),
            )
            .by($labels)
            .from("memory.stat anon"),
            Metric::gauge(
                concat!($label, "_memory_file_bytes"),
                "bytes",
                concat!("Files the ", $label, " keeps in memory."),
            )
            .by($labels)
            .from("memory.stat file"),
            Metric::counter(
                concat!($label, "_memory_limit_hits_total"),
                "",
                concat!("Times the ", $label, " was about to exceed its memory limit."),
            )
            .by($labels)
            .from("memory.events max"),
            Metric::counter(
                concat!($label, "_memory_ooms_total"),
                "",
                concat!("Times an allocation of the ", $label, " was about to fail at its memory limit."),
            )
            .by($labels)
            .from("memory.events oom"),
            Metric::counter(
                concat!($label, "_memory_oom_kills_total"),
                "",
                concat!("Processes of the ", $label, " killed because memory ran out."),
            )
            .by($labels)
            .from("memory.events oom_kill"),
            Metric::counter(
                concat!($label, "_disk_read_bytes_total"),
                "bytes",
                concat!("Bytes the ", $label, " read from disks."),
            )
            .by($labels)
            .from("io.stat rbytes"),
            Metric::counter(
                concat!($label, "_disk_written_bytes_total"),
                "bytes",
                concat!("Bytes the ", $label, " wrote to disks."),
            )
            .by($labels)
            .from("io.stat wbytes"),
        ]
    };
}

pub(super) static UNITS: [Metric; METRICS_PER_FAMILY] = family!("unit", &["unit"]);
pub(super) static CONTAINERS: [Metric; METRICS_PER_FAMILY] =
    family!("container", &["container", "image", "pod", "namespace"]);
