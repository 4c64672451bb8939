//! What is known of one name with its tags between two flushes, and which rows it becomes.

use super::options::Options;
use super::unique::Unique;
use model::{Batch, Kind, STALE, Slot};
use std::borrow::Cow;
use stdx::sketch::Sketch;
use wire::protocols::statsd;

/// How a series is aggregated. A name has one class: what a gauge says means nothing to a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// A sum that grows.
    Counter,
    /// The last value.
    Gauge,
    /// How many different members.
    Set,
    /// Timers, histograms and distributions: how values are spread.
    Times,
    /// Counts that bring their own time.
    TimedCount,
}

impl Class {
    pub(crate) fn of(kind: statsd::Kind, is_timed: bool) -> Self {
        match kind {
            statsd::Kind::Counter if is_timed => Self::TimedCount,
            statsd::Kind::Counter => Self::Counter,
            statsd::Kind::Gauge => Self::Gauge,
            statsd::Kind::Set => Self::Set,
            statsd::Kind::Timer | statsd::Kind::Histogram | statsd::Kind::Distribution => Self::Times,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        ["a counter", "a gauge", "a set", "a time or histogram", "a counter with times"][self as usize]
    }

    /// Names of labels that its rows need for themselves.
    pub(crate) fn reserved(self) -> &'static [&'static str] {
        if self == Self::Times { &["quantile", "le"] } else { &[] }
    }

    /// How many rows a series of this class becomes.
    pub(crate) fn rows(self, options: &Options) -> u32 {
        match self {
            Self::Times => 4 + options.quantiles.len() as u32 + options.buckets() as u32,
            _ => 1,
        }
    }

    /// What the row at a place is: metric name, the label it has beside the tags, kind.
    pub(crate) fn row<'n>(
        self,
        row: u32,
        name: &'n str,
        options: &Options,
    ) -> (Cow<'n, str>, Option<Extra>, Kind) {
        let suffixed = |suffix: &str| Cow::Owned(format!("{name}{suffix}"));
        let quantiles = options.quantiles.len() as u32;
        match (self, row) {
            (Self::Counter, _) => (name.into(), None, Kind::Counter),
            (Self::Gauge | Self::Set, _) => (name.into(), None, Kind::Gauge),
            (Self::TimedCount, _) => (name.into(), None, Kind::Absolute),
            (Self::Times, 0) => (suffixed("_count"), None, Kind::Counter),
            (Self::Times, 1) => (suffixed("_sum"), None, Kind::Counter),
            (Self::Times, 2) => (suffixed("_min"), None, Kind::Gauge),
            (Self::Times, 3) => (suffixed("_max"), None, Kind::Gauge),
            (Self::Times, row) if row < 4 + quantiles => {
                let quantile = options.quantiles[row as usize - 4];
                (name.into(), Some(("quantile", quantile.to_string())), Kind::Gauge)
            }
            (Self::Times, row) => {
                let bound = options.bounds.get((row - 4 - quantiles) as usize);
                let bound = bound.map_or("+Inf".to_owned(), f64::to_string);
                (suffixed("_bucket"), Some(("le", bound)), Kind::Counter)
            }
        }
    }
}

/// A label that a row has beside the tags.
pub(crate) type Extra = (&'static str, String);

/// How values were spread.
#[derive(Debug)]
pub(crate) struct Times {
    sketch: Sketch,
    /// How many values and what they sum to since the start; sampled ones count as often as they stand for.
    count: f64,
    sum: f64,
    /// Of the values since the last flush.
    min: f64,
    max: f64,
    /// Values up to each bound since the start.
    buckets: Box<[f64]>,
    /// Whether the last flush had values, which end when the next has none.
    had_values: bool,
}

impl Times {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            sketch: Sketch::default(),
            count: 0.0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            buckets: vec![0.0; options.bounds.len()].into(),
            had_values: false,
        }
    }

    /// Adds a value that stands for `weight` values.
    #[inline]
    pub(crate) fn add(&mut self, value: f64, weight: f64, bounds: &[f64]) {
        // Whole weights are enough for ranks; count and sum have the exact one.
        self.sketch.add(value, weight.round() as u32);
        self.count += weight;
        self.sum += value * weight;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if !bounds.is_empty() {
            let first = bounds.partition_point(|bound| *bound < value);
            self.buckets[first..].iter_mut().for_each(|count| *count += weight);
        }
    }

    fn has_values(&self) -> bool {
        self.min <= self.max
    }

    /// The rows that grow, as place and value.
    fn growing(&self, options: &Options) -> impl Iterator<Item = (u32, f64)> {
        let first = 4 + options.quantiles.len() as u32;
        let infinity = (options.buckets() > 0).then_some(self.count);
        let buckets = self.buckets.iter().copied().chain(infinity);
        [(0, self.count), (1, self.sum)].into_iter().chain((first..).zip(buckets))
    }

    fn flush(&mut self, first: Slot, options: &Options, out: &mut Batch) {
        let slot = |row: u32| Slot(first.0 + row);
        self.growing(options).for_each(|(row, value)| out.push(slot(row), value));
        if self.has_values() {
            out.push(slot(2), self.min);
            out.push(slot(3), self.max);
            let (min, max) = (self.min, self.max);
            self.sketch.quantiles(&options.quantiles, |i, value| {
                out.push(slot(4 + i as u32), value.clamp(min, max))
            });
        } else if self.had_values {
            (2..4 + options.quantiles.len() as u32).for_each(|row| out.push(slot(row), STALE));
        }
        self.had_values = self.has_values();
        self.sketch.clear();
        (self.min, self.max) = (f64::INFINITY, f64::NEG_INFINITY);
    }
}

/// What is known so far.
#[derive(Debug)]
pub(crate) enum State {
    /// The sum since the start.
    Counter(f64),
    /// The value; NaN while there is none.
    Gauge(f64),
    /// Members since the last flush.
    Set(Box<Unique>),
    /// Values since the last flush.
    Times(Box<Times>),
    /// Nothing: every count goes out with its own time.
    TimedCount,
}

/// One name with its tags.
#[derive(Debug)]
pub(crate) struct Series {
    /// Its first row in the dictionary; the others follow.
    pub(crate) first: Slot,
    pub(crate) state: State,
    /// Flushes in a row without news.
    pub(crate) idle: u32,
    /// Whether something came since the last flush.
    pub(crate) has_news: bool,
    /// Whether it is told with every flush: from its first news until it was idle for long.
    pub(crate) is_awake: bool,
}

impl Series {
    pub(crate) fn new(class: Class, first: Slot, options: &Options) -> Self {
        let state = match class {
            Class::Counter => State::Counter(0.0),
            Class::Gauge => State::Gauge(f64::NAN),
            Class::Set => State::Set(Box::default()),
            Class::Times => State::Times(Box::new(Times::new(options))),
            Class::TimedCount => State::TimedCount,
        };
        Self { first, state, idle: 0, has_news: false, is_awake: false }
    }

    pub(crate) fn class(&self) -> Class {
        match self.state {
            State::Counter(_) => Class::Counter,
            State::Gauge(_) => Class::Gauge,
            State::Set(_) => Class::Set,
            State::Times(_) => Class::Times,
            State::TimedCount => Class::TimedCount,
        }
    }

    /// The sums as they are before the news that wakes the series.
    pub(crate) fn sums(&self, options: &Options, mut tell: impl FnMut(Slot, f64)) {
        match &self.state {
            State::Counter(total) => tell(self.first, *total),
            State::Times(times) => {
                times.growing(options).for_each(|(row, value)| tell(Slot(self.first.0 + row), value));
            }
            _ => {}
        }
    }

    /// Adds the rows of a flush, and counts how long there was no news.
    pub(crate) fn flush(&mut self, options: &Options, out: &mut Batch) {
        self.idle = if std::mem::take(&mut self.has_news) { 0 } else { self.idle.saturating_add(1) };
        if !self.is_awake {
            return;
        }
        if self.idle > options.idle_flushes {
            self.is_awake = false;
            return self.fall_silent(options, out);
        }
        match &mut self.state {
            State::Counter(total) => out.push(self.first, *total),
            State::Gauge(value) if value.is_nan() => {}
            State::Gauge(value) => out.push(self.first, *value),
            State::Set(members) => {
                out.push(self.first, members.count());
                members.clear();
            }
            State::Times(times) => times.flush(self.first, options, out),
            State::TimedCount => {}
        }
    }

    /// Says that the series ends here, for now.
    fn fall_silent(&mut self, options: &Options, out: &mut Batch) {
        match &mut self.state {
            State::Counter(_) | State::Set(_) => out.push(self.first, STALE),
            State::Gauge(value) if value.is_nan() => {}
            State::Gauge(_) => out.push(self.first, STALE),
            State::Times(times) => {
                times.growing(options).for_each(|(row, _)| out.push(Slot(self.first.0 + row), STALE));
                if times.had_values {
                    let rows = 2..4 + options.quantiles.len() as u32;
                    rows.for_each(|row| out.push(Slot(self.first.0 + row), STALE));
                }
                times.had_values = false;
                times.sketch = Sketch::default();
            }
            State::TimedCount => {}
        }
    }

    /// Memory held beside the series itself, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        match &self.state {
            State::Set(members) => size_of::<Unique>() + members.memory_bytes(),
            State::Times(times) => size_of::<Times>() + times.buckets.len() * 8 + times.sketch.memory_bytes(),
            _ => 0,
        }
    }
}
