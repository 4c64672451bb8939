//! Samples in memory: one [`column::Column`] a series, addressed by the ordinal that `series.rs` gives out.

pub(crate) mod buffer;
pub(crate) mod chunk;
pub(crate) mod column;
mod pages;
mod tail;
mod windows;

use crate::MemoryUse;
use chunk::TimesPool;
use column::{Column, ColumnRef, Outcome, Shared};
use pages::Pages;
use windows::Windows;

/// All columns.
pub(crate) struct Head {
    columns: Vec<Column>,
    shared: Shared,
    /// No sample that is not frozen is older; `i64::MAX` when there is none.
    oldest_ms: i64,
    samples: u64,
}

impl Head {
    /// An empty head whose chunks do not reach over multiples of `span_ms`.
    pub(crate) fn new(span_ms: i64) -> Self {
        let windows = Windows::new(span_ms);
        let shared = Shared { pages: Pages::default(), pool: TimesPool::default(), windows };
        Self { columns: Vec::new(), shared, oldest_ms: i64::MAX, samples: 0 }
    }

    /// Makes columns up to this number of series.
    pub(crate) fn grow(&mut self, series: usize) {
        if series > self.columns.len() {
            self.columns.resize_with(series, Column::default);
        }
    }

    /// Forgets the last columns, which must be empty.
    pub(crate) fn shrink(&mut self, series: usize) {
        self.columns.truncate(series);
    }

    pub(crate) fn column(&self, ordinal: u32) -> Option<ColumnRef<'_>> {
        let column = self.columns.get(ordinal as usize)?;
        Some(ColumnRef { column, pages: &self.shared.pages })
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Adds a sample.
    #[inline]
    pub(crate) fn insert(&mut self, ordinal: u32, time_ms: i64, value: f64) -> Outcome {
        let outcome = self.columns[ordinal as usize].insert(time_ms, value, &mut self.shared);
        if matches!(outcome, Outcome::New | Outcome::Late) {
            self.samples += 1;
            self.oldest_ms = self.oldest_ms.min(time_ms);
        }
        outcome
    }

    /// No sample outside the frozen part is older.
    pub(crate) fn oldest_ms(&self) -> i64 {
        self.oldest_ms
    }

    /// Moves all samples older than `boundary_ms` of these series into their frozen part.
    pub(crate) fn freeze(&mut self, ordinals: std::ops::Range<usize>, boundary_ms: i64) {
        let end = ordinals.end.min(self.columns.len());
        for column in &mut self.columns[ordinals.start.min(end)..end] {
            column.freeze(boundary_ms, &mut self.shared);
        }
    }

    /// Works out anew what the oldest sample is, after freezing.
    pub(crate) fn froze(&mut self) {
        self.oldest_ms = self.columns.iter().filter_map(Column::oldest_ms).min().unwrap_or(i64::MAX);
    }

    /// Drops the frozen parts: they are in blocks now.
    pub(crate) fn thaw(&mut self) {
        for column in &mut self.columns {
            self.samples -= column.drop_frozen();
        }
    }

    /// Keeps the columns named, in this order; they get new ordinals.
    pub(crate) fn keep(&mut self, kept: &[u32]) {
        let mut old = std::mem::take(&mut self.columns);
        self.columns = kept.iter().map(|&o| std::mem::take(&mut old[o as usize])).collect();
    }

    /// Number of samples, frozen ones included.
    pub(crate) fn samples(&self) -> u64 {
        self.samples
    }

    /// Adds up what the parts take.
    pub(crate) fn count_bytes(&self, memory: &mut MemoryUse) {
        memory.columns += self.columns.capacity() * size_of::<Column>();
        memory.tails += self.shared.pages.used_bytes();
        self.columns.iter().for_each(|column| column.count_bytes(memory));
    }

    /// About how many bytes the columns take.
    pub(crate) fn len_bytes(&self) -> usize {
        let mut memory = MemoryUse::default();
        self.count_bytes(&mut memory);
        memory.columns + memory.tails + memory.chunks
    }
}

#[cfg(test)]
mod tests;
