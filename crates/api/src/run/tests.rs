//! The time grammar is written twice, here and in the pages; both obey the same vectors.

use model::{Zone, timetext};
use serde_json::Value;

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
