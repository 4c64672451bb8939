//! Which series have which labels. The same questions are asked of series in memory ([`crate::series`]) and of each
//! block; both answer in *ordinals*, small numbers of their own.

pub(crate) mod matcher;
pub(crate) mod memory;
pub(crate) mod pattern;
pub(crate) mod postings;

use postings::List;
use std::ops::ControlFlow;

/// A set of ordinals.
pub(crate) type Set = roaring::RoaringBitmap;

/// Where a walk over values goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// With the next one.
    Next,
    /// With the first one that does not start with so many bytes of this one.
    Past(usize),
    /// Nowhere.
    Stop,
}

impl From<ControlFlow<()>> for Step {
    fn from(flow: ControlFlow<()>) -> Self {
        if flow.is_break() { Self::Stop } else { Self::Next }
    }
}

/// Takes a value of a label and its postings; says where to go on.
pub(crate) type VisitValue<'a> = dyn FnMut(&str, List<'_>) -> Step + 'a;

/// Postings: for each label name and value, the ordinals of the series that have it. A series has one value of a name,
/// so the postings of different values of a name never share an ordinal.
pub(crate) trait Index {
    /// Number of series; ordinals are below.
    fn series_count(&self) -> u32;
    /// Series with this value.
    fn exact(&self, name: &str, value: &str) -> Set;
    /// Series with any value of this name.
    fn present(&self, name: &str) -> Set;
    /// Visits the values of a name that start with `prefix`, in order.
    fn values(&self, name: &str, prefix: &str, visit: &mut VisitValue<'_>);
    /// Visits the names in order.
    fn names(&self, visit: &mut dyn FnMut(&str) -> ControlFlow<()>);
    /// Series that have this label and no other.
    fn only(&self, name: &str) -> Set;
}

/// [`Index::only`] of an index that does not know it.
pub(crate) fn only(index: &dyn Index, name: &str) -> Set {
    let mut found = index.present(name);
    let mut others = Vec::new();
    index.names(&mut |other| {
        if other != name {
            others.push(other.to_owned());
        }
        ControlFlow::Continue(())
    });
    for other in others {
        if found.is_empty() {
            break;
        }
        found -= index.present(&other);
    }
    found
}

#[cfg(test)]
mod tests;
