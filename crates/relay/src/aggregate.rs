//! Series made of many: one value for each stretch of time, over all that came in it.
//!
//! A reader of its own follows the log. Its cursor stays at the oldest sample of the oldest stretch that is kept, so
//! that a program that ends anyhow computes every stretch anew from all of it. What is made goes into the log like what
//! comes in, for the rules behind the one that made it.

mod bucket;
mod naming;
mod work;

pub use bucket::How;
pub use naming::Naming;
pub(crate) use work::Aggregator;

use model::Labels;

/// How many stretches are kept after their end, for samples that come late: then their value is told again.
pub const KEPT: i64 = 5;

/// What a rule makes.
#[derive(Debug, Clone)]
pub struct Aggregation {
    /// Which series come together, and what they are called then.
    pub naming: Naming,
    /// Length of a stretch; its time is that of its start.
    pub every_ms: i64,
    /// What is computed.
    pub how: How,
    /// How long after its end a stretch is told first.
    pub delay_ms: i64,
    /// Whether the samples themselves go on to the next rule too.
    pub keeps: bool,
    /// How many of the rules that follow do not see what is made.
    pub skips: u32,
}

impl Aggregation {
    /// Whether the series ends here.
    pub(crate) fn consumes(&self, labels: &Labels) -> bool {
        !self.keeps && self.naming.name(labels).is_some()
    }
}
