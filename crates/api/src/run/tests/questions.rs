//! Questions as people get them wrong, and what they are told: `fixtures/questions`, a file for each language. A line
//! after `?` is asked; what follows is the answer: carets under the place, the sentence, `->` and what to do about it, or `=`
//! and why there is nothing. `WINDHOVER_BLESS=1` writes the answers anew; read them as somebody who is woken at night.

use super::*;
use model::{Source, timetext};
use std::fmt::Write;
use std::path::PathBuf;

const NOW_MS: i64 = 1_700_000_000_000;

/// Two hosts, a sample every ten seconds for ten minutes up to now.
fn store() -> MemoryStore {
    let store = MemoryStore::new();
    let times = |step: f64| (0..=60).map(move |n| (NOW_MS - 600_000 + n * 10_000, 1.0 + step * n as f64));
    for host in ["web1", "web2"] {
        for name in ["load1", "load5", "load15"] {
            let labels = Labels::from_pairs([("__name__", name), ("host", host)]).unwrap();
            store.insert(&labels, Kind::Gauge, times(0.0));
        }
        for mode in ["idle", "user"] {
            let pairs = [("__name__", "cpu_seconds_total"), ("host", host), ("mode", mode)];
            store.insert(&Labels::from_pairs(pairs).unwrap(), Kind::Counter, times(4.0));
        }
    }
    store
}

fn answer(source: &dyn Source, language: &str, text: &str) -> String {
    let asked =
        json!({"language": language, "exprs": [text], "from": "now-5m", "to": "now", "interval": "10s"});
    let asked = Asked::parse(asked.to_string().as_bytes()).map_err(|e| e.sentence).unwrap();
    let evaluated = match evaluate_on(source, &asked, NOW_MS) {
        Ok(evaluated) => evaluated,
        Err(refusal) => return told("", &refusal.sentence, refusal.hint.as_deref()),
    };
    let said: Value = serde_json::from_slice(&evaluated.json(source, 0, None)).unwrap();
    let result = &said["results"][0];
    let error = &result["error"];
    if let Some(message) = error["message"].as_str() {
        let place = |name: &str| error[name].as_u64().unwrap_or_default() as usize;
        let span = lang::Span::new(place("start"), place("end"));
        let carets = lang::Error::new(span, "").caret(text);
        return told(&carets[carets.rfind('\n').map_or(0, |at| at + 1)..], message, error["hint"].as_str());
    }
    let series = result["series"].as_array().map_or(0, Vec::len);
    let note = result["note"].as_str().map_or(format!("{series} series"), |note| note.replace('\n', "\n= "));
    format!("= {note}\n")
}

fn told(carets: &str, message: &str, hint: Option<&str>) -> String {
    let mut out = String::new();
    if !carets.is_empty() {
        let _ = writeln!(out, "  {carets}");
    }
    let _ = writeln!(out, "{message}");
    if let Some(hint) = hint {
        let _ = writeln!(out, "-> {hint}");
    }
    out
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/questions"))
}

/// Asks every question of a file again, and compares or writes.
fn check(file: &str, answer: impl Fn(&str) -> String) {
    let path = folder().join(file);
    let golden = std::fs::read_to_string(&path).unwrap();
    let questions = golden.lines().filter_map(|line| line.strip_prefix('?'));
    let blocks = questions.map(|line| {
        let text = line.strip_prefix(' ').unwrap_or(line);
        format!("? {text}").trim_end().to_owned() + "\n" + &answer(text)
    });
    let now = blocks.collect::<Vec<_>>().join("\n");
    if std::env::var_os("WINDHOVER_BLESS").is_some() {
        return std::fs::write(&path, now).unwrap();
    }
    let differs = now.lines().zip(golden.lines()).find(|(now, golden)| now != golden);
    assert!(now == golden, "{file}: {differs:?}\n{now}");
}

#[test]
fn wrong_questions_are_told_what_is_wrong_and_what_would_be_right() {
    let store = store();
    for language in lang::LANGUAGES {
        check(&format!("{}.txt", language.name), |text| answer(&store, language.name, text));
    }
}

#[test]
fn every_refusal_of_a_text_says_where_and_most_say_what_to_do() {
    for language in lang::LANGUAGES {
        let golden = std::fs::read_to_string(folder().join(format!("{}.txt", language.name))).unwrap();
        let blocks: Vec<&str> = golden.split("\n\n").collect();
        let refusals: Vec<&&str> =
            blocks.iter().filter(|block| block.lines().nth(1).is_some_and(|l| l.contains('^'))).collect();
        let helpless = refusals
            .iter()
            .filter(|block| !["\n-> ", " such as ", " must be "].iter().any(|help| block.contains(help)))
            .count();
        assert!(
            refusals.len() > 5 && helpless * 5 <= refusals.len(),
            "{}: {helpless} of {}",
            language.name,
            refusals.len()
        );
    }
}

#[test]
fn wrong_times_are_named() {
    check("times.txt", |text| {
        let (from, to) = text.split_once(" .. ").unwrap_or((text, "now"));
        let asked =
            json!({"language": "promql", "exprs": ["load1"], "from": from, "to": to, "interval": "auto"});
        let told = Asked::parse(asked.to_string().as_bytes()).and_then(|asked| {
            let evaluated = evaluate_on(&store(), &asked, NOW_MS)?;
            let range = evaluated.answer.grid.range;
            let note = evaluated.answer.results[0]
                .as_ref()
                .map(|frame| frame.notes.join("\n= "))
                .unwrap_or_default();
            Ok(format!(
                "= {} .. {}{}{note}\n",
                timetext::print(range.start_ms),
                timetext::print(range.end_ms),
                if note.is_empty() { "" } else { "\n= " }
            ))
        });
        told.unwrap_or_else(|refusal| self::told("", &refusal.sentence, refusal.hint.as_deref()))
    });
}
