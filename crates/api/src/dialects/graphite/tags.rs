//! Tags: our labels. A series' name is its tag `name`.

use super::asked::Form;
use super::{Refusal, python, written};
use crate::Api;
use model::{Labels, MatchOp, Matcher, NAME, ReadError, Source, TimeRange};
use query::graphite::condition;
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many suggestions there are unless a request says.
const SUGGESTIONS: usize = 100;
/// Most of anything in one answer.
const ITEMS_MAX: usize = 100_000;
/// Most series that are looked at to answer.
const SERIES_MAX: usize = 1 << 20;

/// `GET /tags`: all tags, or those that match `filter`.
pub fn list(api: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        let filter = filter(form)?;
        let names = api.numbers().label_names(&[], TimeRange::ALL, SERIES_MAX).map_err(failed)?;
        let tags: BTreeSet<&str> =
            names.iter().map(|name| tag_of(name)).filter(|tag| matches(&filter, tag)).collect();
        Ok(tags.into_iter().take(limit(form, ITEMS_MAX)?).map(|tag| json!({ "tag": tag })).collect())
    })
}

/// `GET /tags/{tag}`: its values, with how many series have each.
pub fn one(api: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        let path = request.path.trim_end_matches('/');
        let tag = crate::params::decode(path.rsplit('/').next().unwrap_or(""), false);
        let label = label_of(&tag);
        let filter = filter(form)?;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for labels in select(api, &[present(label)?])? {
            let value = labels.get(label).unwrap_or_default();
            if matches(&filter, value) {
                *counts.entry(value.to_owned()).or_default() += 1;
            }
        }
        let values = counts.into_iter().take(limit(form, ITEMS_MAX)?);
        let values: Vec<Value> =
            values.map(|(value, count)| json!({ "count": count, "value": value })).collect();
        Ok(json!({ "tag": tag, "values": values }))
    })
}

/// `GET` and `POST /tags/findSeries`.
pub fn find_series(api: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        let exprs = form.all("expr");
        if exprs.is_empty() {
            return Err(bad("no tag expressions specified"));
        }
        let names: BTreeSet<String> = select(api, &conditions(&exprs)?)?.iter().map(tagged_name).collect();
        Ok(names.into_iter().take(ITEMS_MAX).collect())
    })
}

/// `GET` and `POST /tags/autoComplete/tags`: tags of the series that match, but for those that were asked by.
pub fn complete_tags(api: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        let exprs = form.all("expr");
        let prefix = form.last("tagPrefix").unwrap_or("");
        let asked: Vec<&str> = exprs.iter().filter_map(|expr| expr.split(['=', '!']).next()).collect();
        let matchers = if exprs.is_empty() { Vec::new() } else { conditions(&exprs)? };
        let names = api.numbers().label_names(&matchers, TimeRange::ALL, SERIES_MAX).map_err(failed)?;
        let tags: BTreeSet<&str> = names.iter().map(|name| tag_of(name)).collect();
        let wanted = tags.into_iter().filter(|tag| tag.starts_with(prefix) && !asked.contains(tag));
        Ok(wanted.take(limit(form, SUGGESTIONS)?).collect())
    })
}

/// `GET` and `POST /tags/autoComplete/values`: values of one tag over the series that match.
pub fn complete_values(api: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        let tag = form.last("tag").filter(|tag| !tag.is_empty()).ok_or_else(|| bad("no tag specified"))?;
        let label = label_of(tag);
        let exprs = form.all("expr");
        // That the tag itself is there is condition enough.
        let mut matchers = read_conditions(&exprs)?;
        matchers.push(match form.last("valuePrefix").filter(|prefix| !prefix.is_empty()) {
            Some(prefix) => {
                let pattern = format!("{}.*", escaped(prefix));
                Matcher::new(label, MatchOp::Regex, pattern).map_err(Refusal::bad)?
            }
            None => present(label)?,
        });
        let limit = limit(form, SUGGESTIONS)?;
        let mut values =
            api.numbers().label_values(label, &matchers, TimeRange::ALL, limit).map_err(failed)?;
        values.truncate(limit);
        Ok(json!(values))
    })
}

/// `POST /tags/tagSeries`: the name a tagged series has. Tags are what a sample brings along: there is nothing to keep.
pub fn tag_one(_: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        let path =
            form.last("path").filter(|path| !path.is_empty()).ok_or_else(|| bad("no path specified"))?;
        Ok(json!(tagged_name(&labels_of(path)?)))
    })
}

/// `POST /tags/tagMultiSeries`.
pub fn tag_many(_: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        let names = paths(form)?.into_iter().map(|path| Ok(tagged_name(&labels_of(path)?)));
        Ok(json!(names.collect::<Result<Vec<_>, Refusal>>()?))
    })
}

/// `POST /tags/delSeries`: here tags and samples are one, so the samples of just these series are deleted.
pub fn delete_series(api: &Arc<Api>, request: &Request) -> Response {
    answer(request, |form| {
        for path in paths(form)? {
            let wanted = labels_of(path)?;
            let same: Vec<Matcher> = wanted.iter().map(|(name, value)| Matcher::equal(name, value)).collect();
            // A series with further labels satisfies these conditions, too: each of those must be absent.
            let others = api.numbers().label_names(&same, TimeRange::ALL, SERIES_MAX).map_err(failed)?;
            let absent = others
                .iter()
                .filter(|name| wanted.get(name).is_none())
                .map(|name| Matcher::equal(name.as_str(), ""));
            let selector: Vec<Matcher> = same.iter().cloned().chain(absent).collect();
            let failed = |e: model::keeper::KeepError| Refusal {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                text: e.to_string(),
            };
            api.keeper.delete(&[selector], TimeRange::ALL).map_err(failed)?;
        }
        Ok(json!(true))
    })
}

fn answer(request: &Request, find: impl FnOnce(&Form) -> Result<Value, Refusal>) -> Response {
    let answered = Form::of(request).and_then(|form| {
        let value = find(&form)?;
        written(&form, python::dumps(&value, true))
    });
    answered.unwrap_or_else(Refusal::json)
}

fn bad(text: &str) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, text: text.to_owned() }
}

fn failed(error: ReadError) -> Refusal {
    Refusal { status: StatusCode::INTERNAL_SERVER_ERROR, text: error.to_string() }
}

fn label_of(tag: &str) -> &str {
    if tag == "name" { NAME } else { tag }
}

fn tag_of(label: &str) -> &str {
    if label == NAME { "name" } else { label }
}

fn present(label: &str) -> Result<Matcher, Refusal> {
    Matcher::new(label, MatchOp::NotEqual, "").map_err(Refusal::bad)
}

fn read_conditions(exprs: &[&str]) -> Result<Vec<Matcher>, Refusal> {
    exprs.iter().map(|expr| condition(expr)).collect::<Result<Vec<_>, _>>().map_err(Refusal::bad)
}

/// Conditions, one of which must say that something is there.
fn conditions(exprs: &[&str]) -> Result<Vec<Matcher>, Refusal> {
    let matchers = read_conditions(exprs)?;
    if matchers.iter().all(|matcher| matcher.accepts("")) {
        return Err(bad("At least one tagspec must require a non-empty value"));
    }
    Ok(matchers)
}

fn select(api: &Api, matchers: &[Matcher]) -> Result<Vec<Labels>, Refusal> {
    let selection = api.numbers().select(matchers, TimeRange::ALL, SERIES_MAX).map_err(failed)?;
    if selection.truncated {
        return Err(bad(&format!("more than {SERIES_MAX} series match; narrow it down")));
    }
    Ok(selection.series.into_iter().map(|series| series.labels).collect())
}

fn limit(form: &Form, usual: usize) -> Result<usize, Refusal> {
    let limit = form.number("limit", usual as i64)?;
    Ok(usize::try_from(limit).unwrap_or(0).min(ITEMS_MAX))
}

/// A regular expression that is anchored at its start.
fn filter(form: &Form) -> Result<Option<Matcher>, Refusal> {
    let Some(pattern) = form.last("filter").filter(|pattern| !pattern.is_empty()) else { return Ok(None) };
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    Matcher::new("tag", MatchOp::Regex, format!("(?:{pattern}).*")).map(Some).map_err(Refusal::bad)
}

fn matches(filter: &Option<Matcher>, text: &str) -> bool {
    filter.as_ref().is_none_or(|filter| filter.accepts(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn paths(form: &Form) -> Result<Vec<&str>, Refusal> {
    let paths = form.all("path");
    if paths.is_empty() { Err(bad("no paths specified")) } else { Ok(paths) }
}

/// `name;tag=value;tag=value`, tags in order.
fn tagged_name(labels: &Labels) -> String {
    let tags = labels.iter().filter(|(name, _)| *name != NAME).map(|(tag, value)| format!(";{tag}={value}"));
    std::iter::once(labels.name().to_owned()).chain(tags).collect()
}

/// Reads `name;tag=value;tag=value`.
fn labels_of(path: &str) -> Result<Labels, Refusal> {
    let mut parts = path.split(';');
    let name = parts.next().unwrap_or("");
    if name.is_empty() {
        return Err(bad(&format!("Cannot parse path {path}, no metric found")));
    }
    let mut labels = BTreeMap::from([(NAME, name)]);
    for part in parts {
        let pair = part.split_once('=').filter(|(tag, value)| !tag.is_empty() && !value.is_empty());
        let (tag, value) =
            pair.ok_or_else(|| bad(&format!("Cannot parse path {path}, invalid segment {part}")))?;
        labels.insert(label_of(tag), value);
    }
    Labels::from_pairs(labels).map_err(Refusal::bad)
}
