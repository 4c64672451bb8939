//! What readers see of a column.

use super::{Column, Run};
use crate::head::buffer::Buffer;
use crate::head::chunk::Chunk;
use crate::head::pages::Pages;
use crate::head::tail::Tail;

/// What a column knows about the newest sample in a range: its time and its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Newest {
    /// This is it, or there is none.
    Known(Option<(i64, f64)>),
    /// This is it unless a block has something newer.
    UnlessStored((i64, f64)),
    /// Nothing.
    Unknown,
}

/// A column to read from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnRef<'a> {
    pub(in crate::head) column: &'a Column,
    pub(in crate::head) pages: &'a Pages,
}

impl<'a> ColumnRef<'a> {
    fn tail(self) -> &'a Tail {
        &self.column.tail
    }

    fn chunks(self) -> &'a [Chunk] {
        self.column.rest.as_deref().map_or(&[], |rest| &rest.chunks)
    }

    fn late(self) -> Option<&'a Buffer> {
        self.column.rest.as_deref()?.late.as_deref()
    }

    /// Chunks on their way into a block.
    pub(crate) fn frozen(self) -> &'a [Chunk] {
        self.column.rest.as_deref().map_or(&[], |rest| &rest.frozen)
    }

    /// Whether there is no sample at all.
    pub(crate) fn is_empty(self) -> bool {
        self.tail().is_empty()
            && self.chunks().is_empty()
            && self.late().is_none()
            && self.frozen().is_empty()
    }

    /// Whether any sample may be in `start_ms..end_ms`.
    pub(crate) fn touches(self, start_ms: i64, end_ms: i64) -> bool {
        let is_in = |time_ms: i64| start_ms <= time_ms && time_ms < end_ms;
        let meets = |c: &Chunk| c.first_ms < end_ms && start_ms <= c.last_ms;
        self.tail().last_ms().is_some_and(is_in)
            || self.tail().count_before(end_ms) > self.tail().count_before(start_ms)
            || self.late().is_some_and(|late| late.count_before(end_ms) > late.count_before(start_ms))
            || self.chunks().iter().chain(self.frozen()).any(meets)
    }

    /// Hands out what of the column is in `start_ms..end_ms`, by order of time: first the frozen part, then the live
    /// one, of which `take` is told `true`. Open samples are copied into buffers of `spare` while there are any.
    pub(crate) fn runs(
        self,
        start_ms: i64,
        end_ms: i64,
        spare: &mut Vec<Buffer>,
        mut take: impl FnMut(Run, bool),
    ) {
        let chunk = |c: &&Chunk| c.first_ms < end_ms && start_ms <= c.last_ms;
        self.frozen().iter().filter(chunk).for_each(|c| take(Run::Chunk(c.clone()), false));
        self.chunks().iter().filter(chunk).for_each(|c| take(Run::Chunk(c.clone()), true));
        if let Some(late) = self.late() {
            let (from, to) = (late.count_before(start_ms), late.count_before(end_ms));
            if from < to {
                let (times_ms, values) = (late.times_ms[from..to].to_vec(), late.values[from..to].to_vec());
                take(Run::Open(Buffer { times_ms, values }), true);
            }
        }
        let (from, to) = (self.tail().count_before(start_ms), self.tail().count_before(end_ms));
        if from < to {
            let mut samples = spare.pop().unwrap_or_default();
            self.tail().copy_into(from..to, self.pages, &mut samples);
            take(Run::Open(samples), true);
        }
    }

    /// What the tail, where the newest sample nearly always is or was, says about the newest one in
    /// `start_ms..end_ms`. What it had and is in a block now may be gone up to `gone_ms`.
    pub(crate) fn newest(self, start_ms: i64, end_ms: i64, gone_ms: i64) -> Newest {
        let newest = self.tail().newest();
        if newest.is_some_and(|(time_ms, _)| time_ms < start_ms) {
            return Newest::Known(None);
        }
        let sample = self.newest_in_tail(end_ms).filter(|(time_ms, _)| *time_ms >= start_ms);
        match (sample, newest) {
            (Some(sample), Some(_)) => Newest::Known(Some(sample)),
            (Some(sample), None) if self.frozen().iter().all(|chunk| chunk.last_ms <= sample.0) => {
                Newest::UnlessStored(sample)
            }
            (None, Some(sample)) if self.tail().is_empty() && gone_ms < sample.0 && sample.0 < end_ms => {
                Newest::Known(Some(sample))
            }
            _ => Newest::Unknown,
        }
    }

    fn newest_in_tail(self, end_ms: i64) -> Option<(i64, f64)> {
        let last = self.tail().last()?;
        if last.0 < end_ms {
            return Some(last);
        }
        let at = self.tail().count_before(end_ms).checked_sub(1)?;
        let sample = self.tail().copy(at..at + 1, self.pages);
        Some((sample.times_ms[0], sample.values[0]))
    }
}
