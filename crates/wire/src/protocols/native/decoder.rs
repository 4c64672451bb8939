//! Frames to batches: the memory of one stream, on the receiver's side.

use super::encoder::description_bytes;
use super::set::Set;
use super::{
    Cursor, DESCRIPTIONS, DICTIONARY_BYTES_MAX, Header, Malformed, SCRAPE, SCRAPE_ROWS_MAX, SERIES,
    SLOTS_MAX, TEXT_BYTES_MAX, frame, is_apart, value,
};
use model::limits::KEY_BYTES_MAX;
use model::{Batch, Description, Kind, Labels, Position, Report, Slot};

/// What a stream has said so far. The slots of the stream are those of the batch's dictionary, so one decoder goes with
/// one batch, of which only the rows may be cleared between frames.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The value last told, by slot.
    last: Vec<f64>,
    /// Whether samples of a slot are refused, because its labels are not allowed …
    refused: Vec<bool>,
    /// … and how many slots are.
    refused_slots: usize,
    dictionary_bytes: usize,
    time_ms: i64,
    key: Vec<u8>,
    present: Set,
    changed: Set,
    /// Values of a scrape that is being read, of the slots present.
    values: Vec<f64>,
}

impl Decoder {
    /// A stream that has said nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the payload of the next frame: entries and descriptions go to the batch's dictionary, a scrape becomes a
    /// group of rows. Entries whose labels are not allowed, and samples of them, are rejected in `report`; samples
    /// taken are not counted there, since a sink has yet to accept them. Gives the number of samples in the frame,
    /// taken or not. Frames of events and standings, and of kinds that came later, are passed over: see
    /// [`super::events`].
    ///
    /// # Errors
    /// When no encoder could have written the payload. No row of it is in the batch then, but the stream cannot go on.
    pub fn decode(
        &mut self,
        payload: &[u8],
        batch: &mut Batch,
        report: &mut Report,
    ) -> Result<usize, Malformed> {
        let mut cursor = Cursor::new(payload);
        match cursor.byte()? {
            SERIES => self.decode_series(&mut cursor, batch, report)?,
            DESCRIPTIONS => self.decode_descriptions(&mut cursor, batch)?,
            SCRAPE => return self.decode_scrape(&mut cursor, batch, report),
            _ if is_apart(payload) => return Ok(0),
            _ => return Err(Malformed { byte: 0, reason: "an unknown kind of frame" }),
        }
        cursor.end()?;
        Ok(0)
    }

    /// Bytes that the stream holds in memory here and in its batch's dictionary, roughly.
    pub fn memory_bytes(&self) -> usize {
        let slot = size_of::<f64>() + size_of::<bool>() + size_of::<f64>();
        self.dictionary_bytes + self.last.len() * (slot + size_of::<u32>() + size_of::<Kind>())
    }

    fn decode_series(
        &mut self,
        cursor: &mut Cursor<'_>,
        batch: &mut Batch,
        report: &mut Report,
    ) -> Result<(), Malformed> {
        if cursor.count(SLOTS_MAX, "a slot past the limit")? != self.last.len() {
            return Err(cursor.malformed("entries that do not follow the slots before"));
        }
        let count = cursor.count(SLOTS_MAX - self.last.len(), "more series than a stream may have")?;
        self.key.clear();
        for _ in 0..count {
            let kind = kind(cursor)?;
            let shared = cursor.count(self.key.len(), "more shared bytes than the key before has")?;
            let rest = cursor.bytes(KEY_BYTES_MAX)?;
            self.key.truncate(shared);
            self.key.extend_from_slice(rest);
            self.spend(self.key.len(), cursor)?;
            self.add(kind, batch, report);
        }
        Ok(())
    }

    /// Adds a slot for the key just read; one whose labels are not allowed keeps its number but takes no samples.
    fn add(&mut self, kind: Kind, batch: &mut Batch, report: &mut Report) {
        let added = batch.dictionary.add_key(&self.key, kind);
        self.last.push(0.0);
        self.refused.push(added.is_err());
        if let Err(reason) = added {
            self.refused_slots += 1;
            report.reject(Position::Item(self.last.len()), reason);
            batch.dictionary.add(&Labels::empty(), kind);
        }
    }

    fn decode_descriptions(&mut self, cursor: &mut Cursor<'_>, batch: &mut Batch) -> Result<(), Malformed> {
        let count = cursor.varint()?;
        for _ in 0..count {
            let kind = kind(cursor)?;
            let metric = cursor.text(TEXT_BYTES_MAX)?.to_owned();
            let unit = cursor.text(TEXT_BYTES_MAX)?.to_owned();
            let help = cursor.text(TEXT_BYTES_MAX)?.to_owned();
            let description =
                Description { metric: metric.into(), kind, unit: unit.into(), help: help.into() };
            self.spend(description_bytes(&description), cursor)?;
            batch.dictionary.describe(description);
        }
        Ok(())
    }

    /// Counts `bytes` against the limit of the dictionary.
    fn spend(&mut self, bytes: usize, cursor: &Cursor<'_>) -> Result<(), Malformed> {
        self.dictionary_bytes += bytes;
        if self.dictionary_bytes > DICTIONARY_BYTES_MAX {
            return Err(cursor.malformed("a larger dictionary than a stream may have"));
        }
        Ok(())
    }

    fn decode_scrape(
        &mut self,
        cursor: &mut Cursor<'_>,
        batch: &mut Batch,
        report: &mut Report,
    ) -> Result<usize, Malformed> {
        let time_ms = self.time_ms.wrapping_add(stdx::varint::unzigzag(cursor.varint()?));
        let first = cursor.count(self.last.len(), "a slot that no entry named")?;
        let count = cursor.count(self.last.len() - first, "a slot that no entry named")?;
        self.present.decode(cursor, count)?;
        if self.present.members() > SCRAPE_ROWS_MAX {
            return Err(cursor.malformed("more samples than a scrape may have"));
        }
        self.changed.decode(cursor, self.present.members())?;
        self.values.clear();
        let last = &self.last[first..first + count];
        if self.present.is_all() {
            self.values.extend_from_slice(last);
        } else {
            self.values.extend(self.present.iter().map(|n| last[n]));
        }
        for at in self.changed.iter() {
            let now = &mut self.values[at];
            *now = value::decode(cursor, *now)?;
        }
        cursor.end()?;
        self.time_ms = time_ms;
        self.commit(first, batch, report);
        Ok(self.values.len())
    }

    /// Hands on the rows of a scrape that was read to its end.
    fn commit(&mut self, first: usize, batch: &mut Batch, report: &mut Report) {
        batch.begin(self.time_ms);
        if self.present.is_all() && self.refused_slots == 0 {
            self.last[first..first + self.values.len()].copy_from_slice(&self.values);
            batch.push_run(Slot(first as u32), &self.values);
            return;
        }
        for (slot, &value) in self.present.iter().map(|n| first + n).zip(&self.values) {
            self.last[slot] = value;
            if self.refused[slot] {
                report.reject(Position::Item(slot + 1), "a sample of a series that was refused");
            } else {
                batch.push(Slot(slot as u32), value);
            }
        }
    }
}

fn kind(cursor: &mut Cursor<'_>) -> Result<Kind, Malformed> {
    let before = cursor.malformed("an unknown kind of series");
    Kind::from_u8(cursor.byte()?).ok_or(before)
}

/// Decodes a whole body that starts with frame 0, such as a segment file, handing on the rows of each frame. For tools
/// and fuzzers; a server keeps a [`Decoder`] per stream.
///
/// # Errors
/// At the first byte that no encoder wrote, counted from the start of the body.
pub fn decode_body<'a>(
    body: &'a [u8],
    report: &mut Report,
    visit: &mut dyn FnMut(&Batch),
) -> Result<Header<'a>, Malformed> {
    let (header, mut rest) = Header::decode(body)?;
    let (mut decoder, mut batch) = (Decoder::new(), Batch::new());
    while !rest.is_empty() {
        let at = body.len() - rest.len();
        let broken = |reason| Malformed { byte: at, reason };
        let payload = frame::take(&mut rest).map_err(|e| broken(e.reason()))?;
        let inside = |e: Malformed| Malformed { byte: at + frame::ENVELOPE_BYTES + e.byte, ..e };
        decoder.decode(payload, &mut batch, report).map_err(inside)?;
        visit(&batch);
        batch.clear_rows();
    }
    Ok(header)
}
