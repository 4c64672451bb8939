//! Why an answer has no series, where its language can tell.

use crate::dialects::prometheus::why;
use lang::nearest::nearest;
use lang::{graphite, promql};
use model::Source;
use query::graphite::Context;
use query::vector::LOOKBACK_MS;

/// The range of everything, in seconds.
const EVER_S: (i64, i64) = (0, i64::MAX / 2000);

/// Sentences for people; none where nothing is known. `from_ms` is the start of the range that was asked for.
pub(super) fn why(source: &dyn Source, language: &str, text: &str, from_ms: i64) -> Vec<String> {
    match language {
        "promql" => promql::parse(text)
            .map(|expr| why::empty(source, &expr, from_ms - LOOKBACK_MS))
            .unwrap_or_default()
            .into_iter()
            .map(sentence)
            .collect(),
        "graphite" => match graphite::first_path(text) {
            Ok(Some(path)) => vec![no_path(source, &path)],
            Ok(None) if text.contains("seriesByTag") => vec!["No series has tags like these".to_owned()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Up to which part a path is there, and what is most like the first one that is not.
fn no_path(source: &dyn Source, path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let context = Context::new(EVER_S.0, EVER_S.1);
    let find = |pattern: &str| {
        query::graphite::find(pattern, &context, source).map_or_else(|_| Vec::new(), |found| found.nodes)
    };
    // What is within braces is not cut at dots.
    let is_plain = !path.contains('{');
    for end in (1..=parts.len()).filter(|_| is_plain) {
        let there = find(&parts[..end].join("."));
        if end == parts.len() && !there.is_empty() && there.iter().all(|node| !node.is_leaf) {
            return format!("{path} is a branch, not a series: {path}.* has what is below");
        }
        if there.is_empty() {
            let siblings = find(&[&parts[..end - 1], &["*"]].concat().join("."));
            let names = siblings.iter().filter_map(|node| node.path.rsplit('.').next());
            let near =
                nearest(parts[end - 1], names).map(|name| [&parts[..end - 1], &[name]].concat().join("."));
            let missing = format!("There is no path {}", parts[..end].join("."));
            return near.map_or(missing.clone(), |near| format!("{missing} (did you mean {near:?}?)"));
        }
    }
    format!("No series has a path like {path}, or none has values in this time range")
}

/// With a capital, as all notes.
fn sentence(text: String) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
