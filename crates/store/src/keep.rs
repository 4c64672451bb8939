//! What a person asks of the store: see [`model::Keeper`].

use crate::store::Store;
use model::keeper::{Cardinality, Deleted, KeepError};
use model::{Keeper, Matcher, TimeRange};

impl Keeper for Store {
    fn delete(&self, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<Deleted, KeepError> {
        self.shared().delete(selectors, range)
    }

    fn clean(&self) -> Result<(), KeepError> {
        self.shared().clean()
    }

    fn cardinality(&self, range: TimeRange, limit: usize) -> Result<Cardinality, KeepError> {
        self.shared().cardinality(range, limit)
    }
}
