//! Which series have which labels. The same questions are asked of series in memory ([`crate::series`]) and of each
//! block; both answer in *ordinals*, small numbers of their own.

pub(crate) mod matcher;
pub(crate) mod memory;
pub(crate) mod sets;

/// Postings: for each label name and value, the ordinals of the series that have it. A series has one value of a name,
/// so the postings of different values of a name never share an ordinal.
pub(crate) trait Index {
    /// Number of series; ordinals are below.
    fn series_count(&self) -> u32;
    /// Appends the postings of one value, ascending.
    fn exact(&self, name: &str, value: &str, out: &mut Vec<u32>);
    /// Visits the values of a name in order; where `wanted` says yes, the postings are appended to `out`, unsorted.
    fn union(&self, name: &str, wanted: &mut dyn FnMut(&str) -> bool, out: &mut Vec<u32>);
    /// Visits the values of a name in order with their postings, ascending.
    fn values(&self, name: &str, visit: &mut dyn FnMut(&str, &[u32]));
    /// Visits the names in order.
    fn names(&self, visit: &mut dyn FnMut(&str));
}

#[cfg(test)]
mod tests;
