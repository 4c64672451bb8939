//! The Open-Falcon cases about pushes. They lie beside the repository, not in it: the test looks for them in
//! `$WINDHOVER_CONFORMANCE` and in `shared/conformance` of the folders above, and is silent where there are none.

use super::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn cases() -> Vec<Value> {
    let above =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/conformance"));
    let named = std::env::var_os("WINDHOVER_CONFORMANCE").map(PathBuf::from);
    let found =
        named.into_iter().chain(above).map(|folder| folder.join("openfalcon.json")).find(|p| p.exists());
    let Some(path) = found else { return Vec::new() };
    let text = std::fs::read_to_string(path).unwrap();
    let file: Value = serde_json::from_str(&text.replace("\"{now}\"", &(NOW_MS / 1000).to_string())).unwrap();
    file["cases"].as_array().unwrap().clone()
}

/// `{now-7200}`, `{2*now+10}` as a number; anything else as it is.
fn with_times(value: &Value) -> Value {
    match value {
        Value::String(text) => match formula(text) {
            Some(time_s) => Value::from(time_s),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(with_times).collect(),
        Value::Object(fields) => fields.iter().map(|(name, v)| (name.clone(), with_times(v))).collect(),
        _ => value.clone(),
    }
}

fn formula(text: &str) -> Option<i64> {
    let inside = text.strip_prefix('{')?.strip_suffix('}')?;
    let (factor, rest) = match inside.split_once("*now") {
        Some((factor, rest)) => (factor.parse().ok()?, rest),
        None => (1, inside.strip_prefix("now")?),
    };
    let offset: i64 = if rest.is_empty() { 0 } else { rest.parse().ok()? };
    Some(factor * (NOW_MS / 1000) + offset)
}

/// The sample that a case wants stored, as [`House::got`] writes it.
fn wanted(stored: &Value, item: &Value) -> String {
    let (metric, tags) = match stored["counter"].as_str().unwrap().split_once('/') {
        Some((metric, tags)) => (metric, tags),
        None => (stored["counter"].as_str().unwrap(), ""),
    };
    let tags = tags.split(',').filter_map(|tag| tag.split_once('='));
    let tags = tags.map(|(name, value)| (if name.is_empty() { "=" } else { name }, value));
    let own = [("__name__", metric), ("host", stored["endpoint"].as_str().unwrap())];
    let labels = Labels::from_pairs(tags.chain(own)).unwrap();
    let rule = stored["timestamp_rule"].as_str().unwrap();
    let step_s: i64 = rule.split(' ').find_map(|word| word.parse().ok()).unwrap();
    let time_s = match rule.starts_with("item") {
        true => item["timestamp"].as_i64().unwrap(),
        false => NOW_MS / 1000,
    };
    let time_s = time_s - time_s % step_s;
    if let Some(said) = stored["timestamp"].as_i64() {
        assert_eq!(time_s, said);
    }
    format!("{} {labels} {}", time_s * 1000, stored["value"].as_f64().unwrap())
}

#[test]
fn pushed_items_are_counted_and_stored_as_open_falcon_does() {
    for case in cases().iter().filter(|case| case["kind"] == "push") {
        let (house, case) = (House::new(), with_times(case));
        let answer = house.post("/api/push", case["items"].to_string());
        let said: Value = serde_json::from_slice(&answer.body).unwrap();
        for count in ["Total", "Invalid"] {
            assert_eq!(said["data"][count], case["expect"][count], "{case}");
        }
        // Items and stored samples correspond in order, the invalid items left out.
        let stored = case["expect"]["stored"].as_array().unwrap();
        let items = case["items"].as_array().unwrap();
        let valid = &items[items.len() - stored.len()..];
        let wanted: Vec<_> = stored.iter().zip(valid).map(|(stored, item)| wanted(stored, item)).collect();
        assert_eq!(house.got(), wanted, "{case}");
    }
}

#[test]
fn the_push_doors_answer_as_open_falcon_does() {
    for case in cases().iter().map(with_times) {
        let path = case["path"].as_str().unwrap_or_default();
        if case["kind"] != "http" || !matches!(path, "/v1/push" | "/api/push") {
            continue;
        }
        let body = match &case["body"] {
            Value::String(text) => text.clone(),
            body => body.to_string(),
        };
        let answer = House::new().request(case["method"].as_str().unwrap(), path, "application/json", body);
        assert_eq!(answer.status, case["expect"]["status"].as_u64().unwrap() as u16, "{case}");
        let said = std::str::from_utf8(&answer.body).unwrap();
        let shape = &case["expect"]["shape"];
        match shape.as_str() {
            Some(text) => assert_eq!(said, text, "{case}"),
            None => {
                let said: Value = serde_json::from_str(said).unwrap();
                let wanted = shape.to_string().replace("\"<int>\"", &said["data"]["Latency"].to_string());
                assert_eq!(said.to_string(), wanted, "{case}");
            }
        }
    }
}
