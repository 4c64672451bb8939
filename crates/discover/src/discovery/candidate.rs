//! A process that is to be looked at, away from the thread of the collectors.

use crate::process::listeners;
use crate::services::{self, Mark, Service};
use crate::{Machine, Options, Process};

/// A process as it is told to the errand.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pid: u32,
    start_ticks: u64,
    parent: u32,
    name: String,
}

/// A process that was recognised.
pub(super) type Found = (Process, &'static Service, Mark);

impl Candidate {
    pub(super) fn of(process: &collect::Process) -> Self {
        Self {
            pid: process.pid,
            start_ticks: process.stat.start_ticks,
            parent: process.stat.parent,
            name: String::from_utf8_lossy(process.stat.name.as_bytes()).into_owned(),
        }
    }

    pub(super) fn read(&self, machine: &Machine) -> Option<Process> {
        Process::read(machine, self.pid, self.start_ticks, self.parent, &self.name)
    }

    pub(super) fn look(&self, machine: &Machine, options: &Options) -> Option<Found> {
        let process = self.read(machine)?;
        let by_name = services::recognise(&process);
        let (service, mark) =
            by_name.or_else(|| services::recognise_by_port(&process, &listeners::read(&process)))?;
        options.wants(service.name).then_some((process, service, mark))
    }
}
