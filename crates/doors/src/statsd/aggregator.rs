//! Many lines in, one batch a flush out.
//!
//! Counters are told as sums that grow from 0, so that a flush that is lost loses nothing. The sum is also told as it was
//! before the first news, at the time of the flush before: otherwise nobody could see what a new counter began with.

use super::naming::{self, NameError};
use super::options::Options;
use super::series::{Class, Series, State};
use super::table::{REFUSED, Spelling, Table};
use super::tally::Tally;
use crate::service::Peer;
use model::{Batch, LabelsBuilder, NAME, Sink, Slot};
use std::sync::Arc;
use wire::protocols::statsd::{self, Check, Event, Item, Metric};

/// Name of the series of service checks.
const CHECK_STATE: &str = "check_state";
/// A series that was not told for so many times the idle time is forgotten.
const FORGET_FACTOR: u32 = 12;
/// Most samples with times of their own that wait for a flush.
const PENDING_MAX: usize = 16_384;
/// Most events that are told between two flushes; more are only counted.
const EVENTS_TOLD_MAX: u64 = 20;

/// A sample with a time of its own.
#[derive(Debug, Clone, Copy)]
struct Pending {
    time_ms: i64,
    slot: Slot,
    value: f64,
    /// Whether it adds to what came for the same time.
    adds: bool,
}

/// Tells somebody of an event.
pub type Tell = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// See the module's text.
pub struct Aggregator {
    options: Options,
    table: Table,
    series: Vec<Series>,
    batch: Batch,
    pending: Vec<Pending>,
    labels: LabelsBuilder,
    tell: Tell,
    /// When the last flush was, or the start.
    flushed_ms: i64,
    /// Memory of the series' states as of the last flush.
    states_bytes: usize,
    tally: Tally,
}

impl Aggregator {
    /// An aggregator that begins now; events go to `tell`.
    pub fn new(options: Options, now_ms: i64, tell: Tell) -> Self {
        Self {
            options,
            table: Table::default(),
            series: Vec::new(),
            batch: Batch::new(),
            pending: Vec::new(),
            labels: LabelsBuilder::default(),
            tell,
            flushed_ms: now_ms,
            states_bytes: 0,
            tally: Tally::default(),
        }
    }

    /// Takes a datagram, or any run of whole lines.
    #[inline]
    pub fn take(&mut self, packet: &[u8], peer: Peer) {
        self.tally.packets += 1;
        self.tally.bytes += packet.len() as u64;
        let mut items = statsd::items(packet);
        while let Some(item) = items.next() {
            match item {
                Ok(Item::Metric(metric)) => self.metric(&metric, items.line(), peer),
                Ok(Item::Check(check)) => self.check(&check, items.line(), peer),
                Ok(Item::Event(event)) => self.event(&event),
                Err(refusal) => self.tally.refuse(refusal.line, peer, &refusal),
            }
        }
    }

    #[inline]
    fn metric(&mut self, metric: &Metric<'_>, line: usize, peer: Peer) {
        let class = Class::of(metric.kind, metric.time_s.is_some());
        let spelling = self.table.spelling(class, metric.name, metric.tags);
        let found = match self.table.find(spelling) {
            Some(REFUSED) => return self.tally.refuse_again(),
            Some(found) => found,
            None => match self.introduce(spelling, line, peer) {
                Some(found) => found,
                None => return,
            },
        };
        if class == Class::Counter && metric.numbers().any(|number| number.value < 0.0) {
            let name = metric.name.escape_ascii();
            return self.tally.refuse(
                line,
                peer,
                &format_args!("the counter `{name}` cannot shrink; make it a gauge"),
            );
        }
        self.wake(found);
        self.tally.samples += 1;
        match metric.time_s {
            Some(time_s) if matches!(class, Class::Gauge | Class::TimedCount) => {
                self.add_timed(found, metric, time_s * 1000);
            }
            _ => self.add(found, metric),
        }
    }

    /// Marks the series as one with news.
    #[inline]
    fn wake(&mut self, found: u32) {
        let series = &mut self.series[found as usize];
        series.has_news = true;
        if !series.is_awake {
            series.is_awake = true;
            let time_ms = self.flushed_ms;
            let pending = &mut self.pending;
            series.sums(&self.options, |slot, value| {
                pending.push(Pending { time_ms, slot, value, adds: false })
            });
        }
    }

    #[inline]
    fn add(&mut self, found: u32, metric: &Metric<'_>) {
        let weight = 1.0 / metric.rate;
        match &mut self.series[found as usize].state {
            State::Counter(total) => metric.numbers().for_each(|number| *total += number.value * weight),
            State::Times(times) => {
                metric.numbers().for_each(|number| times.add(number.value, weight, &self.options.bounds));
            }
            State::Gauge(value) => metric.numbers().for_each(|number| {
                let base = if number.is_signed && !value.is_nan() { *value } else { 0.0 };
                *value = base + number.value;
            }),
            State::Set(members) => members.add(self.table.hash_member(metric.member())),
            State::TimedCount => {}
        }
    }

    fn add_timed(&mut self, found: u32, metric: &Metric<'_>, time_ms: i64) {
        let series = &self.series[found as usize];
        let adds = series.class() == Class::TimedCount;
        for number in metric.numbers() {
            if self.pending.len() >= PENDING_MAX {
                self.tally.lost += 1;
                continue;
            }
            let value = if adds { number.value / metric.rate } else { number.value };
            self.pending.push(Pending { time_ms, slot: series.first, value, adds });
        }
    }

    /// Finds or makes the series of a spelling that is not in the cache.
    #[cold]
    fn introduce(&mut self, spelling: Spelling<'_>, line: usize, peer: Peer) -> Option<u32> {
        let Spelling { class, name, tags, .. } = spelling;
        let mut labels = std::mem::take(&mut self.labels);
        let named = naming::labels(name, tags, &self.options.host, class.reserved(), &mut labels);
        let settled = named.map_err(Refused::Name).and_then(|bare| self.settle(class, bare, &mut labels));
        self.labels = labels;
        match settled {
            Ok(found) => {
                self.table.remember(spelling, found);
                Some(found)
            }
            Err(refused) => {
                let name = name.escape_ascii();
                self.tally.refuse(line, peer, &format_args!("`{name}`: {refused}"));
                match refused {
                    Refused::Full => self.tally.overflow(),
                    Refused::Taken(_) => self.table.remember(spelling, REFUSED),
                    Refused::Name(_) => {}
                }
                None
            }
        }
    }

    /// The series with these labels; a new one when there is none.
    fn settle(&mut self, class: Class, name: &str, labels: &mut LabelsBuilder) -> Result<u32, Refused> {
        let rows = class.rows(&self.options);
        for row in 0..rows {
            self.label_row(class, row, name, labels);
            let key = labels.key().map_err(|e| Refused::Name(NameError::Labels(e)))?;
            let Some((_, found)) = self.table.row(&self.batch.dictionary, key) else { continue };
            return match self.series[found as usize].class() {
                // All its rows are there when the first is.
                other if other == class && row == 0 => Ok(found),
                other => Err(Refused::Taken(other)),
            };
        }
        if self.batch.dictionary.len() + rows as usize > self.options.series_max
            || self.memory_bytes() >= self.options.memory_bytes_max
        {
            return Err(Refused::Full);
        }
        let (found, first) = (self.series.len() as u32, Slot(self.batch.dictionary.len() as u32));
        for row in 0..rows {
            let kind = self.label_row(class, row, name, labels);
            let slot = self.batch.dictionary.add_built(labels, kind);
            let slot = slot.map_err(|e| Refused::Name(NameError::Labels(e)))?;
            self.table.add_row(&self.batch.dictionary, slot, found);
        }
        self.series.push(Series::new(class, first, &self.options));
        Ok(found)
    }

    fn label_row(&self, class: Class, row: u32, name: &str, labels: &mut LabelsBuilder) -> model::Kind {
        for label in class.reserved() {
            labels.remove(label);
        }
        let (name, extra, kind) = class.row(row, name, &self.options);
        labels.set(NAME, &name);
        if let Some((label, value)) = extra {
            labels.set(label, &value);
        }
        kind
    }

    /// Takes a service check as the gauge `check_state{check="…"}`.
    fn check(&mut self, check: &Check<'_>, line: usize, peer: Peer) {
        let mut labels = std::mem::take(&mut self.labels);
        let settled = self.settle_check(check, &mut labels);
        self.labels = labels;
        match settled {
            Ok(found) => {
                self.tally.samples += 1;
                self.wake(found);
                let value = f64::from(check.state);
                let series = &mut self.series[found as usize];
                match (check.time_s, &mut series.state) {
                    (Some(time_s), _) if self.pending.len() < PENDING_MAX => {
                        let slot = series.first;
                        self.pending.push(Pending { time_ms: time_s * 1000, slot, value, adds: false });
                    }
                    (None, State::Gauge(state)) => *state = value,
                    _ => self.tally.lost += 1,
                }
            }
            Err(refused) => {
                if matches!(refused, Refused::Full) {
                    self.tally.overflow();
                }
                let name = check.name.escape_ascii();
                self.tally.refuse(line, peer, &format_args!("check `{name}`: {refused}"));
            }
        }
    }

    fn settle_check(&mut self, check: &Check<'_>, labels: &mut LabelsBuilder) -> Result<u32, Refused> {
        naming::labels(CHECK_STATE.as_bytes(), check.tags, &self.options.host, &["check"], labels)
            .map_err(Refused::Name)?;
        labels.set("check", naming::text(check.name).map_err(Refused::Name)?);
        let host = naming::text(check.host).map_err(Refused::Name)?;
        if !host.is_empty() {
            labels.set(model::HOST, host);
        }
        self.settle(Class::Gauge, CHECK_STATE, labels)
    }

    fn event(&mut self, event: &Event<'_>) {
        self.tally.events += 1;
        self.tally.events_now += 1;
        if self.tally.events_now <= EVENTS_TOLD_MAX {
            (self.tell)(event);
        }
    }

    /// Hands everything since the last flush to the sink, as of `now_ms`.
    pub fn flush(&mut self, now_ms: i64, sink: &dyn Sink) {
        self.batch.clear_rows();
        self.add_pending();
        self.batch.begin(now_ms);
        for series in &mut self.series {
            series.flush(&self.options, &mut self.batch);
        }
        self.flushed_ms = now_ms;
        self.tally.rows = self.batch.len() as u64;
        self.tally.failed.clear();
        if !self.batch.is_empty() {
            match sink.push(&self.batch) {
                // Sums go on and are told with the next flush; what has a time of its own waits for it.
                Err(error) => {
                    self.tally.lost += self.tally.rows;
                    self.tally.failed = error.to_string();
                }
                Ok(receipt) => {
                    self.pending.clear();
                    self.tally.lost += receipt.report.rejected;
                    if let Some(first) = receipt.report.reasons.first() {
                        self.tally.failed.clone_from(&first.reason);
                    }
                }
            }
        }
        self.forget();
        self.states_bytes = self.series.iter().map(Series::memory_bytes).sum();
    }

    /// Rows with times of their own, oldest first; counts of the same time in one.
    fn add_pending(&mut self) {
        self.pending.sort_by_key(|row| (row.time_ms, row.slot));
        let mut rows = self.pending.iter().peekable();
        while let Some(row) = rows.next() {
            let mut value = row.value;
            while let Some(next) = rows.next_if(|next| (next.time_ms, next.slot) == (row.time_ms, row.slot)) {
                value = if next.adds { value + next.value } else { next.value };
            }
            self.batch.sample(row.slot, row.time_ms, value);
        }
    }

    /// Forgets series that were silent for long; all silent ones when there is no room.
    fn forget(&mut self) {
        let is_full = self.tally.overflown_now > 0;
        let idle_max = self.options.idle_flushes.saturating_mul(FORGET_FACTOR);
        let is_gone = |series: &Series| !series.is_awake && (is_full || series.idle > idle_max);
        if !self.pending.is_empty() || !self.series.iter().any(is_gone) {
            return;
        }
        let mut batch = Batch::new();
        let mut kept = Vec::new();
        self.table.clear();
        for mut series in std::mem::take(&mut self.series).into_iter().filter(|series| !is_gone(series)) {
            let (found, first) = (kept.len() as u32, Slot(batch.dictionary.len() as u32));
            for row in 0..series.class().rows(&self.options) {
                let old = Slot(series.first.0 + row);
                let (key, kind) = (self.batch.dictionary.key(old), self.batch.dictionary.kind(old));
                let slot = batch.dictionary.add_key(key, kind).expect("a key of the old dictionary is a key");
                self.table.add_row(&batch.dictionary, slot, found);
            }
            series.first = first;
            kept.push(series);
        }
        (self.batch, self.series) = (batch, kept);
    }

    /// What was counted since the last look; the counts begin anew.
    pub(crate) fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Series that come out.
    pub fn len(&self) -> usize {
        self.batch.dictionary.len()
    }

    /// Whether there is no series.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About how much memory is held, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.table.memory_bytes()
            + self.batch.memory_bytes()
            + self.series.capacity() * size_of::<Series>()
            + self.pending.capacity() * size_of::<Pending>()
            + self.states_bytes
    }
}

/// Why there is no series for a line.
enum Refused {
    Name(NameError),
    Taken(Class),
    Full,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(error) => error.fmt(f),
            Self::Taken(class) => write!(f, "the name is {} already", class.as_str()),
            Self::Full => f.write_str("no room for more series (statsd.series_max, statsd.memory_bytes_max)"),
        }
    }
}

#[cfg(test)]
mod tests;
