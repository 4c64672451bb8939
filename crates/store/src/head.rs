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
    /// While a line drawn by [`Head::cut`] is being followed: the columns that are still to be frozen.
    uncut: Vec<bool>,
    /// When the line was drawn, nothing in blocks was newer.
    stored_ms: i64,
}

impl Head {
    /// An empty head whose chunks do not reach over multiples of `span_ms`.
    pub(crate) fn new(span_ms: i64) -> Self {
        let windows = Windows::new(span_ms);
        let shared = Shared { pages: Pages::default(), pool: TimesPool::default(), windows };
        Self {
            columns: Vec::new(),
            shared,
            oldest_ms: i64::MAX,
            samples: 0,
            uncut: Vec::new(),
            stored_ms: i64::MAX,
        }
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
        if !self.uncut.is_empty() {
            self.freeze(ordinal as usize..ordinal as usize + 1);
        }
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

    /// Draws a line: what is there now goes into the frozen parts, what comes after it does not. Nothing in blocks is
    /// newer than `stored_ms`.
    pub(crate) fn cut(&mut self, stored_ms: i64) {
        self.stored_ms = stored_ms;
        self.uncut.clear();
        self.uncut.resize(self.columns.len(), true);
        self.oldest_ms = i64::MAX;
    }

    /// Moves what these series had when the line was drawn into their frozen parts.
    pub(crate) fn freeze(&mut self, ordinals: std::ops::Range<usize>) {
        let end = ordinals.end.min(self.uncut.len());
        for ordinal in ordinals.start.min(end)..end {
            if std::mem::take(&mut self.uncut[ordinal]) {
                self.columns[ordinal].compare(self.stored_ms);
                self.columns[ordinal].freeze(i64::MAX, &mut self.shared);
            }
        }
    }

    /// All series have followed the line.
    pub(crate) fn froze(&mut self) {
        self.uncut = Vec::new();
    }

    /// Drops the frozen parts: they are in blocks now. Says for each series whether it had none, and has nothing else.
    pub(crate) fn thaw(&mut self) -> Vec<bool> {
        let mut idle = Vec::with_capacity(self.columns.len());
        for ordinal in 0..self.columns.len() {
            let frozen = self.columns[ordinal].drop_frozen();
            self.samples -= frozen;
            idle.push(frozen == 0 && self.column(ordinal as u32).is_some_and(|column| column.is_empty()));
        }
        idle
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
