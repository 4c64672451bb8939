//! Taking what children print, and what those that have ended gave.

use super::Worker;
use crate::plugin::Mode;
use crate::run::{Cut, Ended};
use crate::runner::Notice;
use crate::{digest, telemetry};
use std::time::Instant;

impl Worker {
    /// Reads from all children and finishes those that have ended.
    pub(super) fn step(&mut self, now: Instant) {
        let names: Vec<String> =
            self.instances.iter().filter(|(_, i)| i.run.is_some()).map(|(name, _)| name.clone()).collect();
        for name in names {
            let Some(instance) = self.instances.get_mut(&name) else { continue };
            let Some(run) = &mut instance.run else { continue };
            let has_ended = run.step(now, &mut self.buffer);
            if instance.plugin.mode.stays() {
                self.take_lines(&name);
            }
            if has_ended {
                self.finish(&name, now);
            }
        }
    }

    /// Hands on the lines that a program which stays has printed.
    fn take_lines(&mut self, name: &str) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        let Some(run) = &mut instance.run else { return };
        let (now_ms, outlet, plugin, known) =
            (self.clock.now_ms(), &mut self.outlet, &instance.plugin, instance.format);
        let mut digest = None;
        run.out.take_lines(|lines| digest = Some(digest::lines(plugin, known, lines, now_ms, outlet)));
        let Some(digest) = digest else { return };
        instance.format = digest.format;
        let poured = self.outlet.pour();
        let standing = &mut instance.standing;
        standing.samples += digest.samples;
        standing.last_ms = Some(now_ms);
        standing.took_us = 0;
        standing.problem =
            poured.map_or_else(|why| format!("its samples were not taken: {why}"), |_| digest.problem);
        let standing = standing.clone();
        self.publish(&standing);
        self.tell_all(name, digest.notices);
    }

    fn tell_all(&self, name: &str, notices: Vec<wire::protocols::putval::notice::Notice>) {
        for notice in notices {
            let wire::protocols::putval::notice::Notice { severity, time_ms, message, about } = notice;
            (self.tell)(&Notice { plugin: name.to_owned(), severity, time_ms, message, about });
        }
    }

    /// Takes what an ended child gave.
    fn finish(&mut self, name: &str, now: Instant) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        let Some(run) = instance.run.take() else { return };
        let ended = run.finish(Instant::now());
        telemetry::RUNS.add(1);
        telemetry::LEFT_BEHIND.add(u64::from(ended.left_behind && ended.cut.is_none()));
        telemetry::TIMEOUTS.add(u64::from(ended.cut == Some(Cut::TooLong)));
        if ended.cut != Some(Cut::Unwanted) {
            match instance.plugin.mode {
                Mode::Once { .. } => self.finish_run(name, &ended),
                Mode::Stream { .. } => self.finish_stream(name, &ended, now),
            }
        }
        self.settle(name, now);
        telemetry::RUNNING.set(self.instances.values().filter(|i| i.run.is_some()).count() as f64);
    }

    fn finish_run(&mut self, name: &str, ended: &Ended) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        let now_ms = self.clock.now_ms();
        let mut digest = digest::run(instance, ended, now_ms, &mut self.outlet);
        let well = digest.is_well(ended);
        instance.format = digest.format.or(instance.format);
        let format = instance.format.map_or("", |format| format.name);
        self.outlet.add_run(now_ms, name, format, ended.took.as_secs_f64(), well);
        match self.outlet.pour() {
            Ok(report) if report.is_clean() => {}
            Ok(report) => digest.also(&format!("not all was taken: {report}")),
            Err(why) => digest.also(&format!("its samples were not taken: {why}")),
        }
        telemetry::FAILURES.add(u64::from(!well));
        let standing = &mut instance.standing;
        standing.last_ms = Some(now_ms);
        standing.took_us = ended.took.as_micros() as u64;
        standing.samples = digest.samples;
        standing.problem = digest.problem;
        let standing = standing.clone();
        self.publish(&standing);
        self.tell_all(name, digest.notices);
    }

    fn finish_stream(&mut self, name: &str, ended: &Ended, now: Instant) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        instance.back_off(ended.took, now);
        telemetry::RESTARTS.add(1);
        telemetry::FAILURES.add(1);
        let wait = instance.next.saturating_duration_since(now).as_secs_f64();
        let how = crate::reason::of_end(ended, None, true);
        let standing = &mut instance.standing;
        standing.last_ms = Some(self.clock.now_ms());
        standing.took_us = ended.took.as_micros() as u64;
        standing.problem = format!("{how}; it is started again in {wait:.1} s");
        let standing = standing.clone();
        self.publish(&standing);
    }

    /// Removes or replaces what has ended, if that was wished for.
    pub(super) fn settle(&mut self, name: &str, now: Instant) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        if instance.unwanted {
            self.forget(name);
        } else if let Some(plugin) = instance.replacement.take() {
            instance.replace(plugin, now);
        }
    }
}
