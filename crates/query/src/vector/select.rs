//! Instant selections: at each instant the newest sample that is not too old, or a value between two.

mod stream;

use super::evaluate::Evaluator;
use super::histogram;
use super::load::{self, Last, Markers, looked_at};
use super::note::of_metric;
use super::value::{ABSENT, Column, Matrix, Samples, Series, Steps, Value, is_absent};
use crate::QueryError;
use lang::plan::NodeId;
use lang::plan::vector::Select;
use model::{Labels, Sample};
use std::sync::Arc;

/// The newest sample of every series, unless it is too old or a staleness marker.
pub(super) fn newest(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    let lookback_ms = evaluator.lookback_ms;
    let mut has_histograms = false;
    if steps.count == 1 {
        let range = load::around(select, steps, lookback_ms, 0);
        match load::last(evaluator, node, select, range)? {
            Last::Samples(newest) => return Ok(of_newest(newest)),
            Last::Histograms => has_histograms = true,
            Last::Gone => {}
        }
    }
    if !has_histograms && let Some(matrix) = stream::newest(evaluator, node, select, steps)? {
        return Ok(matrix);
    }
    gathered(evaluator, node, select, steps, (lookback_ms, 0), Markers::Keep, |samples| {
        let mut column = Column::absent(steps.count);
        walk(select, steps, lookback_ms, samples, |step, found| match found {
            Found::Number(at) => column.values[step] = samples.values[at],
            Found::Histogram(at) => column.set_histogram(step, samples.histograms[at].clone()),
        });
        column
    })
}

fn of_newest(newest: Vec<(Labels, Sample)>) -> Matrix {
    let newest = newest.into_iter().filter(|(_, sample)| !is_absent(sample.value));
    let series = |(labels, sample): (Labels, Sample)| Series {
        labels,
        is_nameless: false,
        column: Column::of(vec![sample.value]),
    };
    newest.map(series).collect()
}

/// When the newest sample of every series is, in seconds.
pub(super) fn newest_times(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    newest_seconds(evaluator, node, select, steps, |samples, found| match found {
        Found::Number(at) => Some(samples.times_ms[at]),
        Found::Histogram(at) => Some(samples.histogram_times_ms[at]),
    })
}

/// Since when the newest sample of every series counts, in seconds, where that is known.
pub(super) fn newest_starts(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    newest_seconds(evaluator, node, select, steps, |samples, found| {
        let start_ms = match found {
            Found::Number(at) => samples.starts_ms.get(at),
            Found::Histogram(at) => samples.histogram_starts_ms.get(at),
        };
        start_ms.copied().filter(|start_ms| *start_ms != 0)
    })
}

// A time in milliseconds that belongs to the newest sample, unless that is a staleness marker, in seconds.
fn newest_seconds(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    steps: Steps,
    time_ms: impl Fn(&Samples, Found) -> Option<i64>,
) -> Result<Matrix, QueryError> {
    let lookback_ms = evaluator.lookback_ms;
    gathered(evaluator, node, select, steps, (lookback_ms, 0), Markers::Keep, |samples| {
        let mut column = Column::absent(steps.count);
        walk(select, steps, lookback_ms, samples, |step, found| {
            let is_marker = matches!(found, Found::Number(at) if is_absent(samples.values[at]));
            if let Some(time_ms) = time_ms(samples, found).filter(|_| !is_marker) {
                column.values[step] = time_ms as f64 / 1000.0;
            }
        });
        column
    })
}

fn gathered(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    steps: Steps,
    (back_ms, ahead_ms): (i64, i64),
    markers: Markers,
    mut column: impl FnMut(&Samples) -> Column,
) -> Result<Matrix, QueryError> {
    let range = load::around(select, steps, back_ms, ahead_ms);
    let mut matrix = Matrix::new();
    load::each(evaluator, node, select, range, markers, |evaluator, samples| {
        let column = column(samples);
        if !column.is_blank() {
            matrix.push(Series { labels: samples.labels.clone(), is_nameless: false, column });
            evaluator.check_points(node, matrix.len(), steps)?;
        }
        Ok(())
    })?;
    Ok(matrix)
}

/// Which of a series' samples it is.
enum Found {
    Number(usize),
    Histogram(usize),
}

// Tells for each instant which sample is the newest, where there is one that is not too old.
fn walk(
    select: &Select,
    steps: Steps,
    lookback_ms: i64,
    samples: &Samples,
    mut found: impl FnMut(usize, Found),
) {
    let (times, histogram_times) = (&samples.times_ms[..], &samples.histogram_times_ms[..]);
    let (mut number, mut histogram) = (0, 0);
    for step in 0..steps.count {
        let time_ms = looked_at(select, steps.at(step));
        number = passed(times, number, time_ms);
        histogram = passed(histogram_times, histogram, time_ms);
        let newest = |of: &[i64], next: usize| {
            next.checked_sub(1)
                .map(|at| of[at])
                .filter(|newest| *newest > time_ms.saturating_sub(lookback_ms))
        };
        match (newest(times, number), newest(histogram_times, histogram)) {
            (Some(time), other) if other.is_none_or(|other| time > other) => {
                found(step, Found::Number(number - 1))
            }
            (_, Some(_)) => found(step, Found::Histogram(histogram - 1)),
            _ => {}
        }
    }
}

/// The place after all times that are not after `time_ms`, looked for from `from` on.
#[inline]
pub(super) fn passed(times_ms: &[i64], mut from: usize, time_ms: i64) -> usize {
    // Most instants are a few samples apart; those that are not are found by doubling the reach.
    let mut reach = 8;
    while from < times_ms.len() && times_ms[from] <= time_ms {
        if from + reach < times_ms.len() && times_ms[from + reach] <= time_ms {
            from += reach;
            reach *= 2;
            continue;
        }
        if reach > 8 {
            let end = (from + reach).min(times_ms.len());
            return from + times_ms[from..end].partition_point(|time| *time <= time_ms);
        }
        from += 1;
    }
    from
}

/// At each instant the value between the samples around it.
pub(super) fn smooth(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    steps: Steps,
) -> Result<Matrix, QueryError> {
    let lookback_ms = evaluator.lookback_ms;
    let mut mixed = Vec::new();
    let matrix = gathered(
        evaluator,
        node,
        select,
        steps,
        (lookback_ms, lookback_ms),
        Markers::Leave,
        |samples| match (samples.histograms.is_empty(), samples.values.is_empty()) {
            (true, _) => smoothed(select, steps, lookback_ms, samples),
            (false, true) => smoothed_histograms(select, steps, lookback_ms, samples),
            (false, false) => {
                mixed.push(samples.labels.name().to_owned());
                Column::absent(steps.count)
            }
        },
    )?;
    for name in mixed {
        let what = "encountered a mix of histograms and floats";
        evaluator.notes.warn(evaluator.span(node), format!("{what}{}", of_metric(&name)));
    }
    Ok(matrix)
}

fn smoothed(select: &Select, steps: Steps, lookback_ms: i64, samples: &Samples) -> Column {
    let (times, values) = (&samples.times_ms, &samples.values);
    let mut next = 0;
    let value = |time_ms: i64| match around(times, &mut next, time_ms, lookback_ms) {
        (_, Some(after)) if times[after] == time_ms => values[after],
        (Some(before), Some(after)) => {
            let share = (time_ms - times[before]) as f64 / (times[after] - times[before]) as f64;
            values[before] + (values[after] - values[before]) * share
        }
        (Some(before), None) => values[before],
        _ => ABSENT,
    };
    Column::of(steps.iter().map(|instant| looked_at(select, instant)).map(value).collect())
}

fn smoothed_histograms(select: &Select, steps: Steps, lookback_ms: i64, samples: &Samples) -> Column {
    let (times, values) = (&samples.histogram_times_ms, &samples.histograms);
    let mut next = 0;
    let mut column = Column::absent(steps.count);
    for (step, instant) in steps.iter().enumerate() {
        let time_ms = looked_at(select, instant);
        let histogram = match around(times, &mut next, time_ms, lookback_ms) {
            (_, Some(after)) if times[after] == time_ms => Some(values[after].clone()),
            (Some(before), Some(after)) => {
                let share = (time_ms - times[before]) as f64 / (times[after] - times[before]) as f64;
                histogram::between(&values[before], &values[after], share, false).ok().map(Arc::new)
            }
            (Some(before), None) => Some(values[before].clone()),
            _ => None,
        };
        column.set(step, histogram.map(Value::Histogram));
    }
    column
}

// The samples before and not before a time, as far as they are not too far; `next` is where to go on.
fn around(times: &[i64], next: &mut usize, time_ms: i64, lookback_ms: i64) -> (Option<usize>, Option<usize>) {
    while *next < times.len() && times[*next] < time_ms {
        *next += 1;
    }
    let before = next.checked_sub(1).filter(|at| times[*at] > time_ms.saturating_sub(lookback_ms));
    let after = (*next < times.len() && times[*next] <= time_ms.saturating_add(lookback_ms)).then_some(*next);
    (before, after)
}
