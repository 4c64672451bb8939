//! `.holt(alpha, beta, gamma, season, sample)`: exponential smoothing after Holt (1957) and Winters (1960).

use super::window;
use crate::call::{Call, Failure, Outcome};

/// Smooths by level (`alpha`), trend (`beta`) and season (`gamma`, `season`), and fills what is missing by forecast. A
/// compatible request takes null for 0 where smoothing starts.
pub(crate) fn holt(call: Call<'_>) -> Outcome {
    let alpha = share(&call, "alpha")?;
    let beta = share(&call, "beta")?;
    let gamma = share(&call, "gamma")?;
    let has_season = call.value("season").is_some();
    let compatible = call.compatible;
    match (alpha, beta, gamma) {
        (Some(alpha), None, None) => call.each(|series| level(&mut series.values, alpha, compatible)),
        (Some(alpha), Some(beta), None) => {
            at_least(&call, 2, "two levels of smoothing need at least 2 buckets")?;
            call.each(|series| level_and_trend(&mut series.values, alpha, beta, compatible))
        }
        (Some(alpha), Some(beta), Some(gamma)) if has_season => {
            let (season, _) = window::size(&call, "season")?;
            let sample = call.whole("sample", 2, 1_000_000)?.map_or(usize::MAX, |n| n as usize);
            at_least(&call, season * 2, "the range must hold at least two seasons")?;
            let seasons = Seasons { alpha, beta, gamma, length: season, sample, compatible };
            call.each(|series| seasonal(&mut series.values, &seasons))
        }
        (_, _, Some(_)) => {
            Err(Failure::of("gamma", "Smoothing by season needs alpha, beta, gamma and season")
                .hint("such as .holt(0.5, 0.5, 0.5, 1d)"))
        }
        _ => Err(Failure::new("Smoothing by trend needs alpha and beta").hint("such as .holt(0.5, 0.5)")),
    }
}

fn share(call: &Call<'_>, name: &'static str) -> Result<Option<f64>, Failure> {
    match call.number(name) {
        Some(n) if !(0.0..=1.0).contains(&n) => {
            Err(Failure::of(name, format!("`{name}` must be from 0 to 1, not {n}")))
        }
        number => Ok(number),
    }
}

fn at_least(call: &Call<'_>, buckets: usize, why: &str) -> Result<(), Failure> {
    if call.grid.len() < buckets { Err(Failure::new(why)) } else { Ok(()) }
}

// A value that is missing is taken as the last one known.
fn level(values: &mut [f64], alpha: f64, compatible: bool) {
    let (mut known, mut smooth) = (f64::NAN, f64::NAN);
    for (at, value) in values.iter_mut().enumerate() {
        if !value.is_nan() {
            known = *value;
        }
        let before = match smooth.is_nan() {
            true if compatible && at > 0 => 0.0,
            true => known,
            false => smooth,
        };
        smooth = alpha * known + (1.0 - alpha) * before;
        *value = smooth;
    }
}

fn level_and_trend(values: &mut [f64], alpha: f64, beta: f64, compatible: bool) {
    let known = values.iter().position(|value| !value.is_nan());
    let Some(first) = (if compatible { Some(0) } else { known }) else { return };
    let values = &mut values[first..];
    let start = |value: f64, otherwise: f64| if value.is_nan() { otherwise } else { value };
    let mut level = start(values[0], 0.0);
    let mut trend =
        values.get(1).map_or(0.0, |&second| start(second, if compatible { 0.0 } else { level }) - level);
    let mut missing = 0.0;
    for value in values.iter_mut().skip(1) {
        if value.is_nan() {
            missing += 1.0;
        } else {
            missing = 0.0;
            let before = level;
            level = alpha * *value + (1.0 - alpha) * (level + trend);
            trend = beta * (level - before) + (1.0 - beta) * trend;
        }
        *value = level + missing * trend;
    }
}

struct Seasons {
    alpha: f64,
    beta: f64,
    gamma: f64,
    /// In buckets.
    length: usize,
    /// How many are learnt from.
    sample: usize,
    compatible: bool,
}

// The first seasons are smoothed, everything after them is forecast.
fn seasonal(values: &mut [f64], by: &Seasons) {
    let season = by.length;
    let sampled = season.saturating_mul(by.sample).min(values.len());
    let start: Vec<f64> = match by.compatible {
        true => values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect(),
        false => values.to_vec(),
    };
    let mut seasonals = seasonal_means(&start[..sampled], by);
    let differences = (0..season).map(|i| (start[i + season] - start[i]) / season as f64);
    let mut trend = differences.filter(|d| !d.is_nan()).sum::<f64>() / season as f64;
    let mut level = start[0];
    let mut missing = 0.0;
    for (at, value) in values.iter_mut().enumerate().skip(1) {
        let place = at % season;
        if value.is_nan() || at >= sampled {
            missing += 1.0;
            *value = level + missing * trend + seasonals[place];
            continue;
        }
        missing = 0.0;
        let before = if level.is_nan() { *value - seasonals[place] } else { level };
        level = by.alpha * (*value - seasonals[place]) + (1.0 - by.alpha) * (before + trend);
        trend = by.beta * (level - before) + (1.0 - by.beta) * trend;
        seasonals[place] = by.gamma * (*value - level) + (1.0 - by.gamma) * seasonals[place];
        *value = level + trend + seasonals[place];
    }
}

// How far each place of a season lies from its season's mean, on average over whole seasons; places never seen are 0. A
// compatible request divides by the seasons that were begun, part of one included.
fn seasonal_means(values: &[f64], by: &Seasons) -> Vec<f64> {
    let mut sums = vec![(0.0, 0u32); by.length];
    for cycle in values.chunks_exact(by.length) {
        let present: Vec<f64> = cycle.iter().copied().filter(|value| !value.is_nan()).collect();
        let mean = present.iter().sum::<f64>() / present.len() as f64;
        for ((sum, count), value) in sums.iter_mut().zip(cycle).filter(|(_, value)| !value.is_nan()) {
            *sum += value - mean;
            *count += 1;
        }
    }
    let begun = values.len() as f64 / by.length as f64;
    let mean = |(sum, count): (f64, u32)| match count {
        0 => 0.0,
        _ if by.compatible => sum / begun,
        _ => sum / f64::from(count),
    };
    sums.into_iter().map(mean).collect()
}
