//! What the samples of a window come to.

use crate::vector::histogram;
use crate::vector::note::{Notes, of_metric};
use crate::vector::value::{Samples, Value};
use crate::vector::window::Window;
use lang::Span;
use lang::plan::vector::Edge;
use model::Sum;

/// Histograms are ignored by functions of numbers, which is said where there are both.
pub(super) fn check_mixed(samples: &Samples, span: Span, notes: &mut Notes) {
    if !samples.histograms.is_empty() && !samples.values.is_empty() {
        let name = samples.labels.name();
        notes.inform(
            span,
            format!("ignored histograms in a range containing both floats and histograms{}", of_metric(name)),
        );
    }
}

fn number(value: f64) -> Option<Value> {
    Some(Value::Float(value))
}

/// Whether there are numbers and histograms, of which no common value can be made; this is said.
fn is_mixed(window: &Window<'_>, notes: &mut Notes) -> bool {
    let is_mixed = !window.values.is_empty() && !window.histograms.is_empty();
    if is_mixed {
        let name = of_metric(window.name);
        notes.warn(window.span, format!("encountered a mix of histograms and floats{name}"));
    }
    is_mixed
}

pub(super) fn sum(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    if is_mixed(window, notes) {
        return None;
    }
    if window.values.is_empty() {
        return histogram::sum_over_time(window, notes);
    }
    let mut sum = Sum::default();
    window.values.iter().for_each(|value| sum.add(*value));
    number(sum.value())
}

pub(super) fn avg(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    if is_mixed(window, notes) {
        return None;
    }
    if window.values.is_empty() {
        return histogram::avg_over_time(window, notes);
    }
    number(mean(window.values.iter().copied()))
}

/// The mean: by the sum where that is finite, else by steps from mean to mean.
pub(in crate::vector) fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let (mut sum, mut count) = (Sum::default(), 0.0);
    for value in values.clone() {
        sum.add(value);
        count += 1.0;
    }
    let total = sum.value();
    if total.is_infinite() { Mean::of(values) } else { total / count }
}

/// A mean in the making that does not overflow.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::vector) struct Mean {
    value: f64,
    lost: f64,
    count: f64,
}

impl Mean {
    fn of(values: impl Iterator<Item = f64>) -> f64 {
        let mut mean = Self::default();
        values.for_each(|value| mean.add(value));
        mean.value()
    }

    pub(in crate::vector) fn add(&mut self, value: f64) {
        self.count += 1.0;
        if self.value.is_infinite() && (!value.is_finite()) {
            // The same infinity stays; another, or NaN, makes it NaN.
            if self.value != value {
                self.value = f64::NAN;
            }
            return;
        }
        if self.value.is_infinite() {
            return;
        }
        let share = value / self.count - (self.value + self.lost) / self.count;
        let next = self.value + share;
        if next.is_finite() {
            let (large, small) =
                if self.value.abs() >= share.abs() { (self.value, share) } else { (share, self.value) };
            self.lost += (large - next) + small;
        }
        self.value = next;
    }

    pub(in crate::vector) fn value(self) -> f64 {
        if self.value.is_finite() { self.value + self.lost } else { self.value }
    }
}

pub(super) fn count(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    number((window.values.len() + window.histograms.len()) as f64)
}

pub(super) fn present(_: &Window<'_>, _: &mut Notes) -> Option<Value> {
    number(1.0)
}

pub(super) fn max(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    extreme(window.values, |value, best| value > best).map(|at| Value::Float(window.values[at]))
}

pub(super) fn min(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    extreme(window.values, |value, best| value < best).map(|at| Value::Float(window.values[at]))
}

pub(super) fn time_of_max(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    extreme(window.values, |value, best| value >= best).map(|at| seconds(window.times_ms[at]))
}

pub(super) fn time_of_min(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    extreme(window.values, |value, best| value <= best).map(|at| seconds(window.times_ms[at]))
}

fn seconds(time_ms: i64) -> Value {
    Value::Float(time_ms as f64 / 1000.0)
}

// Where the best value is; NaN only where there is nothing else.
fn extreme(values: &[f64], is_better: impl Fn(f64, f64) -> bool) -> Option<usize> {
    let mut best = 0;
    for (at, value) in values.iter().enumerate().skip(1) {
        if is_better(*value, values[best]) || values[best].is_nan() {
            best = at;
        }
    }
    (!values.is_empty()).then_some(best)
}

pub(super) fn last(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    let (number, histogram) = (window.times_ms.last(), window.histogram_times_ms.last());
    if number > histogram {
        return window.values.last().map(|value| Value::Float(*value));
    }
    window.histograms.last().map(|histogram| Value::Histogram(histogram.clone()))
}

pub(super) fn first(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    match (window.times_ms.first(), window.histogram_times_ms.first()) {
        (Some(number), histogram) if histogram.is_none_or(|histogram| number < histogram) => {
            Some(Value::Float(window.values[0]))
        }
        _ => window.histograms.first().map(|histogram| Value::Histogram(histogram.clone())),
    }
}

pub(super) fn time_of_last(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    window.times_ms.last().max(window.histogram_times_ms.last()).map(|time| seconds(*time))
}

pub(super) fn time_of_first(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    let times = window.times_ms.first().into_iter().chain(window.histogram_times_ms.first());
    times.min().map(|time| seconds(*time))
}

pub(super) fn stddev(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    variance(window.values.iter().copied()).map(|variance| Value::Float(variance.sqrt()))
}

pub(super) fn stdvar(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    variance(window.values.iter().copied()).map(Value::Float)
}

/// A variance in the making (Welford 1962), with what rounding loses put right.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::vector) struct Variance {
    count: f64,
    mean: Sum,
    squares: Sum,
}

impl Variance {
    pub(in crate::vector) fn add(&mut self, value: f64) {
        self.count += 1.0;
        let delta = value - self.mean.value();
        self.mean.add(delta / self.count);
        self.squares.add(delta * (value - self.mean.value()));
    }

    pub(in crate::vector) fn value(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.squares.value() / self.count)
    }
}

fn variance(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut variance = Variance::default();
    values.for_each(|value| variance.add(value));
    variance.value()
}

pub(super) fn quantile(window: &Window<'_>, notes: &mut Notes) -> Option<Value> {
    let rank = window.numbers[0];
    if window.values.is_empty() {
        return None;
    }
    check_quantile(rank, window.span, notes);
    number(quantile_of(rank, &mut window.values.to_vec()))
}

/// Says so when a quantile is none.
pub(in crate::vector) fn check_quantile(rank: f64, span: Span, notes: &mut Notes) {
    if !(0.0..=1.0).contains(&rank) {
        let rank = super::super::key::number(rank);
        notes.warn(span, format!("quantile value should be between 0 and 1, got {rank}"));
    }
}

/// The φ-quantile by linear interpolation between ranks (Hyndman and Fan 1996, type 7). Puts the values into order, NaN
/// first.
pub(in crate::vector) fn quantile_of(rank: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || rank.is_nan() {
        return f64::NAN;
    }
    if !(0.0..=1.0).contains(&rank) {
        return if rank < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    values.sort_unstable_by(|a, b| b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(b)));
    let place = rank * (values.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, (place.floor() as usize + 1).min(values.len() - 1));
    let weight = place - place.floor();
    values[low] * (1.0 - weight) + values[high] * weight
}

pub(super) fn mad(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    if window.values.is_empty() {
        return None;
    }
    let mut values = window.values.to_vec();
    let median = quantile_of(0.5, &mut values);
    values.iter_mut().for_each(|value| *value = (*value - median).abs());
    number(quantile_of(0.5, &mut values))
}

pub(super) fn changes(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    let is_change = |before: f64, now: f64| now != before && !(now.is_nan() && before.is_nan());
    counted(window, is_change, histogram::differ)
}

pub(super) fn resets(window: &Window<'_>, _: &mut Notes) -> Option<Value> {
    counted(window, |before, now| now < before, histogram::is_reset)
}

// How often neighbours are such that something holds. A number beside a histogram always counts.
fn counted(
    window: &Window<'_>,
    of_numbers: impl Fn(f64, f64) -> bool,
    of_histograms: impl Fn(&Window<'_>, usize) -> bool,
) -> Option<Value> {
    if !window.histograms.is_empty() {
        return histogram::counted(window, of_numbers, of_histograms);
    }
    let from = if window.edge == Edge::Anchored { anchor(window)? } else { 0 };
    let values = &window.values[from..];
    number(values.windows(2).filter(|pair| of_numbers(pair[0], pair[1])).count() as f64)
}

/// The last number that is not after the start of the window, or the first of all. Nothing where all are that early.
pub(super) fn anchor(window: &Window<'_>) -> Option<usize> {
    let after = window.times_ms.partition_point(|time| *time <= window.start_ms);
    (after < window.times_ms.len()).then(|| after.saturating_sub(1))
}
