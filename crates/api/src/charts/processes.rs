//! Processes.

use super::{Section, by, chart, part, stacked};

pub(super) const SECTION: Section = Section {
    id: "processes",
    title: "Processes",
    reason: "No process counts arrive from this host.",
    charts: &[
        stacked("processes", "Processes by state", "", "processes", &[by("avg:processes", "state", "$1")]),
        chart(
            "context_switches",
            "Context switches",
            "/s",
            "context_switches_total",
            &[part("rate:context_switches_total", "switches")],
        ),
    ],
};
