//! Rows of archives: primary data points by their consolidation function.

use crate::formats::rrd::{Consolidation, PendingRow};

/// How a run of equal points lies in the rows of an archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Points a row.
    pub row: u64,
    /// Points that close the row in the making (or would, if the run were long enough).
    pub closing: u64,
    /// Points in the run.
    pub points: u64,
    /// Rows that the run closes.
    pub rows: u64,
}

impl Span {
    /// A run of `points`, the first of number `first` since 1970, in rows of `row` points.
    pub(super) fn of(row: u64, first: u64, points: u64) -> Self {
        let closing = row - first % row;
        let rows = if closing <= points { (points - closing) / row + 1 } else { 0 };
        Self { row, closing, points, rows }
    }

    /// Points of the run that begin the next row.
    fn carried(self) -> u64 {
        (self.points - self.closing) % self.row
    }
}

/// Adds a run of points, each of `value`, to the row in the making of one source. When the run closes rows, the first
/// is in `primary`, all others are `secondary`.
pub(super) fn add(pending: &mut PendingRow, function: Consolidation, xff: f64, value: f64, span: Span) {
    if span.row == 1 {
        (pending.primary, pending.secondary) = (value, value);
    } else if span.rows == 0 {
        extend(pending, function, value, span.points);
    } else {
        close(pending, function, xff, value, span);
    }
}

fn extend(pending: &mut PendingRow, function: Consolidation, value: f64, points: u64) {
    if value.is_nan() {
        pending.unknown += points;
        return;
    }
    let so_far = pending.value;
    pending.value = match function {
        Consolidation::Average if so_far.is_nan() => value * points as f64,
        Consolidation::Average => so_far + value * points as f64,
        Consolidation::Min if value >= so_far => so_far,
        Consolidation::Max if value <= so_far => so_far,
        _ => value,
    };
}

fn close(pending: &mut PendingRow, function: Consolidation, xff: f64, value: f64, span: Span) {
    if value.is_nan() {
        pending.unknown += span.closing;
    }
    pending.secondary = value;
    let is_unknown = pending.unknown as f64 > span.row as f64 * xff;
    pending.primary = if is_unknown { f64::NAN } else { consolidated(pending, function, value, span) };
    pending.value = begun(function, value, span.carried());
    pending.unknown = if value.is_nan() { span.carried() } else { 0 };
}

/// What a row has that begins with `points` of `value`.
fn begun(function: Consolidation, value: f64, points: u64) -> f64 {
    match function {
        Consolidation::Average if points == 0 || value.is_nan() => 0.0,
        Consolidation::Average => value * points as f64,
        _ if points > 0 && !value.is_nan() => value,
        Consolidation::Min => f64::INFINITY,
        Consolidation::Max => f64::NEG_INFINITY,
        _ => f64::NAN,
    }
}

/// The value of a row that this point completes. Unknown points do not count, except as the last.
fn consolidated(pending: &PendingRow, function: Consolidation, value: f64, span: Span) -> f64 {
    let known = |number: f64, otherwise: f64| if number.is_nan() { otherwise } else { number };
    match function {
        Consolidation::Average => {
            let sum = known(pending.value, 0.0) + known(value, 0.0) * span.closing as f64;
            sum / (span.row - pending.unknown) as f64
        }
        Consolidation::Max => known(pending.value, f64::NEG_INFINITY).max(known(value, f64::NEG_INFINITY)),
        Consolidation::Min => known(pending.value, f64::INFINITY).min(known(value, f64::INFINITY)),
        _ => value,
    }
}
