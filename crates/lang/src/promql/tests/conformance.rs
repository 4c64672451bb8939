//! Every expression of the conformance cases is understood, and those that must not be are not. Where the folder is not
//! there, nothing is checked.

use super::*;
use crate::Scope;
use crate::plan::Plan;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Cases that are understood and fail when they are evaluated.
const FAIL_LATER: [&str; 6] =
    ["limitk(NaN", "ceil(", "label_replace(", "changes({", "histogram_quantile(", "many_side"];

fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WINDHOVER_CONFORMANCE") {
        return Some(named.into());
    }
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.map(|folder| folder.join("shared/conformance")).find(|folder| folder.is_dir())
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn evaluations(folder: &Path) -> Vec<Value> {
    let files = std::fs::read_dir(folder.join("promql")).unwrap().map(|file| read(&file.unwrap().path()));
    let groups = files.flat_map(|file| file["groups"].as_array().unwrap().clone());
    let steps = groups.flat_map(|group| group["steps"].as_array().unwrap().clone());
    steps.filter(|step| step["op"] == "eval").collect()
}

fn scope(case: &Value) -> Scope {
    match case["at_ms"].as_i64() {
        Some(at_ms) => Scope::instant(at_ms),
        None => {
            let ms = |name: &str| case[name].as_i64().unwrap();
            Scope::range(ms("start_ms"), ms("end_ms"), ms("step_ms"))
        }
    }
}

#[test]
fn all_cases_are_understood_and_the_wrong_ones_refused() {
    let Some(folder) = folder() else {
        eprintln!("SKIPPED: no conformance folder; set WINDHOVER_CONFORMANCE");
        return;
    };
    let cases = evaluations(&folder);
    assert!(cases.len() > 500, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let text = case["expr"].as_str().unwrap();
        let result = parse(text).and_then(|expr| lower(&expr, &scope(case), &mut Plan::default()));
        let fails =
            case["expect"]["type"] == "fail" && !FAIL_LATER.iter().any(|start| text.starts_with(start));
        match (&result, fails) {
            (Ok(_), false) => {}
            (Err(error), true) => {
                let message = case["expect"]["fail_match"]["msg"].as_str().unwrap_or_default();
                if !error.message.contains(message) {
                    wrong.push(format!("{text}: {error}, not {message}"));
                }
            }
            _ => wrong.push(format!("{text}: {:?}", result.map_err(|e| e.to_string()))),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_queries_of_the_compliance_suite_are_understood() {
    let Some(folder) = folder() else { return };
    let queries = read(&folder.join("promql-compliance-queries.json"));
    for query in queries["queries"].as_array().unwrap() {
        let text = query["query"].as_str().unwrap();
        let result = parse(text);
        let fails = query["should_fail"] == true && !FAIL_LATER.iter().any(|start| text.starts_with(start));
        assert_eq!(result.is_err(), fails, "{text}: {result:?}");
    }
}
