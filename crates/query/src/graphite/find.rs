//! Which series a pattern means, and what a browser shows at a place of the tree.

use super::context::Context;
use super::glob;
use super::naming::Naming;
use super::tree::Tree;
use crate::QueryError;
use lang::{Error, Span};
use model::{MatchOp, Matcher, NAME, Node, Series as Stored, Source, TimeRange};
use std::collections::BTreeMap;

/// Most series looked at to browse.
const BROWSE_SERIES_MAX: usize = 1 << 20;

/// Nodes of the tree of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// In order of path.
    pub nodes: Vec<Node>,
    /// There are more of them than the limit of series.
    pub is_cut: bool,
}

/// The nodes a pattern means, by path. One with `n` nodes gives paths of `n` nodes.
pub fn find(pattern: &str, context: &Context<'_>, source: &dyn Source) -> Result<Found, QueryError> {
    let range = TimeRange::new(
        context.from_s.saturating_mul(1000),
        context.until_s.saturating_add(1).saturating_mul(1000),
    );
    let pattern = glob::clean(pattern);
    let nodes = glob::nodes(&pattern);
    let Some(whole) = glob::whole(&nodes, true) else { return Err(bad_pattern(&pattern)) };
    let mut found: BTreeMap<String, (bool, bool)> = BTreeMap::new();
    let hosts = first_values(&nodes, &context.naming, range, source)?;
    for path in hosts.iter().flatten().filter(|path| whole.is_match(path)) {
        found.entry(path.clone()).or_default().1 = true;
    }
    let limit = context.limits.series;
    let enough = limit.saturating_add(1);
    let named = Tree { source, range, limit: Some(enough) }.nodes(&nodes)?;
    for matchers in context.naming.searches(&nodes, true) {
        // Where the first label is there, all that is below it was told already.
        let is_told = hosts.is_some()
            && matchers.first().is_some_and(|first| first.op != MatchOp::Equal || !first.value.is_empty());
        if is_told {
            continue;
        }
        for series in labelled(named.is_some(), &matchers, range, BROWSE_SERIES_MAX, source)? {
            let path = context.naming.path(&series.labels);
            if whole.is_match(&path) {
                add(&mut found, &path, nodes.len());
            }
        }
    }
    let mut all = named.unwrap_or_default();
    all.extend(found.into_iter().map(|(path, (is_leaf, is_branch))| Node { path, is_leaf, is_branch }));
    Node::join(&mut all, enough);
    let is_cut = all.len() > limit;
    all.truncate(limit);
    Ok(Found { nodes: all, is_cut })
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
    let pattern = glob::clean(pattern);
    let nodes = glob::nodes(&pattern);
    let Some(whole) = glob::whole(&nodes, false) else { return Err(bad_pattern(&pattern)) };
    let enough = limit.saturating_add(1);
    let mut found = Vec::new();
    let named = Tree { source, range, limit: None }.nodes(&nodes)?;
    let is_named = named.is_some();
    let mut paths: Vec<String> =
        named.into_iter().flatten().filter(|node| node.is_leaf).map(|node| node.path).collect();
    paths.truncate(enough);
    if !paths.is_empty() {
        let only = source.select_only(NAME, &paths, range, enough).map_err(QueryError::Source)?;
        found.extend(only.series.into_iter().map(|series| (series.labels.name().to_owned(), series)));
    }
    for matchers in naming.searches(&nodes, false) {
        for series in labelled(is_named, &matchers, range, enough, source)? {
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

/// The series that satisfy conditions; without those that have only a name where these were found in their tree.
fn labelled(
    is_named: bool,
    matchers: &[Matcher],
    range: TimeRange,
    limit: usize,
    source: &dyn Source,
) -> Result<Vec<Stored>, QueryError> {
    if !is_named {
        return select(matchers, range, limit, source);
    }
    Ok(source.select_beside(NAME, matchers, range, limit).map_err(QueryError::Source)?.series)
}

/// The series that satisfy conditions.
pub(super) fn select(
    matchers: &[Matcher],
    range: TimeRange,
    limit: usize,
    source: &dyn Source,
) -> Result<Vec<Stored>, QueryError> {
    Ok(source.select(matchers, range, limit).map_err(QueryError::Source)?.series)
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
