//! The files of one control group, in the unified hierarchy (v2) and in the older ones, one for each controller (v1).

mod legacy;

use crate::folder::Folder;
use crate::text::{fields, lines, number, trim};
use rustix::fs::{AtFlags, statat};
use rustix::io::Errno;

/// How a host's hierarchy is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// All controllers in one tree.
    Unified,
    /// A tree for each controller; the groups are those of this one.
    Legacy(&'static str),
}

/// Reads files of the group at a path.
pub(super) struct Reader<'a> {
    pub(super) layout: Layout,
    pub(super) folder: &'a Folder,
    /// Scratch space for paths.
    pub(super) path: &'a mut Vec<u8>,
    pub(super) buffer: &'a mut Vec<u8>,
}

/// What a group has used of CPU, in microseconds; `None` where it is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cpu {
    pub(super) used_us: Option<u64>,
    pub(super) throttled_us: Option<u64>,
}

/// What is read of those only that have series of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Dear {
    pub(super) memory_limit: Option<u64>,
    pub(super) anonymous: Option<u64>,
    pub(super) file: Option<u64>,
    pub(super) limit_hits: Option<u64>,
    pub(super) ooms: Option<u64>,
    pub(super) oom_kills: Option<u64>,
    /// Bytes read and written, over all devices.
    pub(super) disk_bytes: Option<[u64; 2]>,
}

impl Reader<'_> {
    /// The CPU time; fails when the group is gone.
    pub(super) fn cpu(&mut self, group: &str) -> Result<Cpu, Errno> {
        match self.layout {
            Layout::Unified => {
                let text = self.read("", group, "cpu.stat")?;
                let [used_us, throttled_us] = keyed(text, ["usage_usec", "throttled_usec"]);
                Ok(Cpu { used_us, throttled_us })
            }
            Layout::Legacy(tree) => {
                let cpu = legacy::cpu(self, group);
                // Not every controller has every group.
                if cpu.used_us.is_none() {
                    self.ask(tree, group)?;
                }
                Ok(cpu)
            }
        }
    }

    /// Memory charged to the group.
    pub(super) fn memory(&mut self, group: &str) -> Option<u64> {
        match self.layout {
            Layout::Unified => self.number("", group, "memory.current"),
            Layout::Legacy(_) => self.number("memory", group, "memory.usage_in_bytes"),
        }
    }

    /// Processes and threads.
    pub(super) fn tasks(&mut self, group: &str) -> Option<u64> {
        let tree = if self.layout == Layout::Unified { "" } else { "pids" };
        self.number(tree, group, "pids.current")
    }

    /// The rest.
    pub(super) fn dear(&mut self, group: &str) -> Dear {
        if self.layout != Layout::Unified {
            return legacy::dear(self, group);
        }
        let [anonymous, file] = self.keyed("", group, "memory.stat", ["anon", "file"]);
        let [limit_hits, ooms, oom_kills] =
            self.keyed("", group, "memory.events", ["max", "oom", "oom_kill"]);
        Dear {
            memory_limit: self.number("", group, "memory.max"),
            anonymous,
            file,
            limit_hits,
            ooms,
            oom_kills,
            disk_bytes: self.read("", group, "io.stat").ok().map(disk_bytes),
        }
    }

    /// A file of one number; `None` when there is none, or no limit (`max`).
    fn number(&mut self, tree: &str, group: &str, file: &str) -> Option<u64> {
        number(trim(self.read(tree, group, file).ok()?))
    }

    /// The numbers after these keys in a file of `key number` lines.
    fn keyed<const N: usize>(
        &mut self,
        tree: &str,
        group: &str,
        file: &str,
        keys: [&str; N],
    ) -> [Option<u64>; N] {
        self.read(tree, group, file).map_or([None; N], |text| keyed(text, keys))
    }

    fn read(&mut self, tree: &str, group: &str, file: &str) -> Result<&[u8], Errno> {
        join(self.path, [tree, group, file]);
        self.folder.read(self.path, self.buffer)
    }

    /// Whether the group is there.
    fn ask(&mut self, tree: &str, group: &str) -> Result<(), Errno> {
        join(self.path, [tree, group, ""]);
        statat(self.folder.descriptor()?, &self.path[..], AtFlags::empty()).map(drop)
    }
}

/// Puts slashes between the parts that are not empty.
pub(super) fn join(path: &mut Vec<u8>, parts: [&str; 3]) {
    path.clear();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(part.as_bytes());
    }
}

/// The numbers after these keys in lines of `key number`.
pub(super) fn keyed<const N: usize>(text: &[u8], keys: [&str; N]) -> [Option<u64>; N] {
    let mut values = [None; N];
    for line in lines(text) {
        let mut fields = fields(line);
        let Some(key) = fields.next() else { continue };
        if let Some(at) = keys.iter().position(|k| k.as_bytes() == key) {
            values[at] = fields.next().and_then(number);
        }
    }
    values
}

/// `8:0 rbytes=1 wbytes=2 rios=…`, a line for each device.
fn disk_bytes(text: &[u8]) -> [u64; 2] {
    let mut sums = [0u64; 2];
    for field in lines(text).flat_map(fields) {
        for (sum, key) in sums.iter_mut().zip([&b"rbytes="[..], b"wbytes="]) {
            let value = field.strip_prefix(key).and_then(number);
            *sum = sum.saturating_add(value.unwrap_or(0));
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_devices_are_read_and_nonsense_is_not() {
        let text = b"usage_usec 12\nuser_usec 3\nthrottled_usec x\n\nusage_usecs 9\n";
        assert_eq!(keyed(text, ["usage_usec", "throttled_usec", "none"]), [Some(12), None, None]);
        assert_eq!(disk_bytes(b"8:0 rbytes=1 wbytes=2 rios=3\n8:16 rbytes=10 wbytes=-1 dbytes=7\n"), [11, 2]);
        assert_eq!(disk_bytes(b""), [0, 0]);
    }
}
