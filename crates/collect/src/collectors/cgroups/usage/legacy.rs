//! The files of the older hierarchies (Documentation/admin-guide/cgroup-v1).

use super::{Cpu, Dear, Reader};
use crate::text::{fields, lines, number};

const NANOSECONDS_PER_MICROSECOND: u64 = 1000;
/// A limit above this is none: the kernel says the largest number of whole pages.
const LIMIT_MAX: u64 = 1 << 62;

pub(super) fn cpu(reader: &mut Reader<'_>, group: &str) -> Cpu {
    let used = reader.number("cpuacct", group, "cpuacct.usage");
    let [throttled] = reader.keyed("cpu", group, "cpu.stat", ["throttled_time"]);
    let microseconds = |time: u64| time / NANOSECONDS_PER_MICROSECOND;
    Cpu { used_us: used.map(microseconds), throttled_us: throttled.map(microseconds) }
}

pub(super) fn dear(reader: &mut Reader<'_>, group: &str) -> Dear {
    let [anonymous, file] = reader.keyed("memory", group, "memory.stat", ["total_rss", "total_cache"]);
    let [oom_kills] = reader.keyed("memory", group, "memory.oom_control", ["oom_kill"]);
    let limit = reader.number("memory", group, "memory.limit_in_bytes");
    let disk = ["blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_service_bytes"]
        .iter()
        .find_map(|file| reader.read("blkio", group, file).ok().map(disk_bytes));
    Dear {
        memory_limit: limit.filter(|limit| *limit < LIMIT_MAX),
        anonymous,
        file,
        limit_hits: reader.number("memory", group, "memory.failcnt"),
        ooms: None,
        oom_kills,
        disk_bytes: disk,
    }
}

/// `8:0 Read 1`, `8:0 Write 2` …, lines for each device; then sums.
fn disk_bytes(text: &[u8]) -> [u64; 2] {
    let mut sums = [0u64; 2];
    for line in lines(text) {
        let mut fields = fields(line);
        let (Some(_), Some(kind), Some(bytes)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let place = [&b"Read"[..], b"Write"].iter().position(|known| *known == kind);
        if let Some(at) = place {
            sums[at] = sums[at].saturating_add(number(bytes).unwrap_or(0));
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traffic_is_added_up_over_devices() {
        let text =
            b"8:0 Read 10\n8:0 Write 5\n8:0 Sync 7\n8:0 Total 15\n8:16 Read 1\n8:16 Write x\nTotal 16\n";
        assert_eq!(disk_bytes(text), [11, 5]);
    }
}
