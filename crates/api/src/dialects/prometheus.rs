//! Prometheus' HTTP API v1. Here are labels, label values, series and metadata; evaluation is in `query.rs`, what a server
//! says of itself in `status.rs`, what is like a text in `search.rs`, other servers' ways of asking in `federate.rs` and `remote_read.rs`.

pub mod admin;
pub mod ask;
pub mod envelope;
pub mod federate;
pub mod query;
pub mod remote_read;
pub mod search;
pub mod selector;
pub mod status;
pub mod syntax;
pub mod tree;
pub mod values;
pub mod why;

use crate::params::{Params, decode};
use crate::{Api, respond};
use ::query::Joined;
use ask::Refused;
pub use envelope::Fault;
use model::{Matcher, Source, TimeRange};
pub(crate) use selector::parse_selector;
use serde_json::{Map, Value, json};
use serve::{Method, Request, Response, StatusCode};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most names, values or series one answer has unless `limit` asks for fewer.
const ITEMS_MAX: usize = 100_000;

/// `GET|POST /api/v1/labels`.
pub fn labels(api: &Arc<Api>, request: &Request) -> Response {
    answer(request, |asked| {
        let mut names = BTreeSet::new();
        for matchers in asked.each_selector() {
            let found = Joined::new(api.source.as_ref())
                .label_names(matchers, asked.range, asked.limit + 1)
                .map_err(|e| e.to_string())?;
            names.extend(found);
        }
        Ok(names.into_iter().map(Value::from).collect())
    })
}

/// `GET /api/v1/label/{name}/values`.
pub fn label_values(api: &Arc<Api>, request: &Request) -> Response {
    let name = decode(request.path.split('/').nth(4).unwrap_or(""), false);
    // Prometheus' own escape for names that are not plain ASCII words (UTF-8 support, value encoding scheme).
    let name = name.strip_prefix("U__").map_or(name.clone(), unescape);
    answer(request, |asked| {
        let mut values = BTreeSet::new();
        for matchers in asked.each_selector() {
            let found = Joined::new(api.source.as_ref())
                .label_values(&name, matchers, asked.range, asked.limit + 1)
                .map_err(|e| e.to_string())?;
            values.extend(found);
        }
        Ok(values.into_iter().map(Value::from).collect())
    })
}

/// `GET|POST /api/v1/series`.
pub fn series(api: &Arc<Api>, request: &Request) -> Response {
    answer(request, |asked| {
        if asked.selectors.is_empty() {
            return Err("no match[] parameter provided".into());
        }
        let mut found = BTreeSet::new();
        for matchers in &asked.selectors {
            let selection = Joined::new(api.source.as_ref())
                .select(matchers, asked.range, asked.limit + 1)
                .map_err(|e| e.to_string())?;
            found.extend(selection.series.into_iter().map(|s| s.labels));
        }
        let object = |labels: &model::Labels| -> Value {
            labels.iter().map(|(n, v)| (n.to_owned(), Value::from(v))).collect::<Map<_, _>>().into()
        };
        Ok(found.iter().map(object).collect())
    })
}

/// `GET /api/v1/metadata`.
pub fn metadata(api: &Arc<Api>, request: &Request) -> Response {
    let params = params(request);
    let limit = params.get("limit").and_then(|l| l.parse().ok()).unwrap_or(ITEMS_MAX);
    let names = match params.get("metric") {
        Some(name) => Ok(vec![name.to_owned()]),
        None => api.source.label_values(model::NAME, &[], TimeRange::ALL, ITEMS_MAX),
    };
    let names = match names {
        Ok(names) => names,
        Err(e) => return failure(StatusCode::UNPROCESSABLE_ENTITY, "execution", &e.to_string()),
    };
    let mut data = Map::new();
    for description in names.iter().filter_map(|name| api.source.describe(name)).take(limit) {
        let entry = json!([{ "type": kind_name(description.kind), "help": description.help, "unit": description.unit }]);
        data.insert(description.metric.into_owned(), entry);
    }
    respond::json(&json!({ "status": "success", "data": data }))
}

fn kind_name(kind: model::Kind) -> &'static str {
    match kind {
        model::Kind::Gauge => "gauge",
        model::Kind::Counter => "counter",
        _ => "unknown",
    }
}

/// What every metadata request may carry.
struct Asked {
    selectors: Vec<Vec<Matcher>>,
    range: TimeRange,
    /// One more is looked for, to say that there are more.
    limit: usize,
}

impl Asked {
    /// The selectors, or one that matches everything.
    fn each_selector(&self) -> impl Iterator<Item = &[Matcher]> {
        let everything: &[Matcher] = &[];
        let all = self.selectors.is_empty().then_some(everything);
        self.selectors.iter().map(Vec::as_slice).chain(all)
    }
}

pub(crate) fn params(request: &Request) -> Params {
    let mut params = Params::parse(&request.query);
    if request.method != Method::GET {
        params.extend(Params::parse(&String::from_utf8_lossy(&request.body)));
    }
    params
}

fn asked(params: &Params) -> Result<Asked, String> {
    let mut selectors = Vec::new();
    for text in params.all("match[]") {
        selectors.push(parse_selector(text).map_err(|e| format!("invalid parameter \"match[]\": {e}"))?);
    }
    let start_ms = time(params, "start")?.unwrap_or(i64::MIN);
    // Prometheus' end is inclusive, ours is not.
    let end_ms = time(params, "end")?.map_or(i64::MAX, |end| end.saturating_add(1));
    let limit = match params.get("limit").map(str::parse::<usize>) {
        None | Some(Ok(0)) => ITEMS_MAX,
        Some(Ok(limit)) => limit.min(ITEMS_MAX),
        Some(Err(_)) => return Err("invalid parameter \"limit\": not a number".into()),
    };
    Ok(Asked { selectors, range: TimeRange::new(start_ms, end_ms), limit })
}

fn time(params: &Params, name: &str) -> Result<Option<i64>, String> {
    ask::instant(params, name, 0).map_err(|refused| refused.error)
}

fn answer(request: &Request, find: impl FnOnce(&Asked) -> Result<Vec<Value>, String>) -> Response {
    let asked = match asked(&params(request)) {
        Ok(asked) => asked,
        Err(e) => return failure(StatusCode::BAD_REQUEST, "bad_data", &e),
    };
    match find(&asked) {
        Ok(mut data) => {
            let truncated = data.len() > asked.limit;
            data.truncate(asked.limit);
            let mut body = json!({ "status": "success", "data": data });
            if truncated {
                body["warnings"] = json!(["results truncated due to limit"]);
            }
            respond::json(&body)
        }
        Err(e) => failure(StatusCode::BAD_REQUEST, "bad_data", &e),
    }
}

fn failure(status: StatusCode, kind: &str, error: &str) -> Response {
    respond::with_status(status, &json!({ "status": "error", "errorType": kind, "error": error }))
}

/// `U__a_2e_b` is `a.b`: `_HEX_` stands for a character, `__` for `_`.
fn unescape(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('_') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('_') {
            out.push('_');
            rest = after;
            continue;
        }
        let decoded = rest
            .split_once('_')
            .and_then(|(hex, after)| Some((char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, after)));
        match decoded {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => out.push('_'),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests;
