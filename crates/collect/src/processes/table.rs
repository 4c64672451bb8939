//! The processes that are there, and the cheapest way to read them again.
//!
//! * The folder is listed only when a process was born since (the last pid in `/proc/loadavg` moved); an end is noticed
//!   when reading.
//! * `stat` is read through a descriptor kept open: less than half the price of opening it each time.
//! * Processes that have been idle for a while take turns. But whenever the host used more CPU time than the processes
//!   read explain, all are read in the same pass: who wakes up is seen at once, or within a few passes on a host that
//!   is busy with short-lived programs.

use super::suspicion::Suspicion;
use super::{Process, Used};
use crate::file::KeptFile;
use crate::folder::Folder;
use crate::text::{fields, number};
use crate::{Error, Host, room, telemetry};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

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

/// All processes, as of the last tick at which somebody asked for them.
#[derive(Debug)]
pub struct ProcessTable {
    pub(super) folder: Folder,
    /// Whether the size of a folder of descriptors is their number.
    pub(super) folder_sizes_count: bool,
    /// In order of pid.
    processes: Vec<Process>,
    pids: Vec<u32>,
    /// Where the last pid is told; `None` when that may be of another name space.
    births: Option<KeptFile>,
    last_pid: Option<u64>,
    descriptors: usize,
    descriptors_max: usize,
    passes: u64,
    /// CPU time the host had used at the last pass.
    busy_ticks: Option<u64>,
    suspicion: Suspicion,
    /// The tick of the last pass.
    read_ms: Option<i64>,
    /// Latest start among the processes of earlier passes, in ticks since boot.
    newest_start: u64,
}

impl ProcessTable {
    /// The processes of a host. Nothing is read yet.
    pub fn new(host: &Host) -> Self {
        let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        Self {
            folder: host.folder("proc"),
            folder_sizes_count: host.has_kernel,
            processes: Vec::new(),
            pids: Vec::new(),
            births: host.is_own().then(|| host.file("proc/loadavg")),
            last_pid: None,
            descriptors: 0,
            descriptors_max: DESCRIPTORS_MAX.min((limit / DESCRIPTORS_SHARE) as usize),
            passes: 0,
            busy_ticks: None,
            suspicion: Suspicion::default(),
            read_ms: None,
            newest_start: 0,
        }
    }

    /// All of them, in order of pid.
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }

    /// How often it was read.
    pub fn passes(&self) -> u64 {
        self.passes
    }

    /// The one with this pid.
    pub fn find(&self, pid: u32) -> Option<&Process> {
        self.processes.binary_search_by_key(&pid, |process| process.pid).ok().map(|at| &self.processes[at])
    }

    /// Reads what may have changed, once a tick: asked again for the same tick it does nothing. `busy_ticks` is the CPU
    /// time of the host since it started, if known.
    pub fn read(&mut self, now_ms: i64, buffer: &mut Vec<u8>, busy_ticks: Option<u64>) -> Result<(), Error> {
        if self.read_ms == Some(now_ms) {
            return Ok(());
        }
        self.processes.iter_mut().for_each(|process| process.used = Used::default());
        self.list(buffer)?;
        let before = self.read_ms.map(|_| self.newest_start);
        self.read_due(now_ms, before, buffer, busy_ticks);
        let starts = self.processes.iter().map(|process| process.stat.start_ticks);
        self.newest_start = starts.max().unwrap_or(0).max(self.newest_start);
        self.read_ms = Some(now_ms);
        Ok(())
    }

    /// Notes births and ends, if there were births.
    fn list(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
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
        room::make(&mut self.processes, self.pids.len());
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

    /// Reads those that may have changed and forgets those that have ended.
    fn read_due(&mut self, now_ms: i64, before: Option<u64>, buffer: &mut Vec<u8>, busy_ticks: Option<u64>) {
        self.passes = self.passes.wrapping_add(1);
        let count = self.processes.len();
        let idle_reads = if count > READS_MAX { 1 } else { IDLE_READS };
        let turn = Turn {
            pass: self.passes as usize,
            stride: IDLE_STRIDE.max(count.div_ceil(READS_MAX)),
            idle_reads,
        };
        let mut reading = Reading { now_ms, before, buffer };
        let explained = self.read_if(&mut reading, |process| turn.is_of(process));
        let used = busy_ticks.zip(self.busy_ticks).map(|(now, before)| now.saturating_sub(before));
        self.busy_ticks = busy_ticks;
        if count <= READS_MAX && self.suspicion.arises(used, explained) {
            let found = self.read_if(&mut reading, |process| !process.is_read);
            self.suspicion.settle(found);
        }
        self.forget(|_, process| process.is_gone);
        self.processes.iter_mut().for_each(|process| process.is_read = false);
    }

    /// Reads those that are due; returns the ticks they used.
    fn read_if(&mut self, reading: &mut Reading<'_>, is_due: impl Fn(&Process) -> bool) -> u64 {
        let mut ticks = 0u64;
        for process in self.processes.iter_mut().filter(|process| is_due(process)) {
            process.is_read = true;
            match process.read(&self.folder, &mut self.descriptors, self.descriptors_max, reading.buffer) {
                Some(stat) => {
                    process.take(stat, self.passes, reading.now_ms, reading.before);
                    ticks = ticks.saturating_add(process.used.ticks());
                }
                None => process.is_gone = true,
            }
        }
        ticks
    }
}

/// What every reading of a pass needs.
struct Reading<'a> {
    now_ms: i64,
    /// Latest start among the processes of earlier passes.
    before: Option<u64>,
    buffer: &'a mut Vec<u8>,
}

/// Whose turn it is among the idle.
struct Turn {
    pass: usize,
    stride: usize,
    idle_reads: u8,
}

impl Turn {
    fn is_of(&self, process: &Process) -> bool {
        let is_its_turn = (process.pid as usize).wrapping_add(self.pass).is_multiple_of(self.stride);
        process.idle_reads < self.idle_reads || !process.is_known || is_its_turn
    }
}

/// The fifth field of `/proc/loadavg`.
fn last_pid(file: &mut KeptFile, buffer: &mut Vec<u8>) -> Option<u64> {
    fields(file.read(buffer).ok()?.trim_ascii_end()).nth(4).and_then(number)
}
