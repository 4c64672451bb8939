//! A sink that hands every batch to several.
//!
//! Whoever pushes is told of one refusal of any of them; all get the batch.

use model::{Batch, PushError, Receipt, Sink};
use std::sync::Arc;

/// Several sinks as one.
pub struct Tee(pub Vec<Arc<dyn Sink>>);

impl Sink for Tee {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut outcome = Ok(Receipt::default());
        for sink in &self.0 {
            let is_fine = outcome.as_ref().is_ok_and(|receipt: &Receipt| receipt.report.is_clean());
            let this = sink.push(batch);
            if is_fine {
                outcome = this;
            }
        }
        outcome
    }
}
