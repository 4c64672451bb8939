//! The URLs with the most requests, each with its counts; all others together.
//!
//! Four times as many URLs as are told are watched; when there is no room the one with the least requests of a few is
//! replaced (least frequently used, by a sample). At each flush those with the most requests get series where there is
//! room; later a watched one takes the place of one that is told only when it has more than twice as many requests, so
//! that series live long. Everything follows from the lines in their order: the same log gives the same series.

mod choose;
mod entry;
mod memo;

pub(super) use entry::KEYS_MAX;
pub(crate) use entry::RowKey;

use super::told::Told;
use super::{OTHER, Options};
use crate::format_use::Uses;
use crate::telemetry;
use crate::url::{KEY_BYTES_MAX, key, normalise};
use entry::{Entry, Shown, Sums};
use hashbrown::{DefaultHashBuilder, HashTable};
use memo::Memo;
use std::hash::{BuildHasher, Hasher};

/// Watched URLs for each that is told.
const WATCHED_PER_TOLD: usize = 4;
/// How many are looked at for one to be replaced.
const SAMPLE: usize = 8;

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
