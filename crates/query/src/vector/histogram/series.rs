//! What happens from one sample of a window to the next, where some are histograms.

use crate::vector::functions::rate::begins_anew;
use crate::vector::value::Value;
use crate::vector::window::Window;
use lang::plan::vector::Edge;

/// A sample of a window, by its place among those of its sort.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sample {
    Number(usize),
    Histogram(usize),
}

/// All samples of a window in order of time.
pub(super) fn ordered(window: &Window<'_>) -> Vec<(i64, Sample)> {
    let numbers = window.times_ms.iter().enumerate().map(|(at, time)| (*time, Sample::Number(at)));
    let times = window.histogram_times_ms.iter().enumerate();
    let mut all: Vec<_> = numbers.chain(times.map(|(at, time)| (*time, Sample::Histogram(at)))).collect();
    all.sort_by_key(|(time, _)| *time);
    all
}

/// Whether the histogram at a place of a window differs from the one before.
pub(in crate::vector) fn differ(window: &Window<'_>, at: usize) -> bool {
    window.histograms[at] != window.histograms[at - 1]
}

/// Whether the histogram at a place of a window counts anew.
pub(in crate::vector) fn is_reset(window: &Window<'_>, at: usize) -> bool {
    let starts = window.histogram_starts_ms;
    window.histograms[at].is_reset_after(&window.histograms[at - 1])
        || (!starts.is_empty() && begins_anew(window.histogram_times_ms, starts, at))
}

/// How often something holds of neighbours, with histograms among them. A number beside a histogram always counts.
pub(in crate::vector) fn counted(
    window: &Window<'_>,
    of_numbers: impl Fn(f64, f64) -> bool,
    of_histograms: impl Fn(&Window<'_>, usize) -> bool,
) -> Option<Value> {
    let mut all = ordered(window);
    if window.edge == Edge::Anchored {
        let after = all.partition_point(|(time, _)| *time <= window.start_ms);
        if after == all.len() {
            return None;
        }
        all.drain(..after.saturating_sub(1));
    }
    let holds = |pair: &&[(i64, Sample)]| match (pair[0].1, pair[1].1) {
        (Sample::Number(before), Sample::Number(now)) => {
            of_numbers(window.values[before], window.values[now])
        }
        (Sample::Histogram(_), Sample::Histogram(now)) => of_histograms(window, now),
        _ => true,
    };
    Some(Value::Float(all.windows(2).filter(holds).count() as f64))
}
