//! Prometheus' endpoints for those who look after a server: status of the store, and what is asked of it.

use super::{Params, failure, params, time};
use crate::{Api, respond, store};
use model::TimeRange;
use model::keeper::{Cardinality, Count, KeepError, NameCount};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// Rows of each list unless `limit` says otherwise.
const ROWS: usize = 10;
/// Most rows of each list.
const ROWS_MAX: usize = 10_000;
/// Series are counted that had samples in this time before now, unless `start` and `end` say otherwise.
const COUNTED_MS: i64 = 86_400_000;

/// `GET /api/v1/status/tsdb`: Prometheus' fields, and beside them sources, growth and when a query came last.
pub fn status(api: &Arc<Api>, request: &Request) -> Response {
    let params = params(request);
    let asked = range(&params, api.clock.now_ms() - COUNTED_MS, i64::MAX)
        .and_then(|range| Ok((range, rows(&params)?)));
    let (range, rows) = match asked {
        Ok(asked) => asked,
        Err(e) => return failure(StatusCode::BAD_REQUEST, "bad_data", &e),
    };
    match api.keeper.cardinality(range, rows) {
        Ok(found) => respond::json(&json!({ "status": "success", "data": cardinality(&found) })),
        Err(e) => refused(&e),
    }
}

/// `POST|PUT /api/v1/admin/tsdb/delete_series`: the samples from `start` to `end` of the series that match.
pub fn delete_series(api: &Arc<Api>, request: &Request) -> Response {
    done(store::asked(&params(request)).and_then(|asked| api.keeper.delete(&asked.selectors, asked.range)))
}

/// `POST|PUT /api/v1/admin/tsdb/clean_tombstones`: takes deleted samples off the disk now.
pub fn clean_tombstones(api: &Arc<Api>, _: &Request) -> Response {
    done(api.keeper.clean())
}

/// `POST|PUT /api/v1/admin/tsdb/snapshot`.
pub fn snapshot(api: &Arc<Api>, _: &Request) -> Response {
    match api.keeper.snapshot("api") {
        Ok(snapshot) => respond::json(&json!({ "status": "success", "data": { "name": snapshot.name } })),
        Err(e) => refused(&e),
    }
}

fn done<T>(result: Result<T, KeepError>) -> Response {
    match result {
        Ok(_) => Response::new(StatusCode::NO_CONTENT, "text/plain", Vec::new()),
        Err(e) => refused(&e),
    }
}

fn cardinality(found: &Cardinality) -> Value {
    json!({
        "headStats": {
            "numSeries": found.series,
            "numLabelPairs": found.pairs,
            "minTime": found.oldest_ms,
            "maxTime": found.newest_ms,
        },
        "seriesCountByMetricName": names(&found.names),
        "labelValueCountByLabelName": counts(&found.label_values),
        "memoryInBytesByLabelName": counts(&found.label_bytes),
        "seriesCountByLabelValuePair": counts(&found.label_pairs),
        "seriesCountBySource": counts(&found.sources),
        "seriesCreated": { "lastHour": found.created_1h, "lastDay": found.created_24h },
        "growingMetricNames": names(&found.growing),
    })
}

fn counts(rows: &[Count]) -> Value {
    rows.iter().map(|row| json!({ "name": row.name, "value": row.count })).collect()
}

fn names(rows: &[NameCount]) -> Value {
    let row = |row: &NameCount| {
        json!({
            "name": row.name,
            "value": row.series,
            "createdLastHour": row.created_1h,
            "createdLastDay": row.created_24h,
            "lastQueried": row.queried_ms,
        })
    };
    rows.iter().map(row).collect()
}

/// `start` and `end`, which is inclusive as everywhere in Prometheus.
pub(crate) fn range(params: &Params, start_ms: i64, end_ms: i64) -> Result<TimeRange, String> {
    let start_ms = time(params, "start")?.unwrap_or(start_ms);
    let end_ms = time(params, "end")?.map_or(end_ms, |end| end.saturating_add(1));
    if start_ms >= end_ms {
        return Err("invalid parameter \"end\": it is before the start".into());
    }
    Ok(TimeRange::new(start_ms, end_ms))
}

fn rows(params: &Params) -> Result<usize, String> {
    match params.get("limit").map(str::parse::<usize>) {
        None => Ok(ROWS),
        Some(Ok(rows)) if (1..=ROWS_MAX).contains(&rows) => Ok(rows),
        Some(_) => Err(format!("invalid parameter \"limit\": not a number from 1 to {ROWS_MAX}")),
    }
}

fn refused(error: &KeepError) -> Response {
    match error {
        KeepError::Bad(what) => failure(StatusCode::BAD_REQUEST, "bad_data", what),
        KeepError::Failed(what) => failure(StatusCode::INTERNAL_SERVER_ERROR, "internal", what),
    }
}
