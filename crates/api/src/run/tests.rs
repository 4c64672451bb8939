//! The time grammar is written twice, here and in the pages; both obey the same vectors.

mod questions;

use super::{Asked, evaluate_on};
use model::memory::MemoryStore;
use model::{Kind, Labels, Zone, timetext};
use serde_json::{Value, json};

/// Texts that mean something else here: Graphite's spellings, which the pages refuse or read their own way (`mon` is 30 days
/// and `d` 24 hours), the later of an hour that comes twice, and times beyond the calendar, which stop at its end.
const DIFFERENT: &[&str] =
    &["now-1h30m", "now-1mon", "1234", "2026-10-25 02:30", "2026-10-26-1d", "now-99999999999999y"];

fn vectors() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/tests/time-vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn instant(text: &Value) -> i64 {
    timetext::parse(text.as_str().unwrap(), 0, &Zone::utc()).unwrap()
}

#[test]
fn the_pages_and_the_server_read_times_alike() {
    let vectors = vectors();
    let now_ms = instant(&vectors["now"]);
    let mut wrong = Vec::new();
    for case in vectors["moments"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        let zone = Zone::named(case["zone"].as_str().unwrap_or("UTC")).unwrap();
        let parse = if case["edge"] == "end" { timetext::parse_end } else { timetext::parse };
        let wanted = (case["error"] != true).then(|| instant(&case["at"]));
        let got = parse(text, now_ms, &zone).ok();
        // The end of a unit is its last millisecond here and the start of the next one there: no bucket differs.
        let same = got == wanted || (case["edge"] == "end" && got.map(|ms| ms + 1) == wanted);
        if !same && !DIFFERENT.contains(&text) {
            wrong.push(format!("{text:?} in {}: {got:?}, wanted {wanted:?}", case["zone"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn run(asked: &Value) -> Value {
    let store = MemoryStore::new();
    let labels = Labels::from_pairs([("__name__", "load1"), ("host", "web1")]).unwrap();
    store.insert(&labels, Kind::Gauge, (0..60).map(|i| (i * 1000, i as f64)));
    let asked = Asked::parse(asked.to_string().as_bytes()).map_err(|e| e.sentence).unwrap();
    let evaluated = evaluate_on(&store, &asked, 60_000).map_err(|e| e.sentence).unwrap();
    serde_json::from_slice(&evaluated.json(&store, 0, None)).unwrap()
}

#[test]
fn what_was_done_is_told_step_by_step_in_every_language() {
    let told = |language: &str, text: &str| {
        let asked = json!({"language": language, "exprs": [text], "from": "0", "to": "60", "interval": "10s", "explain": true});
        let said = run(&asked);
        let does =
            said["steps"].as_array().unwrap().iter().map(|step| step["does"].as_str().unwrap().to_owned());
        (does.collect::<Vec<_>>(), said)
    };
    let (does, said) =
        told("timelion", ".es(q=host:web*, metric=avg:load1, split=host:5, offset=-1w).multiply(8)");
    assert_eq!(
        does,
        [
            "Reads the mean of load1 where host:web*, split by host (the 5 that stand out most), 1w earlier",
            "Multiplies by a number or series (multiply: term = 8)",
        ]
    );
    assert_eq!(said["steps"][1]["inputs"], json!([0]));
    let (does, said) = told("rpn", "DEF:a=load1:MAX CDEF:b=a,8,*");
    assert_eq!(
        does,
        [
            "Reads the greatest of load1",
            "Computes a series row by row with a stack (cdef: program = `a,8,*`, series = the series of step 1, label = `b`)",
        ]
    );
    assert_eq!((&said["steps"][0]["samples"], &said["steps"][0]["series_read"]), (&json!(60), &json!(1)));
    assert_eq!(said["results"][0]["series"][0]["values"][0], json!(72.0));
    assert!(run(&json!({"expr": ".static(1)", "from": "0", "to": "60"}))["steps"].is_null());
}

#[test]
fn a_chart_without_a_point_says_so() {
    let asked =
        json!({"expr": ".es(metric=avg:load1).if(gte, 0, null)", "from": "0", "to": "60", "interval": "10s"});
    let said = run(&asked);
    assert_eq!(
        said["results"][0]["note"],
        "A series was found, but no value is left: all are null in this time range"
    );
}

#[test]
fn nothing_found_is_explained() {
    let cases = [
        ("promql", "laod1", "There is no metric named \"laod1\" (did you mean \"load1\"?)"),
        ("promql", "sum(load1{host=\"b\"})", "No series of load1 has host=\"b\" (did you mean \"web1\"?)"),
        ("graphite", "sumSeries(b.*)", "There is no path b"),
    ];
    for (language, text, wanted) in cases {
        let said = run(&json!({"language": language, "expr": text, "from": "0", "to": "60"}));
        let note = said["results"][0]["note"].as_str().unwrap();
        assert_eq!(note.split(" (did").next(), wanted.split(" (did").next(), "{text}");
    }
}
