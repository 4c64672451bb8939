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

/// The growth from the first to the last of at least two histograms; of a counter over all its resets.
///
/// # Errors
/// If only some have listed bounds.
pub fn grown(window: &[Arc<Histogram>], is_counter: bool) -> Result<(Histogram, Faults), Incompatible> {
    let (first, last) = (&window[0], &window[window.len() - 1]);
    let mut faults = Faults::default();
    if is_counter {
        faults.not_counter = window.iter().any(|histogram| histogram.hint == CounterReset::Gauge);
    } else {
        faults.not_gauge = [first, last].iter().any(|histogram| histogram.hint != CounterReset::Gauge);
    }
    // Started anew right after the first, it does not matter what that was.
    let skips_first = is_counter && window.get(1).is_some_and(|second| second.is_reset_after(first));
    let relevant = &window[usize::from(skips_first)..];
    let looked_at = if is_counter { relevant } else { &[Arc::clone(first), Arc::clone(last)][..] };
    if looked_at.iter().any(|histogram| histogram.is_custom() != last.is_custom()) {
        return Err(Incompatible);
    }
    let mut growth = Histogram::clone(last);
    if !skips_first {
        faults.rebounded_difference = growth.subtract(first)?.rebounded;
    }
    if is_counter {
        for pair in relevant.windows(2).filter(|pair| pair[1].is_reset_after(&pair[0])) {
            faults.rebounded_sum |= growth.add(&pair[0])?.rebounded;
        }
        // The growth is as coarse as the coarsest on the way, though only the ends are subtracted.
        let coarsest =
            relevant.iter().min_by_key(|histogram| histogram.schema).expect("a window has samples");
        if coarsest.schema < growth.schema {
            growth.add(&Histogram { schema: coarsest.schema, ..Histogram::default() })?;
        }
    }
    growth.hint = CounterReset::Gauge;
    growth.compact();
    Ok((growth, faults))
}

/// The growth between the last two histograms of a window; a counter that was reset grew from nothing.
///
/// # Errors
/// If only one has listed bounds.
pub fn grown_last(
    before: &Histogram,
    last: &Histogram,
    is_counter: bool,
) -> Result<(Histogram, Faults), Incompatible> {
    let mut growth = last.clone();
    let mut faults = Faults::default();
    let gauges = [before, last].iter().filter(|histogram| histogram.hint == CounterReset::Gauge).count();
    faults.not_counter = is_counter && gauges > 0;
    faults.not_gauge = !is_counter && gauges < 2;
    if !is_counter || !last.is_reset_after(before) {
        faults.rebounded_difference = growth.subtract(before)?.rebounded;
    }
    growth.hint = CounterReset::Gauge;
    growth.compact();
    Ok((growth, faults))
}
