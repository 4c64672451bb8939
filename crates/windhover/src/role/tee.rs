//! A sink that hands every batch to several.

use model::{Batch, PushError, Receipt, Sink};
use std::sync::Arc;

/// Several sinks as one; the first says what became of a batch, the others get it all the same.
pub struct Tee(pub Vec<Arc<dyn Sink>>);

impl Sink for Tee {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut all = self.0.iter().map(|sink| sink.push(batch));
        let mut outcome = all.next().unwrap_or_else(|| Ok(Receipt::default()));
        for other in all {
            if outcome.is_ok() && other.is_err() {
                outcome = other;
            }
        }
        outcome
    }
}
