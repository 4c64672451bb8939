//! Rows as they are made from samples or shorter rows, and what samples that came later make of them.

use super::spans;
use model::{Kind, Row, RowBuilder, TimeRange};

/// Rows in the making.
pub(crate) struct Making {
    tier_ms: i64,
    pub(crate) kind: Kind,
    open: Option<(TimeRange, RowBuilder)>,
    done: Vec<Row>,
}

impl Making {
    /// Rows of a tier, of a series of `kind`.
    pub(crate) fn new(tier_ms: u32, kind: Kind) -> Self {
        Self { tier_ms: i64::from(tier_ms), kind, open: None, done: Vec::new() }
    }

    /// The row that an instant falls into; never before the one asked for last.
    pub(crate) fn at(&mut self, time_ms: i64) -> &mut RowBuilder {
        let span = spans::outward(TimeRange::new(time_ms, time_ms.saturating_add(1)), self.tier_ms);
        if self.open.as_ref().is_some_and(|(open, _)| *open != span) {
            self.close();
        }
        let kind = self.kind;
        &mut self.open.get_or_insert_with(|| (span, RowBuilder::new(span, kind))).1
    }

    /// Adds samples; none is before the newest row.
    pub(crate) fn add_samples(&mut self, times_ms: &[i64], values: &[f64]) {
        let mut start = 0;
        while let Some(&time_ms) = times_ms.get(start) {
            let end_ms = time_ms.div_euclid(self.tier_ms).saturating_add(1).saturating_mul(self.tier_ms);
            let end = start + times_ms[start..].partition_point(|&time_ms| time_ms < end_ms).max(1);
            self.at(time_ms).add_samples(&times_ms[start..end], &values[start..end]);
            start = end;
        }
    }

    fn close(&mut self) {
        if let Some((_, builder)) = self.open.take() {
            self.done.extend(builder.finish());
        }
    }

    /// The rows, in order of time.
    pub(crate) fn finish(&mut self) -> Vec<Row> {
        self.close();
        std::mem::take(&mut self.done)
    }
}

/// The rows before, with those of samples that were not among theirs.
pub(crate) fn add_late(before: Vec<Row>, late: &[Row], kind: Kind) -> Vec<Row> {
    let mut rows = before;
    for row in late {
        match rows.binary_search_by_key(&row.span.start_ms, |row| row.span.start_ms) {
            Ok(at) => rows[at] = add(&rows[at], row, kind),
            Err(at) => rows.insert(at, *row),
        }
    }
    rows
}

/// The row of two sets of samples. Where they lie among each other, how they grew from one to the next is not known any
/// more; what the larger set says then stands. The same samples once more add nothing, as far as rows can tell.
pub(crate) fn add(a: &Row, b: &Row, kind: Kind) -> Row {
    if is_again(a, b) {
        return *a;
    }
    let (first, second) = if a.first_ms <= b.first_ms { (a, b) } else { (b, a) };
    let mut builder = RowBuilder::new(a.span, kind);
    builder.add_row(first);
    builder.add_row(second);
    let Some(sum) = builder.finish() else { return *a };
    if first.last_ms < second.first_ms || first.count == 0 || second.count == 0 {
        return sum;
    }
    let larger = if a.count >= b.count { a } else { b };
    let last = if first.last_ms > second.last_ms { first } else { second };
    Row {
        last: last.last,
        last_ms: last.last_ms,
        increase: larger.increase,
        covered_ms: larger.covered_ms,
        ended_before: first.ended_before,
        ended_after: last.ended_after,
        ..sum
    }
}

/// Whether `late` is of samples that `row` is of already: all of them, or the newest one.
fn is_again(row: &Row, late: &Row) -> bool {
    let same = |a: f64, b: f64| a.to_bits() == b.to_bits();
    // Rows keep sums with as many decimals as values have.
    let is_near = same(row.sum, late.sum) || (row.sum - late.sum).abs() <= 1e-9 * row.sum.abs().max(1.0);
    let same_newest = row.count > 0 && late.count > 0 && row.last_ms == late.last_ms;
    let same_all = row.count == late.count
        && is_near
        && same(row.min, late.min)
        && same(row.max, late.max)
        && same(row.last, late.last);
    same_newest && (late.count == 1 || same_all)
}
