//! What Windhover itself costs here.

use super::{Section, by, chart};

pub(super) const SECTION: Section = Section {
    id: "own",
    title: "Windhover itself",
    reason: "No Windhover runs on this host, or it is too old to say what it costs.",
    charts: &[
        chart(
            "own_threads",
            "Processor time by thread",
            "cores",
            "windhover_process_thread_cpu_seconds_total",
            &[by("rate:windhover_process_thread_cpu_seconds_total", "thread", "$1")],
        ),
        chart(
            "own_collectors",
            "Time of a collector's pass",
            "seconds",
            "windhover_collect_duration_seconds",
            &[by("avg:windhover_collect_duration_seconds", "collector", "$1")],
        ),
        chart(
            "own_memory",
            "Memory of its own",
            "bytes",
            "windhover_process_anonymous_bytes",
            &[by("avg:windhover_process_anonymous_bytes", "role", "$1")],
        ),
    ],
};
