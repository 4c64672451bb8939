//! What there is to be read: hosts and their counters, by the names of Open-Falcon's newer api.
//!
//! ```text
//! GET /api/v1/graph/endpoint?q=&tags=&limit=500&page=1       →  [{"id","endpoint"}]
//! GET /api/v1/graph/endpointobj?endpoints=&deadline=0        →  [{"id","endpoint","ts"}]
//! GET /api/v1/graph/endpoint_counter?eid=1,2&metricQuery=.+&limit=500&page=1
//!                                                            →  [{"endpoint_id","counter","step","type"}]
//! ```
//!
//! `q` and `metricQuery` are regular expressions found anywhere, whatever the case, with white space between those that
//! must all be found; one of `metricQuery` that begins with `!` must not be. `tags` are pieces of counters with commas
//! in between, which one and the same counter must have. Answers are sorted by name.
//!
//! Hosts have no numbers here, readers want some: the number of a host is a hash of its name, so it is the same on every
//! server and after every restart.

use super::answer::Refusal;
use super::terms::{self, Terms};
use super::{Found, answer, counter};
use crate::Api;
use crate::params::Params;
use model::{HOST, MatchOp, Matcher, NAME, Series, Source, TimeRange};
use serde_json::{Value, json};
use serve::{Request, Response};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most hosts that are looked through.
pub(super) const HOSTS_MAX: usize = 1_000_000;
/// Most counters of one host that are looked through.
pub(super) const SERIES_MAX: usize = 100_000;
/// Most items of one page.
const LIMIT_MAX: usize = 10_000;
/// Items of a page when nobody says how many.
const LIMIT: usize = 500;
/// Most hosts that counters are asked of at once.
const HOSTS_ASKED_MAX: usize = 1_000;
/// Most labels that a piece of a counter may be a tag of.
const LABELS_MAX: usize = 10_000;
/// Most ways in which pieces of a counter may be tags of one series.
const WAYS_MAX: usize = 256;

/// `GET /api/v1/graph/endpoint`.
pub fn endpoint(api: &Arc<Api>, request: &Request) -> Response {
    answer::respond_value(endpoints(&api.numbers(), &Params::parse(&request.query)), "error")
}

fn endpoints(source: &dyn Source, params: &Params) -> Result<Value, Refusal> {
    let [q, tags] = ["q", "tags"].map(|name| params.get(name).unwrap_or("").trim());
    if q.is_empty() && tags.is_empty() {
        return Err(Refusal::bad("q and labels are all missing"));
    }
    let page = Page::of(params)?;
    let terms = Terms::parse(q, false)?;
    let hosts = if tags.is_empty() { hosts(source, &[])? } else { with_tags(source, tags)? };
    let found = hosts.into_iter().filter(|host| terms.accept(host));
    Ok(page.of_items(found).map(|host| json!({ "id": id(&host), "endpoint": host })).collect())
}

/// `GET /api/v1/graph/endpointobj`.
pub fn endpointobj(api: &Arc<Api>, request: &Request) -> Response {
    answer::respond_value(objects(&api.numbers(), &Params::parse(&request.query)), "error")
}

fn objects(source: &dyn Source, params: &Params) -> Result<Value, Refusal> {
    let named = params.all("endpoints").chain(params.all("endpoints[]"));
    let names: BTreeSet<&str> =
        named.flat_map(|list| list.split(',')).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Err(Refusal::bad("endpoints missing"));
    }
    check_hosts(names.len())?;
    let deadline_s = whole(params, "deadline", 0)?;
    let mut found = Vec::new();
    for name in names {
        let ids: Vec<_> = of_host(source, name)?.iter().map(|series| series.id).collect();
        let newest_ms =
            source.last(&ids, TimeRange::ALL)?.into_iter().flatten().map(|last| last.time_ms).max();
        let Some(newest_s) = newest_ms.map(|ms| ms.div_euclid(1000)).filter(|s| *s >= deadline_s) else {
            continue;
        };
        found.push(json!({ "id": id(name), "endpoint": name, "ts": newest_s }));
    }
    Ok(found.into())
}

/// `GET /api/v1/graph/endpoint_counter`.
pub fn endpoint_counter(api: &Arc<Api>, request: &Request) -> Response {
    answer::respond_value(counters(&api.numbers(), &Params::parse(&request.query)), "error")
}

fn counters(source: &dyn Source, params: &Params) -> Result<Value, Refusal> {
    let eid = params.get("eid").unwrap_or("");
    if eid.is_empty() {
        return Err(Refusal::bad("eid is missing"));
    }
    let wrong = || Refusal::bad("input error, please check your input info.");
    let ids = eid.split(',').map(|id| id.trim().parse().map_err(|_| wrong()));
    let ids: BTreeSet<u64> = ids.collect::<Result<_, _>>()?;
    check_hosts(ids.len())?;
    let page = Page::of(params)?;
    let terms = Terms::parse(params.get("metricQuery").unwrap_or(".+"), true)?;
    let mut found = Vec::new();
    for host in hosts(source, &[])?.into_iter().filter(|host| ids.contains(&id(host))) {
        let series = of_host(source, &host)?.into_iter();
        let mut named: Vec<(String, Series)> = series.map(|s| (counter::text(&s.labels), s)).collect();
        named.retain(|(counter, _)| terms.accept(counter));
        named.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        found.extend(named.into_iter().map(|(counter, series)| (id(&host), counter, series)));
    }
    let mut out = Vec::new();
    for (host, counter, series) in page.of_items(found.into_iter()) {
        let known = Found::of(source, &series)?;
        out.push(json!({
            "endpoint_id": host, "counter": counter, "step": known.step_s, "type": known.dstype(),
        }));
    }
    Ok(out.into())
}

pub(super) fn check_hosts(count: usize) -> Result<(), Refusal> {
    if count > HOSTS_ASKED_MAX {
        return Err(Refusal::bad(format!(
            "{count} endpoints, at most {HOSTS_ASKED_MAX} are allowed at once"
        )));
    }
    Ok(())
}

/// The number of a host: 52 bits, so that no reader of JSON loses any. With 100,000 hosts the odds that two share one
/// are one in a million.
pub(super) fn id(host: &str) -> u64 {
    // FNV-1a.
    let hash = host.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash ^ (hash >> 52)) & ((1 << 52) - 1)
}

/// Hosts of which some series satisfies all conditions, sorted.
pub(super) fn hosts(source: &dyn Source, matchers: &[Matcher]) -> Result<Vec<String>, Refusal> {
    let mut hosts = source.label_values(HOST, matchers, TimeRange::ALL, HOSTS_MAX)?;
    hosts.retain(|host| !host.is_empty());
    Ok(hosts)
}

/// All series of a host.
pub(super) fn of_host(source: &dyn Source, host: &str) -> Result<Vec<Series>, Refusal> {
    Ok(source.select(&[Matcher::equal(HOST, host)], TimeRange::ALL, SERIES_MAX)?.series)
}

// Hosts with a counter that has all the pieces.
pub(super) fn with_tags(source: &dyn Source, tags: &str) -> Result<Vec<String>, Refusal> {
    let mut ways: Vec<Vec<Matcher>> = vec![Vec::new()];
    for piece in tags.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
        let may_be = places(source, piece)?;
        if ways.len().saturating_mul(may_be.len()) > WAYS_MAX {
            return Err(Refusal::bad(format!(
                "`tags` can be read in more than {WAYS_MAX} ways, write key=value"
            )));
        }
        let with = |way: &Vec<Matcher>| {
            let way = way.clone();
            may_be.iter().map(move |place| way.iter().chain([place]).cloned().collect()).collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(with).collect();
    }
    let mut found = BTreeSet::new();
    for way in ways {
        found.extend(hosts(source, &way)?);
    }
    Ok(found.into_iter().collect())
}

// Where a piece of a counter's text may stand: in its metric, across a tag's key and value, or within a value.
fn places(source: &dyn Source, piece: &str) -> Result<Vec<Matcher>, Refusal> {
    let labels = source.label_names(&[], TimeRange::ALL, LABELS_MAX)?;
    let tags = labels.iter().filter(|label| ![NAME, HOST].contains(&label.as_str()));
    let Some((key, value)) = piece.split_once('=') else {
        let metric = terms::anywhere(NAME, MatchOp::Regex, &terms::literal(piece))?;
        let within = tags.map(|label| match label.to_lowercase().contains(&piece.to_lowercase()) {
            true => Matcher::new(label.as_str(), MatchOp::NotEqual, "").map_err(Refusal::bad),
            false => terms::anywhere(label, MatchOp::Regex, &terms::literal(piece)),
        });
        return [Ok(metric)].into_iter().chain(within).collect();
    };
    let begins = format!("(?is){}.*", terms::literal(value));
    let ending = tags.filter(|label| label.to_lowercase().ends_with(&key.to_lowercase()));
    let op = if value.is_empty() { MatchOp::NotEqual } else { MatchOp::Regex };
    let value = if value.is_empty() { String::new() } else { begins };
    ending.map(|label| Matcher::new(label.as_str(), op, value.as_str()).map_err(Refusal::bad)).collect()
}

/// Which of many items.
struct Page {
    first: usize,
    limit: usize,
}

impl Page {
    fn of(params: &Params) -> Result<Self, Refusal> {
        let limit = whole(params, "limit", LIMIT as i64)?.clamp(0, LIMIT_MAX as i64) as usize;
        let page = whole(params, "page", 1)?.max(1) as usize;
        Ok(Self { first: (page - 1).saturating_mul(limit), limit })
    }

    fn of_items<T>(&self, items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        items.skip(self.first).take(self.limit)
    }
}

/// A whole number among the parameters.
pub(super) fn whole(params: &Params, name: &str, default: i64) -> Result<i64, Refusal> {
    match params.get(name).map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(default),
        Some(text) => {
            text.parse().map_err(|_| Refusal::bad(format!("`{name}` is `{text}`, not a whole number")))
        }
    }
}
