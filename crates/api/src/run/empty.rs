//! Why an answer has no series, where its language can tell.

use crate::dialects::prometheus::why;
use lang::{graphite, promql};
use model::Source;
use query::vector::LOOKBACK_MS;

/// Sentences for people; none where nothing is known. `from_ms` is the start of the range that was asked for.
pub(super) fn why(source: &dyn Source, language: &str, text: &str, from_ms: i64) -> Vec<String> {
    match language {
        "promql" => promql::parse(text)
            .map(|expr| why::empty(source, &expr, from_ms - LOOKBACK_MS))
            .unwrap_or_default()
            .into_iter()
            .map(sentence)
            .collect(),
        "graphite" => graphite::first_path(text)
            .ok()
            .flatten()
            .map(|path| format!("No series has a path like {path}, or none has values in this time range"))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// With a capital, as all notes.
fn sentence(text: String) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
