//! Functions that group series by parts of their names.

use super::combine::{aggregate, nodes_of};
use super::keys::{grouped, key};
use crate::QueryError;
use crate::graphite::call::{Call, Outcome, Value};
use crate::graphite::series::{Series, tags_of};
use std::collections::BTreeSet;

/// Names of functions that carbonapi alone has: here they are ways to make one number of many, as for the web
/// application, which know a missing value from one that is there.
const WAYS: [&str; 11] = [
    "count",
    "diff",
    "max",
    "min",
    "multiply",
    "stddev",
    "rangeSeries",
    "medianSeries",
    "lastSeries",
    "currentSeries",
    "avg_zeroSeries",
];

// One series of a group, by a function of the table or a way to make one number of many.
fn one(call: &Call<'_, '_>, callback: &str, group: Vec<Series>) -> Result<Option<Series>, QueryError> {
    if !WAYS.contains(&callback) && crate::names::graphite::find(callback).is_some() {
        return Ok(call.apply(callback, vec![group])?.into_iter().next());
    }
    let group: Vec<&Series> = group.iter().collect();
    aggregate(call, &group, callback, None)
}

fn by_keys(call: &mut Call<'_, '_>, callback: &str, at: usize) -> Outcome {
    let list = call.list(0);
    let nodes = call.values(at);
    let groups = grouped(list.into_iter().map(|series| (key(&series, nodes), series)));
    let mut out = Vec::with_capacity(groups.len());
    for (key, group) in groups {
        out.extend(one(call, callback, group)?.map(|series| Series { name: key, ..series }));
    }
    Ok(out)
}

pub(crate) fn by_node(mut call: Call<'_, '_>) -> Outcome {
    let callback = call.required_text(2)?;
    by_keys(&mut call, &callback, 1)
}

pub(crate) fn by_nodes(mut call: Call<'_, '_>) -> Outcome {
    let callback = call.required_text(1)?;
    by_keys(&mut call, &callback, 2)
}

pub(crate) fn by_tags(mut call: Call<'_, '_>) -> Outcome {
    let callback = call.required_text(1)?;
    let list = call.list(0);
    let tags: Vec<String> = call
        .values(2)
        .iter()
        .filter_map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let tag = |series: &Series, name: &str| series.tags.get(name).cloned().unwrap_or_default();
    let has_name = tags.iter().any(|tag| tag == "name");
    let names: BTreeSet<String> = list.iter().map(|series| tag(series, "name")).collect();
    let shared = if names.len() == 1 { names.first().cloned().unwrap_or_default() } else { callback.clone() };
    let keyed = list.into_iter().map(|series| {
        let name = if has_name { tag(&series, "name") } else { shared.clone() };
        let others = tags.iter().filter(|name| *name != "name");
        let mut pairs: Vec<String> = others.map(|name| format!("{name}={}", tag(&series, name))).collect();
        pairs.sort();
        let key = std::iter::once(name).chain(pairs).collect::<Vec<_>>().join(";");
        (key, series)
    });
    let mut out = Vec::new();
    for (key, group) in grouped(keyed) {
        if let Some(mut series) = one(&call, &callback, group)? {
            // What all members of the group have in common stays, as with carbonapi. Graphite's own leaves only what they
            // are grouped by.
            series.tags.extend(tags_of(&key));
            series.rename(key);
            out.push(series);
        }
    }
    Ok(out)
}

/// Lists by key, one after the other: what takes them looks at names, not at which list a series is in.
pub(crate) fn map(mut call: Call<'_, '_>) -> Outcome {
    let list = call.list(0);
    let nodes = call.values(1);
    let groups = grouped(list.into_iter().map(|series| (key(&series, nodes), series)));
    Ok(groups.into_iter().flat_map(|(_, group)| group).collect())
}

pub(crate) fn reduce(mut call: Call<'_, '_>) -> Outcome {
    let function = call.required_text(1)?;
    let number = call.integer(2).unwrap_or(0);
    let matchers: Vec<String> = call
        .values(3)
        .iter()
        .filter_map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    let list = call.list(0);
    let keyed = list.into_iter().filter_map(|series| {
        let node = super::keys::node(&series.name, number)?;
        let place = matchers.iter().position(|matcher| matcher == node)?;
        let key = format!("{}.reduce.{function}", nodes_of(&series.name, 0, Some(number)));
        Some((key, (place, series)))
    });
    let mut out = Vec::new();
    for (key, members) in grouped(keyed) {
        let mut places: Vec<Option<Series>> = vec![None; matchers.len()];
        members.into_iter().for_each(|(place, series)| places[place] = Some(series));
        // A group that lacks a part has no result.
        let Some(lists) = places.into_iter().map(|place| place.map(|series| vec![series])).collect() else {
            continue;
        };
        let reduced = call.apply(&function, lists)?.into_iter().next();
        out.extend(reduced.map(|series| Series { name: key, ..series }));
    }
    Ok(out)
}

pub(crate) fn apply_by_node(mut call: Call<'_, '_>) -> Outcome {
    let list = call.list(0);
    let (number, template) = (call.integer(1).unwrap_or(0), call.required_text(2)?);
    let name = call.text(3).map(str::to_owned);
    let Some(last) = list.last() else { return Ok(Vec::new()) };
    let stop = number.checked_add(1).filter(|stop| *stop != 0);
    let prefixes: BTreeSet<String> = list.iter().map(|series| nodes_of(&series.name, 0, stop)).collect();
    let mut out = Vec::new();
    for prefix in prefixes {
        for mut series in call.target(&template.replace('%', &prefix))? {
            if let Some(name) = &name {
                series.name = name.replace('%', &prefix);
            }
            series.path_expression.clone_from(&prefix);
            (series.start_s, series.end_s) = (last.start_s, last.end_s);
            out.push(series);
        }
    }
    Ok(out)
}
