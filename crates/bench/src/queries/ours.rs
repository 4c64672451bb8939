//! Questions put to our engine, and answers as rows to compare.

use super::classes::{Instance, Shape};
use super::load::{START_MS, Size};
use crate::cost::{cpu_seconds, median};
use crate::data::cpu::METRICS;
use lang::Scope;
use model::{SeriesId, Source, TimeRange};
use query::names::{signatures, timelion::FUNCTIONS};
use query::vector::{self, Outcome, Question, Steps};
use query::{Answer, GridSpec, Request};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use store::Store;

/// Values by metric and host ("" where hosts are put together) and end of the bucket.
pub type Rows = BTreeMap<(String, String, i64), f64>;

/// Asks the engine: text to plan to frames.
pub fn answer(store: &Store, instance: &Instance) -> Result<Answer, String> {
    let text = instance.timelion();
    let plan = lang::timelion::plan(&[&text], &signatures(FUNCTIONS));
    let grid = GridSpec {
        interval: model::Interval::parse(&interval(instance)),
        buckets_max: 10_000,
        ..GridSpec::new(instance.start_ms, instance.end_ms)
    };
    let mut request = Request::new(&plan, FUNCTIONS, grid);
    request.limits.time = Duration::from_secs(300);
    query::run(&request, store).map_err(|e| e.message())
}

/// Asks the engine in PromQL, a query a metric: text to plan to vectors.
pub fn vectors(store: &Store, instance: &Instance) -> Result<Vec<Outcome>, String> {
    let (steps, scope) = match instance.shape {
        Shape::LastByHost => (Steps::instant(instance.end_ms), Scope::instant(instance.end_ms)),
        _ => {
            // A point tells of the window before it.
            let first_ms = instance.start_ms + instance.step_ms;
            (
                Steps::range(first_ms, instance.end_ms, instance.step_ms),
                Scope::range(first_ms, instance.end_ms, instance.step_ms),
            )
        }
    };
    let ask = |text: &String| {
        let plan = lang::promql::plan(&[text], &scope);
        let node = plan.results[0].clone().map_err(|e| e.message)?;
        let mut question = Question::new(&plan, node, steps);
        question.limits.time = Duration::from_secs(300);
        question.is_instant = instance.shape == Shape::LastByHost;
        vector::answer(&question, store).map(|answer| answer.outcome).map_err(|e| e.message())
    };
    instance.promql().iter().map(ask).collect()
}

/// The values of the vectors, one a metric.
pub fn vector_rows(instance: &Instance, answers: Vec<Outcome>) -> Result<Rows, String> {
    let mut rows = Rows::new();
    for (metric, outcome) in instance.metrics.iter().zip(answers) {
        let Outcome::Vector(matrix) = outcome else { return Err("a vector is wanted".to_owned()) };
        for series in matrix {
            let host = match instance.shape {
                Shape::Max => "",
                _ => series.labels.get("hostname").unwrap_or(""),
            };
            for (at, value) in series.column.values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
                let end_ms = match instance.shape {
                    Shape::LastByHost => instance.end_ms,
                    _ => instance.start_ms + instance.step_ms * (at as i64 + 1),
                };
                rows.insert(((*metric).to_owned(), host.to_owned(), end_ms), *value);
            }
        }
    }
    Ok(rows)
}

fn interval(instance: &Instance) -> String {
    format!("{}s", instance.step_ms / 1000)
}

/// The question as the body of a request to our server.
pub fn body(instance: &Instance) -> String {
    json!({
        "language": "timelion",
        "exprs": [instance.timelion()],
        "from": instance.start_ms.to_string(),
        "to": instance.end_ms.to_string(),
        "interval": interval(instance),
    })
    .to_string()
}

/// The answer's values; empty buckets are left out.
pub fn rows(answer: Answer) -> Result<Rows, String> {
    let grid = answer.grid;
    let mut rows = Rows::new();
    for result in answer.results {
        for series in result.map_err(|e| e.message())?.series {
            let metric =
                series.label.rsplit(['(', '>']).next().unwrap_or("").trim_end_matches(')').to_owned();
            let host = series.split.unwrap_or_default();
            for (at, value) in series.values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
                rows.insert((metric.clone(), host.clone(), grid.edge_ms(at + 1)), *value);
            }
        }
    }
    Ok(rows)
}

/// Medians of CPU and wall milliseconds for the newest sample of every series, asked of the store itself.
pub fn lastpoint(runs: usize, size: &Size, store: &Store) -> Result<(f64, f64), String> {
    let end_ms = START_MS + size.length_ms();
    let range = TimeRange::new(end_ms - 600_000, end_ms);
    let (mut cpus, mut walls) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let (cpu, started) = (cpu_seconds(), Instant::now());
        let found = store.select(&[], range, usize::MAX).map_err(|e| e.to_string())?;
        let ids: Vec<SeriesId> = found.series.iter().map(|series| series.id).collect();
        let newest = store.last(&ids, range).map_err(|e| e.to_string())?;
        walls.push(started.elapsed().as_secs_f64() * 1000.0);
        cpus.push((cpu_seconds() - cpu) * 1000.0);
        let found = newest.iter().flatten().count();
        if found != size.hosts * METRICS.len() {
            return Err(format!("{found} series have a newest sample"));
        }
    }
    Ok((median(&mut cpus), median(&mut walls)))
}

/// Whether two answers agree; sums may be added in another order.
pub fn same(ours: &Rows, theirs: &Rows) -> Result<(), String> {
    if let Some(key) = ours.keys().find(|key| !theirs.contains_key(*key)) {
        return Err(format!("only we have {key:?}"));
    }
    if let Some(key) = theirs.keys().find(|key| !ours.contains_key(*key)) {
        return Err(format!("only the peer has {key:?}"));
    }
    let differ = ours.iter().find(|(key, value)| (**value - theirs[key]).abs() > 1e-9 * value.abs().max(1.0));
    differ.map_or(Ok(()), |(key, value)| Err(format!("{key:?}: {value} here, {} there", theirs[key])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_differ_are_told() {
        let rows = |host: &str, value| Rows::from([(("m".to_owned(), host.to_owned(), 1), value)]);
        assert_eq!(same(&rows("a", 0.1 + 0.2), &rows("a", 0.3)), Ok(()));
        assert!(same(&rows("a", 1.0), &rows("a", 1.1)).unwrap_err().contains("1.1"));
        assert!(same(&rows("a", 1.0), &rows("b", 1.0)).unwrap_err().contains("only we"));
        assert!(same(&Rows::new(), &rows("b", 1.0)).unwrap_err().contains("only the peer"));
    }
}
