//! Growth told from what runs of samples come to is growth told from samples.

use crate::vector::{Outcome, Question, Steps, answer};
use lang::{Scope, promql};
use model::memory::MemoryStore;
use model::{
    Chunk, Description, Detail, Kind, Labels, Matcher, ReadError, Reading, Rolled, RowBuilder, STALE, Sample,
    Selection, SeriesId, Source, TimeRange, is_stale,
};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use stdx::random::Random;

/// Gives what runs of samples come to, wherever that is allowed.
struct InRuns {
    all: MemoryStore,
    len_max: usize,
    rows: AtomicUsize,
}

impl Source for InRuns {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        self.all.select(matchers, range, limit)
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        self.all.read(ids, range, visit)
    }

    fn read_rolled(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        detail: &Detail<'_>,
        visit: &mut dyn FnMut(SeriesId, Rolled<'_>) -> ControlFlow<()>,
    ) -> Result<Reading, ReadError> {
        self.all.read(ids, range, &mut |id, Chunk::Samples { times_ms, values }| {
            for (times_ms, values) in times_ms.chunks(self.len_max).zip(values.chunks(self.len_max)) {
                let span = TimeRange::new(times_ms[0], times_ms[times_ms.len() - 1] + 1);
                let mut row = RowBuilder::new(span, Kind::Counter);
                row.add_samples(times_ms, values);
                let is_whole = detail.encloses(span) && !values.iter().any(|value| value.is_nan());
                let _ = match row.finish().filter(|_| is_whole) {
                    Some(row) => {
                        self.rows.fetch_add(1, Ordering::Relaxed);
                        visit(id, Rolled::Rows(&[row]))
                    }
                    None => visit(id, Rolled::Samples { times_ms, values }),
                };
            }
            ControlFlow::Continue(())
        })?;
        Ok(Reading::default())
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        self.all.last(ids, range)
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

/// A counter that is reset now and then, and sometimes is no number, at irregular times.
fn samples(random: &mut Random) -> Vec<(i64, f64)> {
    let (mut time_ms, mut total) = (0, 0.0);
    let one = |_| {
        time_ms += 1 + random.below(20) as i64;
        total = if random.below(25) == 0 {
            random.below(9) as f64
        } else {
            total + random.below(500) as f64 / 8.0
        };
        let value = match random.below(60) {
            0 => f64::NAN,
            1 => STALE,
            _ => total,
        };
        (time_ms, value)
    };
    (0..300).map(one).collect()
}

fn store(kind: Kind, samples: &[(i64, f64)]) -> MemoryStore {
    let store = MemoryStore::new();
    let labels = Labels::from_pairs([("__name__", "m_total")]).unwrap();
    store.insert(&labels, kind, samples.iter().copied());
    store
}

fn ask(text: &str, steps: Steps, source: &dyn Source) -> (Vec<f64>, Vec<String>) {
    let plan = promql::plan(&[text], &Scope::range(steps.start_ms, steps.last_ms(), steps.step_ms));
    let question = Question::new(&plan, *plan.results[0].as_ref().unwrap(), steps);
    let found = answer(&question, source).unwrap();
    let Outcome::Vector(matrix) = found.outcome else { panic!("{text}") };
    let notes = found.notes.iter().map(|note| note.text(text)).collect();
    (matrix.first().map(|series| series.column.values.clone()).unwrap_or_default(), notes)
}

#[test]
fn growth_of_runs_is_growth_of_samples() {
    let mut random = Random::from_seed(5);
    let mut rows = 0;
    for _ in 0..80 {
        let samples = samples(&mut random);
        let step_ms = 20 + random.below(60) as i64;
        let range_ms = match random.below(3) {
            0 => 1 + random.below(step_ms as u64) as i64,
            1 => step_ms,
            _ => step_ms * (1 + random.below(20) as i64),
        };
        let steps = Steps::range(random.below(500) as i64, 3500, step_ms);
        let runs = InRuns {
            all: store(Kind::Counter, &samples),
            len_max: 1 + random.below(8) as usize,
            rows: AtomicUsize::new(0),
        };
        for function in ["rate", "increase", "delta"] {
            let text = format!("{function}(m_total[{range_ms}ms])");
            // Of a gauge every window is looked at by itself.
            let (wanted, notes) = ask(&text, steps, &store(Kind::Gauge, &samples));
            for source in [&runs as &dyn Source, &runs.all] {
                let (found, found_notes) = ask(&text, steps, source);
                assert_eq!(found.len(), wanted.len(), "{text}");
                assert_eq!(found_notes, notes, "{text}");
                for (step, (a, b)) in found.iter().zip(&wanted).enumerate() {
                    let is_same = is_stale(*a) == is_stale(*b)
                        && (a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * b.abs().max(1.0));
                    assert!(is_same, "{text} at step {step} of {steps:?}: {a} for {b}");
                }
            }
        }
        rows += runs.rows.load(Ordering::Relaxed);
    }
    assert!(rows > 1000, "{rows} rows");
}

#[test]
fn one_who_does_not_name_counters_is_told() {
    let labels = Labels::from_pairs([("__name__", "load")]).unwrap();
    let source = MemoryStore::new();
    source.insert(&labels, Kind::Counter, (0..60).map(|at| (at * 1000, at as f64)));
    let (values, notes) = ask("rate(load[10s])", Steps::range(10_000, 50_000, 10_000), &source);
    assert_eq!(values, [1.0; 5]);
    assert!(notes[0].contains("might not be a counter"), "{notes:?}");
}
