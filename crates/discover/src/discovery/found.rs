//! What comes of those who were recognised: a service that is new, one that read its configuration anew, a parent that is
//! to be looked at.

use super::candidate::Candidate;
use super::instance::Instance;
use super::{Discovery, INSTANCES_MAX};
use crate::services::{Mark, Service};
use crate::{Process, telemetry};
use collect::ProcessTable;

impl Discovery {
    /// Takes what the errand found.
    pub(super) fn take_found(&mut self, now_ms: i64, table: &ProcessTable) -> bool {
        let Some(found) = self.look.take() else { return false };
        for (process, service, mark) in &found {
            self.note(table, process.pid, process.start_ticks, service, *mark);
        }
        let mut has_changed = false;
        for (process, service, mark) in found {
            has_changed |= match mark {
                Mark::Main => self.meet(now_ms, process, service),
                Mark::Top if !self.is_of(table, process.parent, service) => {
                    self.meet(now_ms, process, service)
                }
                mark => {
                    self.notice_child(table, &process, service, mark);
                    false
                }
            };
        }
        has_changed
    }

    fn note(
        &mut self,
        table: &ProcessTable,
        pid: u32,
        start_ticks: u64,
        service: &'static Service,
        mark: Mark,
    ) {
        let at = table.processes().binary_search_by_key(&pid, |process| process.pid);
        let Ok(at) = at else { return };
        if let Some(seen) = self.seen.get_mut(at).filter(|_| table.processes()[at].is(pid, start_ticks)) {
            seen.found = Some((service, mark));
        }
    }

    fn is_of(&self, table: &ProcessTable, pid: u32, service: &Service) -> bool {
        let at = table.processes().binary_search_by_key(&pid, |process| process.pid);
        let found = at.ok().and_then(|at| self.seen.values().nth(at)?.found);
        found.is_some_and(|(of, _)| of.name == service.name)
    }

    /// A service that was not known.
    fn meet(&mut self, now_ms: i64, process: Process, service: &'static Service) -> bool {
        let mut known = self.instances.iter_mut();
        if let Some(known) = known.find(|it| it.is(process.pid, process.start_ticks) && it.ended_ms.is_none())
        {
            // It may have started another program, of another service.
            if known.service.name == service.name {
                return false;
            }
            known.ended_ms = Some(now_ms);
        }
        if self.instances.len() >= INSTANCES_MAX {
            telemetry::INSTANCES_REFUSED.add(1);
            return false;
        }
        self.instances.push(Instance::new(process, service, self.is_at_once));
        true
    }

    /// A worker that was started: its service may have read its configuration anew.
    fn notice_child(
        &mut self,
        table: &ProcessTable,
        process: &Process,
        service: &'static Service,
        mark: Mark,
    ) {
        let of = self
            .instances
            .iter_mut()
            .find(|instance| instance.process.pid == process.parent && instance.service.name == service.name);
        match of {
            Some(instance) => instance.notice_child(process.start_ticks),
            None if mark == Mark::Child => self.suspect(table, process.parent, service),
            None => {}
        }
    }

    /// The parent of what only this service starts is its main process, whatever it is called.
    fn suspect(&mut self, table: &ProcessTable, pid: u32, service: &'static Service) {
        if let Some(process) = table.find(pid).filter(|process| process.pid > 1 && !process.stat.is_kernel) {
            self.suspects.push((Candidate::of(process), service));
            self.waiting = true;
        }
    }
}
