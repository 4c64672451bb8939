use super::*;
use crate::formats::FAMILIES;
use model::{Batch, PushError, Receipt};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The last value of each series.
#[derive(Default)]
struct Last(Mutex<BTreeMap<String, f64>>);

impl Sink for Last {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut last = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                last.insert(batch.dictionary.labels(*slot).to_string(), *value);
            }
        }
        Ok(Receipt::default())
    }
}

/// All series of a text but the counts of lines, and the lines that do not have the format.
fn told(family: &str, format: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let format = Arc::new(Format::compile(family, format).unwrap());
    let options = Options { quantiles: Vec::new(), bounds: Vec::new(), ..Options::default() };
    let mut messages = Messages::new(format, options, &[], 0);
    let mut unmatched = Vec::new();
    messages
        .add_block(text.as_bytes(), &mut |line| unmatched.push(String::from_utf8_lossy(line).into_owned()));
    let last = Last::default();
    assert_eq!(messages.flush(10_000, &last).1, "");
    let last = last.0.into_inner().unwrap();
    let others = last
        .into_iter()
        .filter(|(series, _)| !series.starts_with("log_lines") && !series.starts_with("log_read"));
    (others.map(|(series, value)| format!("{series} {value}")).collect(), unmatched)
}

fn has(told: &[String], series: &str) -> bool {
    told.iter().any(|line| line == series)
}

#[test]
fn entries_of_several_lines_are_one_message() {
    let text = "2026-11-22 08:14:03.123 UTC [9] LOG:  duration: 1500.000 ms  statement: SELECT 1,\n\t\t2\n\n\tFROM x\n\
                2026-11-22 08:14:03.123 UTC [9] ERROR:  deadlock detected\n\
                2026-11-22 08:14:03.123 UTC [9] DETAIL:  Process 1 waits: ERROR:  not one\n\tProcess 2\n\
                2026-11-22 08:14:03.123 UTC [9] STATEMENT:  DELETE\n";
    let (told, unmatched) = told("postgresql", "", text);
    assert!(unmatched.is_empty(), "{unmatched:?}");
    for series in [
        r#"log_messages_total{severity="log"} 1"#,
        r#"log_messages_total{severity="error"} 1"#,
        r#"log_events_total{event="deadlock"} 1"#,
        r#"log_statements_total{operation="SELECT"} 1"#,
        "log_statement_seconds_sum 1.5",
    ] {
        assert!(has(&told, series), "{series}: {told:#?}");
    }
}

#[test]
fn what_is_no_message_is_told() {
    let (_, unmatched) = told("postgresql", "", "\tthe end of one\ncp: cannot stat\n");
    assert_eq!(unmatched, ["\tthe end of one", "cp: cannot stat"]);
    for family in
        ["nginx-error", "apache-error", "php-fpm", "php-fpm-slow", "mysql-error", "mysql-slow", "redis"]
    {
        let (_, unmatched) = told(family, "", "GET / HTTP/1.1\n");
        assert_eq!(unmatched, ["GET / HTTP/1.1"], "{family}");
        let why = Format::compile(family, "x").unwrap_err();
        assert!(why.to_string().contains("leave it out"), "{family}");
    }
}

#[test]
fn words_of_strangers_are_bounded() {
    let lines: String =
        (0..1000).map(|n| format!("2026-11-22 08:14:03.123 UTC db{n} ERROR:  no\n")).collect();
    let (told, _) = told("postgresql", "%m %d ", &lines);
    assert_eq!(told.len(), 65, "64 databases and all others");
    assert!(has(&told, r#"log_messages_total{severity="~other"} 936"#), "{told:#?}");
}

#[test]
fn what_clients_send_makes_no_events() {
    let line = "2026/11/22 08:14:03 [error] 9#9: *7 access forbidden by rule, client: ::1, server: , request: \"GET /?upstream \
                timed out\"\n";
    assert_eq!(told("nginx-error", "", line).0, [r#"log_messages_total{severity="error"} 1"#]);
    let line = "2026-11-22 08:14:03.123 UTC [9] ERROR:  syntax error at or near \"deadlock detected\"\n";
    assert_eq!(told("postgresql", "", line).0, [r#"log_messages_total{severity="error"} 1"#]);
}

/// Every family of messages with each of its formats.
fn formats() -> Vec<Arc<Format>> {
    let compiled = |family: &str, text: &str| Arc::new(Format::compile(family, text).unwrap());
    let usual = FAMILIES.iter().filter(|family| !family.needs_text).map(|family| compiled(family.name, ""));
    let more = ["csvlog", "jsonlog", "%t%e%d%q "].map(|text| compiled("postgresql", text));
    usual.chain(more).filter(|format| format.dialect().is_some()).collect()
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]

    #[test]
    fn damaged_logs_are_survived(seed in 0_usize..10_000, cuts in proptest::collection::vec((0_usize..2000, 0_u8..255), 0..8)) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/logs");
        let mut logs: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("lines")).collect();
        logs.sort();
        let mut text = std::fs::read(&logs[seed % logs.len()]).unwrap_or_default();
        for (at, byte) in cuts {
            let at = at % (text.len() + 1);
            match byte % 3 {
                0 => text.truncate(at),
                1 => text.insert(at, byte),
                _ => drop(text.splice(at..at, *b"\n\"{[  LOG:  duration: ")),
            }
        }
        for format in formats() {
            let (lines, unmatched) = read_messages(&format, &text);
            assert!(unmatched <= lines);
        }
    }
}
