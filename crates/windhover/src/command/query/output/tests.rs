use super::*;
use serde_json::json;

fn answer() -> Answer {
    Answer::read(json!({
        "from_ms": 1_700_000_000_000_i64, "to_ms": 1_700_000_240_000_i64,
        "start_ms": 1_700_000_000_000_i64, "step_ms": 60_000, "count": 4, "interval": "1m", "times_ms": null,
        "results": [{"error": null, "note": "One is hidden", "title": null, "series": [
            {"label": "a \"b\"", "unit": "", "hide": false, "color": "#ff0000", "values": [1.0, null, 3.0, 4.5]},
            {"label": "hidden", "unit": "", "hide": true, "values": [9.0, 9.0, 9.0, 9.0]},
        ]}],
        "stats": {"tier": "raw", "series": 1, "samples": 3},
        "gone": [{"from_ms": 0, "to_ms": 1000, "tier": "1h"}],
    }))
}

fn shown(name: &str, color: &str) -> String {
    let look = Look::of(color, Some(60), Some(6), &Zone::utc(), "auto");
    let mut out = Vec::new();
    (find(name).unwrap().write)(&answer(), &look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn tables_tell_figures_and_what_is_missing() {
    let text = shown("table", "never");
    assert!(text.contains("a \"b\"") && text.contains("4.5000") && text.contains("2.8333"), "{text}");
    assert!(text.contains("note: One is hidden\n"), "{text}");
    assert!(
        text.contains(
            "note: between 1970-01-01T00:00:00Z and 1970-01-01T00:00:01Z nothing finer than tier 1h"
        )
    );
    assert!(!text.contains("hidden "), "{text}");
}

#[test]
fn values_for_programs_have_their_shapes() {
    assert_eq!(
        shown("csv", "never"),
        "time_ms,\"a \"\"b\"\"\"\n1700000000000,1\n1700000060000,\n1700000120000,3\n1700000180000,4.5\n"
    );
    let fetch = shown("fetch", "never");
    assert!(
        fetch.starts_with("                          a \"b\"\n\n1700000000: 1.0000000000e+00\n"),
        "{fetch}"
    );
    assert!(fetch.contains("1700000060: -nan\n"), "{fetch}");
    let xport: serde_json::Value = serde_json::from_str(&shown("xport", "never")).unwrap();
    assert_eq!(
        xport["meta"],
        json!({"start": 1700000000, "end": 1700000180, "step": 60, "legend": ["a \"b\""]})
    );
    assert_eq!(xport["data"], json!([[1.0], [null], [3.0], [4.5]]));
    assert_eq!(shown("svg", "never").contains("<svg"), true);
}

#[test]
fn charts_have_axes_gaps_and_colours() {
    let text = shown("chart", "never");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 11, "{text}");
    assert!(lines[..6].iter().all(|line| line.contains('┤') || line.contains('│')), "{text}");
    assert!(
        lines[6].contains('└') && lines[7].contains("22:13:20") && lines[7].contains("22:16:20"),
        "{text}"
    );
    assert!(lines.iter().all(|line| line.chars().count() <= 110), "{text}");
    assert!(
        lines[..6].iter().any(|line| line.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c))),
        "{text}"
    );
    assert!(!text.contains('\x1b') && shown("chart", "always").contains("\x1b[38;2;255;0;0m"));
}

#[test]
fn an_empty_answer_says_why() {
    let look = Look::of("never", Some(60), Some(6), &Zone::utc(), "auto");
    let empty = Answer::read(json!({"results": [{"note": "No series is named x", "series": []}]}));
    for output in OUTPUTS.iter().filter(|output| !output.is_data) {
        let mut out = Vec::new();
        (output.write)(&empty, &look, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "No series is named x\nno series\n", "{}", output.name);
    }
}
