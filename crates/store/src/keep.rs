//! What a person asks of the store: see [`model::Keeper`].

use crate::store::Store;
use model::keeper::{Cardinality, Deleted, KeepError, Restored, Snapshot};
use model::{Keeper, Matcher, TimeRange};

impl Keeper for Store {
    fn delete(&self, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<Deleted, KeepError> {
        self.shared().delete(selectors, range)
    }

    fn clean(&self) -> Result<(), KeepError> {
        self.shared().clean()
    }

    fn snapshot(&self, label: &str) -> Result<Snapshot, KeepError> {
        self.shared().snapshot(label)
    }

    fn snapshots(&self) -> Result<Vec<Snapshot>, KeepError> {
        self.shared().snapshots()
    }

    fn remove_snapshot(&self, name: &str) -> Result<(), KeepError> {
        self.shared().remove_snapshot(name)
    }

    fn restore(
        &self,
        name: &str,
        selectors: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<Restored, KeepError> {
        self.restore_snapshot(name, selectors, range)
    }

    fn cardinality(&self, range: TimeRange, limit: usize) -> Result<Cardinality, KeepError> {
        self.shared().cardinality(range, limit)
    }
}
