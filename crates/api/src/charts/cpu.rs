//! Processors.

use super::{Part, Section, by, chart, part, stacked};

pub(super) const SECTION: Section = Section {
    id: "cpu",
    title: "CPU",
    reason: "No processor times arrive from this host.",
    charts: &[
        stacked(
            "cpu_modes",
            "CPU by mode",
            "cores",
            "cpu_seconds_total",
            &[Part {
                metric: "rate:cpu_seconds_total",
                condition: "NOT mode:idle AND NOT mode:guest AND NOT mode:guest_nice",
                split: "mode",
                label: "$1",
                then: "",
            }],
        ),
        chart(
            "load",
            "Load average",
            "",
            "load1",
            &[part("avg:load1", "1 min"), part("avg:load5", "5 min"), part("avg:load15", "15 min")],
        ),
        stacked(
            "process_cpu",
            "CPU by process",
            "cores",
            "process_cpu_seconds_total",
            &[by("rate:process_cpu_seconds_total", "name", "$1")],
        ),
        chart(
            "pressure",
            "Stalled by lack of",
            "ratio",
            "pressure_stall_seconds_total",
            &[Part {
                metric: "rate:pressure_stall_seconds_total",
                condition: "kind:some",
                split: "resource",
                label: "$1",
                then: "",
            }],
        ),
    ],
};
