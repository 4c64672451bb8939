//! How much histograms grew over a window: what `rate`, `increase`, `delta`, `irate` and `idelta` start from.

use model::histogram::Incompatible;
use model::{CounterReset, Histogram};
use std::sync::Arc;

/// What people should know about a growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// A counter was wanted, and some are gauges.
    pub not_counter: bool,
    /// Gauges were wanted, and some are counters.
    pub not_gauge: bool,
    /// Listed bounds differed in a difference; fewer are left.
    pub rebounded_difference: bool,
    /// Listed bounds differed where growth before a reset was added; fewer are left.
    pub rebounded_sum: bool,
}

/// A histogram of a window.
#[derive(Debug, Clone)]
pub struct Point {
    /// What it is.
    pub histogram: Arc<Histogram>,
    /// Counts started anew since the one before.
    pub is_reset: bool,
}

/// The histograms of a window, each compared with the one before.
pub fn points(window: &[Arc<Histogram>]) -> Vec<Point> {
    let is_reset = |at: usize| at > 0 && window[at].is_reset_after(&window[at - 1]);
    let point = |(at, histogram): (usize, &Arc<Histogram>)| Point {
        histogram: histogram.clone(),
        is_reset: is_reset(at),
    };
    window.iter().enumerate().map(point).collect()
}

/// The growth from the first to the last point; of a counter over all its resets. `began`: the first counts from the start
/// of the window, so it is growth, too.
///
/// # Errors
/// If only some have listed bounds.
pub fn grown(window: &[Point], is_counter: bool, began: bool) -> Result<(Histogram, Faults), Incompatible> {
    let (first, last) = (&window[0].histogram, &window[window.len() - 1].histogram);
    let mut faults = Faults::default();
    if is_counter {
        faults.not_counter = window.iter().any(|point| point.histogram.hint == CounterReset::Gauge);
    } else {
        faults.not_gauge = [first, last].iter().any(|histogram| histogram.hint != CounterReset::Gauge);
    }
    // Started anew right after the first, it does not matter what that was.
    let skips_first = is_counter && !began && window.get(1).is_some_and(|second| second.is_reset);
    let relevant = &window[usize::from(skips_first)..];
    let is_other = |point: &Point| point.histogram.is_custom() != last.is_custom();
    if is_other(&relevant[0]) || (is_counter && relevant.iter().any(is_other)) {
        return Err(Incompatible);
    }
    let mut growth = Histogram::clone(last);
    if !skips_first && !began {
        faults.rebounded_difference = growth.subtract(first)?.rebounded;
    }
    if is_counter {
        for pair in relevant.windows(2).filter(|pair| pair[1].is_reset) {
            faults.rebounded_sum |= growth.add(&pair[0].histogram)?.rebounded;
        }
        // The growth is as coarse as the coarsest on the way, though only the ends are subtracted.
        let coarsest = relevant.iter().map(|point| point.histogram.schema).min().unwrap_or(growth.schema);
        if coarsest < growth.schema {
            growth.add(&Histogram { schema: coarsest, ..Histogram::default() })?;
        }
    }
    growth.hint = CounterReset::Gauge;
    growth.compact();
    Ok((growth, faults))
}

/// The growth between the last two histograms of a window; a counter that was reset (`is_reset`) grew from nothing.
///
/// # Errors
/// If only one has listed bounds.
pub fn grown_last(
    before: &Histogram,
    last: &Histogram,
    is_counter: bool,
    is_reset: bool,
) -> Result<(Histogram, Faults), Incompatible> {
    let mut growth = last.clone();
    let mut faults = Faults::default();
    let gauges = [before, last].iter().filter(|histogram| histogram.hint == CounterReset::Gauge).count();
    faults.not_counter = is_counter && gauges > 0;
    faults.not_gauge = !is_counter && gauges < 2;
    if !is_counter || !is_reset {
        faults.rebounded_difference = growth.subtract(before)?.rebounded;
    }
    growth.hint = CounterReset::Gauge;
    growth.compact();
    Ok((growth, faults))
}
