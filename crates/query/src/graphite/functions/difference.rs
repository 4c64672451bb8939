//! Whether two series have the same distribution.

use super::foreign::single;
use crate::graphite::call::{Call, Outcome};

/// The two-sample test of Kolmogorov and Smirnov over a window that moves along: how probable it is that two samples of one
/// distribution differ at least so much.
pub(crate) fn kolmogorov_smirnov(mut call: Call<'_, '_>) -> Outcome {
    let (first, second) = (call.list(0), call.list(1));
    let (first, second) = (single(&call, first)?, single(&call, second)?);
    let window = usize::try_from(call.integer(2).unwrap_or(0)).unwrap_or(0).max(1);
    let length = first.values.len().min(second.values.len());
    let of = |at: usize| match at.checked_sub(window) {
        Some(before) => probability(&first.values[before + 1..=at], &second.values[before + 1..=at]),
        None => f64::NAN,
    };
    let values = (0..length).map(of).collect();
    let name = format!("kolmogorovSmirnovTest2({},{},{window})", first.name, second.name);
    Ok(vec![first.remade(name, values)])
}

/// How probable it is that samples of one distribution are as different as these; null when one is empty.
fn probability(a: &[f64], b: &[f64]) -> f64 {
    let sorted = |values: &[f64]| {
        let mut values: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let (a, b) = (sorted(a), sorted(b));
    if a.is_empty() || b.is_empty() {
        return f64::NAN;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let part =
        |values: &[f64], at: f64| values.partition_point(|value| *value <= at) as f64 / values.len() as f64;
    let distance = a.iter().chain(&b).map(|at| (part(&a, *at) - part(&b, *at)).abs()).fold(0.0, f64::max);
    let root = (n * m / (n + m)).sqrt();
    // Stephens 1970: so the limit of large samples fits small ones, too.
    tail((root + 0.12 + 0.11 / root) * distance)
}

/// Kolmogorov's distribution: the probability of more than `x`.
fn tail(x: f64) -> f64 {
    // Below, the probability differs from 1 by less than what a double can tell, and the sum converges slowly.
    if x < 0.2 {
        return 1.0;
    }
    let term = |k: i32| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(k * k) * x * x).exp()
    };
    (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_samples_are_equal_and_others_are_not() {
        let up: Vec<f64> = (0..50).map(f64::from).collect();
        let far: Vec<f64> = (0..50).map(|at| f64::from(at) + 100.0).collect();
        assert_eq!(probability(&up, &up), 1.0);
        assert!(probability(&up, &far) < 1e-12);
        assert!(probability(&[], &up).is_nan() && probability(&up, &[f64::NAN]).is_nan());
        // Tables of the distribution: 5 % are beyond 1.3581, 1 % beyond 1.6276.
        assert!((tail(1.3581) - 0.05).abs() < 1e-4 && (tail(1.6276) - 0.01).abs() < 1e-4);
        assert!((tail(0.2) - 1.0).abs() < 1e-9);
    }
}
