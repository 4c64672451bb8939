//! The tree of paths: `/metrics/find`, `/metrics/expand`, `/metrics/index.json`.

use super::asked::Form;
use super::pack::{Msgpack, Packer, Pickle};
use super::render::noted;
use super::{Refusal, json, uncached};
use crate::{Api, telemetry};
use model::{Node, Source, TimeRange};
use query::Limits;
use query::graphite::{Context, Found};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The range of everything: the tree has no end of its own.
const EVER_S: (i64, i64) = (0, i64::MAX / 2000);
/// Most paths in the list of all.
const INDEX_MAX: usize = 1 << 20;

/// `GET` and `POST /metrics/find`.
pub fn find(api: &Arc<Api>, request: &Request) -> Response {
    Form::of(request).and_then(|form| found(api, request, &form)).map_or_else(Refusal::text, uncached)
}

/// `GET` and `POST /metrics/expand`.
pub fn expand(api: &Arc<Api>, request: &Request) -> Response {
    Form::of(request).and_then(|form| expanded(api, request, &form)).map_or_else(Refusal::text, uncached)
}

/// `GET /metrics/index.json`: every path.
pub fn index(api: &Arc<Api>, request: &Request) -> Response {
    let answer = Form::of(request).and_then(|form| {
        let paths = leaves(api)?;
        Ok(json(&form, &json!(paths), is_ascii(request)))
    });
    answer.unwrap_or_else(Refusal::text)
}

/// Letters are escaped only for those who accept nothing but JSON: so does the web application.
fn is_ascii(request: &Request) -> bool {
    request.header("accept").is_none_or(|accept| accept == "application/json")
}

fn nodes(api: &Api, pattern: &str, (from_s, until_s): (i64, i64)) -> Result<Found, Refusal> {
    let usual = Context::new(from_s, until_s);
    let limits = Limits { series: api.find_nodes_max, ..usual.limits.clone() };
    let context = Context { naming: api.naming.clone(), limits, ..usual };
    let found = query::graphite::find(pattern, &context, &api.numbers())
        .map_err(|e| super::render::refused(&e, None))?;
    telemetry::FIND_CUT.add(u64::from(found.is_cut));
    Ok(found)
}

/// What people are told where not all nodes are.
fn note(api: &Api, is_cut: bool) -> Option<String> {
    let text = || {
        format!("Only the first {} are told (graphite.find_nodes_max): narrow it down", api.find_nodes_max)
    };
    is_cut.then(text)
}

/// An answer that is an object says it, too.
fn with_note(mut value: Value, note: Option<&str>) -> Value {
    if let (Some(object), Some(note)) = (value.as_object_mut(), note) {
        object.insert("note".to_owned(), json!(note));
    }
    value
}

/// Whether a series is called so.
pub(super) fn is_leaf(api: &Api, path: &str) -> Result<bool, Refusal> {
    Ok(nodes(api, path, EVER_S)?.nodes.iter().any(|node| node.is_leaf && node.path == path))
}

fn leaves(api: &Api) -> Result<BTreeSet<String>, Refusal> {
    let failed = |text: String| Refusal { status: StatusCode::INTERNAL_SERVER_ERROR, text };
    let selection =
        api.numbers().select(&[], TimeRange::ALL, INDEX_MAX).map_err(|e| failed(e.to_string()))?;
    if selection.truncated {
        return Err(Refusal::bad(format!("there are more than {INDEX_MAX} series; ask /metrics/find")));
    }
    Ok(selection.series.iter().map(|series| api.naming.path(&series.labels)).collect())
}

fn found(api: &Api, request: &Request, form: &Form) -> Result<Response, Refusal> {
    let query = form.last("query").ok_or_else(|| Refusal::bad("Missing required parameter 'query'"))?;
    if query.is_empty() {
        return Err(Refusal::bad("Required parameter 'query' is empty"));
    }
    let format = form.last("format").unwrap_or("treejson");
    let with_wildcard = form.number("wildcards", 0)? != 0;
    let leaves_only = form.number("leavesOnly", 0)? != 0;
    let base = query.rfind('.').map_or("", |at| &query[..=at]);
    let range = range(form, api.clock.now_ms())?;
    let pattern = if format == "completer" { completed(form, query)? } else { query.to_owned() };
    let Found { mut nodes, is_cut } = nodes(api, &pattern, range)?;
    let note = note(api, is_cut);
    nodes.retain(|node| node.is_leaf || !leaves_only);
    nodes.sort_by(|a, b| name(&a.path).cmp(name(&b.path)));
    let value = match format {
        "treejson" => tree(&nodes, base, with_wildcard),
        "nodelist" => node_list(&nodes, form.number("position", -1)?),
        "json" => plain(nodes, range),
        "completer" => completer(&nodes, with_wildcard),
        "pickle" => return Ok(noted(pickle(&nodes, range), note)),
        "msgpack" => return Ok(noted(msgpack(&nodes, range), note)),
        _ => {
            let text = "Invalid value for 'format' parameter".to_owned();
            return Err(Refusal { status: StatusCode::BAD_REQUEST, text });
        }
    };
    Ok(noted(json(form, &with_note(value, note.as_deref()), is_ascii(request)), note))
}

fn range(form: &Form, now_ms: i64) -> Result<(i64, i64), Refusal> {
    let zone = form.zone();
    let now_ms = form.now_s(now_ms)?.saturating_mul(1000);
    let instant = |name: &str, default: i64| match form.last(name) {
        None | Some("-1" | "") => Ok(default),
        Some(_) => Ok(form.instant(name, now_ms, &zone)?.unwrap_or(default)),
    };
    let (from_s, until_s) = (instant("from", EVER_S.0)?, instant("until", EVER_S.1)?);
    Ok((from_s.min(until_s), until_s.max(from_s)))
}

/// What somebody has typed so far, as a pattern of what may follow.
fn completed(form: &Form, query: &str) -> Result<String, Refusal> {
    let mut pattern = query.replace("..", "*.");
    if !pattern.ends_with('*') {
        pattern.push('*');
    }
    if form.number("automatic_variants", 0)? == 0 {
        return Ok(pattern);
    }
    let part = |part: &str| {
        if part.contains(',') && !part.contains('{') { format!("{{{part}}}") } else { part.to_owned() }
    };
    Ok(pattern.split('.').map(part).collect::<Vec<_>>().join("."))
}

fn name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Branches first; a name that several nodes have stands once.
fn tree(nodes: &[Node], base: &str, with_wildcard: bool) -> Value {
    let item = |text: &str, is_branch: bool| {
        let (branch, leaf) = (u8::from(is_branch), u8::from(!is_branch));
        json!({ "text": text, "id": format!("{base}{text}"), "allowChildren": branch, "expandable": branch, "leaf": leaf })
    };
    let mut items = Vec::new();
    if nodes.len() > 1 && with_wildcard {
        items.push(item("*", nodes.iter().any(|node| node.is_branch)));
    }
    let mut leaves = Vec::new();
    let mut told = BTreeSet::new();
    for node in nodes {
        let name = name(&node.path);
        if node.is_branch && told.insert((name, true)) {
            items.push(item(name, true));
        }
        if node.is_leaf && told.insert((name, false)) {
            leaves.push(item(name, false));
        }
    }
    items.append(&mut leaves);
    Value::Array(items)
}

/// The names at one place of the paths, negative from the end.
fn node_list(nodes: &[Node], position: i64) -> Value {
    let at = |path: &str| {
        let parts: Vec<&str> = path.split('.').collect();
        let place = if position < 0 { parts.len() as i64 + position } else { position };
        usize::try_from(place).ok().and_then(|place| parts.get(place)).map(|part| (*part).to_owned())
    };
    let names: BTreeSet<String> = nodes.iter().filter_map(|node| at(&node.path)).collect();
    json!({ "nodes": names })
}

fn plain(mut nodes: Vec<Node>, (from_s, until_s): (i64, i64)) -> Value {
    nodes.sort_by(|a, b| a.path.cmp(&b.path));
    let one = |node: &Node| match node.is_leaf {
        true => {
            json!({ "path": node.path, "is_leaf": true, "intervals": [{ "start": from_s, "end": until_s }] })
        }
        false => json!({ "path": node.path, "is_leaf": false }),
    };
    Value::Array(nodes.iter().map(one).collect())
}

fn completer(nodes: &[Node], with_wildcard: bool) -> Value {
    let mut metrics = Vec::new();
    for node in nodes {
        let name = name(&node.path);
        if node.is_leaf {
            metrics.push(json!({ "path": node.path, "name": name, "is_leaf": "1" }));
        }
        if node.is_branch {
            metrics.push(json!({ "path": format!("{}.", node.path), "name": name, "is_leaf": "0" }));
        }
    }
    if metrics.len() > 1 && with_wildcard {
        metrics.push(json!({ "name": "*" }));
    }
    json!({ "metrics": metrics })
}

/// As other web applications of a cluster ask. Intervals are pairs: our pickle has no classes of Graphite's.
fn pack(packer: &mut dyn Packer, nodes: &[Node], (from_s, until_s): (i64, i64)) {
    packer.list(nodes.len(), &mut |packer, at| {
        let node = &nodes[at];
        packer.map(if node.is_leaf { 3 } else { 2 }, &mut |packer| {
            packer.text("path");
            packer.text(&node.path);
            packer.text("is_leaf");
            packer.bool(node.is_leaf);
            if node.is_leaf {
                packer.text("intervals");
                packer.list(1, &mut |packer, _| {
                    packer.list(2, &mut |packer, at| packer.int(if at == 0 { from_s } else { until_s }));
                });
            }
        });
    });
}

fn pickle(nodes: &[Node], range: (i64, i64)) -> Response {
    let mut packer = Pickle::new();
    pack(&mut packer, nodes, range);
    Response::new(StatusCode::OK, "application/pickle", packer.end())
}

fn msgpack(nodes: &[Node], range: (i64, i64)) -> Response {
    let mut packer = Msgpack::default();
    pack(&mut packer, nodes, range);
    Response::new(StatusCode::OK, "application/x-msgpack", packer.end())
}

fn expanded(api: &Api, request: &Request, form: &Form) -> Result<Response, Refusal> {
    let by_query = form.number("groupByExpr", 0)? != 0;
    let leaves_only = form.number("leavesOnly", 0)? != 0;
    let (mut all, mut is_cut) = (BTreeMap::new(), false);
    for query in form.all("query") {
        let found = nodes(api, query, EVER_S)?;
        is_cut |= found.is_cut;
        let paths = found.nodes.into_iter().filter(|node| node.is_leaf || !leaves_only).map(|node| node.path);
        all.insert(query, paths.collect::<BTreeSet<String>>());
    }
    let results =
        if by_query { json!(all) } else { json!(all.into_values().flatten().collect::<BTreeSet<_>>()) };
    let note = note(api, is_cut);
    let value = with_note(json!({ "results": results }), note.as_deref());
    Ok(noted(json(form, &value, is_ascii(request)), note))
}
