//! What the kernel does and complains of.

use super::{Section, by, chart};

pub(super) const SECTION: Section = Section {
    id: "kernel",
    title: "Kernel and hardware",
    reason: "No counts of interrupts or kernel messages arrive from this host.",
    charts: &[
        chart(
            "kernel_troubles",
            "Trouble the kernel tells of",
            "/s",
            "kernel_troubles_total",
            &[by("rate:kernel_troubles_total", "kind", "$1")],
        ),
        chart(
            "interrupts",
            "Interrupts by source",
            "/s",
            "interrupts_by_source_total",
            &[by("rate:interrupts_by_source_total", "source", "$1")],
        ),
        chart(
            "soft_interrupts",
            "Soft interrupts by kind",
            "/s",
            "soft_interrupts_by_kind_total",
            &[by("rate:soft_interrupts_by_kind_total", "kind", "$1")],
        ),
        chart(
            "raid_missing",
            "RAID disks missing",
            "",
            "raid_disks_missing",
            &[by("max:raid_disks_missing", "device", "$1")],
        ),
        chart(
            "battery",
            "Battery",
            "ratio",
            "power_charge_ratio",
            &[by("avg:power_charge_ratio", "supply", "$1")],
        ),
    ],
};
