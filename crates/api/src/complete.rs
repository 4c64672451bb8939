//! What may stand at the cursor of an expression.

use crate::{Api, respond};
use lang::catalog::Item;
use model::{Source, TimeRange};
use query::SourceCatalog;
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// Names of series without a sample for this long are not offered.
const LOOK_BACK_MS: i64 = 7 * 86_400_000;

/// `POST /api/v1/complete`.
pub fn post(api: &Arc<Api>, request: &Request) -> Response {
    let answered = serde_json::from_slice(&request.body)
        .map_err(|e| format!("the request is not JSON: {e}"))
        .and_then(|asked| answer(&api.numbers(), &asked, api.clock.now_ms()));
    match answered {
        Ok(answer) => respond::json(&answer),
        Err(why) => respond::error(StatusCode::BAD_REQUEST, why, None),
    }
}

/// What may stand at `cursor` (in characters) of `text` in `language`. The error is a sentence.
pub fn answer(source: &dyn Source, asked: &Value, now_ms: i64) -> Result<Value, String> {
    let name = asked["language"].as_str().unwrap_or("timelion");
    let language = lang::languages::find(name).ok_or_else(|| format!("no language `{name}`"))?;
    let text = asked["text"].as_str().unwrap_or("");
    let cursor = asked["cursor"].as_u64().map_or(text.chars().count(), |c| c as usize);
    let signatures = query::names::signatures_of(language.name).unwrap_or_default();
    let range = TimeRange::new(now_ms - LOOK_BACK_MS, now_ms + 1);
    let catalog = SourceCatalog { source, range };
    let completion = (language.complete)(text, cursor, &signatures, &catalog);
    let items: Vec<Value> = completion.items.iter().map(describe).collect();
    Ok(json!({ "start": completion.span.start, "end": completion.span.end, "items": items }))
}

fn describe(item: &Item) -> Value {
    json!({
        "text": item.text, "label": item.label, "kind": item.kind.as_str(), "detail": item.detail, "doc": item.doc,
    })
}
