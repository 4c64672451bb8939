//! The end of an interval: what came becomes a batch, and what has been silent for long is forgotten.

use super::Aggregator;
use crate::statsd::series::Series;
use model::{Batch, Sink, Slot};

/// A series that was not told for so many times the idle time is forgotten.
pub(super) const FORGET_FACTOR: u32 = 12;

impl Aggregator {
    /// Hands everything since the last flush to the sink, as of `now_ms`.
    pub fn flush(&mut self, now_ms: i64, sink: &dyn Sink) {
        self.batch.clear_rows();
        self.add_pending();
        self.batch.begin(now_ms);
        for series in &mut self.series {
            series.flush(&self.options, &mut self.batch);
        }
        self.flushed_ms = now_ms;
        self.tally.rows = self.batch.len() as u64;
        self.tally.failed.clear();
        if !self.batch.is_empty() {
            match sink.push(&self.batch) {
                // Sums go on and are told with the next flush; what has a time of its own waits for it.
                Err(error) => {
                    self.tally.lost += self.tally.rows;
                    self.tally.failed = error.to_string();
                }
                Ok(receipt) => {
                    self.pending.clear();
                    self.tally.lost += receipt.report.rejected;
                    if let Some(first) = receipt.report.reasons.first() {
                        self.tally.failed.clone_from(&first.reason);
                    }
                }
            }
        }
        self.forget();
        self.states_bytes = self.series.iter().map(Series::memory_bytes).sum();
    }

    /// Rows with times of their own, oldest first; counts of the same time in one.
    fn add_pending(&mut self) {
        self.pending.sort_by_key(|row| (row.time_ms, row.slot));
        let mut rows = self.pending.iter().peekable();
        while let Some(row) = rows.next() {
            let mut value = row.value;
            while let Some(next) = rows.next_if(|next| (next.time_ms, next.slot) == (row.time_ms, row.slot)) {
                value = if next.adds { value + next.value } else { next.value };
            }
            self.batch.sample(row.slot, row.time_ms, value);
        }
    }

    /// Forgets series that were silent for long; all silent ones when there is no room.
    fn forget(&mut self) {
        let is_full = self.tally.overflown_now > 0;
        let idle_max = self.options.idle_flushes.saturating_mul(FORGET_FACTOR);
        let is_gone = |series: &Series| !series.is_awake && (is_full || series.idle > idle_max);
        if !self.pending.is_empty() || !self.series.iter().any(is_gone) {
            return;
        }
        let mut batch = Batch::new();
        let mut kept = Vec::new();
        self.table.clear();
        for mut series in std::mem::take(&mut self.series).into_iter().filter(|series| !is_gone(series)) {
            let (found, first) = (kept.len() as u32, Slot(batch.dictionary.len() as u32));
            for row in 0..series.class().rows(&self.options) {
                let old = Slot(series.first.0 + row);
                let (key, kind) = (self.batch.dictionary.key(old), self.batch.dictionary.kind(old));
                let slot = batch.dictionary.add_key(key, kind).expect("a key of the old dictionary is a key");
                self.table.add_row(&batch.dictionary, slot, found);
            }
            series.first = first;
            kept.push(series);
        }
        (self.batch, self.series) = (batch, kept);
    }
}
