//! What a person asks of the store: deletion, snapshots, restoring. Parameters as a query string or a form, selectors and
//! times as in Prometheus' dialect.

use crate::dialects::prometheus::{admin, params, parse_selector};
use crate::params::Params;
use crate::{Api, respond};
use model::keeper::{KeepError, Snapshot};
use model::{Matcher, TimeRange};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// Series and a range.
pub(crate) struct Asked {
    pub(crate) selectors: Vec<Vec<Matcher>>,
    pub(crate) range: TimeRange,
}

/// The selectors of `match[]`, `start` and `end`.
pub(crate) fn asked(params: &Params) -> Result<Asked, KeepError> {
    let bad = |e: String| KeepError::Bad(e);
    let selector =
        |text: &str| parse_selector(text).map_err(|e| bad(format!("invalid parameter \"match[]\": {e}")));
    let selectors = params.all("match[]").map(selector).collect::<Result<_, _>>()?;
    let range = admin::range(params, i64::MIN, i64::MAX).map_err(bad)?;
    Ok(Asked { selectors, range })
}

/// `POST /api/v1/store/delete`.
pub fn delete(api: &Arc<Api>, request: &Request) -> Response {
    let deleted = asked(&params(request)).and_then(|asked| api.keeper.delete(&asked.selectors, asked.range));
    answer(deleted.map(|deleted| json!({ "series": deleted.series })))
}

/// `POST /api/v1/store/clean`.
pub fn clean(api: &Arc<Api>, _: &Request) -> Response {
    answer(api.keeper.clean().map(|()| json!({})))
}

/// `GET /api/v1/store/snapshots`.
pub fn snapshots(api: &Arc<Api>, _: &Request) -> Response {
    let list = |all: Vec<Snapshot>| json!({ "snapshots": all.iter().map(describe).collect::<Vec<_>>() });
    answer(api.keeper.snapshots().map(list))
}

/// `POST /api/v1/store/snapshot`.
pub fn snapshot(api: &Arc<Api>, request: &Request) -> Response {
    let params = params(request);
    answer(api.keeper.snapshot(params.get("label").unwrap_or("")).map(|made| describe(&made)))
}

/// `POST /api/v1/store/snapshot/remove`.
pub fn remove_snapshot(api: &Arc<Api>, request: &Request) -> Response {
    let params = params(request);
    answer(name(&params).and_then(|name| api.keeper.remove_snapshot(name)).map(|()| json!({})))
}

/// `POST /api/v1/store/restore`.
pub fn restore(api: &Arc<Api>, request: &Request) -> Response {
    let params = params(request);
    let restored = name(&params)
        .and_then(|name| Ok((name, asked(&params)?)))
        .and_then(|(name, asked)| api.keeper.restore(name, &asked.selectors, asked.range));
    answer(restored.map(|restored| {
        json!({
            "series": restored.series,
            "samples": restored.samples,
            "known": restored.known,
            "refused": restored.refused,
        })
    }))
}

fn name(params: &Params) -> Result<&str, KeepError> {
    params.get("name").ok_or_else(|| KeepError::Bad("the parameter `name` is missing".to_owned()))
}

fn describe(snapshot: &Snapshot) -> Value {
    json!({ "name": snapshot.name, "blocks": snapshot.blocks, "bytes": snapshot.len_bytes })
}

fn answer(result: Result<Value, KeepError>) -> Response {
    match result {
        Ok(value) => respond::json(&value),
        Err(KeepError::Bad(what)) => respond::error(StatusCode::BAD_REQUEST, what, None),
        Err(KeepError::Failed(what)) => respond::error(StatusCode::INTERNAL_SERVER_ERROR, what, None),
    }
}
