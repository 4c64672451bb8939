mod conformance;
mod oracle;
mod paths;
mod refusals;
mod tiers;

use super::{Context, Series, render};
use crate::QueryError;
use model::memory::MemoryStore;
use model::{Kind, Labels};

/// A whole hour.
const T0: i64 = 1_700_006_400;

/// Adds a series: `name` and pairs of labels, a value each `step_s` after [`T0`].
fn insert(store: &MemoryStore, labels: &[(&str, &str)], step_s: i64, values: &[f64]) {
    let samples =
        values.iter().enumerate().map(|(at, value)| ((T0 + (at as i64 + 1) * step_s) * 1000, *value));
    store.insert(&Labels::from_pairs(labels.iter().copied()).unwrap(), Kind::Gauge, samples);
}

fn minute() -> Context<'static> {
    Context::new(T0, T0 + 60)
}

fn one(store: &MemoryStore, target: &str) -> Result<Vec<Series>, QueryError> {
    render(&[target], &minute(), store).unwrap().results.remove(0)
}

/// Names and values as short text.
fn shown(series: &[Series]) -> Vec<String> {
    let value = |v: &f64| if v.is_nan() { "-".to_owned() } else { format!("{v}") };
    series
        .iter()
        .map(|s| format!("{}: {}", s.name, s.values.iter().map(value).collect::<Vec<_>>().join(" ")))
        .collect()
}
