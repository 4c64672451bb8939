//! `/api/v1/search/…`: names of metrics, names of labels and values of labels that are like a text, best first, in batches
//! of a line each (NDJSON), as Prometheus 3 has it behind a flag. Grafana's editor asks it where it is told to.

mod score;

use super::envelope::{Fault, failure};
use super::{Refused, ask, params};
use crate::json::{list, object};
use crate::params::Params;
use crate::{Api, respond};
use ::query::Joined;
use model::{Matcher, NAME, Source, TimeRange};
use score::{Algorithm, Wanted};
use serve::{HeaderValue, Request, Response, header};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most names or values that are looked through.
const NAMES_MAX: usize = 2_000_000;
/// How far is looked back unless `start` says otherwise.
const LOOK_BACK_MS: i64 = 3_600_000;
/// How many are told, and in one line, unless the request says otherwise.
const COUNT: usize = 100;

/// What is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Among {
    Metrics,
    Labels,
    Values(String),
}

/// Which of those that fit come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
    Score,
}

struct Asked {
    selectors: Vec<Vec<Matcher>>,
    range: TimeRange,
    wanted: Wanted,
    order: Order,
    limit: usize,
    batch: usize,
    with_score: bool,
    with_metadata: bool,
}

/// `GET|POST /api/v1/search/metric_names`.
pub fn metric_names(api: &Arc<Api>, request: &Request) -> Response {
    answer(api, request, |_| Ok(Among::Metrics))
}

/// `GET|POST /api/v1/search/label_names`.
pub fn label_names(api: &Arc<Api>, request: &Request) -> Response {
    answer(api, request, |_| Ok(Among::Labels))
}

/// `GET|POST /api/v1/search/label_values`: of the label `label`.
pub fn label_values(api: &Arc<Api>, request: &Request) -> Response {
    answer(api, request, |params| match params.get("label").filter(|name| !name.is_empty()) {
        Some(name) => Ok(Among::Values(name.to_owned())),
        None => Err(Refused::parameter("label", "it must be given")),
    })
}

fn answer(
    api: &Arc<Api>,
    request: &Request,
    among: impl FnOnce(&Params) -> Result<Among, Refused>,
) -> Response {
    let params = params(request);
    let answered = || -> Result<Vec<u8>, Refused> {
        let among = among(&params)?;
        let asked = asked(&params, api.clock.now_ms())?;
        let names = names(api, &among, &asked)?;
        Ok(told(api, &among, &asked, &names))
    };
    match answered() {
        Ok(lines) => respond::json_text(lines)
            .with(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson; charset=utf-8")),
        Err(refused) => failure(&refused),
    }
}

fn asked(params: &Params, now_ms: i64) -> Result<Asked, Refused> {
    let start_ms = ask::instant(params, "start", now_ms)?.unwrap_or(now_ms - LOOK_BACK_MS);
    // Prometheus' end is inclusive, ours is not.
    let end_ms = ask::instant(params, "end", now_ms)?.unwrap_or(now_ms).saturating_add(1);
    let selectors = params
        .all("match[]")
        .map(|text| super::parse_selector(text).map_err(|why| Refused::parameter("match[]", why)));
    let texts: Vec<&str> = params.all("search[]").collect();
    let algorithm = match params.get("fuzz_alg").unwrap_or_default() {
        "" | "subsequence" => Algorithm::Subsequence,
        "jarowinkler" => Algorithm::JaroWinkler,
        _ => return Err(Refused::parameter("fuzz_alg", "must be one of subsequence, jarowinkler")),
    };
    let threshold = count(params, "fuzz_threshold", 0)?;
    if threshold > 100 {
        return Err(Refused::parameter("fuzz_threshold", "must be 0-100"));
    }
    let order = order(params, !texts.is_empty())?;
    let is_strict = flag(params, "case_sensitive", true)?;
    Ok(Asked {
        selectors: selectors.collect::<Result<_, _>>()?,
        range: TimeRange::new(start_ms, end_ms),
        wanted: Wanted::new(&texts, algorithm, threshold as f64 / 100.0, is_strict),
        order,
        limit: count(params, "limit", COUNT)?,
        batch: count(params, "batch_size", COUNT)?,
        with_score: flag(params, "include_score", false)?,
        with_metadata: flag(params, "include_metadata", false)?,
    })
}

fn order(params: &Params, has_texts: bool) -> Result<Order, Refused> {
    let (by, direction) =
        (params.get("sort_by").unwrap_or_default(), params.get("sort_dir").unwrap_or_default());
    match (by, direction) {
        ("score", _) if !has_texts => Err(Refused::parameter("sort_by", "score requires search[] to be set")),
        ("score", "") => Ok(Order::Score),
        ("score", _) => Err(Refused::parameter("sort_dir", "not supported for sort_by=score")),
        ("", "") | ("alpha", "" | "asc") => Ok(Order::Ascending),
        ("alpha", "dsc") => Ok(Order::Descending),
        ("", _) => Err(Refused::parameter("sort_dir", "only valid when sort_by is set")),
        ("alpha", _) => Err(Refused::parameter("sort_dir", "must be \"asc\" or \"dsc\"")),
        _ => Err(Refused::parameter("sort_by", "must be \"alpha\" or \"score\"")),
    }
}

// 0 and nothing stand for what the server likes.
fn count(params: &Params, name: &str, default: usize) -> Result<usize, Refused> {
    match params.get(name).filter(|text| !text.is_empty()).map(str::parse::<usize>) {
        None | Some(Ok(0)) => Ok(default),
        Some(Ok(count)) => Ok(count.min(NAMES_MAX)),
        Some(Err(_)) => Err(Refused::parameter(name, "must be non-negative integer")),
    }
}

fn flag(params: &Params, name: &str, default: bool) -> Result<bool, Refused> {
    match params.get(name).unwrap_or_default() {
        "" => Ok(default),
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(Refused::parameter(name, "must be boolean")),
    }
}

/// Those that fit with how well they do, in the order wanted; one more than the limit if there are more.
fn names(api: &Api, among: &Among, asked: &Asked) -> Result<Vec<(String, f64)>, Refused> {
    let source = Joined::new(api.source.as_ref());
    let everything = [Vec::new()];
    let selectors = if asked.selectors.is_empty() { &everything } else { asked.selectors.as_slice() };
    let mut found = BTreeMap::new();
    for matchers in selectors {
        let names = match among {
            Among::Metrics => source.label_values(NAME, matchers, asked.range, NAMES_MAX),
            Among::Labels => source.label_names(matchers, asked.range, NAMES_MAX),
            Among::Values(label) => source.label_values(label, matchers, asked.range, NAMES_MAX),
        };
        let names = names.map_err(|why| Refused { fault: Fault::Execution, error: why.to_string() })?;
        for name in names {
            if let Some(score) = asked.wanted.score(&name) {
                found.insert(name, score);
            }
        }
    }
    let mut found: Vec<(String, f64)> = found.into_iter().collect();
    match asked.order {
        Order::Ascending => {}
        Order::Descending => found.reverse(),
        // The sort is stable: those that fit as well stay in the order of their names.
        Order::Score => found.sort_by(|a, b| b.1.total_cmp(&a.1)),
    }
    found.truncate(asked.limit.saturating_add(1));
    Ok(found)
}

fn told(api: &Api, among: &Among, asked: &Asked, names: &[(String, f64)]) -> Vec<u8> {
    let (told, has_more) = (&names[..names.len().min(asked.limit)], names.len() > asked.limit);
    let mut out = Vec::new();
    let nothing: [&[(String, f64)]; 1] = [&[]];
    let batches = told.chunks(asked.batch).chain(nothing.into_iter().filter(|_| told.is_empty()));
    for batch in batches {
        object(&mut out, |o| {
            list(o.member("results"), batch, |out, (name, score)| {
                put_one(out, api, among, asked, name, *score)
            });
        });
        out.push(b'\n');
    }
    object(&mut out, |o| {
        o.put("status", "success").put("has_more", has_more);
    });
    out.push(b'\n');
    out
}

fn put_one(out: &mut Vec<u8>, api: &Api, among: &Among, asked: &Asked, name: &str, score: f64) {
    object(out, |o| {
        o.put("name", name);
        if matches!(among, Among::Values(_)) {
            // Releases of Prometheus differ in which of the two they say; Grafana reads this one.
            o.put("value", name);
        }
        if asked.with_score {
            o.put("score", score);
        }
        if asked.with_metadata
            && *among == Among::Metrics
            && let Some(description) = api.source.describe(name)
        {
            o.put("type", super::kind_name(description.kind));
            o.put("help", &*description.help).put("unit", &*description.unit);
        }
    });
}
