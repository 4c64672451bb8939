//! File systems and disks.

use super::{Section, by, chart};

pub(super) const SECTION: Section = Section {
    id: "disk",
    title: "Disk",
    reason: "No block device and no file system was seen on this host.",
    charts: &[
        chart(
            "filesystem",
            "File systems, share used",
            "ratio",
            "filesystem_used_ratio",
            &[by("max:filesystem_used_ratio", "mount", "$1")],
        ),
        chart(
            "disk_read",
            "Read",
            "bytes/s",
            "disk_read_bytes_total",
            &[by("rate:disk_read_bytes_total", "device", "$1")],
        ),
        chart(
            "disk_written",
            "Written",
            "bytes/s",
            "disk_written_bytes_total",
            &[by("rate:disk_written_bytes_total", "device", "$1")],
        ),
        chart(
            "disk_busy",
            "Busy",
            "ratio",
            "disk_io_seconds_total",
            &[by("rate:disk_io_seconds_total", "device", "$1")],
        ),
    ],
};
