//! The thread of a runner.

mod finish;
mod folders;
mod start;

use super::{Options, Shared, Tell, Wish, lock};
use crate::instance::Instance;
use crate::outlet::Outlet;
use crate::plugin::Plugin;
use crate::run::Cut;
use crate::telemetry;
use folders::Followed;
use model::Standing;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::thread::clear_ambient_capability_set;
pub(crate) use start::START_WITHIN;
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
    folders: Vec<Followed>,
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
        let (instances, folders) = Default::default();
        let buffer = vec![0; READ_BYTES].into();
        Self { options, shared, outlet, clock, random, tell, instances, folders, buffer }
    }

    /// Works until told to stop; then ends all children.
    pub(super) fn run(mut self) {
        // What was given to us to look at the host is not for programs of others: rights that are ambient would go on to
        // all children of this thread. The others of this process keep them.
        let _ = clear_ambient_capability_set();
        while self.take_wishes() {
            let now = Instant::now();
            self.look_at_folders(now);
            // Before the children are looked at: a start that is due while the run before goes on is left out.
            self.start_due(now);
            self.take_started(now);
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
                Wish::Watch(folder) => self.folders.push(Followed::new(*folder)),
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
        if !instance.is_busy() {
            return instance.replace(plugin, now);
        }
        instance.replacement = Some(plugin);
        if let Some(run) = &mut instance.run {
            run.end(Cut::Unwanted, now);
        }
        let standing = instance.standing.clone();
        self.publish(&standing);
    }

    fn remove(&mut self, name: &str) {
        let Some(instance) = self.instances.get_mut(name) else { return };
        if !instance.is_busy() {
            return self.forget(name);
        }
        instance.unwanted = true;
        if let Some(run) = &mut instance.run {
            run.end(Cut::Unwanted, Instant::now());
        } else {
            // Its start may hang for ever, which is no reason to speak of it any longer.
            lock(&self.shared.standings).remove(name);
        }
    }

    fn forget(&mut self, name: &str) {
        self.instances.remove(name);
        lock(&self.shared.standings).remove(name);
        telemetry::INSTANCES.set(self.instances.len() as f64);
    }

    fn publish(&self, standing: &Standing) {
        lock(&self.shared.standings).insert(standing.name.clone(), standing.clone());
    }

    /// Waits until a child has something, something is due, or something is wished for.
    fn wait(&self, now: Instant) {
        // A start that comes due while the plugin runs need not wake anybody.
        let starts = self.instances.values().filter(|i| !i.is_busy() && !i.delayed).map(|i| i.next);
        let under_way = self.instances.values().filter_map(|i| i.start.as_ref().filter(|s| !s.is_hung));
        let waits = under_way.map(|start| start.since() + START_WITHIN);
        let deadlines = self.instances.values().filter_map(|i| i.run.as_ref()?.deadline(now));
        let looks = self.folders.iter().filter_map(Followed::deadline);
        let next = starts.chain(waits).chain(deadlines).chain(looks).min();
        let mut fds = vec![PollFd::new(&self.shared.wake, PollFlags::IN)];
        self.instances.values().filter_map(|i| i.run.as_ref()).for_each(|run| run.poll_on(&mut fds));
        let wait = next.map(|next| next.saturating_duration_since(now));
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        // It fails when a signal came in between; the next round looks at everything anyway.
        let _ = poll(&mut fds, wait.as_ref());
        let mut count = [0; 8];
        let _ = rustix::io::read(&self.shared.wake, &mut count);
    }

    /// Ends all children and waits until they are gone. One whose start hangs is ended by the thread that starts it.
    fn end_all(&mut self) {
        let start = Instant::now();
        self.folders.clear();
        for instance in self.instances.values_mut() {
            instance.unwanted = true;
            instance.run.iter_mut().for_each(|run| run.end(Cut::Unwanted, start));
        }
        let is_awaited =
            |i: &Instance| i.run.is_some() || i.start.as_ref().is_some_and(|start| !start.is_hung);
        self.instances.retain(|_, instance| is_awaited(instance));
        while !self.instances.is_empty() && start.elapsed() < LAST_WAIT {
            let now = Instant::now();
            self.take_started(now);
            self.step(now);
            self.instances.retain(|_, instance| is_awaited(instance));
            if !self.instances.is_empty() {
                self.wait(now);
            }
        }
    }
}
