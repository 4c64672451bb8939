//! The PromQL cases of the conformance folder, read in place. Where the folder is not there, nothing is checked.

use super::compare;
use super::store::TestStore;
use crate::vector::{Answer, Outcome, Question, Steps, answer};
use crate::{Limits, QueryError};
use lang::plan::{NodeId, Operation, Plan, Vector};
use lang::{Scope, promql};
use model::Source;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WINDHOVER_CONFORMANCE") {
        return Some(named.into());
    }
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.map(|folder| folder.join("shared/conformance")).find(|folder| folder.is_dir())
}

#[test]
fn promql_cases_hold() {
    check("", |store| Box::new(store));
}

/// What doors store of a histogram is enough to answer everything.
#[test]
fn promql_cases_hold_with_histograms_stored_as_numbers() {
    check("native_histograms", |store| Box::new(store.as_numbers()));
}

// Checks all cases of the files whose names begin so, from what `stored` makes of the series of each group.
fn check(begin: &str, stored: impl Fn(TestStore) -> Box<dyn Source>) {
    let Some(folder) = folder() else {
        eprintln!("SKIPPED: no conformance folder; set WINDHOVER_CONFORMANCE");
        return;
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join("promql")).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.file_stem().is_some_and(|name| name.to_string_lossy().starts_with(begin)));
    files.sort();
    let (mut counts, mut failures) = (BTreeMap::new(), Vec::new());
    for path in &files {
        let file: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        for group in file["groups"].as_array().unwrap() {
            let mut loads = TestStore::default();
            let mut store: Option<Box<dyn Source>> = None;
            for step in group["steps"].as_array().unwrap() {
                if step["op"] == "load" {
                    loads.load(step);
                    store = None;
                    continue;
                }
                let (held, all) = counts.entry(name.clone()).or_insert((0, 0));
                *all += 1;
                let store = store.get_or_insert_with(|| stored(loads.clone()));
                match holds(step, store.as_ref()) {
                    Ok(()) => *held += 1,
                    Err(why) => failures.push((step.clone(), why)),
                }
            }
        }
    }
    counts.iter().for_each(|(name, (held, all))| println!("{name}: {held} of {all}"));
    for (case, why) in &failures {
        println!("{} {} {}\n {why}", case["id"], case["tags"], case["expr"].as_str().unwrap());
    }
    assert!(failures.is_empty(), "{} cases do not hold", failures.len());
}

fn steps(case: &Json) -> (Steps, Scope) {
    if let Some(at_ms) = case["at_ms"].as_i64() {
        return (Steps::instant(at_ms), Scope::instant(at_ms));
    }
    let ms = |name: &str| case[name].as_i64().unwrap();
    let (start_ms, end_ms, step_ms) = (ms("start_ms"), ms("end_ms"), ms("step_ms"));
    (Steps::range(start_ms, end_ms, step_ms), Scope::range(start_ms, end_ms, step_ms))
}

fn ask(
    plan: &Plan,
    node: NodeId,
    steps: Steps,
    is_instant: bool,
    store: &dyn Source,
) -> Result<Answer, QueryError> {
    let limits = Limits { samples: 10_000, ..Limits::default() };
    answer(&Question { is_instant, limits, ..Question::new(plan, node, steps) }, store)
}

fn holds(case: &Json, store: &dyn Source) -> Result<(), String> {
    let text = case["expr"].as_str().unwrap();
    let (steps, scope) = steps(case);
    let plan = promql::plan(&[text], &scope);
    let expect = &case["expect"];
    let is_instant = case["kind"] == "instant";
    let found = match &plan.results[0] {
        Ok(node) => ask(&plan, *node, steps, is_instant, store).map_err(|error| error.message()),
        Err(error) => Err(error.message.clone()),
    };
    let found = match (found, expect["type"] == "fail") {
        (Ok(_), true) => return Err("an error is wanted".to_owned()),
        (Err(message), true) => {
            let wanted = expect["fail_match"]["msg"].as_str().unwrap_or("");
            return if message.contains(wanted) {
                Ok(())
            } else {
                Err(format!("{message} instead of {wanted}"))
            };
        }
        (Err(message), false) => return Err(message),
        (Ok(found), false) => found,
    };
    compared(&found.outcome, 0, expect)?;
    compare::notes(&found.notes, text, expect)?;
    if !is_instant || matches!(found.outcome, Outcome::Text(_) | Outcome::Windows(_)) {
        return Ok(());
    }
    let node = *plan.results[0].as_ref().unwrap();
    let unordered = unordered(expect);
    within_range(&plan, node, steps, store, &unordered, text)?;
    elsewhere(&plan, node, steps, store, &unordered)
}

fn compared(found: &Outcome, from: usize, expect: &Json) -> Result<(), String> {
    match found {
        Outcome::Scalar(values) => match expect["type"].as_str() {
            Some("scalar") => compare::scalar(values[from], &expect["value"]),
            _ => {
                let series = crate::vector::Series {
                    column: crate::vector::Column::of(values.clone()),
                    ..Default::default()
                };
                compare::matrix(&vec![series], from, &expect["series"], false)
            }
        },
        Outcome::Text(text) => match expect["string"].as_str() {
            Some(wanted) if wanted == text => Ok(()),
            wanted => Err(format!("{text:?} instead of {wanted:?}")),
        },
        Outcome::Vector(matrix) => {
            compare::matrix(matrix, from, &expect["series"], expect["ordered"] == true)
        }
        Outcome::Windows(found) => {
            let range: Vec<i64> =
                expect["rv"].as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).collect();
            compare::windows(found, Steps::range(range[0], range[1], range[2]), &expect["series"])
        }
    }
}

// Series of a range are in order of their labels.
fn unordered(expect: &Json) -> Json {
    let mut expect = expect.clone();
    expect["ordered"] = Json::Bool(false);
    expect
}

/// How far the instants around one are.
const AROUND_MS: i64 = 60_000;

// The same in the middle of a range.
fn within_range(
    plan: &Plan,
    node: NodeId,
    steps: Steps,
    store: &dyn Source,
    expect: &Json,
    text: &str,
) -> Result<(), String> {
    if ["start()", "end()", "range()", "step()"].iter().any(|function| text.contains(function)) {
        return Ok(());
    }
    let steps = Steps { start_ms: steps.start_ms - AROUND_MS, step_ms: AROUND_MS, count: 3 };
    let found = ask(plan, node, steps, false, store).map_err(|error| format!("in a range: {error}"))?;
    compared(&found.outcome, 1, expect).map_err(|why| format!("in a range: {why}"))
}

// The same at other times, with its own in every selection.
fn elsewhere(
    plan: &Plan,
    node: NodeId,
    steps: Steps,
    store: &dyn Source,
    expect: &Json,
) -> Result<(), String> {
    let Some(plan) = pinned(plan, steps.start_ms) else { return Ok(()) };
    for at_ms in [0, steps.start_ms + 3_600_000, steps.start_ms / 2, 100_000_000] {
        let found = ask(&plan, node, Steps::instant(at_ms), true, store);
        let found = found.map_err(|error| format!("at {at_ms}: {error}"))?;
        compared(&found.outcome, 0, expect).map_err(|why| format!("at {at_ms}: {why}"))?;
    }
    Ok(())
}

/// Functions that know the instant.
const OF_TIME: [&str; 12] = [
    "day_of_month",
    "day_of_week",
    "day_of_year",
    "days_in_month",
    "hour",
    "minute",
    "month",
    "predict_linear",
    "time",
    "timestamp",
    "year",
    "start_timestamp",
];

// Every selection that is not within a subquery looks at `at_ms`.
fn pinned(plan: &Plan, at_ms: i64) -> Option<Plan> {
    let mut within = vec![false; plan.nodes().len()];
    for (at, node) in plan.nodes().iter().enumerate().rev() {
        let Operation::Vector(vector) = &node.operation else { return None };
        let is_within = within[at] || matches!(vector, Vector::Subquery(_));
        vector.inputs().iter().for_each(|input| within[input.0 as usize] |= is_within);
    }
    let mut pinned = Plan::default();
    for (node, within) in plan.nodes().iter().zip(within) {
        let mut operation = node.operation.clone();
        match &mut operation {
            Operation::Vector(Vector::Call { function, .. }) if OF_TIME.contains(function) => return None,
            Operation::Vector(Vector::Select(select) | Vector::Smooth(select)) if !within => {
                select.at_ms.get_or_insert(at_ms);
            }
            Operation::Vector(Vector::Window(window)) if !within => {
                _ = window.select.at_ms.get_or_insert(at_ms)
            }
            Operation::Vector(Vector::Subquery(subquery)) if !within => {
                subquery.at_ms.get_or_insert(at_ms);
            }
            _ => {}
        }
        pinned.add(operation, node.span);
    }
    Some(pinned)
}
