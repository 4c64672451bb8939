//! The Open-Falcon cases about reading. They lie beside the repository, not in it: the test looks for them in
//! `$WINDHOVER_CONFORMANCE` and in `shared/conformance` of the folders above, and is silent where there are none.

use super::*;
use std::path::{Path, PathBuf};

const NOW_S: i64 = 1_700_000_040;

fn cases(kind: &str) -> Vec<Value> {
    let above =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/conformance"));
    let named = std::env::var_os("WINDHOVER_CONFORMANCE").map(PathBuf::from);
    let found =
        named.into_iter().chain(above).map(|folder| folder.join("openfalcon.json")).find(|p| p.exists());
    let Some(path) = found else { return Vec::new() };
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == kind).cloned().collect()
}

fn fits(said: &Value, shape: &Value) -> bool {
    match shape {
        Value::String(text) => match text.as_str() {
            "<int>" => said.is_i64(),
            "<number>" => said.is_number() || said.is_null(),
            "<string>" => said.is_string(),
            text => said == text,
        },
        Value::Array(items) => match (items.first(), said.as_array()) {
            (Some(item), Some(said)) => said.iter().all(|said| fits(said, item)),
            (None, Some(said)) => said.is_empty(),
            _ => false,
        },
        Value::Object(fields) => said.as_object().is_some_and(|said| {
            said.len() == fields.len()
                && fields.iter().all(|(name, shape)| said.get(name).is_some_and(|said| fits(said, shape)))
        }),
        exact => said == exact,
    }
}

fn samples(case: &Value) -> Vec<(i64, f64)> {
    let points = case["points"].as_array().unwrap();
    points.iter().map(|point| (point[0].as_i64().unwrap(), point[1].as_f64().unwrap())).collect()
}

fn house(case: &Value) -> House {
    House::with(Kind::parse(case["type"].as_str().unwrap()).unwrap(), &samples(case))
}

#[test]
fn the_read_doors_answer_as_open_falcon_does() {
    for case in cases("http") {
        let path = case["path"].as_str().unwrap();
        let ours = ["/graph/", "/api/v1/graph/", "/api/v1/grafana"].iter().any(|p| path.starts_with(p));
        if !ours {
            continue;
        }
        let house = House::at(1_481_858_193);
        for host in ["host1", "docker-a", "docker-b", "docker-c"] {
            for metric in ["cpu.idle", "cpu.iowait"] {
                let samples: Vec<_> = (0..60).map(|i| (1_481_854_560 + i * 60, i as f64)).collect();
                house.insert(&[("__name__", metric), ("host", host)], Kind::Gauge, &samples);
            }
        }
        let method = Method::from_bytes(case["method"].as_str().unwrap().as_bytes()).unwrap();
        let (status, said) = house.ask(method, path, &case["body"]);
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(status, case["expect"]["status"].as_u64().unwrap() as u16, "{case}\n{said}");
        assert!(fits(&said, &case["expect"]["shape"]), "{case}\n{said}");
        if let Some(order) = case["order"].as_array() {
            let name = |one: &Value| {
                format!("{} {}", one["endpoint"].as_str().unwrap(), one["counter"].as_str().unwrap())
            };
            assert_eq!(
                &said.as_array().unwrap().iter().map(name).map(Value::from).collect::<Vec<_>>(),
                order
            );
            assert_eq!(said[0]["Values"].as_array().unwrap().len(), 60);
        }
    }
}

#[test]
fn targets_are_those_of_open_falcon() {
    for case in cases("grafana_target") {
        let target = super::super::grafana::target::Target::parse(case["target"].as_str().unwrap());
        let said = target.map_or(json!([[], null]), |target| json!([target.hosts, target.counter]));
        assert_eq!(said, json!([case["hosts"], case["counter_regexp"]]), "{case}");
    }
    for case in cases("grafana_expand") {
        let [counter, search] = ["counter", "search"].map(|name| case[name].as_str().unwrap());
        let (text, expandable) = super::super::grafana::target::next_piece(counter, search);
        assert_eq!(json!([text, expandable]), json!([case["text"], case["expandable"]]), "{case}");
    }
}

#[test]
fn the_last_values_are_those_of_open_falcon() {
    for case in cases("last") {
        let point =
            |wanted: &Value| (wanted["timestamp"].as_i64().unwrap(), wanted["value"].as_f64().unwrap());
        assert_eq!(house(&case).lasts("h", "m"), [point(&case["last"]), point(&case["last_raw"])], "{case}");
    }
}

#[test]
fn rates_are_those_of_open_falcon_at_the_end_of_their_step() {
    for case in cases("rate") {
        let times = samples(&case);
        let said = house(&case).history(times[0].0, times[times.len() - 1].0, "AVERAGE");
        let said: Vec<Value> = said.iter().map(|(time, value)| json!([T + time, value])).collect();
        assert_eq!(Value::from(said), case["correct"], "{case}");
    }
}

#[test]
fn what_was_pushed_can_be_read() {
    for case in cases("push") {
        let case: Value = serde_json::from_str(&with_times(&case.to_string())).unwrap();
        // Which of two samples at the same time stays is the store's to say.
        let stored = case["expect"]["stored"].as_array().unwrap();
        if case["id"] == "push-first-in-step-wins" {
            continue;
        }
        let house = House::at(NOW_S);
        let report = house.push(&case["items"], NOW_S * 1000);
        assert_eq!(report.accepted, stored.len() as u64, "{case}");
        let kept = case["stored_final"].as_u64().map_or(stored.len(), |count| count as usize);
        for stored in &stored[..kept] {
            let [endpoint, counter] = ["endpoint", "counter"].map(|name| stored[name].as_str().unwrap());
            let [_, (time_s, value)] = house.lasts(endpoint, counter);
            assert_eq!(value, stored["value"].as_f64().unwrap(), "{case}");
            let said = stored["timestamp"].as_i64();
            assert!(said.is_none_or(|said| said == time_s), "{case}");
            let info = house.post("/graph/info", json!([{"endpoint": endpoint, "counter": counter}])).1;
            assert_eq!(info[0]["consolFun"], stored["dstype"], "{case}");
        }
    }
}

#[test]
fn tags_are_read_in_every_way_they_may_be_written() {
    let [sorted, checksums] = ["tags", "checksum"].map(cases);
    let sorted = sorted.iter().filter(|case| case["in"].is_string()).map(|case| {
        let tags = case["sorted"].as_str().unwrap();
        ("h", "m", &case["in"], if tags.is_empty() { "m".to_owned() } else { format!("m/{tags}") })
    });
    let whole = checksums.iter().map(|case| {
        let [endpoint, metric, counter] =
            ["endpoint", "metric", "counter"].map(|name| case[name].as_str().unwrap());
        (endpoint, metric, &case["tags"], counter.to_owned())
    });
    for (endpoint, metric, tags, counter) in sorted.chain(whole) {
        let house = House::at(NOW_S);
        let item = json!([{
            "endpoint": endpoint, "metric": metric, "tags": tags, "counterType": "GAUGE", "step": 60, "value": 3,
            "timestamp": NOW_S,
        }]);
        assert_eq!(house.push(&item, NOW_S * 1000).accepted, 1, "{item}");
        assert_eq!(house.lasts(endpoint, &counter), [(NOW_S, 3.0); 2], "{item} {counter}");
    }
}

/// `"{now-7200}"`, `"{2*now+10}"` as numbers.
fn with_times(text: &str) -> String {
    let mut pieces = text.split("\"{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (formula, rest) = piece.split_once("}\"").unwrap();
        let (factor, offset) = match formula.split_once("*now") {
            Some((factor, offset)) => (factor.parse().unwrap(), offset),
            None => (1, formula.strip_prefix("now").unwrap()),
        };
        let offset: i64 = if offset.is_empty() { 0 } else { offset.parse().unwrap() };
        out += &format!("{}{rest}", factor * NOW_S + offset);
    }
    out
}
