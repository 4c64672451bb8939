//! Starting what is due, in errands: a program may lie on a file system that does not answer, and then neither does the
//! call that starts it.

use super::Worker;
use crate::errand::{Errand, News};
use crate::instance::Instance;
use crate::run::{Cut, Run};
use crate::spawn::{self, Started};
use crate::telemetry;
use std::time::{Duration, Instant};

/// After this time a start is told to hang, and its place among those that run is free for others.
pub(crate) const START_WITHIN: Duration = Duration::from_secs(5);

impl Worker {
    /// Starts what is due.
    pub(super) fn start_due(&mut self, now: Instant) {
        let mut running = self.running();
        let due: Vec<String> = {
            let due = self.instances.iter().filter(|(_, instance)| instance.next <= now);
            due.map(|(name, _)| name.clone()).collect()
        };
        for name in due {
            let Some(instance) = self.instances.get_mut(&name) else { continue };
            if instance.is_busy() {
                if !instance.plugin.mode.stays() {
                    telemetry::SKIPPED.add(1 + instance.schedule(now));
                }
                continue;
            }
            if running >= self.options.running_max && !instance.plugin.mode.stays() {
                telemetry::DELAYED.add(u64::from(!instance.delayed));
                instance.delayed = true;
                continue;
            }
            running += usize::from(!instance.plugin.mode.stays());
            instance.delayed = false;
            telemetry::SKIPPED.add(instance.schedule(now));
            self.start(&name, now);
        }
    }

    fn running(&self) -> usize {
        let runs = |i: &&Instance| i.run.is_some() || i.start.as_ref().is_some_and(|start| !start.is_hung);
        self.instances.values().filter(runs).filter(|i| !i.plugin.mode.stays()).count()
    }

    fn start(&mut self, name: &str, now: Instant) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        let (plugin, host) = (instance.plugin.clone(), self.outlet.host().to_owned());
        let shared = self.shared.clone();
        let work = move || spawn::start(&plugin, &host);
        let abandon = |started: Result<Started, String>| drop(started.map(Started::end));
        match Errand::start("plugin-start", move || shared.wake(), work, abandon) {
            Ok(start) => instance.start = Some(start),
            Err(error) => self.note_failed(name, format!("the system gives no thread: {error}"), now),
        }
    }

    /// Takes over what has been started, and tells what hangs.
    pub(super) fn take_started(&mut self, now: Instant) {
        let under_way = self.instances.iter().filter(|(_, i)| i.start.is_some());
        let names: Vec<String> = under_way.map(|(name, _)| name.clone()).collect();
        for name in names {
            let Some(instance) = self.instances.get_mut(&name) else { continue };
            let Some(start) = &mut instance.start else { continue };
            let outcome = match start.news() {
                News::Away => {
                    if !start.is_hung && now >= start.since() + START_WITHIN {
                        start.is_hung = true;
                        self.note_hung(&name);
                    }
                    continue;
                }
                News::Back(outcome) => outcome,
                News::Lost => Err("it could not be started because of a defect in the agent".to_owned()),
            };
            // What hung has all its time still before it.
            let since = if start.is_hung { now } else { start.since() };
            instance.start = None;
            match outcome {
                Ok(started) => self.take_over(&name, started, since),
                Err(_) if instance.is_going() => self.settle(&name, now),
                Err(why) => self.note_failed(&name, why, now),
            }
        }
        telemetry::RUNNING.set(self.instances.values().filter(|i| i.run.is_some()).count() as f64);
    }

    fn take_over(&mut self, name: &str, mut started: Started, since: Instant) {
        let Some(instance) = self.instances.get_mut(name) else { return started.end() };
        instance.complaint = started.complaint.take().unwrap_or_default();
        let time = (!instance.plugin.mode.stays()).then_some(instance.plugin.limits.time);
        let mut run = Run::new(started, time, instance.plugin.limits.output_bytes, since);
        if instance.is_going() {
            run.end(Cut::Unwanted, Instant::now());
        }
        instance.run = Some(run);
        if instance.plugin.mode.stays() {
            instance.standing.samples = 0;
        }
    }

    fn note_failed(&mut self, name: &str, why: String, now: Instant) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        if instance.plugin.mode.stays() {
            instance.back_off(Duration::ZERO, now);
        }
        self.note_not_started(name, why);
    }

    fn note_hung(&mut self, name: &str) {
        telemetry::STARTS_HUNG.add(1);
        let Some(instance) = self.instances.get(name).filter(|i| !i.is_going()) else { return };
        let (path, within) = (instance.plugin.program.display(), START_WITHIN.as_secs());
        let why = format!(
            "its start has hung for more than {within} s: the file system of {path} or of its working folder does \
             not answer"
        );
        self.note_not_started(name, why);
    }

    fn note_not_started(&mut self, name: &str, why: String) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        telemetry::STARTS_FAILED.add(1);
        instance.standing.problem = why;
        instance.standing.last_ms = Some(self.clock.now_ms());
        instance.standing.samples = 0;
        instance.standing.took_us = 0;
        let standing = instance.standing.clone();
        self.outlet.add_run(self.clock.now_ms(), name, "", 0.0, false);
        let _told_in_the_standing = self.outlet.pour();
        self.publish(&standing);
    }
}
