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

/// What arrived when the samples beside it were gone. Nobody can tell any more whether a sample was among those, so what
/// a row may have seen is not added to it a second time.
pub(crate) struct Late {
    /// Rows of all of it …
    pub(crate) all: Making,
    /// … and of that which no row can have seen: later than the newest sample of its row, or earlier than the oldest
    /// where rows know when that was.
    pub(crate) unseen: Making,
}

impl Late {
    /// Nothing so far.
    pub(crate) fn new(tier_ms: u32, kind: Kind) -> Self {
        Self { all: Making::new(tier_ms, kind), unseen: Making::new(tier_ms, kind) }
    }

    /// Adds samples that are later than those before; `before` has the rows there are.
    pub(crate) fn add_samples(&mut self, times_ms: &[i64], values: &[f64], before: &[Row]) {
        self.all.add_samples(times_ms, values);
        let unseen = |(time_ms, _): &(&i64, &f64)| {
            is_unseen(before, TimeRange::new(**time_ms, time_ms.saturating_add(1)))
        };
        let (times_ms, values): (Vec<i64>, Vec<f64>) =
            times_ms.iter().zip(values).filter(unseen).map(|(time_ms, value)| (*time_ms, *value)).unzip();
        self.unseen.add_samples(&times_ms, &values);
    }

    /// Adds a shorter row.
    pub(crate) fn add_row(&mut self, row: &Row, before: &[Row]) {
        self.all.at(row.span.start_ms).add_row(row);
        if is_unseen(before, row.span) {
            self.unseen.at(row.span.start_ms).add_row(row);
        }
    }
}

/// Whether no row of `before` can have seen what lies in `span`, which is within one of them or in none.
fn is_unseen(before: &[Row], span: TimeRange) -> bool {
    let at = before.partition_point(|row| row.span.end_ms <= span.start_ms);
    let Some(row) = before.get(at).filter(|row| row.span.overlaps(span) && row.count > 0) else {
        return true;
    };
    // Rows of gauges do not say when their first sample was.
    row.last_ms < span.start_ms || (!row.first.is_nan() && span.end_ms <= row.first_ms)
}

/// A row with what came late: `all` of it, and of that what the row cannot have seen. Says how many samples were left
/// out, as they may be in the row already.
pub(crate) fn with_late(before: &Row, all: &Row, unseen: Option<&Row>, kind: Kind) -> (Row, u64) {
    let is_whole = unseen.is_some_and(|unseen| unseen.count == all.count);
    // What is at least as much and goes at least as far is the same once more, and may be more of it.
    if !is_whole && all.count >= before.count && all.last_ms >= before.last_ms {
        return (*all, 0);
    }
    let added = unseen.map_or(0, |unseen| unseen.count);
    (unseen.map_or(*before, |unseen| add(before, unseen, kind)), all.count.saturating_sub(added))
}

/// The rows before, with those of samples that came late.
pub(crate) fn add_late(before: Vec<Row>, late: &mut Late, kind: Kind) -> Vec<Row> {
    let (mut rows, all, unseen) = (before, late.all.finish(), late.unseen.finish());
    for row in &all {
        let unseen = find(&unseen, row.span);
        match rows.binary_search_by_key(&row.span.start_ms, |row| row.span.start_ms) {
            Ok(at) => rows[at] = with_late(&rows[at], row, unseen, kind).0,
            Err(at) => rows.insert(at, *row),
        }
    }
    rows
}

/// The row of a span.
pub(crate) fn find(rows: &[Row], span: TimeRange) -> Option<&Row> {
    rows.binary_search_by_key(&span.start_ms, |row| row.span.start_ms).ok().map(|at| &rows[at])
}

/// The row of two sets of samples, of which none is in both. Where they lie among each other, how they grew from one to
/// the next is not known any more; what the larger set says then stands.
fn add(a: &Row, b: &Row, kind: Kind) -> Row {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: TimeRange = TimeRange { start_ms: 0, end_ms: 60_000 };

    fn row(kind: Kind, seconds: &[i64]) -> Row {
        let mut builder = RowBuilder::new(SPAN, kind);
        seconds.iter().for_each(|s| builder.add_samples(&[s * 1000], &[*s as f64]));
        let row = builder.finish().unwrap();
        // As it comes back from a block.
        if kind == Kind::Gauge { Row { first: f64::NAN, first_ms: 0, increase: 0.0, ..row } } else { row }
    }

    /// Seconds before, seconds late, the count after, and how many were left out.
    #[test]
    fn nothing_counts_twice() {
        for (kind, before, late, count, left_out) in [
            (Kind::Counter, &[10, 20, 30][..], &[40, 50][..], 5, 0),
            (Kind::Counter, &[10, 20, 30], &[30, 40], 4, 1),
            (Kind::Counter, &[10, 20, 30], &[1, 2], 5, 0),
            (Kind::Counter, &[10, 20, 30], &[10, 20], 3, 2),
            (Kind::Counter, &[10, 20, 30], &[10, 20, 30], 3, 0),
            (Kind::Counter, &[10, 20, 30], &[10, 20, 30, 40], 4, 0),
            (Kind::Gauge, &[10, 20, 30], &[1, 2], 3, 2),
            (Kind::Gauge, &[10, 20, 30], &[40], 4, 0),
            (Kind::Gauge, &[10, 20, 30], &[30], 3, 1),
        ] {
            let mut rows = vec![row(kind, before)];
            for round in 0..2 {
                let mut all = Late::new(60_000, kind);
                for s in late {
                    all.add_samples(&[s * 1000], &[*s as f64], &rows);
                }
                let of = (all.all.finish(), all.unseen.finish());
                let (merged, left) = with_late(&rows[0], &of.0[0], of.1.first(), kind);
                assert_eq!(merged.count, count, "{kind:?} {before:?} {late:?} {round}");
                assert!(round > 0 || left == left_out, "{kind:?} {before:?} {late:?}: {left} left out");
                rows = vec![merged];
            }
        }
    }
}
