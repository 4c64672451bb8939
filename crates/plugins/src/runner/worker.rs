//! The thread of a runner.

use super::{Notice, Options, Shared, Tell, Wish, lock};
use crate::folder::{self, Folder};
use crate::instance::Instance;
use crate::outlet::Outlet;
use crate::plugin::{Mode, Plugin};
use crate::run::{Cut, Ended, Run};
use crate::{digest, spawn, telemetry};
use model::Standing;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::clock::Clock;
use stdx::random::Random;

/// Bytes read from a child at a time.
const READ_BYTES: usize = 16 << 10;
/// How long ended children are waited for when everything stops.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// See the module's text.
pub(super) struct Worker {
    options: Options,
    shared: Arc<Shared>,
    outlet: Outlet,
    clock: Arc<dyn Clock>,
    random: Random,
    tell: Tell,
    instances: BTreeMap<String, Instance>,
    folders: Vec<Folder>,
    next_look: Option<Instant>,
    buffer: Box<[u8]>,
}

impl Worker {
    pub(super) fn new(
        options: Options,
        shared: Arc<Shared>,
        outlet: Outlet,
        clock: Arc<dyn Clock>,
        random: Random,
        tell: Tell,
    ) -> Self {
        let (instances, folders, next_look) = Default::default();
        let buffer = vec![0; READ_BYTES].into();
        Self { options, shared, outlet, clock, random, tell, instances, folders, next_look, buffer }
    }

    /// Works until told to stop; then ends all children.
    pub(super) fn run(mut self) {
        while self.take_wishes() {
            let now = Instant::now();
            self.look_at_folders(now);
            // Before the children are looked at: a start that is due while the run before goes on is left out.
            self.start_due(now);
            self.step(now);
            self.start_due(now);
            self.wait(now);
        }
        self.end_all();
    }

    /// Does what was wished for; false when it is to stop.
    fn take_wishes(&mut self) -> bool {
        let (wishes, stopping) = {
            let mut inbox = lock(&self.shared.inbox);
            (std::mem::take(&mut inbox.wishes), inbox.stopping)
        };
        for wish in wishes {
            match wish {
                Wish::Put(plugin) => self.put(*plugin, None),
                Wish::Remove(name) => self.remove(&name),
                Wish::Watch(folder) => {
                    self.folders.push(*folder);
                    self.next_look = Some(Instant::now());
                }
            }
        }
        !stopping
    }

    fn put(&mut self, plugin: Plugin, folder: Option<usize>) {
        let now = Instant::now();
        let Some(instance) = self.instances.get_mut(&plugin.name) else {
            let spread = self.options.spread.min(plugin.mode.interval());
            let next = now + Duration::from_millis(self.random.below(spread.as_millis() as u64));
            let random = Random::from_seed(self.random.next_u64());
            let name = plugin.name.clone();
            self.publish(&Standing { part: "plugin", name: name.clone(), ..Standing::default() });
            self.instances.insert(name, Instance::new(plugin, folder, next, random));
            telemetry::INSTANCES.set(self.instances.len() as f64);
            return;
        };
        let coming = instance.replacement.as_ref().unwrap_or(&instance.plugin);
        if *coming == plugin && !instance.unwanted {
            return;
        }
        instance.unwanted = false;
        match &mut instance.run {
            Some(run) => {
                run.end(Cut::Unwanted, now);
                instance.replacement = Some(plugin);
            }
            None => instance.replace(plugin, now),
        }
    }

    fn remove(&mut self, name: &str) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        match &mut instance.run {
            Some(run) => {
                run.end(Cut::Unwanted, Instant::now());
                instance.unwanted = true;
            }
            None => self.forget(name),
        }
    }

    fn forget(&mut self, name: &str) {
        self.instances.remove(name);
        lock(&self.shared.standings).remove(name);
        telemetry::INSTANCES.set(self.instances.len() as f64);
    }

    /// Takes in what changed in the folders.
    fn look_at_folders(&mut self, now: Instant) {
        if self.next_look.is_none_or(|next| now < next) {
            return;
        }
        self.next_look = Some(now + folder::LOOK);
        for at in 0..self.folders.len() {
            let found = self.folders[at].scan();
            let is_there =
                |name: &str| found.iter().any(|f| f.as_ref().is_ok_and(|plugin| plugin.name == name));
            let of_folder = self.instances.iter().filter(|(_, instance)| instance.folder == Some(at));
            let gone: Vec<String> =
                of_folder.map(|(name, _)| name.clone()).filter(|name| !is_there(name)).collect();
            gone.iter().for_each(|name| self.remove(name));
            self.forget_complaints(at);
            for found in found {
                match found {
                    Ok(plugin) => self.put(plugin, Some(at)),
                    Err((name, problem)) => {
                        self.publish(&Standing { part: "plugin", name, problem, ..Standing::default() });
                    }
                }
            }
        }
    }

    /// Removes what was said of files that are not run.
    fn forget_complaints(&self, at: usize) {
        let root = &self.folders[at].path;
        let instances = &self.instances;
        lock(&self.shared.standings)
            .retain(|name, _| instances.contains_key(name) || !std::path::Path::new(name).starts_with(root));
    }

    /// Starts what is due.
    fn start_due(&mut self, now: Instant) {
        let mut running = self.running();
        let due: Vec<String> = {
            let due = self.instances.iter().filter(|(_, instance)| instance.next <= now);
            due.map(|(name, _)| name.clone()).collect()
        };
        for name in due {
            let Some(instance) = self.instances.get_mut(&name) else { continue };
            if instance.run.is_some() {
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
        self.instances.values().filter(|i| i.run.is_some() && !i.plugin.mode.stays()).count()
    }

    fn start(&mut self, name: &str, now: Instant) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        let started_at = Instant::now();
        match spawn::start(&instance.plugin, self.outlet.host()) {
            Ok(mut started) => {
                instance.complaint = started.complaint.take().unwrap_or_default();
                let time = (!instance.plugin.mode.stays()).then_some(instance.plugin.limits.time);
                instance.run = Some(Run::new(started, time, instance.plugin.limits.output_bytes, started_at));
                if instance.plugin.mode.stays() {
                    instance.standing.samples = 0;
                }
            }
            Err(why) => {
                telemetry::STARTS_FAILED.add(1);
                if instance.plugin.mode.stays() {
                    instance.back_off(Duration::ZERO, now);
                }
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
        telemetry::RUNNING.set(self.instances.values().filter(|i| i.run.is_some()).count() as f64);
    }

    /// Reads from all children and finishes those that have ended.
    fn step(&mut self, now: Instant) {
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
    fn settle(&mut self, name: &str, now: Instant) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        if instance.unwanted {
            self.forget(name);
        } else if let Some(plugin) = instance.replacement.take() {
            instance.replace(plugin, now);
        }
    }

    fn publish(&self, standing: &Standing) {
        lock(&self.shared.standings).insert(standing.name.clone(), standing.clone());
    }

    /// Waits until a child has something, something is due, or something is wished for.
    fn wait(&self, now: Instant) {
        let starts = self.instances.values().filter(|i| i.run.is_none() && !i.delayed).map(|i| i.next);
        // A start that comes due while the plugin runs need not wake anybody.
        let deadlines = self.instances.values().filter_map(|i| i.run.as_ref()?.deadline(now));
        let next = starts.chain(deadlines).chain(self.next_look).min();
        let mut fds = vec![PollFd::new(&self.shared.wake, PollFlags::IN)];
        self.instances.values().filter_map(|i| i.run.as_ref()).for_each(|run| run.poll_on(&mut fds));
        let wait = next.map(|next| next.saturating_duration_since(now));
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        // It fails when a signal came in between; the next round looks at everything anyway.
        let _ = poll(&mut fds, wait.as_ref());
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.shared.wake, &mut count);
    }

    /// Ends all children and waits until they are gone.
    fn end_all(&mut self) {
        let start = Instant::now();
        for run in self.instances.values_mut().filter_map(|i| i.run.as_mut()) {
            run.end(Cut::Unwanted, start);
        }
        self.instances.retain(|_, instance| instance.run.is_some());
        while !self.instances.is_empty() && start.elapsed() < LAST_WAIT {
            let now = Instant::now();
            self.step(now);
            self.instances.retain(|_, instance| instance.run.is_some());
            if !self.instances.is_empty() {
                self.wait(now);
            }
        }
    }
}
