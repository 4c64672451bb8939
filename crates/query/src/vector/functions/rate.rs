//! Growth over a window: between the first and the last sample, brought to the whole window.

use super::over_time::anchor;
use crate::vector::histogram;
use crate::vector::note::{Notes, of_metric};
use crate::vector::value::{Samples, Value};
use crate::vector::window::Window;
use lang::Span;
use lang::plan::vector::Edge;
use model::Labels;

/// How a growth is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vector) struct Growth {
    /// Less than before is a reset to 0.
    pub is_counter: bool,
    /// By the second.
    pub is_rate: bool,
}

/// Counters are named as such, which is said where one is not.
pub(super) fn check_counter(samples: &Samples, span: Span, notes: &mut Notes) {
    if !samples.values.is_empty() {
        check_name(&samples.labels, span, notes);
    }
}

/// The same for a series that has numbers.
pub(in crate::vector) fn check_name(labels: &Labels, span: Span, notes: &mut Notes) {
    let name = labels.name();
    let is_named = ["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix));
    let told = labels.get("__type__");
    let is_counter = told.map_or(is_named, |told| matches!(told, "counter" | "histogram" | "gaugehistogram"));
    if !name.is_empty() && !is_counter {
        let what = match told {
            Some(told) => format!(
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got {told:?}: {name:?}"
            ),
            None => format!(
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {name:?}"
            ),
        };
        notes.inform(span, what);
    }
}

pub(super) const RATE: Growth = Growth { is_counter: true, is_rate: true };
pub(super) const INCREASE: Growth = Growth { is_counter: true, is_rate: false };
pub(super) const DELTA: Growth = Growth { is_counter: false, is_rate: false };

pub(super) fn rate(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    grown(window, RATE, notes)
}

pub(super) fn increase(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    grown(window, INCREASE, notes)
}

pub(super) fn delta(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    grown(window, DELTA, notes)
}

fn grown(window: &Window<'_>, growth: Growth, notes: &mut Notes) -> Option<Value> {
    if !window.histograms.is_empty() {
        if !window.values.is_empty() {
            let name = of_metric(window.name);
            notes.warn(window.span, format!("encountered a mix of histograms and floats{name}"));
            return None;
        }
        return histogram::grown(window, growth, notes);
    }
    let increase = match window.edge {
        Edge::Open => extrapolated(window, growth, notes),
        Edge::Anchored | Edge::Smoothed => between_edges(window, growth),
    }?;
    Some(Value::Float(if growth.is_rate { increase / window.range_s() } else { increase }))
}

// From the first to the last sample, then outwards as far as samples may be expected (Prometheus' rule).
fn extrapolated(window: &Window<'_>, growth: Growth, notes: &mut Notes) -> Option<f64> {
    let (times, values) = (window.times_ms, window.values);
    let (first, last) = (*values.first()?, *values.last()?);
    let began_ms = if growth.is_counter { began(window) } else { None };
    if values.len() < 2 && began_ms.is_none() {
        return None;
    }
    let mut increase = last - first;
    if growth.is_counter {
        increase += lost_by_resets(window, notes);
        // What counts from a known time on counted from 0.
        increase += began_ms.map_or(0.0, |_| first);
    }
    let extent = Extent {
        start_ms: window.start_ms,
        end_ms: window.end_ms,
        first_ms: times[0],
        last_ms: times[times.len() - 1],
        count: values.len(),
        began_ms,
    };
    let counted_from = (growth.is_counter && first >= 0.0 && increase > 0.0).then_some(first);
    Some(increase * extent.factor(counted_from.map(|first| first / increase)))
}

/// Where samples lie within a window.
pub(in crate::vector) struct Extent {
    pub start_ms: i64,
    pub end_ms: i64,
    /// The first sample.
    pub first_ms: i64,
    /// The last sample.
    pub last_ms: i64,
    /// How many there are.
    pub count: usize,
    /// When the first began to count from 0, if that is within the window.
    pub began_ms: Option<i64>,
}

impl Extent {
    /// By how much growth between samples becomes growth over the window. `zero`: how large the first value is against the
    /// growth, for what cannot have been below 0.
    pub(in crate::vector) fn factor(&self, zero: Option<f64>) -> f64 {
        let seconds = |from_ms: i64, to_ms: i64| (to_ms - from_ms) as f64 / 1000.0;
        let sampled = seconds(self.began_ms.unwrap_or(self.first_ms), self.last_ms);
        let gap = match self.count {
            0 | 1 => 0.0,
            count => seconds(self.first_ms, self.last_ms) / (count - 1) as f64,
        };
        // A bit more than one gap is still taken for one.
        let reach = |distance: f64| if distance >= gap * 1.1 { gap / 2.0 } else { distance };
        let mut left = 0.0;
        if self.began_ms.is_none() {
            left = reach(seconds(self.start_ms, self.first_ms));
            if let Some(zero) = zero {
                left = left.min(sampled * zero);
            }
        }
        let right = reach(seconds(self.last_ms, self.end_ms));
        (sampled + left + right) / sampled
    }
}

// When the first sample began to count, if that is known and within the window.
fn began(window: &Window<'_>) -> Option<i64> {
    let (start_ms, first_ms) = (*window.starts_ms.first()?, *window.times_ms.first()?);
    (start_ms != 0 && start_ms > window.start_ms && start_ms < first_ms).then_some(start_ms)
}

// What was there before each reset. A start time after the sample before is a reset, too.
fn lost_by_resets(window: &Window<'_>, notes: &mut Notes) -> f64 {
    let values = window.values;
    let mut lost = 0.0;
    if window.starts_ms.is_empty() {
        return window.resets.iter().map(|at| values[at - window.first - 1]).sum();
    }
    for at in 1..values.len() {
        if values[at] < values[at - 1] || begins_anew(window.times_ms, window.starts_ms, at) {
            lost += values[at - 1];
        }
        if overlaps(window.times_ms, window.starts_ms, at) {
            let name = window.name;
            notes.warn(
                window.span,
                format!(
                    "sample has start time that overlaps with previous sample timestamp for metric {name:?}"
                ),
            );
        }
    }
    lost
}

/// Whether a sample counts from a time between the one before and itself.
pub(in crate::vector) fn begins_anew(times_ms: &[i64], starts_ms: &[i64], at: usize) -> bool {
    let (start_ms, before_ms) = (starts_ms[at], times_ms[at - 1]);
    // One that is the same as before began at that sample, not after it.
    let is_later = start_ms > before_ms || (start_ms == before_ms && start_ms != starts_ms[at - 1]);
    start_ms != 0 && is_later && start_ms < times_ms[at]
}

/// Whether a sample counts from another time than the one before, which is yet before that.
pub(in crate::vector) fn overlaps(times_ms: &[i64], starts_ms: &[i64], at: usize) -> bool {
    let start_ms = starts_ms[at];
    start_ms != 0 && start_ms != starts_ms[at - 1] && start_ms < times_ms[at - 1]
}

// From edge to edge: what lies there is taken from the samples around it, and nothing is extrapolated.
fn between_edges(window: &Window<'_>, growth: Growth) -> Option<f64> {
    let (times, values) = (window.times_ms, window.values);
    let first = anchor(window)?;
    let is_smooth = window.edge == Edge::Smoothed;
    if times[first] > window.end_ms {
        return None;
    }
    let after_end = times.partition_point(|time| *time < window.end_ms);
    let last = if is_smooth { after_end.min(times.len() - 1) } else { times.len() - 1 };
    let line = |at: usize, time_ms: i64| {
        let (before, after) = (values[at], values[at + 1]);
        let before = if growth.is_counter && after < before { 0.0 } else { before };
        before + (after - before) * (time_ms - times[at]) as f64 / (times[at + 1] - times[at]) as f64
    };
    let left = if is_smooth && times[first] < window.start_ms && first + 1 < times.len() {
        line(first, window.start_ms)
    } else {
        values[first]
    };
    let right = if is_smooth && last > 0 && times[last] > window.end_ms {
        line(last - 1, window.end_ms)
    } else {
        values[last]
    };
    let mut increase = right - left;
    if growth.is_counter {
        let mut before = left;
        let inside = (first..=last).filter(|at| times[*at] > window.start_ms && times[*at] < window.end_ms);
        for value in inside.map(|at| values[at]).chain([right]) {
            increase += if value < before { before } else { 0.0 };
            before = value;
        }
    }
    Some(increase)
}

pub(super) fn irate(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    latest(window, Growth { is_counter: true, is_rate: true }, notes)
}

pub(super) fn idelta(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    latest(window, Growth { is_counter: false, is_rate: false }, notes)
}

// Between the last two samples.
fn latest(window: &Window<'_>, growth: Growth, notes: &mut Notes) -> Option<Value> {
    if !window.histograms.is_empty() {
        return histogram::latest(window, growth, notes);
    }
    latest_number(window, growth)
}

/// Between the last two numbers.
pub(in crate::vector) fn latest_number(window: &Window<'_>, growth: Growth) -> Option<Value> {
    let last = window.values.len().checked_sub(1)?;
    if last == 0 {
        return None;
    }
    let (before, now) = (window.values[last - 1], window.values[last]);
    let is_new = growth.is_counter
        && (now < before
            || (!window.starts_ms.is_empty() && begins_anew(window.times_ms, window.starts_ms, last)));
    let change = if is_new { now } else { now - before };
    if !growth.is_rate {
        return Some(Value::Float(change));
    }
    let apart_ms = window.times_ms[last] - window.times_ms[last - 1];
    (apart_ms > 0).then(|| Value::Float(change / (apart_ms as f64 / 1000.0)))
}
