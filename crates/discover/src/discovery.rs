//! Follows the services of a host: looks at processes that are new, at services that changed, and has the tree do what
//! is due. It lives on the thread of whoever reads the processes and never blocks there: whatever opens a file of a
//! process is an [`Errand`]. When nothing changed, a round compares two lists of numbers.

mod board;
mod candidate;
mod found;
mod instance;

pub use board::Board;

use crate::services::{Mark, Service};
use crate::tree::Starter;
use crate::{DryRun, Machine, Options, telemetry};
use candidate::{Candidate, Found};
use collect::errand::Errand;
use collect::processes::Beside;
use collect::{Host, Observer, ProcessTable};
use instance::Instance;
use std::sync::Arc;

/// Most services at once.
pub const INSTANCES_MAX: usize = 500;
/// How long a process must live to be looked at, so that short-lived ones cost nothing, and others have become what
/// they will be.
const AGE_MS: i64 = 3000;
/// How long what was started for a service that ended goes on: it may be started anew, and its last lines are read.
pub const LINGER_MS: i64 = 60_000;

/// What is known of each process.
#[derive(Debug)]
struct Seen {
    first_ms: i64,
    /// The pass of the table at which it was looked at; 0 before the first time.
    looked: u64,
    found: Option<(&'static Service, Mark)>,
}

/// Discovery at work.
pub struct Discovery {
    machine: Machine,
    /// Whether errands are run on this thread.
    is_at_once: bool,
    options: Arc<Options>,
    starter: Box<dyn Starter>,
    seen: Beside<Seen>,
    /// Whether some process waits to be looked at.
    waiting: bool,
    is_first: bool,
    /// Parents of what only one service starts.
    suspects: Vec<(Candidate, &'static Service)>,
    look: Errand<Vec<Found>>,
    instances: Vec<Instance>,
    board: Arc<Board>,
}

impl Discovery {
    /// Discovery that has seen nothing yet.
    pub fn new(machine: Machine, options: Options, starter: Box<dyn Starter>) -> Self {
        Self {
            look: Errand::new("services", 1, !machine.is_real),
            is_at_once: !machine.is_real,
            machine,
            options: Arc::new(options),
            starter,
            seen: Beside::default(),
            waiting: true,
            suspects: Vec::new(),
            is_first: true,
            instances: Vec::new(),
            board: Arc::default(),
        }
    }

    /// The services of a host as they are now, looked at on this thread; nothing is started. Fails when the processes
    /// cannot be read.
    pub fn once(host: &Host, options: Options, now_ms: i64) -> Result<Arc<Board>, collect::Error> {
        let mut discovery = Self::new(Machine::of(host), options, Box::new(DryRun));
        discovery.is_at_once = true;
        discovery.look = Errand::new("services", 1, true);
        let mut table = ProcessTable::new(host);
        // Who is known by his children only is found at the second.
        for now_ms in [now_ms, now_ms + 1] {
            table.read(now_ms, &mut Vec::new(), None)?;
            discovery.round(now_ms, &table);
        }
        Ok(discovery.board())
    }

    /// Where it tells how the services stand.
    pub fn board(&self) -> Arc<Board> {
        self.board.clone()
    }

    /// One round with the processes as they are.
    pub fn round(&mut self, now_ms: i64, table: &ProcessTable) {
        self.follow(now_ms, table);
        let mut has_changed = self.take_found(now_ms, table);
        if self.waiting {
            self.set_out(now_ms, table);
            // Of a recording, at once.
            has_changed |= self.take_found(now_ms, table);
        }
        for at in 0..self.instances.len() {
            has_changed |= self.attend(at, now_ms);
        }
        has_changed |= self.bury(now_ms);
        self.board.lock().tick(now_ms);
        self.tell(has_changed);
    }

    /// Notes births and ends.
    fn follow(&mut self, now_ms: i64, table: &ProcessTable) {
        let (waiting, instances) = (&mut self.waiting, &mut self.instances);
        let first_ms = if self.is_first { now_ms - AGE_MS } else { now_ms };
        self.is_first = false;
        let mut has_ended = false;
        let meet = |_: &collect::Process| {
            *waiting = true;
            Seen { first_ms, looked: 0, found: None }
        };
        self.seen.follow(table, meet, |gone| has_ended |= gone.found.is_some());
        if has_ended {
            instances.iter_mut().for_each(|instance| instance.notice_end(now_ms, table));
        }
        // Another program in the same process is another service, maybe.
        let passes = table.processes().iter().zip(self.seen.values());
        self.waiting |=
            passes.into_iter().any(|(process, seen)| seen.looked != 0 && process.changed > seen.looked);
    }

    /// Sends an errand to look at what is old enough.
    fn set_out(&mut self, now_ms: i64, table: &ProcessTable) {
        if !self.look.is_due(now_ms) {
            return;
        }
        self.waiting = false;
        let mut candidates = Vec::new();
        for (process, seen) in table.processes().iter().zip(self.seen.values_mut()) {
            let is_news = seen.looked == 0 || process.changed > seen.looked;
            if !is_news {
                continue;
            }
            if (0..AGE_MS).contains(&(now_ms - seen.first_ms)) {
                self.waiting = true;
                continue;
            }
            seen.looked = table.passes().max(1);
            if !process.stat.is_kernel {
                candidates.push(Candidate::of(process));
            }
        }
        let suspects = std::mem::take(&mut self.suspects);
        if candidates.is_empty() && suspects.is_empty() {
            return;
        }
        telemetry::LOOKS.add(suspects.len() as u64);
        telemetry::LOOKS.add(candidates.len() as u64);
        let (machine, options) = (self.machine.clone(), self.options.clone());
        self.look.start(now_ms, move || {
            let found = candidates.iter().filter_map(|it| it.look(&machine, &options));
            let taken =
                suspects.iter().filter_map(|(it, service)| Some((it.read(&machine)?, *service, Mark::Main)));
            found.chain(taken).collect()
        });
    }

    /// Has the instance looked at when it is time, and takes what came of it.
    fn attend(&mut self, at: usize, now_ms: i64) -> bool {
        let instance = &mut self.instances[at];
        instance.set_out(now_ms, &self.options);
        let Some(plan) = instance.take() else { return false };
        let name = self.name(at, &plan.name);
        let old = std::mem::replace(&mut self.instances[at].name, name.clone());
        if !old.is_empty() && old != name {
            self.board.lock().remove(&old, self.starter.as_mut());
        }
        // Who had the name before has ended.
        let has_name = |(other, instance): &(usize, &Instance)| *other != at && instance.name == name;
        if let Some((other, _)) = self.instances.iter().enumerate().find(has_name) {
            self.instances[other].name.clear();
        }
        self.board.lock().put(&name, plan, self.starter.as_mut());
        true
    }

    /// A name that no other living instance has.
    fn name(&self, at: usize, wanted: &str) -> String {
        let instance = &self.instances[at];
        let name = instance.full_name(wanted);
        let mut others =
            self.instances.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
        match others.any(|other| other.name == name && other.ended_ms.is_none()) {
            true => format!("{name} (process {})", instance.process.pid),
            false => name,
        }
    }

    /// Forgets who ended a while ago.
    fn bury(&mut self, now_ms: i64) -> bool {
        let before = self.instances.len();
        let (board, starter) = (&self.board, self.starter.as_mut());
        let mut freed = Vec::new();
        self.instances.retain_mut(|instance| {
            let is_over = instance.ended_ms.is_some_and(|ended_ms| {
                instance.name.is_empty() || !(0..LINGER_MS).contains(&(now_ms - ended_ms))
            });
            if is_over && !instance.name.is_empty() {
                board.lock().remove(&instance.name, starter);
                freed.push(std::mem::take(&mut instance.name));
            }
            !is_over
        });
        // Who had to be told from it by his number need not be any more.
        for name in freed {
            let waits = |instance: &&mut Instance| instance.name.starts_with(&format!("{name} (process "));
            self.instances.iter_mut().filter(waits).for_each(|instance| instance.look_again());
        }
        self.instances.len() != before
    }

    fn tell(&self, has_changed: bool) {
        if has_changed {
            telemetry::INSTANCES.set(self.instances.len() as f64);
            telemetry::PLUGINS.set(self.board.lock().running() as f64);
        }
    }
}

impl Observer for Discovery {
    fn observe(&mut self, now_ms: i64, processes: &ProcessTable) {
        self.round(now_ms, processes);
    }
}

#[cfg(test)]
mod tests;
