//! What the thread does, without the thread.

use super::Settings;
use crate::journal::Journals;
use crate::tail::Positions;
use crate::telemetry;
use crate::watch::{Spec, Watch};
use model::{Sink, Standing};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use stdx::disk::Disk;

/// A problem that stays the same in kind is told again only after this time.
const TELL_AGAIN_MS: i64 = 600_000;

/// A watch and what was told of it.
struct Watched {
    watch: Watch,
    took_us: u64,
    told_ms: Option<i64>,
}

/// All watches.
pub(super) struct Work {
    settings: Settings,
    sink: Arc<dyn Sink>,
    disk: Arc<dyn Disk>,
    positions: Positions,
    /// Why positions are not kept; empty when they are.
    positions_problem: String,
    watches: BTreeMap<String, Watched>,
    journals: Journals,
    /// What was told of those who listen to a journal, and when.
    told: BTreeMap<String, i64>,
    begun_ms: i64,
    buffer: Vec<u8>,
    next_ms: i64,
    has_news: bool,
}

impl Work {
    pub(super) fn new(settings: Settings, sink: Arc<dyn Sink>, disk: Arc<dyn Disk>, now_ms: i64) -> Self {
        let (positions, positions_problem) =
            Positions::open(settings.positions.clone(), disk.as_ref(), now_ms);
        let mut work = Self {
            next_ms: 0,
            settings,
            sink,
            disk,
            positions,
            positions_problem,
            watches: BTreeMap::new(),
            journals: Journals::default(),
            told: BTreeMap::new(),
            begun_ms: now_ms,
            buffer: Vec::new(),
            has_news: false,
        };
        work.next_ms = work.after(now_ms);
        work
    }

    fn after(&self, now_ms: i64) -> i64 {
        let interval_ms = self.settings.interval_ms.max(1);
        now_ms.div_euclid(interval_ms).saturating_add(1).saturating_mul(interval_ms)
    }

    pub(super) fn put(&mut self, id: String, spec: Spec, now_ms: i64) {
        self.remove(&id, now_ms);
        if spec.journal.is_some() {
            return self.journals.put(&id, spec, &self.settings.host, &mut self.positions, now_ms);
        }
        let watch = Watch::new(spec, &self.settings.host, self.begun_ms);
        self.watches.insert(id, Watched { watch, took_us: 0, told_ms: None });
    }

    pub(super) fn remove(&mut self, id: &str, now_ms: i64) {
        if let Some(mut watched) = self.watches.remove(id) {
            watched.watch.flush(now_ms, 0, self.sink.as_ref());
            let positions = watched.watch.end(now_ms + 1, self.sink.as_ref());
            self.positions.put_back(positions);
            self.has_news = true;
        } else if let Some(positions) = self.journals.remove(id, now_ms, self.sink.as_ref()) {
            self.positions.put_back(positions);
            self.has_news = true;
        }
    }

    /// Reads what is new, and hands on what was counted when that is due. True when more is left to read.
    pub(super) fn round(&mut self, now_ms: i64) -> bool {
        let mut has_more = false;
        for watched in self.watches.values_mut() {
            let started = Instant::now();
            has_more |= watched.watch.tick(now_ms, &mut self.positions, &mut self.buffer);
            watched.took_us += started.elapsed().as_micros() as u64;
        }
        has_more |= self.journals.tick(now_ms, &mut self.buffer);
        // A clock that was set back leaves the next flush in a future far away.
        if now_ms >= self.next_ms || self.next_ms - now_ms > self.settings.interval_ms {
            let interval_ms = self.settings.interval_ms.max(1);
            self.flush(now_ms.div_euclid(interval_ms) * interval_ms);
            self.next_ms = self.after(now_ms);
        }
        has_more
    }

    fn flush(&mut self, time_ms: i64) {
        for watched in self.watches.values_mut() {
            let took_us = std::mem::take(&mut watched.took_us);
            watched.watch.flush(time_ms, took_us, self.sink.as_ref());
            tell(watched.watch.standing(), &mut watched.told_ms, time_ms, &self.settings.tell);
        }
        self.journals.flush(time_ms, self.sink.as_ref());
        for standing in self.journals.standings() {
            let mut told_ms = self.told.remove(&standing.name);
            tell(standing, &mut told_ms, time_ms, &self.settings.tell);
            if let Some(told_ms) = told_ms {
                self.told.insert(standing.name.clone(), told_ms);
            }
        }
        let files = self.watches.values().map(|watched| watched.watch.files()).sum::<usize>();
        telemetry::FILES.set((files + self.journals.files()) as f64);
        self.save(time_ms);
        self.has_news = true;
    }

    fn save(&mut self, now_ms: i64) {
        let followed = self.watches.values().flat_map(|watched| watched.watch.positions(now_ms));
        let followed = followed.chain(self.journals.positions(now_ms));
        let saved = self.positions.save(self.disk.as_ref(), followed);
        self.positions_problem = saved
            .err()
            .map(|why| format!("after a restart lines are missed or counted twice: {why}"))
            .unwrap_or_default();
    }

    /// How all stand, when that is new.
    pub(super) fn news(&mut self) -> Option<Vec<Standing>> {
        if !std::mem::take(&mut self.has_news) {
            return None;
        }
        let mut standings: Vec<Standing> =
            self.watches.values().map(|watched| watched.watch.standing().clone()).collect();
        standings.extend(self.journals.standings().cloned());
        if let Some(first) = standings.iter_mut().find(|s| s.problem.is_empty()) {
            first.problem.clone_from(&self.positions_problem);
        }
        Some(standings)
    }

    /// Hands on what is left and keeps the positions.
    pub(super) fn stop(&mut self, now_ms: i64) {
        for watched in self.watches.values_mut() {
            watched.watch.tick(now_ms, &mut self.positions, &mut self.buffer);
            watched.watch.flush(now_ms, 0, self.sink.as_ref());
        }
        self.journals.tick(now_ms, &mut self.buffer);
        self.journals.flush(now_ms, self.sink.as_ref());
        self.save(now_ms);
    }
}

/// Tells a problem when it begins and when it is gone, and now and then while it stays.
fn tell(standing: &Standing, told_ms: &mut Option<i64>, now_ms: i64, tell: &super::Tell) {
    match *told_ms {
        _ if standing.problem.is_empty() => {
            // It may come and go with every flush; whoever was told a minute ago knows.
            if told_ms.is_some_and(|told_ms| now_ms - told_ms >= TELL_AGAIN_MS) {
                *told_ms = None;
                tell(&standing.name, "");
            }
        }
        Some(told_ms) if now_ms - told_ms < TELL_AGAIN_MS => {}
        _ => {
            *told_ms = Some(now_ms);
            tell(&standing.name, &standing.problem);
        }
    }
}

#[cfg(test)]
mod tests;
