//! What a person asks of the store: see [`model::Keeper`].

use crate::store::Store;
use model::keeper::{Cardinality, KeepError};
use model::{Keeper, TimeRange};

impl Keeper for Store {
    fn cardinality(&self, range: TimeRange, limit: usize) -> Result<Cardinality, KeepError> {
        self.shared().cardinality(range, limit)
    }
}
