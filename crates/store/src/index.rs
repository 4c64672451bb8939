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

/// Takes a value of a label and its postings; says whether to go on.
pub(crate) type VisitValue<'a> = dyn FnMut(&str, List<'_>) -> ControlFlow<()> + 'a;

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
}

#[cfg(test)]
mod tests;
