//! Lines and curves through the values of a series.

use crate::graphite::call::{Call, Outcome};
use crate::graphite::evaluate::Range;
use crate::graphite::series::Series;

/// Factor and offset of the line nearest to the values (least squares); `None` with less than two values.
fn line(series: &Series) -> Option<(f64, f64)> {
    let (mut n, mut i_sum, mut v_sum, mut ii_sum, mut iv_sum) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (at, value) in series.values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        let i = at as f64;
        n += 1.0;
        i_sum += i;
        v_sum += value;
        ii_sum += i * i;
        iv_sum += i * value;
    }
    let denominator = n * ii_sum - i_sum * i_sum;
    if denominator == 0.0 {
        return None;
    }
    let factor = (n * iv_sum - i_sum * v_sum) / denominator / series.step_s as f64;
    let offset = (ii_sum * v_sum - iv_sum * i_sum) / denominator - factor * series.start_s as f64;
    Some((factor, offset))
}

pub(crate) fn linear(mut call: Call<'_, '_>) -> Outcome {
    let date = |at: usize, default_s: i64| call.text(at).map_or(Ok(default_s), |text| call.date_s(text));
    let range = Range { from_s: date(1, call.range.from_s)?, until_s: date(2, call.range.until_s)? };
    let sources = call.again(range)?;
    let mut out = Vec::new();
    for (source, mut series) in sources.iter().zip(call.list(0)) {
        let shown = format!("{}, {}", range.from_s, range.until_s);
        series.tag("linearRegressions", shown.as_str());
        let Some((factor, offset)) = line(source) else { continue };
        let values = series.points().map(|(time_s, _)| offset + time_s as f64 * factor).collect();
        let name = format!("linearRegression({}, {shown})", series.name);
        out.push(series.remade(name, values));
    }
    Ok(out)
}

/// Highest degree of a curve.
const DEGREE_MAX: i64 = 16;

/// The curve of a degree nearest to the values, over the series and a while after it.
pub(crate) fn polyfit(mut call: Call<'_, '_>) -> Outcome {
    let degree = call.integer(1).unwrap_or(1);
    if !(1..=DEGREE_MAX).contains(&degree) {
        return Err(call.fail(format!("The degree is from 1 to {DEGREE_MAX}")));
    }
    let ahead_s = call.text(2).and_then(lang::graphite::interval_s).unwrap_or(0).abs();
    let made = call.list(0).into_iter().map(|mut series| {
        let name = format!("polyfit({},{degree})", series.name);
        let more = usize::try_from(ahead_s / series.step_s).unwrap_or(0);
        let length = series.values.len() + more;
        let values = curve(&series.values, degree as usize + 1, length);
        series.end_s += more as i64 * series.step_s;
        series.remade(name, values)
    });
    Ok(made.collect())
}

// Normal equations over places brought to -1..1, solved by Gauss with pivots.
fn curve(values: &[f64], terms: usize, length: usize) -> Vec<f64> {
    let half = (values.len().max(2) - 1) as f64 / 2.0;
    let place = |at: usize| at as f64 / half - 1.0;
    let mut rows = vec![vec![0.0; terms + 1]; terms];
    for (at, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        for (power, row) in rows.iter_mut().enumerate() {
            for (other, cell) in row[..terms].iter_mut().enumerate() {
                *cell += place(at).powi((power + other) as i32);
            }
            row[terms] += value * place(at).powi(power as i32);
        }
    }
    let Some(factors) = solved(rows) else { return vec![f64::NAN; length] };
    let of = |at: usize| factors.iter().rev().fold(0.0, |sum, factor| sum * place(at) + factor);
    (0..length).map(of).collect()
}

fn solved(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let count = rows.len();
    for at in 0..count {
        let best = (at..count).max_by(|a, b| rows[*a][at].abs().total_cmp(&rows[*b][at].abs()))?;
        rows.swap(at, best);
        let pivot = rows[at].clone();
        if pivot[at].abs() < 1e-12 {
            return None;
        }
        for (other, row) in rows.iter_mut().enumerate().filter(|(other, _)| *other != at) {
            debug_assert_ne!(other, at, "a row is not taken from itself");
            let factor = row[at] / pivot[at];
            row.iter_mut().zip(&pivot).for_each(|(cell, pivot)| *cell -= factor * pivot);
        }
    }
    Some(rows.iter().enumerate().map(|(at, row)| row[count] / row[at]).collect())
}
