//! Growth of histograms over a window.

use super::series::{Sample, is_reset, ordered};
use super::{inform_rebounded, warn_incompatible, warn_mixed};
use crate::vector::functions::rate::{Extent, Growth, latest_number};
use crate::vector::native::{self, Faults, Point};
use crate::vector::note::Notes;
use crate::vector::value::Value;
use crate::vector::window::Window;
use lang::plan::vector::Edge;
use model::Histogram;
use model::histogram::Incompatible;
use std::sync::Arc;

/// Growth over a window of histograms only.
pub(in crate::vector) fn grown(window: &Window<'_>, growth: Growth, notes: &mut Notes) -> Option<Value> {
    let (points, began_ms) = match window.edge {
        Edge::Open => (all(window), growth.is_counter.then(|| began(window)).flatten()),
        Edge::Anchored | Edge::Smoothed => match between_edges(window, growth) {
            Ok(points) => (points?, None),
            Err(Incompatible) => {
                warn_incompatible(window.span, window.name, notes);
                return None;
            }
        },
    };
    if window.edge == Edge::Open && points.len() < 2 && began_ms.is_none() {
        return None;
    }
    let Ok((increase, faults)) = native::grown(&points, growth.is_counter, began_ms.is_some()) else {
        warn_incompatible(window.span, window.name, notes);
        return None;
    };
    tell(faults, window, notes);
    let mut factor =
        if window.edge == Edge::Open { extrapolation(window, growth, &increase, began_ms) } else { 1.0 };
    if growth.is_rate {
        factor /= window.range_s();
    }
    Some(Value::Histogram(Arc::new(increase.times(factor))))
}

fn all(window: &Window<'_>) -> Vec<Point> {
    let point = |(at, histogram): (usize, &Arc<Histogram>)| Point {
        histogram: histogram.clone(),
        is_reset: at > 0 && is_reset(window, at),
    };
    window.histograms.iter().enumerate().map(point).collect()
}

// When the first histogram began to count, if that is known and within the window.
fn began(window: &Window<'_>) -> Option<i64> {
    let (start_ms, first_ms) = (*window.histogram_starts_ms.first()?, *window.histogram_times_ms.first()?);
    (start_ms != 0 && start_ms > window.start_ms && start_ms < first_ms).then_some(start_ms)
}

fn extrapolation(window: &Window<'_>, growth: Growth, increase: &Histogram, began_ms: Option<i64>) -> f64 {
    let times = window.histogram_times_ms;
    let extent = Extent {
        start_ms: window.start_ms,
        end_ms: window.end_ms,
        first_ms: times[0],
        last_ms: times[times.len() - 1],
        count: times.len(),
        began_ms,
    };
    let first = window.histograms[0].count;
    let counted_from = (growth.is_counter && first >= 0.0 && increase.count > 0.0).then_some(first);
    extent.factor(counted_from.map(|first| first / increase.count))
}

// From edge to edge: what lies there is taken from the samples around it.
fn between_edges(window: &Window<'_>, growth: Growth) -> Result<Option<Vec<Point>>, Incompatible> {
    let times = window.histogram_times_ms;
    let after_start = times.partition_point(|time| *time <= window.start_ms);
    if after_start == times.len() || times[after_start.saturating_sub(1)] > window.end_ms {
        return Ok(None);
    }
    let first = after_start.saturating_sub(1);
    let is_smooth = window.edge == Edge::Smoothed;
    let after_end = times.partition_point(|time| *time < window.end_ms);
    let last = if is_smooth { after_end.min(times.len() - 1) } else { times.len() - 1 };
    let is_anew = |at: usize| growth.is_counter && is_reset(window, at);
    let line = |at: usize, time_ms: i64| {
        let share = (time_ms - times[at]) as f64 / (times[at + 1] - times[at]) as f64;
        between(&window.histograms[at], &window.histograms[at + 1], share, is_anew(at + 1))
    };
    let cuts_first = is_smooth && times[first] < window.start_ms && first < last;
    let left =
        if cuts_first { Arc::new(line(first, window.start_ms)?) } else { window.histograms[first].clone() };
    let mut points = vec![Point { histogram: left, is_reset: false }];
    let cuts_last = is_smooth && last > 0 && times[last] > window.end_ms;
    for at in first + 1..=last {
        // From an edge on a line there is no reset any more to the end of the line.
        let is_reset = is_anew(at) && !(cuts_first && at == first + 1);
        let histogram = match cuts_last && at == last {
            true => Arc::new(line(at - 1, window.end_ms)?),
            false => window.histograms[at].clone(),
        };
        points.push(Point { histogram, is_reset });
    }
    Ok(Some(points))
}

/// A histogram on the straight line from one to the next; from nothing, if the next counts anew.
pub(in crate::vector) fn between(
    before: &Histogram,
    after: &Histogram,
    share: f64,
    is_reset: bool,
) -> Result<Histogram, Incompatible> {
    let mut line = after.clone();
    if !is_reset {
        line.subtract(before)?;
    }
    let hint = after.hint;
    let mut line = line.times(share);
    if !is_reset {
        line.add(before)?;
    }
    line.hint = hint;
    Ok(line)
}

/// Growth between the last two samples, at least one of which may be a histogram.
pub(in crate::vector) fn latest(window: &Window<'_>, growth: Growth, notes: &mut Notes) -> Option<Value> {
    let all = ordered(window);
    let (before, last) = match &all[..] {
        [.., (_, before), (_, last)] => (*before, *last),
        _ => return None,
    };
    let (Sample::Histogram(before), Sample::Histogram(last)) = (before, last) else {
        if let (Sample::Number(_), Sample::Number(_)) = (before, last) {
            return latest_number(window, growth);
        }
        warn_mixed(window.span, window.name, notes);
        return None;
    };
    let (a, b) = (&window.histograms[before], &window.histograms[last]);
    let is_reset = growth.is_counter && is_reset(window, last);
    let Ok((change, faults)) = native::grown_last(a, b, growth.is_counter, is_reset) else {
        warn_incompatible(window.span, window.name, notes);
        return None;
    };
    tell(faults, window, notes);
    if !growth.is_rate {
        return Some(Value::Histogram(Arc::new(change)));
    }
    let apart_ms = window.histogram_times_ms[last] - window.histogram_times_ms[before];
    (apart_ms > 0).then(|| Value::Histogram(Arc::new(change.divided(apart_ms as f64 / 1000.0))))
}

fn tell(faults: Faults, window: &Window<'_>, notes: &mut Notes) {
    for (is_so, wanted) in [(faults.not_counter, "counter"), (faults.not_gauge, "gauge")] {
        if is_so {
            let name = window.name;
            notes.warn(window.span, format!("this native histogram metric is not a {wanted}: {name:?}"));
        }
    }
    if faults.rebounded_difference {
        inform_rebounded(window.span, "subtraction", notes);
    }
    if faults.rebounded_sum {
        inform_rebounded(window.span, "addition", notes);
    }
}
