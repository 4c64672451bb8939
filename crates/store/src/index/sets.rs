//! Sets of ordinals as ascending lists.

/// Keeps in `set` what is also in `other`.
pub(crate) fn intersect(set: &mut Vec<u32>, other: &[u32]) {
    let mut rest = other;
    set.retain(|&ordinal| {
        rest = &rest[skip_below(rest, ordinal)..];
        rest.first() == Some(&ordinal)
    });
}

/// Removes from `set` what is in `other`.
pub(crate) fn subtract(set: &mut Vec<u32>, other: &[u32]) {
    let mut rest = other;
    set.retain(|&ordinal| {
        rest = &rest[skip_below(rest, ordinal)..];
        rest.first() != Some(&ordinal)
    });
}

/// Whether two sets share anything.
pub(crate) fn intersects(a: &[u32], b: &[u32]) -> bool {
    let (small, mut rest) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    small.iter().any(|&ordinal| {
        rest = &rest[skip_below(rest, ordinal)..];
        rest.first() == Some(&ordinal)
    })
}

/// How many at the front are below `ordinal`: steps that double, then a binary search, so that a short list against a
/// long one costs little.
fn skip_below(list: &[u32], ordinal: u32) -> usize {
    let mut reach = 1;
    while reach <= list.len() && list[reach - 1] < ordinal {
        reach *= 2;
    }
    let start = reach / 2;
    start + list[start..reach.min(list.len())].partition_point(|&o| o < ordinal)
}
