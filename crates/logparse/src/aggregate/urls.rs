//! The URLs with the most requests, each with its counts; all others together.
//!
//! Four times as many URLs as are told are watched; when there is no room the one with the least requests of a few is
//! replaced (least frequently used, by a sample). At each flush those with the most requests get series where there is
//! room; later a watched one takes the place of one that is told only when it has more than twice as many requests, so
//! that series live long. Everything follows from the lines in their order: the same log gives the same series.

mod choose;
mod memo;

use super::times::Times;
use super::told::{Series, Told};
use super::{OTHER, Options};
use crate::format_use::Uses;
use crate::metrics::{URL_BYTES, URL_REQUESTS, URL_TIME, URL_UPSTREAM_COUNT, URL_UPSTREAM_SUM};
use crate::telemetry;
use crate::url::{KEY_BYTES_MAX, key, normalise};
use crate::value::NO_METHOD;
use hashbrown::{DefaultHashBuilder, HashTable};
use memo::Memo;
use std::hash::{BuildHasher, Hasher};

/// Watched URLs for each that is told.
const WATCHED_PER_TOLD: usize = 4;
/// Methods and statuses of one URL with counts of their own; the others are counted without either.
const ROWS_MAX: usize = 12;
/// The same for a whole file.
pub(super) const KEYS_MAX: usize = 64;
/// How many are looked at for one to be replaced.
const SAMPLE: usize = 8;

/// A method by its number and a status; 0 stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RowKey {
    pub(crate) method: u8,
    pub(crate) status: u16,
}

impl RowKey {
    /// Neither method nor status.
    pub(super) const NONE: Self = Self { method: NO_METHOD, status: 0 };
}

/// Requests of a URL with one method and status.
#[derive(Debug)]
struct Row {
    key: RowKey,
    now: u32,
    bytes_now: u64,
    total: u64,
    series: Series,
}

/// A URL.
#[derive(Debug)]
struct Entry {
    text: Vec<u8>,
    hash: u64,
    /// How many URLs it has stood for.
    generation: u32,
    /// Requests since the last flush.
    now: u32,
    /// Requests, of which each flush forgets a tenth.
    weight: f32,
    rows: Vec<Row>,
    bytes: u64,
    time: Sums,
    upstream: Sums,
    upstream_total: Sums,
    /// Only of those that are told.
    shown: Option<Box<Shown>>,
}

/// Times that are only summed.
#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    count: u64,
    sum: f64,
    max: f64,
}

impl Sums {
    #[inline]
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }
}

/// What a URL with series has besides.
#[derive(Debug)]
struct Shown {
    times: Times,
    bytes: Series,
    upstream_sum: Series,
    upstream_count: Series,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Urls {
    /// The first stands for all others.
    entries: Vec<Entry>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    told_max: usize,
    /// Where the next sample begins.
    hand: usize,
    memo: Memo,
    seed: u64,
    /// Room for a URL that is folded.
    template: Vec<u8>,
}

/// The entry of all others.
const REST: usize = 0;

impl Urls {
    pub(crate) fn new(told_max: usize) -> Self {
        let hasher = DefaultHashBuilder::default();
        Self {
            entries: vec![Entry::new(OTHER.as_bytes(), 0)],
            table: HashTable::new(),
            memo: Memo::default(),
            seed: hasher.hash_one(0),
            template: Vec::new(),
            hasher,
            told_max,
            hand: 0,
        }
    }

    /// Counts a request; gives the entry, which holds until the next call. `tail` is the URL with what stands behind it,
    /// as far as known.
    #[inline]
    pub(crate) fn add(&mut self, url: &[u8], tail: &[u8], key: RowKey, bytes: u64) -> usize {
        let at = if self.told_max == 0 { REST } else { self.recall(url, tail) };
        let entry = &mut self.entries[at];
        entry.now += 1;
        let row = entry.row(key);
        row.now += 1;
        row.bytes_now += bytes;
        at
    }

    /// The entry of a URL, from memory where it has come lately.
    #[inline]
    fn recall(&mut self, url: &[u8], tail: &[u8]) -> usize {
        let key = match tail.first_chunk::<KEY_BYTES_MAX>() {
            Some(bytes) => key(bytes, url.len(), self.seed),
            None => None,
        };
        if let Some(key) = key
            && let Some((at, generation)) = self.memo.get(key)
            && self.entries[at].generation == generation
        {
            return at;
        }
        self.find_folded(url, key)
    }

    #[inline(never)]
    fn find_folded(&mut self, url: &[u8], key: Option<u64>) -> usize {
        let mut template = std::mem::take(&mut self.template);
        let at = self.find(normalise(url, &mut template));
        self.template = template;
        if let Some(key) = key.filter(|_| at != REST) {
            self.memo.put(key, at, self.entries[at].generation);
        }
        at
    }

    fn find(&mut self, url: &[u8]) -> usize {
        let mut state = self.hasher.build_hasher();
        state.write(url);
        let hash = state.finish();
        let entries = &self.entries;
        match self.table.find(hash, |at| entries[*at as usize].text == url) {
            Some(at) => *at as usize,
            None => self.introduce(url, hash),
        }
    }

    #[inline]
    pub(crate) fn add_time(&mut self, entry: usize, seconds: f64) {
        // The sketch of all others has those that are only watched, too.
        let entry = &mut self.entries[entry];
        match &mut entry.shown {
            Some(shown) => shown.times.add(seconds),
            None => {
                entry.time.add(Sums { count: 1, sum: seconds, max: seconds });
                if let Some(rest) = &mut self.entries[REST].shown {
                    rest.times.add_to_sketch(seconds);
                }
            }
        }
    }

    #[inline]
    pub(crate) fn add_upstream(&mut self, entry: usize, seconds: f64) {
        self.entries[entry].upstream.add(Sums { count: 1, sum: seconds, max: seconds });
    }

    #[cold]
    fn introduce(&mut self, url: &[u8], hash: u64) -> usize {
        let at = if self.entries.len() <= WATCHED_PER_TOLD * self.told_max {
            self.entries.push(Entry::new(url, hash));
            self.entries.len() - 1
        } else {
            let Some(at) = self.least() else { return REST };
            telemetry::URLS_FOLDED.add(1);
            self.drop_counts(at);
            self.forget(at);
            self.entries[at].begin(url, hash);
            at
        };
        let entries = &self.entries;
        self.table.insert_unique(hash, at as u32, |at| entries[*at as usize].hash);
        at
    }

    /// The watched one with the least requests of the next few.
    fn least(&mut self) -> Option<usize> {
        let (mut best, mut seen) = (None, 0);
        for _ in 0..self.entries.len() {
            self.hand = self.hand % (self.entries.len() - 1) + 1;
            let entry = &self.entries[self.hand];
            if entry.shown.is_some() {
                continue;
            }
            let weight = entry.weight + entry.now as f32;
            if best.is_none_or(|(_, least)| weight < least) {
                best = Some((self.hand, weight));
            }
            seen += 1;
            if seen == SAMPLE {
                break;
            }
        }
        best.map(|(at, _)| at)
    }

    /// Takes an entry out of the table.
    fn forget(&mut self, at: usize) {
        if let Ok(found) = self.table.find_entry(self.entries[at].hash, |other| *other == at as u32) {
            found.remove();
        }
    }

    /// Gives what an entry counted since the last flush to all others.
    fn drop_counts(&mut self, at: usize) {
        let (rest, watched) = self.entries.split_at_mut(at);
        let (rest, entry) = (&mut rest[REST], &mut watched[0]);
        for row in entry.rows.iter_mut().filter(|row| row.now > 0) {
            let (now, bytes) = (std::mem::take(&mut row.now), std::mem::take(&mut row.bytes_now));
            let row = rest.row(row.key);
            row.now += now;
            row.bytes_now += bytes;
        }
        rest.time.add(std::mem::take(&mut entry.time));
        rest.upstream.add(std::mem::take(&mut entry.upstream));
        entry.now = 0;
    }

    /// Chooses what is told from now on, and gives each method and status with its new requests and bytes.
    pub(crate) fn settle(
        &mut self,
        options: &Options,
        told: &mut Told,
        mut each: impl FnMut(RowKey, u64, u64),
    ) {
        for row in self.entries.iter().flat_map(|entry| &entry.rows).filter(|row| row.now > 0) {
            each(row.key, u64::from(row.now), row.bytes_now);
        }
        if self.told_max > 0 {
            self.choose(options, told);
        }
    }

    /// Tells those that are told.
    pub(crate) fn flush(&mut self, uses: Uses, options: &Options, told: &mut Told) {
        if self.told_max == 0 {
            self.entries[REST].forget_sums();
            return;
        }
        for at in 1..self.entries.len() {
            if self.entries[at].shown.is_none() {
                self.drop_counts(at);
            }
        }
        let rest = &mut self.entries[REST];
        if rest.shown.is_none() && rest.rows.iter().any(|row| row.now > 0) {
            rest.shown = Some(Shown::new(options));
        }
        self.entries.iter_mut().for_each(|entry| entry.now = 0);
        for entry in &mut self.entries {
            entry.flush(uses, options, told);
        }
    }
}

impl Shown {
    fn new(options: &Options) -> Box<Self> {
        Box::new(Self {
            times: Times::new(&URL_TIME, options),
            bytes: Series::default(),
            upstream_sum: Series::default(),
            upstream_count: Series::default(),
        })
    }
}

impl Entry {
    fn new(text: &[u8], hash: u64) -> Self {
        Self {
            text: text.to_vec(),
            hash,
            generation: 1,
            now: 0,
            weight: 0.0,
            rows: Vec::new(),
            bytes: 0,
            time: Sums::default(),
            upstream: Sums::default(),
            upstream_total: Sums::default(),
            shown: None,
        }
    }

    /// Stands for another URL from now on.
    fn begin(&mut self, text: &[u8], hash: u64) {
        self.text.clear();
        self.text.extend_from_slice(text);
        (self.hash, self.now, self.weight) = (hash, 0, 0.0);
        self.generation = self.generation.wrapping_add(1).max(1);
        self.forget_sums();
    }

    fn forget_sums(&mut self) {
        self.rows.clear();
        self.bytes = 0;
        (self.time, self.upstream, self.upstream_total) = Default::default();
    }

    #[inline]
    fn row(&mut self, key: RowKey) -> &mut Row {
        let at = match self.rows.iter().position(|row| row.key == key) {
            Some(at) => at,
            None => self.new_row(key),
        };
        &mut self.rows[at]
    }

    #[cold]
    fn new_row(&mut self, key: RowKey) -> usize {
        let rows_max = if self.text == OTHER.as_bytes() { KEYS_MAX } else { ROWS_MAX };
        let key = if self.rows.len() < rows_max { key } else { RowKey::NONE };
        self.rows.iter().position(|row| row.key == key).unwrap_or_else(|| {
            self.rows.push(Row { key, now: 0, bytes_now: 0, total: 0, series: Series::default() });
            self.rows.len() - 1
        })
    }

    fn flush(&mut self, uses: Uses, options: &Options, told: &mut Told) {
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
