//! Bringing points of one row of times to another, by Timelion's five modes.

use lang::plan::Fit;

/// Brings points to `targets` (both ascending). Points must not be null. `Err` is a sentence.
pub fn fit(mode: Fit, times_ms: &[i64], values: &[f64], targets_ms: &[i64]) -> Result<Vec<f64>, String> {
    if times_ms.is_empty() {
        return Ok(vec![f64::NAN; targets_ms.len()]);
    }
    match mode {
        Fit::Average => Ok(average(times_ms, values, targets_ms)),
        Fit::Carry => carry(times_ms, values, targets_ms),
        Fit::Nearest => Ok(nearest(times_ms, values, targets_ms)),
        Fit::None => Ok(exact(times_ms, values, targets_ms)),
        Fit::Scale => Ok(scale(times_ms, values, targets_ms)),
    }
}

// For each target the points after the previous target up to and including it.
fn since_previous<'a>(
    times_ms: &'a [i64],
    targets_ms: &'a [i64],
) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    targets_ms.iter().map(move |target| {
        let end = start + times_ms[start..].partition_point(|time| time <= target);
        std::mem::replace(&mut start, end)..end
    })
}

fn average(times_ms: &[i64], values: &[f64], targets_ms: &[i64]) -> Vec<f64> {
    let mean = |range: std::ops::Range<usize>| {
        let points = &values[range];
        points.iter().sum::<f64>() / points.len() as f64 // no points: 0/0 is null
    };
    let mut found: Vec<f64> = since_previous(times_ms, targets_ms).map(mean).collect();
    straighten(&mut found, values[0]);
    found
}

// Straight lines over the gaps; what comes before the first point starts at it, what comes after the last stays null.
fn straighten(values: &mut [f64], first: f64) {
    let (mut previous, mut at) = (first, 0);
    while at < values.len() {
        let gap = values[at..].iter().take_while(|v| v.is_nan()).count();
        let Some(&next) = values.get(at + gap) else { return };
        for step in 0..gap {
            values[at + step] = previous + (next - previous) * (step + 1) as f64 / (gap + 1) as f64;
        }
        previous = next;
        at += gap + 1;
    }
}

fn carry(times_ms: &[i64], values: &[f64], targets_ms: &[i64]) -> Result<Vec<f64>, String> {
    if times_ms.len() > targets_ms.len() {
        return Err("the fit `carry` cannot make fewer points of many; use average or scale".to_owned());
    }
    let last = |range: std::ops::Range<usize>| values[range.end.saturating_sub(1)];
    Ok(since_previous(times_ms, targets_ms).map(last).collect())
}

fn nearest(times_ms: &[i64], values: &[f64], targets_ms: &[i64]) -> Vec<f64> {
    let mut at = 0;
    let closest = |&target: &i64| {
        let away = |i: usize| times_ms[i].abs_diff(target);
        while at + 1 < times_ms.len() && away(at + 1) <= away(at) {
            at += 1;
        }
        values[at]
    };
    targets_ms.iter().map(closest).collect()
}

fn exact(times_ms: &[i64], values: &[f64], targets_ms: &[i64]) -> Vec<f64> {
    let find = |target: &i64| times_ms.binary_search(target).map_or(f64::NAN, |at| values[at]);
    targets_ms.iter().map(find).collect()
}

fn scale(times_ms: &[i64], values: &[f64], targets_ms: &[i64]) -> Vec<f64> {
    let mut found = vec![f64::NAN; targets_ms.len()];
    let mut waiting = 0;
    for (at, range) in since_previous(times_ms, targets_ms).enumerate() {
        waiting += 1;
        if !range.is_empty() {
            let share = values[range].iter().sum::<f64>() / f64::from(waiting);
            found[at + 1 - waiting as usize..=at].fill(share);
            waiting = 0;
        }
    }
    // Nothing follows: of a sum, that is 0.
    let known = found.len() - waiting as usize;
    found[known..].fill(0.0);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const NULL: f64 = f64::NAN;

    fn same(a: &[f64], b: &[f64]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
    }

    #[test]
    fn every_mode_up_and_down() {
        // (mode, times, values, targets, wanted)
        type Case = (Fit, &'static [i64], &'static [f64], &'static [i64], &'static [f64]);
        let cases: [Case; 15] = [
            (Fit::Average, &[0, 10, 20, 30], &[1.0, 3.0, 5.0, 7.0], &[10, 30], &[2.0, 6.0]),
            (Fit::Average, &[0, 40], &[0.0, 8.0], &[0, 10, 20, 30, 40], &[0.0, 2.0, 4.0, 6.0, 8.0]),
            (Fit::Average, &[20], &[5.0], &[0, 10, 20, 30], &[5.0, 5.0, 5.0, NULL]),
            (Fit::Carry, &[10, 30], &[1.0, 2.0], &[0, 10, 20, 30, 40], &[1.0, 1.0, 1.0, 2.0, 2.0]),
            (Fit::Carry, &[10], &[1.0], &[20, 30], &[1.0, 1.0]),
            (Fit::Nearest, &[0, 10], &[1.0, 2.0], &[0, 4, 5, 6, 99], &[1.0, 1.0, 2.0, 2.0, 2.0]),
            (Fit::Nearest, &[50], &[1.0], &[0, 100], &[1.0, 1.0]),
            (Fit::None, &[0, 10], &[1.0, 2.0], &[0, 5, 10], &[1.0, NULL, 2.0]),
            (Fit::Scale, &[0, 10, 20, 30], &[1.0, 2.0, 3.0, 4.0], &[10, 30], &[3.0, 7.0]),
            (Fit::Scale, &[0, 30], &[10.0, 60.0], &[0, 10, 20, 30], &[10.0, 20.0, 20.0, 20.0]),
            (Fit::Scale, &[0], &[10.0], &[0, 10, 20], &[10.0, 0.0, 0.0]),
            (Fit::Average, &[], &[], &[0, 10], &[NULL, NULL]),
            (Fit::Carry, &[], &[], &[0], &[NULL]),
            (Fit::Nearest, &[0], &[1.0], &[], &[]),
            (Fit::Scale, &[5, 15], &[1.0, 2.0], &[0, 10, 20], &[0.5, 0.5, 2.0]),
        ];
        for (mode, times, values, targets, wanted) in cases {
            let found = fit(mode, times, values, targets).unwrap();
            assert!(same(&found, wanted), "{mode:?} {times:?} -> {targets:?}: {found:?}");
        }
        assert!(fit(Fit::Carry, &[0, 1], &[1.0, 2.0], &[0]).unwrap_err().contains("fewer points"));
    }
}
