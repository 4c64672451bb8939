//! Matchers turned into sets of ordinals. A regular expression is run over the distinct values of its label only.

use super::{Index, sets};
use model::{MatchOp, Matcher};

/// Ordinals of the series that satisfy all `matchers`, ascending.
pub(crate) fn matching(index: &dyn Index, matchers: &[Matcher]) -> Vec<u32> {
    // A matcher that an absent label satisfies can only take series away; the others say where to look at all.
    let (excluding, requiring): (Vec<&Matcher>, Vec<&Matcher>) = matchers.iter().partition(|m| m.accepts(""));
    let mut required: Vec<Vec<u32>> = requiring.iter().map(|m| having(index, m)).collect();
    required.sort_by_key(Vec::len);
    let mut required = required.into_iter();
    let mut found = required.next().unwrap_or_else(|| (0..index.series_count()).collect());
    required.for_each(|other| sets::intersect(&mut found, &other));
    for matcher in excluding {
        if found.is_empty() {
            break;
        }
        sets::subtract(&mut found, &lacking(index, matcher));
    }
    found
}

/// Series with a value that satisfies a matcher.
fn having(index: &dyn Index, matcher: &Matcher) -> Vec<u32> {
    let mut found = Vec::new();
    if matcher.op == MatchOp::Equal {
        index.exact(&matcher.name, &matcher.value, &mut found);
    } else {
        index.union(&matcher.name, &mut |value| matcher.accepts(value), &mut found);
        found.sort_unstable();
    }
    found
}

/// Series with a value that does not satisfy a matcher.
fn lacking(index: &dyn Index, matcher: &Matcher) -> Vec<u32> {
    let mut found = Vec::new();
    if matcher.op == MatchOp::NotEqual {
        index.exact(&matcher.name, &matcher.value, &mut found);
    } else {
        index.union(&matcher.name, &mut |value| !matcher.accepts(value), &mut found);
        found.sort_unstable();
    }
    found
}
