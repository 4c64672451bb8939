//! Many lines in, one batch a flush out.
//!
//! Counters are told as sums that grow from 0, so that a flush that is lost loses nothing. The sum is also told as it was
//! before the first news, at the time of the flush before: otherwise nobody could see what a new counter began with.

mod flush;
mod introduce;

use super::options::Options;
use super::series::{Class, Series, State};
use super::table::{REFUSED, Table};
use super::tally::Tally;
use crate::service::Peer;
use model::{Batch, LabelsBuilder, Slot};
use std::sync::Arc;
use wire::protocols::statsd::{self, Event, Item, Metric};

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

    fn event(&mut self, event: &Event<'_>) {
        self.tally.events += 1;
        self.tally.events_now += 1;
        if self.tally.events_now <= EVENTS_TOLD_MAX {
            (self.tell)(event);
        }
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

#[cfg(test)]
mod tests;
