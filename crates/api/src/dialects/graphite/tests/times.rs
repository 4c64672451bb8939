//! Texts for times in requests.

use super::{Form, Method, NOW_MS, Request, asked, get, house, text_of};
use crate::dialects::graphite::render::Asked;
use serde_json::Value;
use serve::HeaderMap;
use std::path::{Path, PathBuf};

/// Texts that are understood otherwise here, and why.
fn is_ours(case: &Value) -> Option<&'static str> {
    case["quirk"].as_str().filter(|quirk| quirk.contains("12")).map(|_| "12am is midnight here")
}

/// `/render?from=…` with these parameters, at an instant.
fn read(query: &str, now_ms: i64) -> Option<Asked> {
    let request = Request {
        method: Method::GET,
        path: "/render".to_owned(),
        query: query.to_owned(),
        headers: HeaderMap::new(),
        body: Vec::new().into(),
        peer: ([127, 0, 0, 1], 1).into(),
        gone: serve::Gone::default(),
    };
    Asked::read(Form::of(&request).ok()?, now_ms).ok()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[test]
fn from_and_until_are_graphites_texts() {
    let above =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/conformance"));
    let named = std::env::var_os("WINDHOVER_CONFORMANCE").map(PathBuf::from);
    let found = named.into_iter().chain(above).map(|folder| folder.join("attime.json")).find(|p| p.exists());
    let Some(text) = found.and_then(|path| std::fs::read_to_string(path).ok()) else {
        return eprintln!("not run: no cases of time texts; set WINDHOVER_CONFORMANCE");
    };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in cases["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "time") {
        if is_ours(case).is_some() {
            continue;
        }
        let (text, zone) = (case["text"].as_str().unwrap(), case["tz"].as_str().unwrap_or("UTC"));
        let now_s = case["now"].as_i64().unwrap_or(0);
        let wanted = case["expect"]["epoch"].as_i64();
        // The other end is far away, so that it decides nothing; the present is said, and is the clock's.
        for (name, other, now, clock_s) in
            [("from", "until=21000101", false, now_s), ("until", "from=19600101", true, NOW_MS / 1000)]
        {
            let now = if now { format!("&now={now_s}") } else { String::new() };
            let query = format!("{name}={}&tz={}&{other}{now}", encoded(text), encoded(zone));
            let found = read(&query, clock_s * 1000);
            let found = found.map(|asked| if name == "from" { asked.from_s } else { asked.until_s });
            count += 1;
            if found != wanted {
                wrong.push(format!("{name}={text} ({zone}): {found:?} instead of {wanted:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn ends_are_put_in_order_and_never_equal() {
    let asked = asked("from=200&until=100");
    assert_eq!((asked.from_s, asked.until_s), (100, 200));
    assert!(read("from=100&until=100", NOW_MS).is_none());
}

#[test]
fn only_json_is_made_shorter() {
    let api = house();
    let lines =
        |query: &str| text_of(&get(&api, "/render", &format!("target=web.a.cpu&from=-30min&{query}"))).1;
    assert_eq!(lines("format=csv&maxDataPoints=5"), lines("format=csv"));
    let points = |query: &str| {
        let answer: Value = serde_json::from_str(&lines(query)).unwrap();
        answer[0]["datapoints"].as_array().unwrap().len()
    };
    assert_eq!([points("format=json"), points("format=json&maxDataPoints=1")], [30, 1]);
    assert!(points("format=json&maxDataPoints=5") <= 6);
}

#[test]
fn what_carbon_keeps_is_told() {
    let api = house();
    let (status, text) =
        text_of(&get(&api, "/metrics/get-metadata", "metric=web.a.cpu&metric=web.a&key=aggregationMethod"));
    assert_eq!(status, 200);
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["web.a.cpu"]["value"], "average");
    assert!(told["web.a"]["error"].as_str().unwrap().contains("no series"));
    let (status, text) =
        text_of(&get(&api, "/metrics/set-metadata/", "metric=a.b&key=aggregationMethod&value=max"));
    assert!(status == 200 && text.contains("consolidateBy"), "{text}");
    assert_eq!(text_of(&get(&api, "/metrics/set-metadata", "")).0, 400);
}
