//! Native histograms: many buckets whose bounds follow from a schema.

/// A native histogram of floating-point counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// How many observations.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
}
