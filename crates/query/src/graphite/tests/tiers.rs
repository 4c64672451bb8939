//! Long ranges from rows of tiers say what the samples say.

use super::{T0, shown};
use crate::graphite::{Answer, Context, Series, consolidate, render};
use crate::tests::rows::InRows;
use model::memory::MemoryStore;
use model::{Kind, Labels, NAME, Source};
use stdx::random::Random;

/// More than a day, so that rows are used, in whole hours.
const LONG_S: i64 = 40 * 3600;

/// Two series, a value every ten seconds; of the second half are missing. The last of each hour
/// is missing, too: a chart of samples tells it one step late, within the next hour.
fn samples() -> MemoryStore {
    let store = MemoryStore::new();
    let mut random = Random::from_seed(5);
    for (name, part) in [("a.b", 1), ("a.c", 2)] {
        let labels = Labels::from_pairs([(NAME, name)]).unwrap();
        let times = (1..=LONG_S / 10).map(|at| (T0 + at * 10) * 1000).filter(|_| random.below(part) == 0);
        let samples: Vec<(i64, f64)> = times
            .filter(|time_ms| time_ms / 1000 % 3600 < 3590)
            .map(|time_ms| (time_ms, value(time_ms)))
            .collect();
        store.insert(&labels, Kind::Gauge, samples);
    }
    store
}

fn value(time_ms: i64) -> f64 {
    (time_ms / 1000 % 7919) as f64 - 3000.0
}

fn ask(target: &str, points: Option<usize>, source: &dyn Source) -> Answer {
    let context = Context { points_max: points, ..Context::new(T0, T0 + LONG_S) };
    render(&[target], &context, source).unwrap()
}

/// Whole hours, but for the last.
fn hours(answer: Answer) -> Vec<Series> {
    let mut series = answer.results.into_iter().next().unwrap().unwrap();
    consolidate(&mut series, (LONG_S / 3600) as usize);
    for series in &mut series {
        let first = usize::try_from((T0 + 3600 - series.start_s) / series.step_s).unwrap();
        series.start_s = T0 + 3600;
        series.values.drain(..first);
        series.values.truncate(usize::try_from(LONG_S / 3600).unwrap() - 2);
    }
    series
}

/// Means of rows that have not equally many samples are near the mean of all, and everything else is exact.
fn is_close(target: &str, a: &[Series], b: &[Series]) -> bool {
    let is_mean = ["a.b", "sumSeries(a.b, scale(a.b, 2))", "summarize(a.b, '1h', 'avg')"].contains(&target);
    let off_max = if is_mean { 60.0 } else { 1e-6 };
    let near = |(a, b): (&f64, &f64)| (a.is_nan() && b.is_nan()) || (a - b).abs() <= off_max;
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            a.name == b.name
                && a.start_s == b.start_s
                && a.values.len() == b.values.len()
                && a.values.iter().zip(&b.values).all(near)
        })
}

#[test]
fn rows_are_put_together_as_samples_would_be() {
    let (plain, rows) = (samples(), InRows(samples(), 600_000));
    for (target, is_from_rows) in [
        ("a.b", true),
        ("consolidateBy(a.b, 'max')", true),
        ("consolidateBy(a.*, 'min')", true),
        ("consolidateBy(a.*, 'sum')", true),
        ("consolidateBy(a.*, 'last')", true),
        ("consolidateBy(a.*, 'first')", true),
        ("cumulative(a.*)", true),
        ("alias(consolidateBy(scale(a.b, 3), 'max'), 'x')", true),
        ("consolidateBy(alias(offset(a.b, 3), 'x'), 'min')", true),
        ("sumSeries(a.b, scale(a.b, 2))", true),
        ("consolidateBy(alias(consolidateBy(a.*, 'sum'), 'x'), 'max')", true),
        ("consolidateBy(offset(consolidateBy(a.*, 'sum'), 1), 'max')", true),
        ("consolidateBy(scale(a.b, -1), 'max')", false),
        ("consolidateBy(a.*, 'avg_zero')", false),
        ("consolidateBy(sumSeries(a.*), 'max')", false),
        ("sumSeries(consolidateBy(a.*, 'max'))", false),
        ("offset(consolidateBy(a.b, 'sum'), 1)", false),
        ("absolute(a.*)", false),
        ("movingAverage(a.b, 6)", false),
        ("nonNegativeDerivative(a.b)", false),
        ("highestMax(a.*, 1)", false),
    ] {
        let found = ask(target, Some(40), &rows);
        let step_s = found.results[0].as_ref().unwrap()[0].step_s;
        assert_eq!(step_s == 600, is_from_rows, "{target}: a step of {step_s} s");
        let (found, wanted) = (hours(found), hours(ask(target, Some(40), &plain)));
        assert!(is_close(target, &found, &wanted), "{target}\n{:?}\n{:?}", shown(&found), shown(&wanted));
    }
}

#[test]
fn buckets_of_summarize_are_whole_rows() {
    let (plain, rows) = (samples(), InRows(samples(), 600_000));
    for (target, step_s) in [
        ("summarize(a.*, '1h', 'max')", Some(600)),
        ("summarize(a.*, '1h')", Some(600)),
        ("summarize(a.*, '20min', 'min')", Some(600)),
        ("summarize(a.b, '1h', 'avg')", Some(600)),
        ("summarize(a.*, '1h', 'last')", Some(600)),
        ("summarize(a.*, '15min', 'max')", None),
        ("summarize(a.*, '1h', 'median')", None),
        ("summarize(a.*, '1h', 'max', true)", None),
    ] {
        let (found, wanted) = (ask(target, Some(40), &rows), ask(target, Some(40), &plain));
        // What was touched says from what it was made.
        assert_eq!(found.stats.samples < wanted.stats.samples / 10, step_s.is_some(), "{target}");
        let inner = |answer: Answer| {
            let mut series = answer.results.into_iter().next().unwrap().unwrap();
            series
                .iter_mut()
                .for_each(|series| series.values = series.values[1..series.values.len() - 1].to_vec());
            series
        };
        let (found, wanted) = (inner(found), inner(wanted));
        assert!(is_close(target, &found, &wanted), "{target}\n{:?}\n{:?}", shown(&found), shown(&wanted));
    }
}

#[test]
fn short_ranges_and_answers_without_a_width_are_made_of_samples() {
    let rows = InRows(samples(), 600_000);
    assert_eq!(ask("a.b", None, &rows).results[0].as_ref().unwrap()[0].step_s, 10);
    let context = Context { points_max: Some(10), ..Context::new(T0, T0 + 80_000) };
    let answer = render(&["a.b"], &context, &rows).unwrap();
    assert_eq!(answer.results[0].as_ref().unwrap()[0].step_s, 10);
}
