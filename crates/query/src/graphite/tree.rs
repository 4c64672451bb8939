//! The tree of the names of series that have nothing but a name, as those that came by Graphite: walked node by node, so that
//! what is below a node is not looked at before it is wanted.

use super::glob;
use crate::QueryError;
use model::{NAME, Node, Source, TimeRange};
use regex::Regex;

/// Most nodes looked at on one level.
const LEVEL_NODES_MAX: usize = 1 << 20;

/// The tree of a source.
pub(super) struct Tree<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) range: TimeRange,
    /// So many nodes are enough.
    pub(super) limit: Option<usize>,
}

impl Tree<'_> {
    /// The nodes that a pattern, given by its nodes, means; `None` when it is none that can be walked, because one of its
    /// nodes may stand for several levels.
    pub(super) fn nodes(&self, pattern: &[&str]) -> Result<Option<Vec<Node>>, QueryError> {
        if pattern.iter().any(|node| node.contains('.')) {
            return Ok(None);
        }
        let tests: Option<Vec<Option<Regex>>> = pattern.iter().map(|node| test(node)).collect();
        let Some(tests) = tests else { return Ok(None) };
        let mut found = Vec::new();
        self.descend(String::new(), pattern, &tests, &mut found)?;
        Ok(Some(found))
    }

    fn descend(
        &self,
        mut path: String,
        pattern: &[&str],
        tests: &[Option<Regex>],
        found: &mut Vec<Node>,
    ) -> Result<(), QueryError> {
        let ([node, below @ ..], [test, tests @ ..]) = (pattern, tests) else { return Ok(()) };
        let left = self.limit.unwrap_or(usize::MAX).saturating_sub(found.len());
        if left == 0 {
            return Ok(());
        }
        let from = path.len();
        if glob::literal(node).is_some() && !below.is_empty() {
            path.push_str(node);
            path.push('.');
            return self.descend(path, below, tests, found);
        }
        path.push_str(glob::start(node));
        // Of `*` everything fits, so that as many are enough as are wanted.
        let limit = if *node == "*" && below.is_empty() { left } else { LEVEL_NODES_MAX };
        let nodes = self
            .source
            .nodes(NAME, &path, self.range, limit.min(LEVEL_NODES_MAX))
            .map_err(QueryError::Source)?;
        let fitting = nodes.into_iter().filter(|node| {
            let name = &node.path[from..];
            test.as_ref().is_none_or(|test| test.is_match(name))
        });
        if below.is_empty() {
            found.extend(fitting);
            return Ok(());
        }
        for node in fitting.filter(|node| node.is_branch) {
            self.descend(node.path + ".", below, tests, found)?;
        }
        Ok(())
    }
}

/// What the name of a node must match, if it is not any; `None` when it is no pattern.
fn test(node: &str) -> Option<Option<Regex>> {
    if node == "*" {
        return Some(None);
    }
    glob::whole(&[node], false).map(Some)
}
