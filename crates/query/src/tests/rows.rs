//! Answers from rows are the answers from samples.

use super::*;
use model::{
    Chunk, Description, Detail, Matcher, ReadError, Reading, Rolled, Row, RowBuilder, Sample, Selection,
    SeriesId, Source, TierChoice, TimeRange,
};
use std::ops::ControlFlow;

/// Gives rows of so many milliseconds wherever they are allowed.
pub(crate) struct InRows(pub(crate) MemoryStore, pub(crate) i64);

impl InRows {
    fn rows(&self, kind: Kind, times_ms: &[i64], values: &[f64]) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut start = 0;
        while let Some(first_ms) = times_ms.get(start) {
            let start_ms = first_ms.div_euclid(self.1) * self.1;
            let span = TimeRange::new(start_ms, start_ms + self.1);
            let end = start + times_ms[start..].partition_point(|time_ms| *time_ms < span.end_ms);
            let mut builder = RowBuilder::new(span, kind);
            builder.add_samples(&times_ms[start..end], &values[start..end]);
            rows.extend(builder.finish());
            start = end;
        }
        rows
    }
}

impl Source for InRows {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        self.0.select(matchers, range, limit)
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.0.read(ids, range, visit)
    }

    fn read_rolled(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        detail: &Detail<'_>,
        visit: &mut dyn FnMut(SeriesId, Rolled<'_>) -> ControlFlow<()>,
    ) -> Result<Reading, ReadError> {
        let kinds: std::collections::HashMap<SeriesId, Kind> =
            self.0.select(&[], TimeRange::ALL, 999)?.series.iter().map(|s| (s.id, s.kind)).collect();
        self.0.read(ids, range, &mut |id, Chunk::Samples { times_ms, values }| {
            for row in self.rows(kinds[&id], times_ms, values) {
                let inside = |time_ms: &i64| row.span.contains(*time_ms);
                let from = times_ms.iter().position(inside).unwrap();
                let to = times_ms.iter().rposition(inside).unwrap() + 1;
                let is_whole = range.start_ms <= row.span.start_ms && row.span.end_ms <= range.end_ms;
                let is_allowed = is_whole && detail.encloses(row.span);
                let piece = if is_allowed && !detail.aspects.contains(model::Aspects::SAMPLES) {
                    Rolled::Rows(std::slice::from_ref(&row))
                } else {
                    Rolled::Samples { times_ms: &times_ms[from..to], values: &values[from..to] }
                };
                if visit(id, piece).is_break() {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(Reading { tiers_ms: vec![self.1 as u32], ..Reading::default() })
    }

    fn tiers_ms(&self) -> Option<Vec<u32>> {
        Some(vec![0, self.1 as u32])
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        self.0.last(ids, range)
    }

    fn label_names(&self, m: &[Matcher], range: TimeRange, limit: usize) -> Result<Vec<String>, ReadError> {
        self.0.label_names(m, range, limit)
    }

    fn label_values(
        &self,
        name: &str,
        m: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        self.0.label_values(name, m, range, limit)
    }

    fn describe(&self, metric: &str) -> Option<Description> {
        self.0.describe(metric)
    }
}

fn fill(store: &MemoryStore) {
    let mut random = stdx::random::Random::from_seed(8);
    for (host, kind) in [("a", Kind::Counter), ("b", Kind::Counter), ("c", Kind::Derive), ("d", Kind::Gauge)]
    {
        let labels = Labels::from_pairs([("__name__", "m"), ("host", host)]).unwrap();
        let mut total = 0.0;
        let mut time_ms = 0;
        let mut samples = Vec::new();
        while time_ms < 3_600_000 {
            time_ms += 5_000 + random.below(9_000) as i64;
            total = if random.below(60) == 0 { 0.0 } else { total + random.below(50) as f64 };
            let value = match random.below(40) {
                0 => model::STALE,
                1 => f64::NAN,
                _ => total,
            };
            samples.push((time_ms, value));
        }
        store.insert(&labels, kind, samples);
    }
}

#[test]
fn rows_answer_as_samples_do() {
    let plain = MemoryStore::new();
    fill(&plain);
    let rows = InRows(MemoryStore::new(), 60_000);
    fill(&rows.0);
    for metric in ["avg", "sum", "min", "max", "count", "first", "last", "rate", "increase", "percentiles"] {
        for step in ["1m", "5m", "90s", "1h"] {
            let text = format!(".es(metric={metric}:m), .es(metric={metric}:m, split=host:9)");
            let plan = timelion::plan(&[text.as_str()], &signatures(FUNCTIONS));
            let mut grid = GridSpec::new(0, 3_600_000);
            grid.interval = Interval::parse(step);
            let request = Request { tier: TierChoice::Auto, ..Request::new(&plan, FUNCTIONS, grid) };
            let wanted = run(&request, &plain).unwrap();
            let found = run(&request, &rows).unwrap();
            assert_eq!(found.reading.tiers_ms, [60_000]);
            let frames = [found, wanted].map(|mut answer| answer.results.remove(0).unwrap());
            assert_eq!(frames[0].series.len(), frames[1].series.len());
            for (found, wanted) in frames[0].series.iter().zip(&frames[1].series) {
                for (a, b) in found.values.iter().zip(&wanted.values) {
                    let same = a.to_bits() == b.to_bits() || (a - b).abs() <= 1e-9 * b.abs().max(1.0);
                    assert!(same, "{text} {step}: {found:?} {wanted:?}");
                }
            }
        }
    }
}

#[test]
fn a_tier_that_is_not_there_is_told_with_those_that_are() {
    let rows = InRows(MemoryStore::new(), 60_000);
    fill(&rows.0);
    let plan = timelion::plan(&[".es(metric=avg:m)"], &signatures(FUNCTIONS));
    let ask = |tier: &str| {
        let tier = TierChoice::parse(tier).unwrap();
        let grid = GridSpec::new(0, 3_600_000);
        run(&Request { tier, ..Request::new(&plan, FUNCTIONS, grid) }, &rows)
    };
    let refused = ask("5m").unwrap_err().to_string();
    assert!(refused.contains("there is no tier 300s; there are raw, 60s"), "{refused}");
    for known in ["raw", "60s", "1m", "auto"] {
        assert!(ask(known).is_ok(), "{known}");
    }
}
