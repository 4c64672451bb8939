//! The files of one control group.

use crate::folder::Folder;
use crate::text::{fields, lines, number, trim};
use rustix::io::Errno;

/// Reads files of the group at a path.
pub(super) struct Reader<'a> {
    pub(super) folder: &'a mut Folder,
    /// Scratch space for paths.
    pub(super) path: &'a mut Vec<u8>,
    pub(super) buffer: &'a mut Vec<u8>,
}

/// What `cpu.stat` tells, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cpu {
    pub(super) used_us: u64,
    pub(super) throttled_us: Option<u64>,
}

impl Reader<'_> {
    /// The CPU time; fails when the group is gone.
    pub(super) fn cpu(&mut self, group: &str) -> Result<Cpu, Errno> {
        let text = self.read(group, "cpu.stat")?;
        let [used_us, throttled_us] = keyed(text, ["usage_usec", "throttled_usec"]);
        Ok(Cpu { used_us: used_us.unwrap_or(0), throttled_us })
    }

    /// A file of one number; `None` when there is none, or no limit (`max`).
    pub(super) fn number(&mut self, group: &str, file: &str) -> Option<u64> {
        number(trim(self.read(group, file).ok()?))
    }

    /// The numbers after these keys in a file of `key number` lines.
    pub(super) fn keyed<const N: usize>(
        &mut self,
        group: &str,
        file: &str,
        keys: [&str; N],
    ) -> [Option<u64>; N] {
        self.read(group, file).map_or([None; N], |text| keyed(text, keys))
    }

    /// Bytes read and written, over all devices; `None` when disks are not watched.
    pub(super) fn disk_bytes(&mut self, group: &str) -> Option<[u64; 2]> {
        self.read(group, "io.stat").ok().map(disk_bytes)
    }

    fn read(&mut self, group: &str, file: &str) -> Result<&[u8], Errno> {
        self.path.clear();
        self.path.extend_from_slice(group.as_bytes());
        self.path.push(b'/');
        self.path.extend_from_slice(file.as_bytes());
        self.folder.read(self.path, self.buffer)
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
