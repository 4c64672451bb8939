//! The processes that are there, and the cheapest way to read them again.
//!
//! * The folder is listed only when a process was born since (the last pid in `/proc/loadavg` moved); an end is noticed
//!   when reading.
//! * `stat` is read through a descriptor kept open: less than half the price of opening it each time.
//! * Processes that have been idle for a while take turns. But whenever the host used more CPU time than the processes
//!   read explain, all are read in the same pass: who wakes up is seen at once, or within a few passes on a host that
//!   is busy with short-lived programs.

use super::stat::{self, Stat};
use super::suspicion::Suspicion;
use crate::file::KeptFile;
use crate::folder::Folder;
use crate::text::{fields, number};
use crate::{Error, Host, telemetry};
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::io::{Errno, pread};
use rustix::process::{Resource, getrlimit};
use std::io::Write;

/// Most processes; the others are left out and counted.
const PROCESSES_MAX: usize = 1 << 16;
/// With more processes than this, those that did nothing when last read take turns whatever the host does.
const READS_MAX: usize = 2000;
/// A process is idle when it used no CPU in so many reads.
const IDLE_READS: u8 = 10;
/// An idle process is read in every so many passes at least.
const IDLE_STRIDE: usize = 5;
/// Most descriptors kept, and the part of the process's limit they may take. Each costs the kernel about a page.
const DESCRIPTORS_MAX: usize = 1024;
const DESCRIPTORS_SHARE: u64 = 2;
/// A line is about 300 bytes; the longest possible is below this.
const STAT_BYTES: usize = 1024;

/// What is known of a process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// Its name, as a place in the groups.
    pub(super) group: u32,
    /// When it began; `None` before it was first read.
    pub(super) start: Option<u64>,
    pub(super) ticks: u64,
    pub(super) resident_pages: u64,
    pub(super) threads: u32,
    pub(super) state: u8,
    /// Reads in a row that showed no use of CPU.
    idle_reads: u8,
    is_read: bool,
    is_gone: bool,
    descriptor: Option<OwnedFd>,
}

#[derive(Debug)]
pub(super) struct Table {
    folder: Folder,
    /// In order of pid.
    processes: Vec<Process>,
    pids: Vec<u32>,
    /// Where the last pid is told; `None` when that may be of another name space.
    births: Option<KeptFile>,
    last_pid: Option<u64>,
    descriptors: usize,
    descriptors_max: usize,
    passes: usize,
    /// CPU time the host had used at the last pass.
    busy_ticks: Option<u64>,
    suspicion: Suspicion,
}

impl Table {
    pub(super) fn new(host: &Host) -> Self {
        let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        Self {
            folder: host.folder("proc"),
            processes: Vec::new(),
            pids: Vec::new(),
            births: host.is_own().then(|| host.file("proc/loadavg")),
            last_pid: None,
            descriptors: 0,
            descriptors_max: DESCRIPTORS_MAX.min((limit / DESCRIPTORS_SHARE) as usize),
            passes: 0,
            busy_ticks: None,
            suspicion: Suspicion::default(),
        }
    }

    pub(super) fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// Notes births and ends, if there were births.
    pub(super) fn list(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        // First the last pid, then the list: a birth between the two is seen next time.
        let last_pid = self.births.as_mut().and_then(|file| last_pid(file, buffer));
        if last_pid.is_none() || last_pid != self.last_pid {
            self.list_all(buffer)
                .map_err(|error| Error::Read { path: self.folder.path().to_owned(), source: error.into() })?;
            self.last_pid = last_pid;
        }
        Ok(())
    }

    fn list_all(&mut self, buffer: &mut Vec<u8>) -> Result<(), Errno> {
        let pids = &mut self.pids;
        pids.clear();
        self.folder.list(buffer, |name| {
            if let Some(pid) = number(name).and_then(|pid| u32::try_from(pid).ok()) {
                pids.push(pid);
            }
        })?;
        pids.sort_unstable();
        telemetry::ENTITIES_REFUSED.add(pids.len().saturating_sub(PROCESSES_MAX) as u64);
        pids.truncate(PROCESSES_MAX);
        self.forget(|table, process| table.binary_search(&process.pid).is_err());
        self.add_new();
        Ok(())
    }

    // Both lists are in order of pid, so one walk finds what is missing.
    fn add_new(&mut self) {
        let known = self.processes.len();
        let mut at = 0;
        for &pid in &self.pids {
            while at < known && self.processes[at].pid < pid {
                at += 1;
            }
            if at >= known || self.processes[at].pid != pid {
                self.processes.push(Process::new(pid));
            }
        }
        if self.processes.len() > known {
            self.processes.sort_unstable_by_key(|process| process.pid);
        }
    }

    fn forget(&mut self, is_over: impl Fn(&[u32], &Process) -> bool) {
        let (pids, descriptors) = (&self.pids, &mut self.descriptors);
        self.processes.retain(|process| {
            let is_over = is_over(pids, process);
            *descriptors -= usize::from(is_over && process.descriptor.is_some());
            !is_over
        });
    }

    /// Reads those that may have changed and forgets those that have ended. `busy_ticks` is the CPU time of the host
    /// since it started, if known; `update` returns the ticks a process used since it was last read.
    pub(super) fn read(
        &mut self,
        buffer: &mut Vec<u8>,
        busy_ticks: Option<u64>,
        mut update: impl FnMut(&mut Process, Stat<'_>) -> u64,
    ) {
        self.passes = self.passes.wrapping_add(1);
        let count = self.processes.len();
        let idle_reads = if count > READS_MAX { 1 } else { IDLE_READS };
        let turn = Turn { pass: self.passes, stride: IDLE_STRIDE.max(count.div_ceil(READS_MAX)), idle_reads };
        let mut explained = 0u64;
        self.read_if(
            buffer,
            |process| process.is_due(&turn),
            |process, stat| explained = explained.saturating_add(update(process, stat)),
        );
        let used = busy_ticks.zip(self.busy_ticks).map(|(now, before)| now.saturating_sub(before));
        self.busy_ticks = busy_ticks;
        if count <= READS_MAX && self.suspicion.arises(used, explained) {
            let mut found = 0u64;
            self.read_if(
                buffer,
                |process| !process.is_read,
                |process, stat| found = found.saturating_add(update(process, stat)),
            );
            self.suspicion.settle(found);
        }
        self.forget(|_, process| process.is_gone);
        self.processes.iter_mut().for_each(|process| process.is_read = false);
    }

    fn read_if(
        &mut self,
        buffer: &mut Vec<u8>,
        is_due: impl Fn(&Process) -> bool,
        mut update: impl FnMut(&mut Process, Stat<'_>),
    ) {
        for process in self.processes.iter_mut().filter(|process| is_due(process)) {
            process.is_read = true;
            match process.read(&mut self.folder, &mut self.descriptors, self.descriptors_max, buffer) {
                Some(stat) => update(process, stat),
                None => process.is_gone = true,
            }
        }
    }
}

/// Whose turn it is among the idle.
struct Turn {
    pass: usize,
    stride: usize,
    idle_reads: u8,
}

/// The fifth field of `/proc/loadavg`.
fn last_pid(file: &mut KeptFile, buffer: &mut Vec<u8>) -> Option<u64> {
    fields(file.read(buffer).ok()?.trim_ascii_end()).nth(4).and_then(number)
}

impl Process {
    fn new(pid: u32) -> Self {
        Self {
            pid,
            group: 0,
            start: None,
            ticks: 0,
            resident_pages: 0,
            threads: 0,
            state: 0,
            idle_reads: 0,
            is_read: false,
            is_gone: false,
            descriptor: None,
        }
    }

    fn is_due(&self, turn: &Turn) -> bool {
        let is_its_turn = (self.pid as usize).wrapping_add(turn.pass).is_multiple_of(turn.stride);
        self.idle_reads < turn.idle_reads || self.start.is_none() || is_its_turn
    }

    /// Notes the ticks it used since it was last read.
    pub(super) fn note_use(&mut self, ticks: u64) {
        self.idle_reads = if ticks > 0 { 0 } else { self.idle_reads.saturating_add(1) };
    }

    /// Reads it through the descriptor kept, or a new one: when the pid was given to another process, the old
    /// descriptor fails and the new one shows the other.
    fn read<'b>(
        &mut self,
        folder: &mut Folder,
        descriptors: &mut usize,
        descriptors_max: usize,
        buffer: &'b mut Vec<u8>,
    ) -> Option<Stat<'b>> {
        if let Some(descriptor) = &self.descriptor {
            if fill(descriptor, buffer).is_ok() {
                return stat::parse(buffer);
            }
            self.descriptor = None;
            *descriptors -= 1;
        }
        let mut name = [0; 16];
        let descriptor = folder.open(stat_path(self.pid, &mut name)).ok()?;
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

/// `PID/stat`, at most ten digits and five letters.
fn stat_path(pid: u32, to: &mut [u8; 16]) -> &[u8] {
    let mut rest = &mut to[..];
    write!(rest, "{pid}/stat").expect("16 bytes are enough");
    let left = rest.len();
    &to[..16 - left]
}
