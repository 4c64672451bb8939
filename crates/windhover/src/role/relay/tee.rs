//! A copy of what a store takes goes to the relay.

use model::{Batch, PushError, Receipt, Sink};
use relay::Relay;
use std::sync::Arc;

/// The store alone, or with a relay behind it. What the relay cannot take is lost to its outputs, counted and told by
/// it; the store's answer is the answer.
pub fn tee(store: Arc<dyn Sink>, relay: Option<Arc<Relay>>) -> Arc<dyn Sink> {
    match relay {
        Some(relay) => Arc::new(Tee { store, relay }),
        None => store,
    }
}

struct Tee {
    store: Arc<dyn Sink>,
    relay: Arc<Relay>,
}

impl Sink for Tee {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let receipt = self.store.push(batch)?;
        self.relay.copy(batch);
        Ok(receipt)
    }
}
