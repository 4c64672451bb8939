//! What native histograms come to, as pure functions: quantiles and fractions, growth, sums, what is left of a histogram
//! beyond a value. Formulas are those of Prometheus 3, as its tests pin them.

mod bucket;
mod fraction;
mod growth;
mod moments;
mod quantile;
mod total;
mod trim;

#[cfg(test)]
mod tests;

pub use fraction::fraction;
pub use growth::{Faults, Point, grown, grown_last, points};
pub use moments::{mean, variance};
pub use quantile::{NanEffect, quantile};
pub use total::{Mean, Total};
pub use trim::{Side, trim};
