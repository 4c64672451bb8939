//! One value of a whole column.

use super::many::ordered;
use lang::rpn::Summary;

/// The value, and the row it stands in where it is one of the rows.
pub(super) fn of(summary: Summary, percent: f64, values: &[f64], step_s: f64) -> (f64, Option<usize>) {
    let finite = || values.iter().enumerate().filter(|(_, value)| value.is_finite());
    let row = match summary {
        Summary::First => finite().next(),
        Summary::Last => finite().next_back(),
        // Of equal ones the first.
        Summary::Maximum => finite().reduce(|best, next| if next.1 > best.1 { next } else { best }),
        Summary::Minimum => finite().reduce(|best, next| if next.1 < best.1 { next } else { best }),
        _ => None,
    };
    if let Some((row, value)) = row {
        return (*value, Some(row));
    }
    let (sum, count) = finite().fold((0.0, 0.0), |(sum, count), (_, value)| (sum + value, count + 1.0));
    let value = match summary {
        Summary::Average => sum / count,
        Summary::Deviation => {
            let mean = sum / count;
            (finite().map(|(_, value)| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
        }
        Summary::Total if count > 0.0 => sum * step_s,
        Summary::Percent => at_percent(values.to_vec(), percent, f64::floor),
        Summary::PercentNan => {
            at_percent(values.iter().copied().filter(|value| !value.is_nan()).collect(), percent, f64::round)
        }
        Summary::Slope | Summary::Intercept | Summary::Correlation => line(summary, values),
        _ => f64::NAN,
    };
    (value, None)
}

// rrdtool rounds one way with unknown values and another without.
fn at_percent(mut values: Vec<f64>, percent: f64, whole: fn(f64) -> f64) -> f64 {
    values.sort_by(|a, b| ordered(*a, *b));
    let place = whole(percent * (values.len().max(1) - 1) as f64 / 100.0);
    values.get(place as usize).copied().unwrap_or(f64::NAN)
}

// Least squares over the numbers of rows, from 0.
fn line(summary: Summary, values: &[f64]) -> f64 {
    let mut sums = [0.0; 6];
    for (row, y) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
        let x = row as f64;
        for (sum, term) in sums.iter_mut().zip([1.0, x, *y, x * x, x * y, y * y]) {
            *sum += term;
        }
    }
    let [n, x, y, xx, xy, yy] = sums;
    let slope = (n * xy - x * y) / (n * xx - x * x);
    match summary {
        Summary::Slope => slope,
        Summary::Intercept => (y - slope * x) / n,
        _ => (xy - x * y / n) / ((xx - x * x / n) * (yy - y * y / n)).sqrt(),
    }
}
