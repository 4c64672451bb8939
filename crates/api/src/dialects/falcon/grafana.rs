//! What Open-Falcon's data source for Grafana asks, without authentication as ever.
//!
//! ```text
//! GET      /api/v1/grafana?query=&limit=1000               all hosts, or those that a regular expression finds
//! GET      /api/v1/grafana/metrics/find?query=&limit=1000  the same, and the next piece of counters' names
//!       →  [{"text","expandable"}]
//! GET|POST /api/v1/grafana/render?target=&from=&until=&step=60&consolFun=AVERAGE
//!       →  as /graph/history
//!
//! target := hosts "#" pieces of a counter with "#" in between
//! hosts  := host | "{" host ("," host)* "}"                a "~" in a host stands for a dot
//! ```
//!
//! Pieces are regular expressions; `%` stands for anything, and `$` at the end says that the name ends there. Queries
//! that begin with `!HG!` or `!HGH!` ask for groups of hosts, of which there are none here.

pub(super) mod target;

use super::answer::{self, Answer, Refusal};
use super::asked::{Pair, Span};
use super::history::Cf;
use super::index;
use super::terms::Terms;
use super::{COUNTERS_MAX, Found, add_history, counter};
use crate::Api;
use crate::params::Params;
use model::Source;
use serde_json::{Value, json};
use serve::{Method, Request, Response};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use target::Target;

/// Items when nobody says how many.
const LIMIT: i64 = 1000;
/// Most items.
const LIMIT_MAX: i64 = 10_000;

/// `GET /api/v1/grafana` and `GET /api/v1/grafana/metrics/find`.
pub fn find(api: &Arc<Api>, request: &Request) -> Response {
    answer::respond_value(found(&api.numbers(), &Params::parse(&request.query)), "error")
}

fn found(source: &dyn Source, params: &Params) -> Result<Value, Refusal> {
    let limit = index::whole(params, "limit", LIMIT)?.clamp(0, LIMIT_MAX) as usize;
    let terms = match params.get("query") {
        Some(query) if query.starts_with("!HG!") || query.starts_with("!HGH!") => return Ok(json!([])),
        // Grafana's editor asks so before anybody chose anything.
        Some(query) if query.contains("#select metric") => return Ok(json!([])),
        Some(query) if query.contains('#') => return pieces(source, query, limit),
        None | Some("!N!") => Terms::default(),
        Some(query) => Terms::one(query)?,
    };
    let hosts = index::hosts(source, &[])?.into_iter().filter(|host| terms.accept(host)).take(limit);
    Ok(hosts.map(|host| json!({ "expandable": true, "text": host })).collect())
}

// The pieces that may follow, with `$` where some name ends and `%` for anything.
fn pieces(source: &dyn Source, query: &str, limit: usize) -> Result<Value, Refusal> {
    let Some(target) = Target::parse(query) else { return Ok(json!([])) };
    let mut next: BTreeMap<String, bool> = BTreeMap::new();
    for counter in counters(source, &target)? {
        let (text, is_expandable) = target::next_piece(&counter, &target.counter);
        *next.entry(text).or_default() |= is_expandable;
    }
    if next.is_empty() {
        return Ok(json!([]));
    }
    let ends = next.values().any(|is_expandable| !is_expandable);
    let item = |(text, is_expandable): (String, bool)| json!({ "expandable": is_expandable, "text": text });
    let mut items: Vec<Value> = next.into_iter().take(limit).map(item).collect();
    items.extend(ends.then(|| json!({ "expandable": false, "text": "$" })));
    items.push(json!({ "expandable": false, "text": "%" }));
    Ok(items.into())
}

// The counters of a target's hosts that it finds, each once.
fn counters(source: &dyn Source, target: &Target) -> Result<BTreeSet<String>, Refusal> {
    let terms = if target.is_whole { Terms::default() } else { Terms::one(&target.counter)? };
    let is_it = |counter: &String| match target.is_whole {
        true => *counter == target.counter,
        false => terms.accept(counter),
    };
    let mut found = BTreeSet::new();
    for host in &target.hosts {
        let series = index::of_host(source, host)?;
        found.extend(series.iter().map(|series| counter::text(&series.labels)).filter(is_it));
    }
    Ok(found)
}

/// `GET` and `POST /api/v1/grafana/render`.
pub fn render(api: &Arc<Api>, request: &Request) -> Response {
    answer::respond(rendered(api, &params(request)), "error")
}

// Parameters stand in the address, in a form, or in JSON.
fn params(request: &Request) -> Params {
    let mut params = Params::parse(&request.query);
    if request.method == Method::POST {
        params.extend(match serde_json::from_slice::<Value>(&request.body) {
            Ok(Value::Object(fields)) => Params::from_json(&fields),
            _ => Params::parse(&String::from_utf8_lossy(&request.body)),
        });
    }
    params
}

fn rendered(api: &Api, params: &Params) -> Result<Answer, Refusal> {
    let targets: Vec<&str> = params.all("target").chain(params.all("target[]")).collect();
    for (name, is_there) in [
        ("target", !targets.is_empty()),
        ("from", params.get("from").is_some()),
        ("until", params.get("until").is_some()),
    ] {
        if !is_there {
            return Err(Refusal::bad(format!("`{name}` is missing")));
        }
    }
    let cf = params.get("consolFun").unwrap_or("AVERAGE");
    let span = Span {
        start_s: index::whole(params, "from", 0)?,
        end_s: index::whole(params, "until", 0)?,
        cf: Cf::parse(cf)
            .ok_or_else(|| Refusal::bad(format!("`consolFun` is `{cf}`, not AVERAGE, MAX or MIN")))?,
    };
    let (mut answer, mut count) = (Answer::default(), 0);
    // A target that finds nothing must not keep the others of a panel from being drawn.
    for target in targets.into_iter().filter_map(Target::parse) {
        let counters = counters(&api.numbers(), &target)?;
        for endpoint in &target.hosts {
            for counter in &counters {
                let pair = Pair { endpoint: endpoint.clone(), counter: counter.clone() };
                let Some(found) = Found::look_up(&api.numbers(), &pair)? else { continue };
                count += 1;
                if count > COUNTERS_MAX {
                    return Err(Refusal::bad(format!(
                        "more than {COUNTERS_MAX} counters, ask for less at once"
                    )));
                }
                add_history(api, &mut answer, &pair, Some(&found), &span)?;
            }
        }
    }
    Ok(answer)
}
