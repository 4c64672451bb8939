//! Whole expressions over a store in memory.

mod arguments;
mod conformance;
mod functions;
mod reading;
mod refusals;
pub(crate) mod rows;

use crate::names::{signatures, timelion::FUNCTIONS};
use crate::{Answer, Frame, GridSpec, QueryError, Request, run};
use lang::timelion;
use model::memory::MemoryStore;
use model::{Interval, Kind, Labels, Zone};

/// Start of all test data: a whole minute.
pub(crate) const T0: i64 = 1_700_000_040_000;

/// Adds a series with a value every `step_ms` from [`T0`].
pub(crate) fn insert(store: &MemoryStore, labels: &str, kind: Kind, step_ms: i64, values: &[f64]) {
    let labels =
        Labels::from_pairs(labels.split_whitespace().map(|pair| pair.split_once('=').unwrap())).unwrap();
    let samples = values.iter().enumerate().map(|(i, value)| (T0 + step_ms * i as i64, *value));
    store.insert(&labels, kind, samples);
}

/// A minute from [`T0`] in buckets of `interval`.
pub(crate) fn minute(interval: &str) -> GridSpec {
    GridSpec { interval: Interval::parse(interval), zone: Zone::utc(), ..GridSpec::new(T0, T0 + 60_000) }
}

pub(crate) fn answer(store: &MemoryStore, grid: GridSpec, texts: &[&str]) -> Answer {
    let plan = timelion::plan(texts, &signatures(FUNCTIONS));
    run(&Request::new(&plan, FUNCTIONS, grid), store).unwrap()
}

pub(crate) fn one(store: &MemoryStore, grid: GridSpec, text: &str) -> Result<Frame, QueryError> {
    answer(store, grid, &[text]).results.remove(0)
}

/// Labels and values as short text: `name: 1 2 -`.
pub(crate) fn shown(frame: &Frame) -> Vec<String> {
    let value = |v: &f64| if v.is_nan() { "-".to_owned() } else { format!("{}", (v * 1e6).round() / 1e6) };
    let line = |s: &crate::frame::Series| {
        format!("{}: {}", s.label, s.values.iter().map(value).collect::<Vec<_>>().join(" "))
    };
    frame.series.iter().map(line).collect()
}
