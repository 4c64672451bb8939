//! Which series a pattern means, and what a browser shows at a place of the tree.

use super::context::Context;
use super::glob;
use super::naming::Naming;
use crate::QueryError;
use lang::{Error, Span};
use model::{MatchOp, Matcher, Series as Stored, Source, TimeRange};
use std::collections::BTreeMap;

/// A node of the tree of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its whole path.
    pub path: String,
    /// A series is called so.
    pub is_leaf: bool,
    /// There are longer paths that start so.
    pub is_branch: bool,
}

/// Most series looked at to browse.
const BROWSE_SERIES_MAX: usize = 1 << 20;

/// The nodes a pattern means, by path. One with `n` nodes gives paths of `n` nodes.
pub fn find(pattern: &str, context: &Context<'_>, source: &dyn Source) -> Result<Vec<Found>, QueryError> {
    let range = TimeRange::new(
        context.from_s.saturating_mul(1000),
        context.until_s.saturating_add(1).saturating_mul(1000),
    );
    let nodes = glob::nodes(pattern);
    let Some(whole) = glob::whole(&nodes, true) else { return Err(bad_pattern(pattern)) };
    let mut found: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    let hosts = first_values(&nodes, &context.naming, range, source)?;
    for path in hosts.iter().flatten().filter(|path| whole.is_match(path)) {
        found.entry(path.clone()).or_default().1 = true;
    }
    for matchers in context.naming.searches(&nodes, true) {
        // Where the first label is there, all that is below it was told already.
        let is_told = hosts.is_some()
            && matchers.first().is_some_and(|first| first.op != MatchOp::Equal || !first.value.is_empty());
        if is_told {
            continue;
        }
        for series in select(&matchers, range, BROWSE_SERIES_MAX, source)? {
            let path = context.naming.path(&series.labels);
            if whole.is_match(&path) {
                add(&mut found, &path, nodes.len());
            }
        }
    }
    let limit = context.limits.series;
    let all = found.into_iter().map(|(path, (is_leaf, is_branch))| Found { path, is_leaf, is_branch });
    Ok(all.take(limit).collect())
}

fn add(found: &mut BTreeMap<String, (bool, bool)>, path: &str, depth: usize) {
    let cut = path.match_indices('.').nth(depth - 1).map(|(at, _)| at);
    let shown = &path[..cut.unwrap_or(path.len())];
    let (is_leaf, is_branch) = match found.get_mut(shown) {
        Some(known) => known,
        None => found.entry(shown.to_owned()).or_default(),
    };
    *is_leaf |= cut.is_none();
    *is_branch |= cut.is_some();
}

// All paths that start with a label, at the first node: its values are known without looking at any series.
fn first_values(
    nodes: &[&str],
    naming: &Naming,
    range: TimeRange,
    source: &dyn Source,
) -> Result<Option<Vec<String>>, QueryError> {
    let (Some(label), 1) = (naming.first_label(), nodes.len()) else { return Ok(None) };
    let values = source.label_values(label, &[], range, BROWSE_SERIES_MAX).map_err(QueryError::Source)?;
    let labels = values.iter().filter_map(|value| model::Labels::from_pairs([(label, value.as_str())]).ok());
    Ok(Some(labels.map(|labels| naming.path(&labels)).collect()))
}

/// The series whose path matches a pattern, with their paths, in order of path.
pub(super) fn matching(
    pattern: &str,
    naming: &Naming,
    range: TimeRange,
    limit: usize,
    source: &dyn Source,
) -> Result<Vec<(String, Stored)>, QueryError> {
    let nodes = glob::nodes(pattern);
    let Some(whole) = glob::whole(&nodes, false) else { return Err(bad_pattern(pattern)) };
    let mut found = Vec::new();
    for matchers in naming.searches(&nodes, false) {
        for series in select(&matchers, range, limit.saturating_add(1), source)? {
            let path = naming.path(&series.labels);
            if whole.is_match(&path) {
                found.push((path, series));
            }
        }
    }
    within(&found, limit)?;
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found)
}

/// The series that satisfy conditions.
pub(super) fn select(
    matchers: &[Matcher],
    range: TimeRange,
    limit: usize,
    source: &dyn Source,
) -> Result<Vec<Stored>, QueryError> {
    let found = source.select(matchers, range, limit).map_err(QueryError::Source)?.series;
    Ok(found)
}

/// No more of them than allowed.
pub(super) fn within<T>(found: &[T], limit: usize) -> Result<(), QueryError> {
    if found.len() <= limit {
        return Ok(());
    }
    let message = format!("The path means more than the limit of {limit} series");
    Err(QueryError::Limit(Error::new(Span::default(), message).hint("narrow it down")))
}

fn bad_pattern(pattern: &str) -> QueryError {
    QueryError::Expression(Error::new(Span::default(), format!("`{pattern}` is not a pattern of paths")))
}
