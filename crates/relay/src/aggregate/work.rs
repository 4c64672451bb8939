//! The thread that makes series.

use super::bucket::Bucket;
use super::{Aggregation, KEPT};
use crate::log::{Log, Position, Reader, Step};
use crate::mark::Scope;
use crate::route::{Fate, Routes};
use crate::stats;
use model::{Batch, Kind, Labels, Slot};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;

/// How often stretches that are over are looked for.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is written down how far the reader is.
const REMEMBER_MS: i64 = 2000;
/// Most series that rules make; more are left out, and counted as late.
const SERIES_MAX: usize = 200_000;

/// A series that is made.
struct Made {
    rule: usize,
    slot: Slot,
    buckets: BTreeMap<i64, Bucket>,
}

pub(crate) struct Aggregator {
    log: Arc<Log>,
    reader: Reader,
    routes: Arc<Routes>,
    clock: Arc<dyn Clock>,
    /// Which made series a slot counts towards, by scope.
    fates: HashMap<Scope, Vec<Option<Vec<usize>>>>,
    made: Vec<Made>,
    index: HashMap<(usize, Labels), usize>,
    /// What is told, by rule; the dictionaries stay.
    told: BTreeMap<usize, Batch>,
    /// The newest time seen.
    mark_ms: i64,
    /// As it was when the place to go on from was written down: what ended long before was told by an earlier run.
    floor_ms: i64,
    remembered_ms: i64,
}

impl Aggregator {
    pub(crate) fn new(log: Arc<Log>, routes: Arc<Routes>, clock: Arc<dyn Clock>, lag_bytes_max: u64) -> Self {
        let reader = Reader::join(log.clone(), "aggregation", lag_bytes_max);
        let floor_ms = reader.note;
        Self {
            log,
            reader,
            routes,
            clock,
            fates: HashMap::new(),
            made: Vec::new(),
            index: HashMap::new(),
            told: BTreeMap::new(),
            mark_ms: floor_ms,
            floor_ms,
            remembered_ms: i64::MIN / 2,
        }
    }

    /// Works until the log is closed.
    pub(crate) fn run(mut self) {
        loop {
            let from = self.reader.at();
            match self.reader.step() {
                Ok(Step::Rows) => self.take(from),
                Ok(Step::Begin) => self.fates.clear(),
                Ok(Step::Turn | Step::Missed(..)) => {}
                Ok(Step::End) => {
                    self.tell(self.clock.now_ms().max(self.mark_ms));
                    if self.log.wait(self.reader.at(), LOOK) {
                        break;
                    }
                }
                Err(_) => {
                    stats::DISK_FAILURES.add(1);
                    if self.log.pause(LOOK, &|| false) {
                        break;
                    }
                }
            }
        }
        let _ = self.reader.remember(self.needed(), self.mark_ms);
    }

    /// Takes the rows of a step that began at `from`.
    fn take(&mut self, from: Position) {
        let scope = self.reader.scope.clone();
        let mut fates = self.fates.remove(&scope).unwrap_or_default();
        let rows = std::mem::take(&mut self.reader.batch);
        fates.resize(rows.dictionary.len(), None);
        let before_ms = self.mark_ms;
        for group in rows.groups() {
            self.mark_ms = self.mark_ms.max(group.time_ms.min(self.clock.now_ms()));
            for (&slot, &value) in group.slots.iter().zip(group.values) {
                let fate = &mut fates[slot.0 as usize];
                if fate.is_none() {
                    *fate = Some(self.fate(&rows.dictionary.labels(slot), &scope));
                }
                for &made in fate.iter().flatten() {
                    self.add(made, group.time_ms, value, from);
                }
            }
        }
        self.reader.batch = rows;
        self.fates.insert(scope, fates);
        // While catching up the samples' own time tells what is over.
        if self.mark_ms / 1000 > before_ms / 1000 {
            self.tell(self.mark_ms);
        }
    }

    fn fate(&mut self, labels: &Labels, scope: &Scope) -> Vec<usize> {
        let mut targets = Vec::new();
        let routes = self.routes.clone();
        routes.walk(labels, scope, &mut |fate| {
            if let Fate::Aggregate(rule, aggregation, labels) = fate {
                targets.extend(aggregation.naming.name(labels).map(|labels| (rule, labels)));
            }
        });
        targets.into_iter().filter_map(|(rule, labels)| self.meet(rule, labels)).collect()
    }

    fn meet(&mut self, rule: usize, labels: Labels) -> Option<usize> {
        if let Some(&found) = self.index.get(&(rule, labels.clone())) {
            return Some(found);
        }
        if self.made.len() >= SERIES_MAX {
            stats::DROPPED_LATE.add(1);
            return None;
        }
        let slot = self.told.entry(rule).or_default().dictionary.add(&labels, Kind::Gauge);
        self.made.push(Made { rule, slot, buckets: BTreeMap::new() });
        self.index.insert((rule, labels), self.made.len() - 1);
        Some(self.made.len() - 1)
    }

    fn add(&mut self, made: usize, time_ms: i64, value: f64, from: Position) {
        let made = &mut self.made[made];
        let Some(rule) = rule(&self.routes, made.rule) else { return };
        if value.is_nan() {
            return;
        }
        let start_ms = time_ms - time_ms.rem_euclid(rule.every_ms);
        let horizon_ms = self.mark_ms.max(self.floor_ms);
        if start_ms.saturating_add(rule.every_ms * (1 + KEPT)) <= horizon_ms {
            stats::DROPPED_LATE.add(1);
            return;
        }
        made.buckets.entry(start_ms).or_insert_with(|| Bucket::new(from)).add(value, rule.how);
    }

    /// Tells what is over by this time and was not told, and forgets what is long over.
    fn tell(&mut self, now_ms: i64) {
        for made in &mut self.made {
            let Some(rule) = rule(&self.routes, made.rule) else { continue };
            let Some(batch) = self.told.get_mut(&made.rule) else { continue };
            for (&start_ms, bucket) in made.buckets.range_mut(..) {
                if start_ms + rule.every_ms + rule.delay_ms > now_ms {
                    break;
                }
                if std::mem::take(&mut bucket.is_fresh) {
                    batch.sample(made.slot, start_ms, bucket.value(rule.how));
                }
            }
            while let Some(first) = made.buckets.first_entry() {
                if first.get().is_fresh || first.key() + rule.every_ms * (1 + KEPT) > self.mark_ms {
                    break;
                }
                first.remove();
            }
        }
        for (number, batch) in self.told.iter_mut().filter(|(_, batch)| !batch.is_empty()) {
            let skips = rule(&self.routes, *number).map_or(0, |rule| rule.skips);
            // What cannot be written now is made again by what comes late, or after a restart.
            match self.log.push(batch, &Scope::After(*number as u32 + skips)) {
                Ok(()) => stats::MADE.add(batch.len() as u64),
                Err(_) => stats::DISK_FAILURES.add(1),
            }
            batch.clear_rows();
        }
        self.settle();
    }

    /// The oldest place that holds samples of a stretch that is kept.
    fn needed(&self) -> Position {
        let kept = self.made.iter().flat_map(|made| made.buckets.values().map(|bucket| bucket.from));
        kept.min().unwrap_or(self.reader.at()).min(self.reader.at())
    }

    fn settle(&mut self) {
        let now_ms = self.clock.now_ms();
        if now_ms.saturating_sub(self.remembered_ms) < REMEMBER_MS {
            return;
        }
        self.remembered_ms = now_ms;
        stats::AGGREGATES.set(self.made.len() as f64);
        stats::BUFFERED.set(self.made.iter().map(|made| made.buckets.len()).sum::<usize>() as f64);
        let needed = self.needed();
        self.reader.settle(needed);
        if self.reader.remember(needed, self.mark_ms).is_err() {
            stats::DISK_FAILURES.add(1);
        }
    }
}

fn rule(routes: &Routes, number: usize) -> Option<&Aggregation> {
    match &routes.rules.get(number)?.effect {
        crate::route::Effect::Aggregate(aggregation) => Some(aggregation),
        _ => None,
    }
}
