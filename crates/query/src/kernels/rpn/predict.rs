//! Operators that look at rows around the one that is computed.

use super::machine::Stack;
use super::many::ordered;
use lang::rpn::program::Operator;

/// Most rows that one row looks at.
const ROWS_MAX: usize = 100_000;

/// `TREND`, `PREDICT` and their kin over a column. The error is a sentence.
pub(super) fn operate(
    operator: Operator,
    column: &[f64],
    row: usize,
    step_s: f64,
    stack: &mut Stack,
) -> Result<(), String> {
    let mut pop =
        || stack.pop().ok_or_else(|| format!("{} takes more values than the stack has", operator.row().name));
    match operator {
        Operator::Trend | Operator::TrendNan => {
            let window_s = pop()?;
            pop()?;
            let keeps_unknown = operator == Operator::Trend;
            stack.push(trend(column, row, window_s, step_s, keeps_unknown));
        }
        _ => {
            pop()?;
            let percent = if operator == Operator::PredictPercent { pop()? } else { 0.0 };
            let (window_s, count) = (pop()?, pop()?);
            let distances = if count < 0.0 { 1 } else { count as usize };
            let from = stack
                .len()
                .checked_sub(distances)
                .ok_or("The stack has fewer distances than PREDICT wants")?;
            let distances = stack.split_off(from);
            let ago_s = agos(count, &distances)?;
            let values = around(column, row, &ago_s, window_s, step_s)?;
            stack.push(predicted(operator, percent, values));
        }
    }
    Ok(())
}

// Nothing before the window has once filled.
fn trend(column: &[f64], row: usize, window_s: f64, step_s: f64, keeps_unknown: bool) -> f64 {
    let rows = (window_s / step_s).ceil().max(1.0);
    if (row as f64) + 1.0 < rows {
        return f64::NAN;
    }
    let window =
        column[row + 1 - rows as usize..=row].iter().filter(|value| keeps_unknown || !value.is_nan());
    let (sum, count) = window.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count)
}

// Distances as told, or multiples of one from 0 on.
fn agos(count: f64, distances: &[f64]) -> Result<Vec<f64>, String> {
    let ago_s: Vec<f64> = match distances {
        [distance] if count < 0.0 => {
            (0..(-count) as usize).take(ROWS_MAX).map(|n| n as f64 * distance).collect()
        }
        told => told.to_vec(),
    };
    match ago_s.iter().find(|ago| ago.is_nan() || **ago < 0.0) {
        Some(wrong) => Err(format!("{wrong} seconds ago is not in the past")),
        None => Ok(ago_s),
    }
}

// The known values of all windows. As in rrdtool a distance of n rows is counted from the row after the one that is
// computed, so that a distance of 0 looks one row ahead; and a window of n rows has n + 1.
fn around(column: &[f64], row: usize, ago_s: &[f64], window_s: f64, step_s: f64) -> Result<Vec<f64>, String> {
    let window = (window_s / step_s).ceil().max(0.0);
    if (window + 1.0) * ago_s.len() as f64 > ROWS_MAX as f64 {
        return Err(format!("The windows of PREDICT have more than {ROWS_MAX} rows"));
    }
    let mut values = Vec::new();
    for ago in ago_s {
        let first = (ago / step_s).ceil() as usize;
        let offsets = (first..=first + window as usize).filter(|offset| *offset < row);
        values.extend(
            offsets.filter_map(|offset| column.get(row + 1 - offset)).filter(|value| !value.is_nan()),
        );
    }
    Ok(values)
}

fn predicted(operator: Operator, percent: f64, mut values: Vec<f64>) -> f64 {
    let count = values.len() as f64;
    match operator {
        Operator::Predict => values.iter().sum::<f64>() / count,
        Operator::PredictSigma if values.len() < 2 => f64::NAN,
        Operator::PredictSigma => {
            let (sum, squares) =
                values.iter().fold((0.0, 0.0), |(sum, squares), v| (sum + v, squares + v * v));
            ((count * squares - sum * sum) / (count * (count - 1.0))).sqrt()
        }
        _ => percentile(&mut values, percent),
    }
}

// Between the two nearest values; with a negative percentage the nearest one.
fn percentile(values: &mut [f64], percent: f64) -> f64 {
    values.sort_by(|a, b| ordered(*a, *b));
    let [.., last] = *values else { return f64::NAN };
    let place = percent.abs() / 100.0 * (values.len() as f64 - 1.0);
    if percent < 0.0 {
        return values.get(place.round() as usize).copied().unwrap_or(last);
    }
    let below = place.floor();
    let (low, high) = (below as usize, place.ceil() as usize);
    match (values.get(low), values.get(high)) {
        (Some(low), Some(high)) => low + (high - low) * (place - below),
        _ => last,
    }
}
