//! The given cases, over nothing stored.

use crate::graphite::{Context, Series, render};
use model::memory::MemoryStore;
use serde_json::Value;

fn folder() -> Option<std::path::PathBuf> {
    let folder =
        std::env::var("WINDHOVER_CONFORMANCE").unwrap_or_else(|_| "/work/shared/conformance".to_owned());
    let folder = std::path::PathBuf::from(folder);
    folder.is_dir().then_some(folder)
}

#[test]
fn given_cases_agree() {
    let Some(folder) = folder() else { return eprintln!("not run: no folder with cases") };
    let text = std::fs::read_to_string(folder.join("graphite-functions.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let second = |name: &str| all["range"][name].as_i64().unwrap() / 1000;
    let context = Context { now_s: second("now_ms"), ..Context::new(second("from_ms"), second("until_ms")) };
    let mut wrong = Vec::new();
    for case in all["cases"].as_array().unwrap() {
        let query = case["query"].as_str().unwrap();
        let answer = render(&[query], &context, &MemoryStore::new()).unwrap();
        match &answer.results[0] {
            Ok(series) => wrong.extend(
                differences(series, case["series"].as_array().unwrap()).map(|why| format!("{query}: {why}")),
            ),
            Err(error) => wrong.push(format!("{query}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(found: &[Series], wanted: &[Value]) -> Option<String> {
    if found.len() != wanted.len() {
        return Some(format!("{} series instead of {}", found.len(), wanted.len()));
    }
    // The cases have bands upper first, graphite-web lower first: by name they are the same.
    let mut found: Vec<&Series> = found.iter().collect();
    let mut wanted: Vec<&Value> = wanted.iter().collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    wanted.sort_by_key(|series| series["name"].as_str().unwrap().to_owned());
    found.iter().zip(wanted).find_map(|(found, wanted)| {
        let name = wanted["name"].as_str().unwrap();
        let tags: std::collections::BTreeMap<String, String> =
            serde_json::from_value(wanted["tags"].clone()).unwrap();
        let points: Vec<(i64, f64)> = wanted["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| (point[0].as_i64().unwrap() / 1000, point[1].as_f64().unwrap_or(f64::NAN)))
            .collect();
        let is_near = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-6 * a.abs().max(1.0);
        let same = found.points().count() == points.len()
            && found.points().zip(&points).all(|(a, b)| a.0 == b.0 && is_near(a.1, b.1));
        match () {
            () if found.name != name => Some(format!("called {} instead of {name}", found.name)),
            () if !same => Some(format!("{:?} instead of {points:?}", found.points().collect::<Vec<_>>())),
            () if found.tags != tags => Some(format!("tags {:?} instead of {tags:?}", found.tags)),
            () => None,
        }
    })
}
