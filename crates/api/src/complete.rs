//! What may stand at the cursor of an expression.

use crate::{Api, respond};
use model::TimeRange;
use query::SourceCatalog;
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// Names of series without a sample for this long are not offered.
const LOOK_BACK_MS: i64 = 7 * 86_400_000;

/// `POST /api/v1/complete`.
pub fn post(api: &Arc<Api>, request: &Request) -> Response {
    let asked: Value = match serde_json::from_slice(&request.body) {
        Ok(asked) => asked,
        Err(e) => {
            return respond::error(StatusCode::BAD_REQUEST, format!("the request is not JSON: {e}"), None);
        }
    };
    let name = asked["language"].as_str().unwrap_or("timelion");
    let Some(language) = lang::languages::find(name) else {
        return respond::error(StatusCode::BAD_REQUEST, format!("no language `{name}`"), None);
    };
    let text = asked["text"].as_str().unwrap_or("");
    let cursor = asked["cursor"].as_u64().map_or(text.chars().count(), |c| c as usize);
    let signatures = query::names::signatures_of(language.name).unwrap_or_default();
    let now_ms = api.clock.now_ms();
    let range = TimeRange::new(now_ms - LOOK_BACK_MS, now_ms + 1);
    let catalog = SourceCatalog { source: api.source.as_ref(), range };
    let completion = (language.complete)(text, cursor, &signatures, &catalog);
    let items: Vec<Value> = completion
        .items
        .iter()
        .map(|item| {
            json!({
                "text": item.text, "label": item.label, "kind": item.kind.as_str(), "detail": item.detail, "doc": item.doc,
            })
        })
        .collect();
    respond::json(&json!({ "start": completion.span.start, "end": completion.span.end, "items": items }))
}
