//! One process, and what is worked out from two readings of it.

use super::{Stat, stat};
use crate::folder::Folder;
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::io::{Errno, pread};
use std::io::Write;

/// A line is about 300 bytes; the longest possible is below this.
const STAT_BYTES: usize = 1024;
/// How long after its birth a process is looked at again: by then it has become what it will be. A child starts
/// another program a moment after it was made, and daemons set a title of their own.
const SETTLED_MS: i64 = 3000;

/// What a process used since the tick before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Used {
    /// CPU time in user mode, in ticks.
    pub user_ticks: u64,
    /// CPU time in system mode, in ticks.
    pub system_ticks: u64,
    /// Page faults that had to wait for a disk.
    pub major_faults: u64,
}

impl Used {
    /// CPU time in all, in ticks.
    pub fn ticks(&self) -> u64 {
        self.user_ticks.saturating_add(self.system_ticks)
    }
}

/// A process. The same pid with another [`Stat::start_ticks`] is another process.
#[derive(Debug)]
pub struct Process {
    /// The kernel's number for it.
    pub pid: u32,
    /// What the kernel said of it when it was last read.
    pub stat: Stat,
    /// What it used since the tick before; all zero when it was not its turn to be read.
    pub used: Used,
    /// Number of the pass ([`ProcessTable::passes`](super::ProcessTable::passes)) at which it was first seen, was last
    /// seen to have started another program, or had settled after its birth: whoever looked before should look again.
    pub changed: u64,
    /// Whether it began after the agent, so that all it ever used is known.
    pub is_born_since: bool,
    /// Whether it has been read at all.
    pub(super) is_known: bool,
    is_settled: bool,
    first_ms: i64,
    /// Reads in a row that showed no use of CPU.
    pub(super) idle_reads: u8,
    pub(super) is_read: bool,
    pub(super) is_gone: bool,
    pub(super) descriptor: Option<OwnedFd>,
}

impl Process {
    pub(super) fn new(pid: u32) -> Self {
        Self {
            pid,
            stat: Stat::default(),
            used: Used::default(),
            changed: 0,
            is_born_since: false,
            is_known: false,
            is_settled: false,
            first_ms: 0,
            idle_reads: 0,
            is_read: false,
            is_gone: false,
            descriptor: None,
        }
    }

    /// Whether it is still the process that began then.
    pub fn is(&self, pid: u32, start_ticks: u64) -> bool {
        self.pid == pid && self.stat.start_ticks == start_ticks
    }

    /// Takes what was read at a tick. `before` is the latest start of earlier passes, if there were any: a process that
    /// began after it has used all its CPU time since; one that was there unseen has used we do not know how much.
    pub(super) fn take(&mut self, stat: Stat, pass: u64, now_ms: i64, before: Option<u64>) {
        let is_new = !self.is_known || self.stat.start_ticks != stat.start_ticks;
        // Workers of the kernel tell by their names what they work at.
        let has_changed = is_new || self.stat.kind() != stat.kind() || self.stat.image != stat.image;
        if is_new {
            self.is_known = true;
            self.is_born_since = before.is_some_and(|newest_start| stat.start_ticks >= newest_start);
            (self.is_settled, self.first_ms) = (!self.is_born_since, now_ms);
            let past = if self.is_born_since { Stat::default() } else { stat };
            (self.stat, self.idle_reads) = (past, 0);
        }
        let age_ms = now_ms.saturating_sub(self.first_ms);
        // After a jump of the clock into the past as well.
        let has_settled = !self.is_settled && !(0..SETTLED_MS).contains(&age_ms);
        self.is_settled |= has_settled;
        if has_changed || has_settled {
            self.changed = pass;
        }
        let since = |now: u64, before: u64| now.saturating_sub(before);
        self.used = Used {
            user_ticks: since(stat.user_ticks, self.stat.user_ticks),
            system_ticks: since(stat.system_ticks, self.stat.system_ticks),
            major_faults: since(stat.major_faults, self.stat.major_faults),
        };
        self.idle_reads = if self.used.ticks() > 0 { 0 } else { self.idle_reads.saturating_add(1) };
        self.stat = stat;
    }

    /// Reads its line into `buffer`, through the descriptor kept or a new one: when the pid was given to another
    /// process, the old descriptor fails and the new one shows the other. Keeps the descriptor if there is room.
    pub(super) fn read(
        &mut self,
        folder: &Folder,
        descriptors: &mut usize,
        descriptors_max: usize,
        buffer: &mut Vec<u8>,
    ) -> Option<Stat> {
        if let Some(descriptor) = &self.descriptor {
            if fill(descriptor, buffer).is_ok() {
                return stat::parse(buffer);
            }
            self.descriptor = None;
            *descriptors -= 1;
        }
        let mut room = [0; PATH_BYTES];
        let descriptor = folder.open(path(self.pid, "stat", &mut room)).ok()?;
        fill(&descriptor, buffer).ok()?;
        if *descriptors < descriptors_max {
            self.descriptor = Some(descriptor);
            *descriptors += 1;
        }
        stat::parse(buffer)
    }
}

fn fill(descriptor: &OwnedFd, buffer: &mut Vec<u8>) -> Result<(), Errno> {
    buffer.clear();
    buffer.reserve(STAT_BYTES);
    match pread(descriptor, spare_capacity(buffer), 0)? {
        0 => Err(Errno::SRCH),
        _ => Ok(()),
    }
}

/// Room for a pid, a slash and the name of a file.
pub(super) const PATH_BYTES: usize = 32;

/// `PID/file`.
pub(super) fn path<'p>(pid: u32, file: &str, to: &'p mut [u8; PATH_BYTES]) -> &'p [u8] {
    let mut rest = &mut to[..];
    write!(rest, "{pid}/{file}").expect("ten digits and a short name");
    let left = rest.len();
    &to[..PATH_BYTES - left]
}
