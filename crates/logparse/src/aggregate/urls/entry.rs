//! A URL with its counts.

use super::super::times::Times;
use super::super::told::{Series, Told};
use super::super::{OTHER, Options};
use crate::format_use::Uses;
use crate::metrics::{URL_BYTES, URL_REQUESTS, URL_TIME, URL_UPSTREAM_COUNT, URL_UPSTREAM_SUM};
use crate::telemetry;
use crate::value::NO_METHOD;

/// Methods and statuses of one URL with counts of their own; the others are counted without either.
const ROWS_MAX: usize = 12;
/// The same for a whole file.
pub(in crate::aggregate) const KEYS_MAX: usize = 64;

/// Places at which rows are looked for first.
const PLACES: usize = 32;

/// A method by its number and a status; 0 stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RowKey {
    pub(crate) method: u8,
    pub(crate) status: u16,
}

impl RowKey {
    /// Neither method nor status.
    pub(in crate::aggregate) const NONE: Self = Self { method: NO_METHOD, status: 0 };

    /// One of a few places; usual methods and statuses have different ones.
    #[inline(always)]
    fn place(self) -> usize {
        let word = u32::from(self.method) << 16 | u32::from(self.status);
        (word.wrapping_mul(0x9e37_79b9) >> (32 - PLACES.ilog2())) as usize
    }
}

/// Requests of a URL with one method and status.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: RowKey,
    pub(super) now: u32,
    pub(super) bytes_now: u64,
    pub(super) total: u64,
    pub(super) series: Series,
}

/// A URL.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) text: Vec<u8>,
    pub(super) hash: u64,
    /// How many URLs it has stood for.
    pub(super) generation: u32,
    /// Requests since the last flush.
    pub(super) now: u32,
    /// Requests, of which each flush forgets a tenth.
    pub(super) weight: f32,
    pub(super) rows: Vec<Row>,
    /// Where rows were found last, by a few bits of their keys: going through them ends with a wrong guess of the processor.
    places: [u8; PLACES],
    pub(super) bytes: u64,
    pub(super) time: Sums,
    pub(super) upstream: Sums,
    pub(super) upstream_total: Sums,
    /// Only of those that are told.
    pub(super) shown: Option<Box<Shown>>,
}

/// Times that are only summed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sums {
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) max: f64,
}

impl Sums {
    #[inline]
    pub(super) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }
}

/// What a URL with series has besides.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) times: Times,
    pub(super) bytes: Series,
    pub(super) upstream_sum: Series,
    pub(super) upstream_count: Series,
}

impl Shown {
    pub(super) fn new(options: &Options) -> Box<Self> {
        Box::new(Self {
            times: Times::new(&URL_TIME, options),
            bytes: Series::default(),
            upstream_sum: Series::default(),
            upstream_count: Series::default(),
        })
    }
}

impl Entry {
    pub(super) fn new(text: &[u8], hash: u64) -> Self {
        Self {
            text: text.to_vec(),
            hash,
            generation: 1,
            now: 0,
            weight: 0.0,
            rows: Vec::new(),
            places: [0; PLACES],
            bytes: 0,
            time: Sums::default(),
            upstream: Sums::default(),
            upstream_total: Sums::default(),
            shown: None,
        }
    }

    /// Stands for another URL from now on.
    pub(super) fn begin(&mut self, text: &[u8], hash: u64) {
        self.text.clear();
        self.text.extend_from_slice(text);
        (self.hash, self.now, self.weight) = (hash, 0, 0.0);
        self.generation = self.generation.wrapping_add(1).max(1);
        self.forget_sums();
    }

    pub(super) fn forget_sums(&mut self) {
        self.rows.clear();
        self.bytes = 0;
        (self.time, self.upstream, self.upstream_total) = Default::default();
    }

    #[inline]
    pub(super) fn row(&mut self, key: RowKey) -> &mut Row {
        let place = key.place();
        let at = match self.rows.get(usize::from(self.places[place])) {
            Some(row) if row.key == key => usize::from(self.places[place]),
            _ => self.find_row(key),
        };
        &mut self.rows[at]
    }

    #[inline(never)]
    fn find_row(&mut self, key: RowKey) -> usize {
        let found = self.rows.iter().position(|row| row.key == key);
        let at = found.unwrap_or_else(|| self.new_row(key));
        self.places[key.place()] = at as u8;
        at
    }

    #[cold]
    fn new_row(&mut self, key: RowKey) -> usize {
        let rows_max = if self.text == OTHER.as_bytes() { KEYS_MAX } else { ROWS_MAX };
        let is_full = self.rows.len() >= rows_max;
        telemetry::PAIRS_FOLDED.add(u64::from(is_full));
        let key = if is_full { RowKey::NONE } else { key };
        self.rows.iter().position(|row| row.key == key).unwrap_or_else(|| {
            self.rows.push(Row { key, now: 0, bytes_now: 0, total: 0, series: Series::default() });
            self.rows.len() - 1
        })
    }

    pub(super) fn flush(&mut self, uses: Uses, options: &Options, told: &mut Told) {
        let Some(shown) = &mut self.shown else { return };
        let text = String::from_utf8_lossy(&self.text);
        let url = [("url", if text.is_empty() { "~none" } else { &*text })];
        for row in &mut self.rows {
            row.total += u64::from(std::mem::take(&mut row.now));
            self.bytes += std::mem::take(&mut row.bytes_now);
            if !told.again(&row.series, row.total as f64) {
                let mut digits = [0; 3];
                let labels = [url[0], ("method", row.key.method()), ("status", row.key.status(&mut digits))];
                told.counter(&mut row.series, &URL_REQUESTS, &labels, row.total as f64);
            }
        }
        if uses.bytes {
            told.counter(&mut shown.bytes, &URL_BYTES, &url, self.bytes as f64);
        }
        if uses.request_time {
            let Sums { count, sum, max } = std::mem::take(&mut self.time);
            shown.times.add_sum(count, sum, max);
            shown.times.flush(&url, options, told);
        }
        if uses.upstream_time {
            self.upstream_total.add(std::mem::take(&mut self.upstream));
            let Sums { count, sum, .. } = self.upstream_total;
            told.counter(&mut shown.upstream_sum, &URL_UPSTREAM_SUM, &url, sum);
            told.counter(&mut shown.upstream_count, &URL_UPSTREAM_COUNT, &url, count as f64);
        }
    }
}
