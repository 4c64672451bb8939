//! Memory and swap.

use super::{Section, by, chart, part, stacked};

pub(super) const SECTION: Section = Section {
    id: "memory",
    title: "Memory",
    reason: "No memory numbers arrive from this host.",
    charts: &[
        stacked(
            "memory",
            "Memory",
            "bytes",
            "memory_used_bytes",
            &[
                part("avg:memory_used_bytes", "used"),
                part("avg:memory_buffers_bytes", "buffers"),
                part("avg:memory_cached_bytes", "cached"),
                part("avg:memory_free_bytes", "free"),
            ],
        ),
        stacked(
            "process_memory",
            "Resident memory by process",
            "bytes",
            "process_resident_bytes",
            &[by("avg:process_resident_bytes", "name", "$1")],
        ),
        chart("swap", "Swap in use", "bytes", "swap_used_bytes", &[part("avg:swap_used_bytes", "used")]),
    ],
};
