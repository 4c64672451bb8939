//! The time texts of the conformance folder, read in place.

use super::parse;
use crate::{Unit, Zone};
use serde_json::Value;
use std::path::PathBuf;

/// What of Graphite's grammar is not ours, and why.
fn unsupported(case: &Value) -> Option<&'static str> {
    let text = case["text"].as_str().unwrap_or("");
    if case["quirk"].as_str().is_some_and(|quirk| quirk.contains("12")) {
        return Some("12am is midnight here");
    }
    match case["kind"].as_str() {
        Some("unit") if Unit::parse(text).is_none() => Some("units cut anywhere, such as `ho`"),
        Some("time") if text.matches(['+', '-']).count() > 1 => {
            Some("steps with several signs are right here")
        }
        Some("offset") if text == "+" || text == "-" => Some("a sign alone is an error here"),
        _ => None,
    }
}

fn holds(case: &Value) -> bool {
    let text = case["text"].as_str().unwrap();
    let now_ms = case["now"].as_i64().unwrap_or(0) * 1000;
    let zone = Zone::named(case["tz"].as_str().unwrap_or("UTC")).unwrap();
    let expect = &case["expect"];
    if let Some(unit) = expect["unit"].as_str() {
        return Unit::parse(text) == Unit::parse(unit);
    }
    if let Some(seconds) = expect["seconds"].as_i64() {
        let signed = if text.starts_with(['+', '-']) || text.is_empty() {
            text.to_owned()
        } else {
            format!("+{text}")
        };
        return parse(&format!("now{signed}"), 0, &zone) == Ok(seconds * 1000);
    }
    match expect["epoch"].as_i64() {
        Some(epoch) => parse(text, now_ms, &zone) == Ok(epoch * 1000),
        None => parse(text, now_ms, &zone).is_err(),
    }
}

#[test]
fn graphite_time_texts() {
    let Some(path) = folder().map(|folder| folder.join("attime.json")) else {
        eprintln!("SKIPPED: no conformance folder; set WINDHOVER_CONFORMANCE");
        return;
    };
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (mut passed, mut wrong, mut skipped) = (0, Vec::new(), 0);
    for case in file["cases"].as_array().unwrap() {
        match (unsupported(case), holds(case)) {
            (Some(_), _) => skipped += 1,
            (None, true) => passed += 1,
            (None, false) => wrong.push(case["id"].to_string() + " " + &case["text"].to_string()),
        }
    }
    eprintln!("time texts: {passed} passed, {} failed, {skipped} on purpose otherwise", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// The folder named by the environment, or `shared/conformance` beside the repository or one of its parents.
fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WINDHOVER_CONFORMANCE") {
        return Some(PathBuf::from(named));
    }
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().map(|parent| parent.join("shared/conformance")).find(|folder| folder.is_dir())
}
