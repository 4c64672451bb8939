//! Messages of the kernel, from `/dev/kmsg` (Documentation/ABI/testing/dev-kmsg): how many of each severity, and those
//! that tell of trouble by what it is. What was said before the agent started is not counted. Reading never blocks;
//! who may not read them says nothing.

use crate::collector::EVERY_TICK;
use crate::text::{lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, SeekFrom, openat, seek};
use rustix::io::{Errno, read};
use std::path::PathBuf;

pub(super) static ROW: Row = Row {
    name: "kernel_messages",
    summary: "What the kernel complains of: kills for want of memory, disk and file system errors, hangs, broken hardware, crashes of programs.",
    interval_ms: EVERY_TICK,
    metrics: &[MESSAGES, TROUBLES],
    open: |host, _| Box::new(KernelMessages::new(host)),
};

const MESSAGES: Metric = Metric::counter(
    "kernel_messages_total",
    "",
    "Messages of the kernel of this severity, since the agent started (where it may read them).",
)
.by(&["severity"]);
const TROUBLES: Metric = Metric::counter(
    "kernel_troubles_total",
    "",
    "Messages of the kernel that tell of this trouble, since the agent started (where it may read them).",
)
.by(&["kind"]);

/// By the kernel's numbers from 0 on. What is above is no complaint and not counted.
const SEVERITIES: [&str; 5] = ["emergency", "alert", "critical", "error", "warning"];

/// The kinds of trouble, and words of which one is in the message.
static KINDS: [(&str, &[&[u8]]); 7] = [
    ("oom_kill", &[b"ut of memory: Kill"]),
    // Before disk errors: some tell of both.
    (
        "filesystem_error",
        &[
            b"EXT4-fs error",
            b"EXT3-fs error",
            b"BTRFS error",
            b"BTRFS critical",
            b"metadata I/O error",
            b"Corruption",
        ],
    ),
    ("disk_error", &[b"I/O error", b"critical medium error", b"critical target error"]),
    ("hung_task", &[b"blocked for more than"]),
    ("lockup", &[b"soft lockup", b"hard LOCKUP", b"detected stall"]),
    ("hardware_error", &[b"[Hardware Error]", b" CE memory ", b" UE memory "]),
    ("program_crash", &[b"segfault at", b"general protection fault", b"trap invalid opcode"]),
];

/// Longest message the kernel hands over, in bytes.
const MESSAGE_BYTES_MAX: usize = 8192;
/// Most messages read in a pass; the others wait for the next.
const MESSAGES_MAX: usize = 1000;
/// Passes between two attempts to open what could not be opened.
const OPEN_EVERY: u32 = 60;

struct KernelMessages {
    path: PathBuf,
    /// Whether it is the kernel itself that is read, and not a recording.
    is_live: bool,
    descriptor: Option<OwnedFd>,
    passes: u32,
    counts: Counts,
    severities: [SeriesCell; SEVERITIES.len()],
    kinds: [SeriesCell; KINDS.len()],
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    severities: [u64; SEVERITIES.len()],
    kinds: [u64; KINDS.len()],
}

impl KernelMessages {
    fn new(host: &Host) -> Self {
        Self {
            path: host.path("dev/kmsg"),
            is_live: host.has_kernel,
            descriptor: None,
            passes: 0,
            counts: Counts::default(),
            severities: Default::default(),
            kinds: Default::default(),
        }
    }

    fn open(&mut self) {
        let is_due = self.passes.is_multiple_of(OPEN_EVERY);
        self.passes = self.passes.wrapping_add(1);
        if self.descriptor.is_some() || !is_due {
            return;
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = openat(CWD, &self.path, flags, Mode::empty());
        self.descriptor = opened.ok().filter(|file| !self.is_live || seek(file, SeekFrom::End(0)).is_ok());
    }
}

impl Collector for KernelMessages {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.open();
        let Some(file) = &self.descriptor else { return Ok(()) };
        for _ in 0..MESSAGES_MAX {
            pass.buffer.clear();
            pass.buffer.reserve(MESSAGE_BYTES_MAX);
            match read(file, spare_capacity(pass.buffer)) {
                Ok(0) | Err(Errno::AGAIN) => break,
                Ok(_) => lines(pass.buffer).for_each(|line| self.counts.add(line)),
                // Overwritten before it was read: the next is the oldest there is.
                Err(Errno::PIPE | Errno::INTR) => {}
                Err(error) => {
                    self.descriptor = None;
                    return Err(Error::Read { path: self.path.clone(), source: error.into() });
                }
            }
        }
        for ((cell, severity), count) in
            self.severities.iter_mut().zip(SEVERITIES).zip(self.counts.severities)
        {
            pass.out.push(cell, &MESSAGES, &[severity], count as f64);
        }
        for ((cell, (kind, _)), count) in self.kinds.iter_mut().zip(&KINDS).zip(self.counts.kinds) {
            pass.out.push(cell, &TROUBLES, &[kind], count as f64);
        }
        Ok(())
    }
}

/// The bits above are the facility: 0 is the kernel, others are programs that write into its log.
const SEVERITY_BITS: u64 = 7;

impl Counts {
    /// `6,339,5140900,-;text`; lines that begin with a blank belong to the one before.
    fn add(&mut self, line: &[u8]) {
        let Some(semicolon) = memchr::memchr(b';', line) else { return };
        let priority = line[..semicolon].split(|byte| *byte == b',').next().and_then(number);
        let Some(priority) = priority.filter(|priority| priority & !SEVERITY_BITS == 0) else { return };
        if let Some(count) = self.severities.get_mut(priority as usize) {
            *count += 1;
        }
        let text = &line[semicolon + 1..];
        let is_in = |word: &&[u8]| memchr::memmem::find(text, word).is_some();
        if let Some(at) = KINDS.iter().position(|(_, words)| words.iter().any(is_in)) {
            self.kinds[at] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart_by_severity_and_trouble() {
        let cases = [
            ("3,1,2,-;Out of memory: Killed process 12 (x) total-vm:1kB", 3, Some("oom_kill")),
            ("3,1,2,-;Memory cgroup out of memory: Killed process 12 (x)", 3, Some("oom_kill")),
            ("4,1,2,-;I/O error, dev sda, sector 7 op 0x0:(READ)", 4, Some("disk_error")),
            ("4,1,2,-;Buffer I/O error on dev sda1, logical block 5", 4, Some("disk_error")),
            ("1,1,2,-;XFS (sda1): metadata I/O error in \"x\"", 1, Some("filesystem_error")),
            ("0,1,2,-;EDAC MC0: 1 CE memory read error on DIMM_A1", 0, Some("hardware_error")),
            ("2,1,2,-;EXT4-fs error (device sda1): ext4_find_entry", 2, Some("filesystem_error")),
            ("3,1,2,-;INFO: task x:1 blocked for more than 120 seconds.", 3, Some("hung_task")),
            ("0,1,2,-;watchdog: BUG: soft lockup - CPU#1 stuck for 22s!", 0, Some("lockup")),
            ("0,1,2,-;mce: [Hardware Error]: CPU 1: Machine Check", 0, Some("hardware_error")),
            ("6,1,2,-;nginx[7]: segfault at 0 ip 0 sp 0 error 4", 6, Some("program_crash")),
            ("6,1,2,c,more=1;eth0: link up", 6, None),
        ];
        for (line, severity, kind) in cases {
            let mut counts = Counts::default();
            counts.add(line.as_bytes());
            let expected: [u64; SEVERITIES.len()] = std::array::from_fn(|at| u64::from(at == severity));
            assert_eq!(counts.severities, expected, "{line}");
            let found = counts.kinds.iter().position(|count| *count == 1).map(|at| KINDS[at].0);
            assert_eq!(found, kind, "{line}");
        }
        // A program's message, the rest of one, nonsense.
        for line in ["30,1,2,-;systemd: I/O error", " SUBSYSTEM=block; x", "x;", ";", "", "3,1,2,-"] {
            let mut counts = Counts::default();
            counts.add(line.as_bytes());
            assert_eq!(counts, Counts::default(), "{line}");
        }
    }
}
