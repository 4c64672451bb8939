//! What else the kernel tells of a process, each a system call or three: read when somebody asks, into the asker's
//! buffer. `None` when the process is gone or hides it from us.

use super::process::{PATH_BYTES, path};
use super::{Process, ProcessTable};
use crate::text::{fields, lines, number};
use rustix::buffer::spare_capacity;
use rustix::fs::{AtFlags, readlinkat_raw, statat};
use rustix::io::pread;

/// Most that is read of a command line, in bytes.
pub(super) const COMMAND_LINE_BYTES_MAX: usize = 32 << 10;
/// Most that is read of any other file.
const FILE_BYTES: usize = 4096;

/// What `/proc/PID/io` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Io {
    /// Bytes fetched from disks.
    pub read_bytes: u64,
    /// Bytes sent to disks, those thrown away before they got there left out.
    pub written_bytes: u64,
}

/// What `/proc/PID/status` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status {
    /// The user it acts as.
    pub user: u32,
    /// Memory of its own that is backed by no file (Linux 4.5), in bytes.
    pub anonymous_bytes: Option<u64>,
    /// Memory that was swapped out, in bytes.
    pub swapped_bytes: u64,
    /// Times its first thread gave up its core by itself.
    pub switches_voluntary: u64,
    /// Times its first thread was made to give up its core.
    pub switches_involuntary: u64,
}

impl ProcessTable {
    /// Its arguments, each ended by a zero; at most 32 KiB of them. Empty for a thread of the kernel.
    pub fn read_command_line<'b>(&self, process: &Process, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        self.read_file(process, "cmdline", COMMAND_LINE_BYTES_MAX, buffer)
    }

    /// The path of its program. `None` for a thread of the kernel, and for others' processes without the right.
    pub fn read_program<'b>(&self, process: &Process, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        let mut room = [0; PATH_BYTES];
        let path = path(process.pid, "exe", &mut room);
        buffer.clear();
        buffer.reserve(FILE_BYTES);
        readlinkat_raw(self.folder.descriptor().ok()?, path, spare_capacity(buffer)).ok()?;
        // The kernel says so when the file was replaced since: an upgrade.
        let end = buffer.strip_suffix(b" (deleted)").map_or(buffer.len(), <[u8]>::len);
        Some(&buffer[..end])
    }

    /// Its control group: of the unified hierarchy, or of systemd's own on a host without one. Begins with a slash.
    pub fn read_control_group<'b>(&self, process: &Process, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        let text = self.read_file(process, "cgroup", FILE_BYTES, buffer)?;
        control_group(text)
    }

    /// Its traffic with disks. Needs the right to trace it.
    pub fn read_io(&self, process: &Process, buffer: &mut Vec<u8>) -> Option<Io> {
        let text = self.read_file(process, "io", FILE_BYTES, buffer)?;
        let [read, written, cancelled] = keyed(text, ["read_bytes", "write_bytes", "cancelled_write_bytes"]);
        Some(Io { read_bytes: read?, written_bytes: written?.saturating_sub(cancelled.unwrap_or(0)) })
    }

    /// Memory by kind, switches, and its user.
    pub fn read_status(&self, process: &Process, buffer: &mut Vec<u8>) -> Option<Status> {
        let text = self.read_file(process, "status", FILE_BYTES, buffer)?;
        let [anonymous, swapped, voluntary, involuntary] =
            keyed(text, ["RssAnon", "VmSwap", "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"]);
        let users = lines(text).find_map(|line| line.strip_prefix(b"Uid:"))?;
        Some(Status {
            user: fields(users).nth(1).and_then(number).and_then(|user| u32::try_from(user).ok())?,
            anonymous_bytes: anonymous.map(|kilobytes| kilobytes.saturating_mul(1024)),
            swapped_bytes: swapped.unwrap_or(0).saturating_mul(1024),
            switches_voluntary: voluntary.unwrap_or(0),
            switches_involuntary: involuntary.unwrap_or(0),
        })
    }

    /// Its share of the memory it holds, pages it shares counted in parts (Linux 4.14), in bytes. Costs the kernel a
    /// walk over all its pages. Needs the right to trace it.
    pub fn read_proportional_bytes(&self, process: &Process, buffer: &mut Vec<u8>) -> Option<u64> {
        let text = self.read_file(process, "smaps_rollup", FILE_BYTES, buffer)?;
        let [kilobytes] = keyed(text, ["Pss"]);
        Some(kilobytes?.saturating_mul(1024))
    }

    /// How many descriptors it has open. Needs the right to trace it.
    pub fn count_descriptors(&self, process: &Process, buffer: &mut Vec<u8>) -> Option<u64> {
        let mut room = [0; PATH_BYTES];
        let path = path(process.pid, "fd", &mut room);
        // Since Linux 6.2 the folder's size says it.
        let size = statat(self.folder.descriptor().ok()?, path, AtFlags::empty()).ok()?.st_size;
        if size > 0 && self.folder_sizes_count {
            return u64::try_from(size).ok();
        }
        let mut count = 0;
        let is_listed =
            self.folder.list_below(path, buffer, |name, _| count += u64::from(!name.starts_with(b".")));
        is_listed.ok().map(|()| count)
    }

    /// How many descriptors it may have open; `None` when there is no limit.
    pub fn read_descriptors_max(&self, process: &Process, buffer: &mut Vec<u8>) -> Option<u64> {
        let text = self.read_file(process, "limits", FILE_BYTES, buffer)?;
        let limits = lines(text).find_map(|line| line.strip_prefix(b"Max open files"))?;
        fields(limits).next().and_then(number)
    }

    fn read_file<'b>(
        &self,
        process: &Process,
        file: &str,
        bytes_max: usize,
        buffer: &'b mut Vec<u8>,
    ) -> Option<&'b [u8]> {
        let mut room = [0; PATH_BYTES];
        let descriptor = self.folder.open(path(process.pid, file, &mut room)).ok()?;
        buffer.clear();
        buffer.reserve(bytes_max);
        // Such short files come whole with the first reading.
        pread(&descriptor, spare_capacity(buffer), 0).ok()?;
        buffer.truncate(bytes_max);
        Some(buffer)
    }
}

/// `0::/path` is of the unified hierarchy, `1:name=systemd:/path` of the older one; of a host that has both the first
/// may be empty.
fn control_group(text: &[u8]) -> Option<&[u8]> {
    let of = |controllers: &[u8]| {
        lines(text).find_map(|line| {
            let rest = &line[memchr::memchr(b':', line)? + 1..];
            let colon = memchr::memchr(b':', rest)?;
            (rest[..colon] == *controllers).then_some(&rest[colon + 1..])
        })
    };
    of(b"").filter(|path| *path != b"/").or_else(|| of(b"name=systemd")).or_else(|| of(b""))
}

/// The numbers after these keys in lines of `key: number`.
fn keyed<const N: usize>(text: &[u8], keys: [&str; N]) -> [Option<u64>; N] {
    let mut values = [None; N];
    for line in lines(text) {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        if let Some(at) = keys.iter().position(|key| key.as_bytes() == &line[..colon]) {
            values[at] = fields(&line[colon + 1..]).next().and_then(number);
        }
    }
    values
}
