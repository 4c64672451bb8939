//! Batches to frames: the memory of one stream, on the sender's side.

use super::set::Set;
use super::{
    DESCRIPTIONS, DICTIONARY_BYTES_MAX, PAYLOAD_BYTES_MAX, SCRAPE, SCRAPE_ROWS_MAX, SERIES, SLOTS_MAX,
    TEXT_BYTES_MAX, frame, value,
};
use model::limits::KEY_BYTES_MAX;
use model::{Batch, Description, Dictionary, Rows, Slot};
use stdx::varint;

/// Most dictionaries whose slots a stream knows at a time; one more and the caller starts a new stream.
pub const DICTIONARIES_MAX: usize = 32;
/// Where a frame of entries or descriptions is ended, so that no single one more can pass the limit of a frame.
const ENTRIES_BYTES_MAX: usize = PAYLOAD_BYTES_MAX - KEY_BYTES_MAX - 4 * TEXT_BYTES_MAX;
/// Memory kept for entries, in bytes.
const ENTRIES_BYTES_KEPT: usize = 1 << 10;
/// A slot of a dictionary that the stream has not met.
const UNMET: u32 = u32::MAX;

/// How far a batch was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows of the batch that are in frames now, counted from its start.
    pub rows: usize,
    /// Frames appended.
    pub frames: u64,
}

/// Which slots of the stream stand for the slots of a batch's dictionary.
#[derive(Debug)]
struct Known {
    dictionary: u64,
    slots: Vec<u32>,
    descriptions: usize,
}

/// What a stream has said so far, and how to say the next batch by it. Any number of producers, each with a dictionary
/// of its own, may share a stream.
#[derive(Debug, Default)]
pub struct Encoder {
    /// The value last told, by slot.
    last: Vec<f64>,
    /// The values of the scrape being written, by slot, where `given`.
    next: Vec<f64>,
    given: Vec<bool>,
    known: Vec<Known>,
    dictionary_bytes: usize,
    time_ms: i64,
    /// Dictionary entries not yet in a frame.
    entries: Vec<u8>,
    entries_count: usize,
    /// The key of the entry written last.
    key_before: Vec<u8>,
    present: Set,
    changed: Set,
}

impl Encoder {
    /// A stream that has said nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything for a new stream, keeps the memory.
    pub fn clear(&mut self) {
        self.last.clear();
        self.next.clear();
        self.given.clear();
        self.known.clear();
        self.dictionary_bytes = 0;
        self.time_ms = 0;
    }

    /// Number of series the stream knows.
    pub fn slots(&self) -> usize {
        self.last.len()
    }

    /// Appends frames for the rows of `batch` from `from_row` on. Stops before the end when the stream is full: the
    /// caller clears the encoder, starts a new stream and goes on from the row given back.
    pub fn encode(&mut self, batch: &Batch, from_row: usize, out: &mut Vec<u8>) -> Progress {
        let mut progress = Progress { rows: from_row, frames: 0 };
        let Some(at) = self.know(&batch.dictionary) else { return progress };
        progress.frames += self.describe(at, batch.dictionary.descriptions(), out);
        let mut start = 0;
        for rows in batch.groups() {
            let skip = from_row.saturating_sub(start).min(rows.slots.len());
            start += rows.slots.len();
            let rows =
                Rows { time_ms: rows.time_ms, slots: &rows.slots[skip..], values: &rows.values[skip..] };
            if !self.encode_group(at, &batch.dictionary, rows, out, &mut progress) {
                break;
            }
        }
        progress
    }

    /// The place of a dictionary among the known ones, if there is room for it.
    fn know(&mut self, dictionary: &Dictionary) -> Option<usize> {
        let found = self.known.iter().position(|k| k.dictionary == dictionary.id());
        let at = found.or_else(|| {
            let room = self.known.len() < DICTIONARIES_MAX;
            room.then(|| {
                self.known.push(Known { dictionary: dictionary.id(), slots: Vec::new(), descriptions: 0 });
                self.known.len() - 1
            })
        })?;
        let slots = &mut self.known[at].slots;
        let fresh = dictionary.len() - slots.len();
        slots.resize(dictionary.len(), UNMET);
        self.make_room(fresh);
        Some(at)
    }

    /// Makes room for the values of so many series and an eighth more: doubling might hold twice of what is needed.
    fn make_room(&mut self, fresh: usize) {
        let slots = (self.last.len() + fresh).min(SLOTS_MAX);
        if slots > self.last.capacity() {
            let room = slots + slots / 8 - self.last.len();
            self.last.reserve_exact(room);
            self.next.reserve_exact(room);
            self.given.reserve_exact(room);
        }
    }

    /// Appends what is said of metrics since the last time. What passes half of the dictionary's limit is left out:
    /// series need the room more.
    fn describe(&mut self, at: usize, all: &[Description], out: &mut Vec<u8>) -> u64 {
        let mut frames = 0;
        while self.known[at].descriptions < all.len() {
            let fresh = &all[self.known[at].descriptions..];
            let mut bytes = 0;
            let fits = |d: &&Description| {
                bytes += description_bytes(d);
                bytes <= ENTRIES_BYTES_MAX
            };
            let count = fresh.iter().take_while(fits).count();
            let size: usize = fresh[..count].iter().map(description_bytes).sum();
            self.known[at].descriptions += count;
            if self.dictionary_bytes + size <= DICTIONARY_BYTES_MAX / 2 {
                self.dictionary_bytes += size;
                frame::write(out, |out| write_descriptions(out, &fresh[..count]));
                frames += 1;
            }
        }
        frames
    }

    /// Appends the rows of one time in as few frames as can be; `false` when the stream is full.
    fn encode_group(
        &mut self,
        at: usize,
        dictionary: &Dictionary,
        mut rows: Rows<'_>,
        out: &mut Vec<u8>,
        progress: &mut Progress,
    ) -> bool {
        while !rows.slots.is_empty() {
            let window = self.gather(at, dictionary, rows);
            progress.frames += self.write_series(out);
            if window.rows == 0 {
                return false;
            }
            self.write_scrape(&window, rows.time_ms, out);
            progress.frames += 1;
            progress.rows += window.rows;
            rows.slots = &rows.slots[window.rows..];
            rows.values = &rows.values[window.rows..];
        }
        true
    }

    /// Puts rows into `next` up to the first that needs another frame: a slot given twice, a frame or a stream that is
    /// full.
    fn gather(&mut self, at: usize, dictionary: &Dictionary, rows: Rows<'_>) -> Window {
        let mut window = Window { first: usize::MAX, end: 0, rows: 0 };
        for (&slot, &value) in rows.slots.iter().zip(rows.values).take(SCRAPE_ROWS_MAX) {
            let mut mapped = self.known[at].slots[slot.0 as usize];
            if mapped == UNMET {
                let Some(met) = self.meet(dictionary, slot) else { break };
                self.known[at].slots[slot.0 as usize] = met;
                mapped = met;
            }
            let mapped = mapped as usize;
            if self.given[mapped] {
                break;
            }
            self.given[mapped] = true;
            self.next[mapped] = value;
            window.first = window.first.min(mapped);
            window.end = window.end.max(mapped + 1);
            window.rows += 1;
        }
        window
    }

    /// Gives a series a slot of the stream and writes its entry, if there is room.
    fn meet(&mut self, dictionary: &Dictionary, slot: Slot) -> Option<u32> {
        let key = dictionary.key(slot);
        let full = self.last.len() >= SLOTS_MAX || self.dictionary_bytes + key.len() > DICTIONARY_BYTES_MAX;
        if full || self.entries.len() > ENTRIES_BYTES_MAX {
            return None;
        }
        let shared = self.key_before.iter().zip(key).take_while(|(a, b)| a == b).count();
        self.entries.push(dictionary.kind(slot) as u8);
        varint::write_u64(&mut self.entries, shared as u64);
        varint::write_bytes(&mut self.entries, &key[shared..]);
        self.entries_count += 1;
        self.key_before.truncate(shared);
        self.key_before.extend_from_slice(&key[shared..]);
        self.dictionary_bytes += key.len();
        self.last.push(0.0);
        self.next.push(0.0);
        self.given.push(false);
        Some(self.last.len() as u32 - 1)
    }

    /// Appends the entries gathered, if any; gives the number of frames.
    fn write_series(&mut self, out: &mut Vec<u8>) -> u64 {
        if self.entries_count == 0 {
            return 0;
        }
        frame::write(out, |out| {
            out.push(SERIES);
            varint::write_u64(out, (self.last.len() - self.entries_count) as u64);
            varint::write_u64(out, self.entries_count as u64);
            out.extend_from_slice(&self.entries);
        });
        self.entries.clear();
        // After the first scrape of a stream there are few.
        self.entries.shrink_to(ENTRIES_BYTES_KEPT);
        self.entries_count = 0;
        self.key_before.clear();
        1
    }

    /// Appends the rows gathered and remembers their values.
    fn write_scrape(&mut self, window: &Window, time_ms: i64, out: &mut Vec<u8>) {
        self.present.clear();
        self.changed.clear();
        for slot in window.first..window.end {
            self.present.push(self.given[slot]);
            if self.given[slot] {
                self.changed.push(self.next[slot].to_bits() != self.last[slot].to_bits());
            }
        }
        frame::write(out, |out| {
            out.push(SCRAPE);
            varint::write_i64(out, time_ms.wrapping_sub(self.time_ms));
            varint::write_u64(out, window.first as u64);
            varint::write_u64(out, (window.end - window.first) as u64);
            self.present.encode(out);
            self.changed.encode(out);
            for slot in window.first..window.end {
                let given = std::mem::take(&mut self.given[slot]);
                if given && self.next[slot].to_bits() != self.last[slot].to_bits() {
                    value::encode(out, self.last[slot], self.next[slot]);
                    self.last[slot] = self.next[slot];
                }
            }
        });
        self.time_ms = time_ms;
    }
}

/// The slots that a scrape frame spans, and how many rows are in it.
struct Window {
    first: usize,
    end: usize,
    rows: usize,
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(TEXT_BYTES_MAX)]
}

/// What a description counts against the limits of a frame and of a dictionary.
pub(super) fn description_bytes(description: &Description) -> usize {
    10 + cut(&description.metric).len() + cut(&description.unit).len() + cut(&description.help).len()
}

fn write_descriptions(out: &mut Vec<u8>, descriptions: &[Description]) {
    out.push(DESCRIPTIONS);
    varint::write_u64(out, descriptions.len() as u64);
    for description in descriptions {
        out.push(description.kind as u8);
        for text in [&description.metric, &description.unit, &description.help] {
            varint::write_bytes(out, cut(text).as_bytes());
        }
    }
}
