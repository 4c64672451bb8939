//! Samples that are gone: rows of a minute stand for them.

use crate::vector::{Outcome, Question, Steps, answer};
use lang::{Scope, promql};
use model::memory::MemoryStore;
use model::{
    Chunk, Description, Detail, Kind, Labels, Matcher, ReadError, Reading, Rolled, Row, RowBuilder, Sample,
    Selection, SeriesId, Source, TierChoice, TimeRange,
};
use std::ops::ControlFlow;

const ROW_MS: i64 = 60_000;

/// A store that lost its samples before a time.
struct Aged {
    all: MemoryStore,
    gone_ms: i64,
}

impl Aged {
    fn rows(&self, id: SeriesId, range: TimeRange) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut start_ms = range.start_ms.div_euclid(ROW_MS) * ROW_MS;
        while start_ms < range.end_ms.min(self.gone_ms) {
            let span = TimeRange::new(start_ms, start_ms + ROW_MS);
            let mut row = RowBuilder::new(span, Kind::Counter);
            let _ = self.all.read(&[id], span, &mut |_, Chunk::Samples { times_ms, values }| {
                row.add_samples(times_ms, values);
                ControlFlow::Continue(())
            });
            rows.extend(row.finish());
            start_ms += ROW_MS;
        }
        rows
    }

    fn left(&self, range: TimeRange) -> TimeRange {
        range.intersect(TimeRange::new(self.gone_ms, i64::MAX))
    }
}

impl Source for Aged {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        self.all.select(matchers, range, limit)
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.all.read(ids, self.left(range), visit)
    }

    fn read_rolled(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        detail: &Detail<'_>,
        visit: &mut dyn FnMut(SeriesId, Rolled<'_>) -> ControlFlow<()>,
    ) -> Result<Reading, ReadError> {
        let mut reading = Reading::default();
        for id in ids {
            let rows = self.rows(*id, range);
            if !rows.is_empty() && detail.tier != TierChoice::Only(0) {
                reading.note_gone(TimeRange::new(range.start_ms, self.gone_ms), ROW_MS as u32);
                let _ = visit(*id, Rolled::Rows(&rows));
            }
            if matches!(detail.tier, TierChoice::Auto | TierChoice::Only(0)) {
                let _ = self.all.read(
                    &[*id],
                    self.left(range),
                    &mut |id, Chunk::Samples { times_ms, values }| {
                        visit(id, Rolled::Samples { times_ms, values })
                    },
                );
            }
        }
        Ok(reading)
    }

    fn tiers_ms(&self) -> Option<Vec<u32>> {
        Some(vec![0, ROW_MS as u32])
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        self.all.last(ids, self.left(range))
    }

    fn label_names(&self, _: &[Matcher], _: TimeRange, _: usize) -> Result<Vec<String>, ReadError> {
        Ok(Vec::new())
    }

    fn label_values(&self, _: &str, _: &[Matcher], _: TimeRange, _: usize) -> Result<Vec<String>, ReadError> {
        Ok(Vec::new())
    }

    fn describe(&self, _: &str) -> Option<Description> {
        None
    }
}

#[test]
fn functions_go_on_where_samples_are_gone() {
    let all = MemoryStore::new();
    let labels = Labels::from_pairs([("__name__", "m_total")]).unwrap();
    all.insert(&labels, Kind::Counter, (0..360).map(|n| (n * 10_000, n as f64)));
    let aged = Aged { all, gone_ms: 1_800_000 };
    let steps = Steps::range(600_000, 3_540_000, 60_000);
    let cases = [
        ("rate(m_total[5m])", 0.1, 0.1),
        ("max_over_time(m_total[10m]) - min_over_time(m_total[10m])", 54.0, 59.0),
        ("m_total - m_total offset 5m", 30.0, 30.0),
        ("irate(m_total[5m])", 0.1, 0.1),
    ];
    for (text, least, most) in cases {
        let plan = promql::plan(&[text], &Scope::range(steps.start_ms, steps.last_ms(), steps.step_ms));
        let question = Question::new(&plan, *plan.results[0].as_ref().unwrap(), steps);
        let found = answer(&question, &aged).unwrap();
        let Outcome::Vector(matrix) = found.outcome else { panic!("{text}") };
        for (step, value) in matrix[0].column.values.iter().enumerate() {
            let is_near = *value >= least - 6.0 * least / 30.0 && *value <= most + 6.0 * most / 30.0;
            assert!(is_near, "{text} at step {step}: {value}");
        }
        assert_eq!(found.reading.gone.len(), 1, "{text}");
    }
    let plan = promql::plan(&["m_total"], &Scope::instant(900_000));
    let question = Question::new(&plan, *plan.results[0].as_ref().unwrap(), Steps::instant(900_000));
    let Outcome::Vector(matrix) = answer(&question, &aged).unwrap().outcome else { panic!() };
    assert_eq!(matrix[0].column.values, [89.0]);
}
