//! Containers and units.

use super::{Section, by, chart, stacked};

pub(super) const SECTION: Section = Section {
    id: "containers",
    title: "Containers and units",
    reason: "No container and no unit of systemd was seen on this host (control groups v2 are read, v1 are not).",
    charts: &[
        stacked(
            "container_cpu",
            "CPU by container",
            "cores",
            "container_cpu_seconds_total",
            &[by("rate:container_cpu_seconds_total", "container", "$1")],
        ),
        stacked(
            "container_memory",
            "Memory by container",
            "bytes",
            "container_memory_bytes",
            &[by("avg:container_memory_bytes", "container", "$1")],
        ),
        chart(
            "container_throttled",
            "Kept from running by the CPU limit",
            "ratio",
            "container_cpu_throttled_seconds_total",
            &[by("rate:container_cpu_throttled_seconds_total", "container", "$1")],
        ),
        stacked(
            "unit_cpu",
            "CPU by unit",
            "cores",
            "unit_cpu_seconds_total",
            &[by("rate:unit_cpu_seconds_total", "unit", "$1")],
        ),
        stacked(
            "unit_memory",
            "Memory by unit",
            "bytes",
            "unit_memory_bytes",
            &[by("avg:unit_memory_bytes", "unit", "$1")],
        ),
    ],
};
