//! Messages of the kernel, from `/dev/kmsg` (Documentation/ABI/testing/dev-kmsg): how many of each severity, and those
//! that tell of trouble by what it is, and by whom or what it befell. What was said before the agent started is not
//! counted. Reading never blocks; who may not read them is told what is missing.

mod kinds;

use crate::collector::EVERY_TICK;
use crate::text::{lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell, telemetry};
use kinds::KINDS;
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, SeekFrom, openat, seek};
use rustix::io::{Errno, read};
use std::path::PathBuf;

pub(super) static ROW: Row = Row {
    name: "kernel_messages",
    summary: "What the kernel complains of: kills for want of memory, disk and file system errors, hangs, broken hardware, lost links, crashes of programs (needs CAP_SYSLOG where `kernel.dmesg_restrict` is set).",
    interval_ms: EVERY_TICK,
    metrics: &[MESSAGES, TROUBLES, VICTIMS],
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

const VICTIMS: Metric = Metric::counter(
    "kernel_victims_total",
    "",
    "Troubles by whom or what they befell: the program that was killed, crashed or hangs, the disk, file system or link.",
)
.by(&["kind", "victim"]);
/// Most of them; the others are counted by kind only.
const VICTIMS_MAX: usize = 64;

/// By the kernel's numbers from 0 on. What is above is no complaint and not counted.
const SEVERITIES: [&str; 5] = ["emergency", "alert", "critical", "error", "warning"];

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
    victims: Vec<SeriesCell>,
    remark: &'static str,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    severities: [u64; SEVERITIES.len()],
    kinds: [u64; KINDS.len()],
    /// Kind, name and number of troubles.
    victims: Vec<(usize, Box<str>, u64)>,
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
            victims: Vec::new(),
            remark: "",
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
        self.remark = match opened {
            Err(Errno::PERM | Errno::ACCESS) => "may not read the kernel's messages: needs CAP_SYSLOG",
            _ => "",
        };
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
        for ((cell, kind), count) in self.kinds.iter_mut().zip(&KINDS).zip(self.counts.kinds) {
            pass.out.push(cell, &TROUBLES, &[kind.name], count as f64);
        }
        self.victims.resize_with(self.counts.victims.len(), SeriesCell::default);
        for (cell, (kind, victim, count)) in self.victims.iter_mut().zip(&self.counts.victims) {
            pass.out.push(cell, &VICTIMS, &[KINDS[*kind].name, victim], *count as f64);
        }
        Ok(())
    }

    fn remark(&self) -> &str {
        self.remark
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
        if let Some(at) = KINDS.iter().position(|kind| kind.words.iter().any(is_in)) {
            self.kinds[at] += 1;
            let victim = KINDS[at].victim(text).and_then(|name| std::str::from_utf8(name).ok());
            victim.into_iter().for_each(|victim| self.add_victim(at, victim));
        }
    }

    fn add_victim(&mut self, kind: usize, name: &str) {
        match self.victims.iter().position(|(of, victim, _)| *of == kind && **victim == *name) {
            Some(at) => self.victims[at].2 += 1,
            None if self.victims.len() < VICTIMS_MAX => self.victims.push((kind, name.into(), 1)),
            None => telemetry::ENTITIES_REFUSED.add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_apart_by_severity_and_trouble() {
        let cases = [
            ("3,1,2,-;Out of memory: Killed process 12 (x y) total-vm:1kB", 3, "oom_kill", "x"),
            ("3,1,2,-;Memory cgroup out of memory: Killed process 12 (java) total", 3, "oom_kill", "java"),
            ("4,1,2,-;I/O error, dev sda, sector 7 op 0x0:(READ)", 4, "disk_error", "sda"),
            ("4,1,2,-;Buffer I/O error on dev sda1, logical block 5", 4, "disk_error", "sda1"),
            ("1,1,2,-;XFS (sda1): metadata I/O error in \"x\"", 1, "filesystem_error", "sda1"),
            ("0,1,2,-;EDAC MC0: 1 CE memory read error on DIMM_A1", 0, "hardware_error", ""),
            ("2,1,2,-;EXT4-fs error (device sda1): ext4_find_entry", 2, "filesystem_error", "sda1"),
            ("3,1,2,-;INFO: task tar:1 blocked for more than 120 seconds.", 3, "hung_task", "tar"),
            ("0,1,2,-;watchdog: BUG: soft lockup - CPU#1 stuck for 22s!", 0, "lockup", ""),
            ("0,1,2,-;mce: [Hardware Error]: CPU 1: Machine Check", 0, "hardware_error", ""),
            ("6,1,2,-;nginx[7]: segfault at 0 ip 0 sp 0 error 4", 6, "program_crash", "nginx"),
            ("6,1,2,-;traps: php[9] general protection fault ip:0", 6, "program_crash", "php"),
            ("6,1,2,-;e1000e 0000:00:1f.6 eno1: NIC Link is Down", 6, "link_lost", "eno1"),
            ("4,1,2,-;mlx5_core 0000:03:00.0 ens1f0np0: Link down", 4, "link_lost", "ens1f0np0"),
            ("2,1,2,-;kernel BUG at mm/slub.c:321!", 2, "bug", ""),
            ("6,1,2,c,more=1;eth0: link up", 6, "", ""),
        ];
        for (line, severity, kind, victim) in cases {
            let mut counts = Counts::default();
            counts.add(line.as_bytes());
            let expected: [u64; SEVERITIES.len()] = std::array::from_fn(|at| u64::from(at == severity));
            assert_eq!(counts.severities, expected, "{line}");
            let found = counts.kinds.iter().position(|count| *count == 1).map_or("", |at| KINDS[at].name);
            assert_eq!(found, kind, "{line}");
            let found = counts.victims.first().map_or("", |(_, victim, _)| victim);
            assert_eq!(found, victim, "{line}");
        }
        // A program's message, the rest of one, nonsense.
        for line in ["30,1,2,-;systemd: I/O error", " SUBSYSTEM=block; x", "x;", ";", "", "3,1,2,-"] {
            let mut counts = Counts::default();
            counts.add(line.as_bytes());
            assert_eq!(counts, Counts::default(), "{line}");
        }
    }
}
