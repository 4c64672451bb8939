//! Several series on one grid: the step is the least common multiple, and values go side by side by their place.

use crate::graphite::aggregate::Aggregate;
use crate::graphite::series::Series;
use std::borrow::Cow;

/// Series side by side.
pub(super) struct Normal<'a> {
    /// Their values, each as long as its series is.
    pub(super) columns: Vec<Cow<'a, [f64]>>,
    /// The first start.
    pub(super) start_s: i64,
    /// The last end that is a whole number of steps away.
    pub(super) end_s: i64,
    /// The common step.
    pub(super) step_s: i64,
}

/// Brings series to one grid; `None` when there is none.
pub(super) fn normal<'a>(series: &[&'a Series]) -> Option<Normal<'a>> {
    let start_s = series.iter().map(|series| series.start_s).min()?;
    let end_s = series.iter().map(|series| series.end_s).max()?;
    let step_s = series.iter().fold(1, |step, series| common(step, series.step_s));
    let columns = series.iter().map(|series| match step_s / series.step_s {
        1 => Cow::Borrowed(series.values.as_slice()),
        many => Cow::Owned(series.consolidated(usize::try_from(many).unwrap_or(1))),
    });
    Some(Normal { columns: columns.collect(), start_s, end_s: end_s - (end_s - start_s) % step_s, step_s })
}

impl Normal<'_> {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.columns.iter().map(|column| column.len()).max().unwrap_or(0)
    }

    /// One number of each row; null where a series has no value.
    pub(super) fn rows(&self, mut of: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
        let mut row = vec![f64::NAN; self.columns.len()];
        let mut one = |at: usize| {
            for (value, column) in row.iter_mut().zip(&self.columns) {
                *value = column.get(at).copied().unwrap_or(f64::NAN);
            }
            of(&row)
        };
        (0..self.len()).map(&mut one).collect()
    }

    /// The sums of all rows, column by column: the memory is gone through in its order.
    pub(super) fn sums(&self) -> Vec<f64> {
        let mut sums = vec![f64::NAN; self.len()];
        for column in &self.columns {
            for (sum, value) in sums.iter_mut().zip(column.iter()).filter(|(_, value)| !value.is_nan()) {
                *sum = if sum.is_nan() { *value } else { *sum + value };
            }
        }
        sums
    }

    /// A row's aggregate where enough of it is there.
    pub(super) fn aggregate(&self, aggregate: Aggregate, x_files_factor: f64) -> Vec<f64> {
        if aggregate == Aggregate::Sum && x_files_factor <= 0.0 {
            return self.sums();
        }
        self.rows(|row| if enough(row, x_files_factor) { aggregate.of(row) } else { f64::NAN })
    }
}

/// Whether enough of a row is there: one value at least.
pub(super) fn enough(row: &[f64], x_files_factor: f64) -> bool {
    let present = row.iter().filter(|value| !value.is_nan()).count();
    is_enough(present, row.len() as f64, x_files_factor)
}

/// The same with numbers.
pub(super) fn is_enough(present: usize, of: f64, x_files_factor: f64) -> bool {
    present > 0 && of > 0.0 && present as f64 / of >= x_files_factor
}

// Least common multiple; steps so unlike that it overflows stay as they are.
fn common(a: i64, b: i64) -> i64 {
    let (mut x, mut y) = (a.max(1), b.max(1));
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a.max(1) / x).checked_mul(b.max(1)).unwrap_or(a)
}

/// The expressions series were asked for by, each once.
pub(super) fn expressions<'a>(series: impl IntoIterator<Item = &'a Series>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for series in series {
        if !seen.contains(&series.path_expression.as_str()) {
            seen.push(&series.path_expression);
        }
    }
    seen.join(",")
}
