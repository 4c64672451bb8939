//! What a store's memory goes to, by part.

use crate::store::{Shared, Store};

/// About how many bytes each part of what a store keeps in memory takes. Blocks' indexes are not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemoryUse {
    /// The entry of each series in the head, with its newest sample.
    pub columns: usize,
    /// Samples that are not encoded yet.
    pub tails: usize,
    /// Encoded samples.
    pub chunks: usize,
    /// Label sets.
    pub labels: usize,
    /// From labels and ids to series.
    pub tables: usize,
    /// From each label to the series that have it.
    pub postings: usize,
    /// What the writer remembers: of each series in the log, and where senders' series were found.
    pub writer: usize,
}

impl MemoryUse {
    /// Every part with its name.
    pub fn parts(&self) -> [(&'static str, usize); 7] {
        [
            ("columns", self.columns),
            ("tails", self.tails),
            ("chunks", self.chunks),
            ("labels", self.labels),
            ("tables", self.tables),
            ("postings", self.postings),
            ("writer", self.writer),
        ]
    }
}

impl Shared {
    fn memory(&self) -> MemoryUse {
        let mut memory = MemoryUse::default();
        for shard in &self.shards {
            memory.writer += shard.any_appender().len_bytes();
            shard.series().count_bytes(&mut memory);
            shard.head().count_bytes(&mut memory);
        }
        memory
    }
}

impl Store {
    /// What the memory goes to. Walks over all series.
    pub fn memory(&self) -> MemoryUse {
        self.shared().memory()
    }
}
