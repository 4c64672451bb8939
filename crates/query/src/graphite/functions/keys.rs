//! Series named and grouped by nodes and tags.

use crate::graphite::call::Value;
use crate::graphite::series::Series;
use lang::graphite::first_path;

/// The nodes or tags given for an argument.
pub(super) type Keys<'a> = &'a [Value];

/// The values of these nodes and tags, with dots between. A name that is a call is looked into for its first path.
pub(super) fn key(series: &Series, keys: Keys<'_>) -> String {
    let inner = if series.name.ends_with(')') { first_path(&series.name).ok().flatten() } else { None };
    let path = inner.as_deref().unwrap_or(&series.name);
    let parts: Vec<&str> = keys.iter().map(|key| part(series, path, key)).collect();
    parts.join(".")
}

fn part<'a>(series: &'a Series, path: &'a str, key: &Value) -> &'a str {
    let tag = |name: &str| series.tags.get(name).map_or("", String::as_str);
    match key {
        Value::Integer(number) => match node(path, *number) {
            Some(node) => node,
            None => tag(&number.to_string()),
        },
        Value::Text(name) => tag(name),
        _ => "",
    }
}

/// A node of a path, from 0, negative from the end.
pub(super) fn node(path: &str, number: i64) -> Option<&str> {
    let path = path.split(';').next().unwrap_or(path);
    if number >= 0 {
        return path.split('.').nth(usize::try_from(number).ok()?);
    }
    path.rsplit('.').nth(usize::try_from(-1 - number).ok()?)
}

/// Values in the order in which their keys first came.
pub(super) fn grouped<T>(items: impl IntoIterator<Item = (String, T)>) -> Vec<(String, Vec<T>)> {
    let mut groups: Vec<(String, Vec<T>)> = Vec::new();
    let mut places = hashbrown::HashMap::<String, usize>::new();
    for (key, item) in items {
        match places.get(&key) {
            Some(at) => groups[*at].1.push(item),
            None => {
                places.insert(key.clone(), groups.len());
                groups.push((key, vec![item]));
            }
        }
    }
    groups
}

/// A part of a list by Python's rules: negative numbers count from the end.
pub(super) fn slice<'a, 'b>(items: &'b [&'a str], start: i64, stop: Option<i64>) -> &'b [&'a str] {
    let place = |at: i64| {
        let at = if at < 0 { at + items.len() as i64 } else { at };
        usize::try_from(at.max(0)).unwrap_or(0).min(items.len())
    };
    let (start, stop) = (place(start), stop.map_or(items.len(), place));
    if start < stop { &items[start..stop] } else { &[] }
}
