//! The index of a block: symbols and series. Postings are not needed here.
//!
//! ```text
//! file    := 0xBAAAD700 u32 BE  version u8 = 2  symbols  series  …  toc
//! toc     := six offsets u64 BE (symbols, series, label indices, label table, postings, postings table)  crc32c u32 BE
//! symbols := length u32 BE  count u32 BE  (uvarint length, text){count}  crc32c u32 BE
//! series  := entry*, each at a multiple of 16
//! entry   := uvarint length  content [length]  crc32c u32 BE
//! content := uvarint labels  (uvarint name, uvarint value){labels}          numbers of symbols
//!            uvarint chunks  chunk{chunks}
//! chunk   := first:   varint min_ms  uvarint span_ms  uvarint reference
//!          | further: uvarint gap_ms  uvarint span_ms  varint reference − the one before
//! ```

use super::segments::read_at;
use crate::Error;
use crate::crc32c::crc32c;
use std::fs::File;
use std::path::{Path, PathBuf};
use stdx::varint;

const MAGIC: [u8; 4] = [0xba, 0xaa, 0xd7, 0x00];
const TOC_BYTES: u64 = 6 * 8 + 4;
/// Largest table of symbols that is held in memory, in bytes.
const SYMBOLS_BYTES_MAX: u64 = 2 << 30;
/// Longest entry of a series that is believed, in bytes.
const ENTRY_BYTES_MAX: usize = 64 << 20;
/// Entries start at multiples of this.
const ALIGN: u64 = 16;
/// Bytes read at once.
const WINDOW_BYTES: usize = 256 << 10;

/// A series as the index tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series {
    /// Numbers of symbols: names and values.
    pub labels: Vec<(usize, usize)>,
    /// References of chunks, in order of time.
    pub chunks: Vec<u64>,
}

/// What stands at a place.
pub(super) struct Next {
    pub(super) at: u64,
    pub(super) bytes: u64,
    pub(super) series: Result<Series, &'static str>,
}

/// An index, read from the first series to the last.
pub(super) struct Index {
    path: PathBuf,
    file: File,
    symbols: Vec<u8>,
    /// Where each symbol ends in `symbols`.
    ends: Vec<u32>,
    at: u64,
    end: u64,
    window: Vec<u8>,
    window_at: u64,
}

impl Index {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|e| Error::io(path, e))?;
        let length = file.metadata().map_err(|e| Error::io(path, e))?.len();
        let mut index = Self {
            path: path.to_owned(),
            file,
            symbols: Vec::new(),
            ends: Vec::new(),
            at: 0,
            end: 0,
            window: Vec::new(),
            window_at: 0,
        };
        let toc = index.toc(length)?;
        index.read_symbols(toc[0], length)?;
        // The section after the series is one of these; where none is, the postings follow at once.
        let later = [toc[2], toc[3], toc[4], toc[5], length - TOC_BYTES];
        index.at = toc[1];
        index.end = later.into_iter().filter(|at| *at > toc[1]).min().unwrap_or(toc[1]);
        Ok(index)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The text of a symbol.
    pub(super) fn symbol(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        std::str::from_utf8(&self.symbols[start..self.ends[number] as usize]).unwrap_or_default()
    }

    /// The next series; `None` after the last. What is broken is passed over up to the next entry that is whole.
    pub(super) fn next(&mut self) -> Result<Option<Next>, Error> {
        let start = self.at.next_multiple_of(ALIGN);
        if start >= self.end {
            return Ok(None);
        }
        let (result, entry_bytes) = match self.entry(start)? {
            Ok((series, bytes)) => (Ok(series), bytes),
            Err(reason) => (Err(reason), self.distance_to_whole(start)?),
        };
        let before = self.at;
        self.at = start + entry_bytes;
        // Padding at the end is no entry.
        if result.is_err() && self.at >= self.end && self.is_zero(start)? {
            return Ok(None);
        }
        Ok(Some(Next { at: start, bytes: self.at - before, series: result }))
    }

    fn is_zero(&mut self, at: u64) -> Result<bool, Error> {
        let length = (self.end - at).min(64) as usize;
        Ok(self.bytes(at, length)?.iter().all(|b| *b == 0))
    }

    fn distance_to_whole(&mut self, broken: u64) -> Result<u64, Error> {
        let mut at = broken + ALIGN;
        while at < self.end {
            if self.entry(at)?.is_ok() {
                break;
            }
            at += ALIGN;
        }
        Ok(at - broken)
    }

    /// The entry at a place and how long it is.
    fn entry(&mut self, at: u64) -> Result<Result<(Series, u64), &'static str>, Error> {
        let symbols = self.ends.len();
        let room = (self.end - at) as usize;
        let mut prefix = self.bytes(at, varint::LEN_MAX.min(room))?;
        let before = prefix.len();
        let Some(length) = varint::read_u64(&mut prefix).and_then(|n| usize::try_from(n).ok()) else {
            return Ok(Err("a series that ends early"));
        };
        let prefix = before - prefix.len();
        if length == 0 || length > ENTRY_BYTES_MAX || prefix + length + 4 > room {
            return Ok(Err("a series of impossible length"));
        }
        let whole = &self.bytes(at, prefix + length + 4)?[prefix..];
        let Some((content, checksum)) = whole.split_last_chunk() else {
            return Ok(Err("a series that ends early"));
        };
        if crc32c(&[content]) != u32::from_be_bytes(*checksum) {
            return Ok(Err("a series whose checksum is wrong"));
        }
        Ok(decode_series(content, symbols).map(|series| (series, (prefix + length + 4) as u64)))
    }

    fn toc(&self, length: u64) -> Result<[u64; 6], Error> {
        let malformed = |reason: &str| Error::malformed(&self.path, reason);
        let mut header = [0; 5];
        let mut toc = [0; TOC_BYTES as usize];
        if length < header.len() as u64 + TOC_BYTES {
            return Err(malformed("too short for an index"));
        }
        read_at(&self.file, &mut header, 0).map_err(|e| Error::io(&self.path, e))?;
        read_at(&self.file, &mut toc, length - TOC_BYTES).map_err(|e| Error::io(&self.path, e))?;
        if header[..4] != MAGIC {
            return Err(malformed("not an index of a Prometheus block"));
        }
        if header[4] != 2 {
            return Err(Error::malformed(&self.path, format!("index version {}, only 2 is read", header[4])));
        }
        let (offsets, checksum) = toc.split_last_chunk::<4>().ok_or_else(|| malformed("ends early"))?;
        if crc32c(&[offsets]) != u32::from_be_bytes(*checksum) {
            return Err(malformed("the checksum of its table of contents is wrong"));
        }
        let mut places = [0; 6];
        for (place, bytes) in places.iter_mut().zip(offsets.as_chunks::<8>().0) {
            *place = u64::from_be_bytes(*bytes);
            if *place > length {
                return Err(malformed("its table of contents points beyond its end"));
            }
        }
        Ok(places)
    }

    fn read_symbols(&mut self, at: u64, length: u64) -> Result<(), Error> {
        let malformed = |reason: &str| Error::malformed(&self.path, reason);
        let mut header = [0; 4];
        let read = read_at(&self.file, &mut header, at).map_err(|e| Error::io(&self.path, e))?;
        let bytes = u64::from(u32::from_be_bytes(header)) + 4;
        if read < header.len() || bytes > SYMBOLS_BYTES_MAX || at + 4 + bytes > length {
            return Err(malformed("its symbols have an impossible length"));
        }
        let mut section = vec![0; bytes as usize];
        read_at(&self.file, &mut section, at + 4).map_err(|e| Error::io(&self.path, e))?;
        let (content, checksum) = section.split_last_chunk::<4>().ok_or_else(|| malformed("ends early"))?;
        if crc32c(&[content]) != u32::from_be_bytes(*checksum) {
            return Err(malformed("the checksum of its symbols is wrong"));
        }
        let (symbols, ends) = decode_symbols(content).map_err(malformed)?;
        (self.symbols, self.ends) = (symbols, ends);
        Ok(())
    }

    /// At most `length` bytes from a place; fewer at the file's end.
    fn bytes(&mut self, at: u64, length: usize) -> Result<&[u8], Error> {
        let is_there =
            at >= self.window_at && at + length as u64 <= self.window_at + self.window.len() as u64;
        if !is_there {
            self.window.resize(length.max(WINDOW_BYTES), 0);
            let read = read_at(&self.file, &mut self.window, at).map_err(|e| Error::io(&self.path, e))?;
            self.window.truncate(read);
            self.window_at = at;
        }
        let start = (at - self.window_at) as usize;
        Ok(&self.window[start..(start + length).min(self.window.len())])
    }
}

/// Decodes the content of the table of symbols: all texts one after the other, and where each ends.
pub fn decode_symbols(content: &[u8]) -> Result<(Vec<u8>, Vec<u32>), &'static str> {
    let (count, mut rest) = content.split_first_chunk().ok_or("its symbols end early")?;
    let count = u32::from_be_bytes(*count) as usize;
    // A symbol takes a byte at least, so a count that lies cannot ask for more than the file has.
    let mut ends = Vec::with_capacity(count.min(rest.len()));
    let mut texts = Vec::with_capacity(rest.len());
    for _ in 0..count {
        let text = varint::read_bytes(&mut rest).ok_or("its symbols end early")?;
        std::str::from_utf8(text).map_err(|_| "a symbol that is not UTF-8")?;
        texts.extend_from_slice(text);
        ends.push(texts.len() as u32);
    }
    Ok((texts, ends))
}

/// Decodes the content of a series' entry in an index with so many symbols.
pub fn decode_series(content: &[u8], symbols: usize) -> Result<Series, &'static str> {
    const EARLY: &str = "a series that ends early";
    let mut rest = content;
    let mut number = |what: &'static str| varint::read_u64(&mut rest).ok_or(what);
    let mut series = Series::default();
    for _ in 0..number(EARLY)? {
        let (name, value) = (number(EARLY)? as usize, number(EARLY)? as usize);
        if name >= symbols || value >= symbols {
            return Err("a series with a symbol that is not there");
        }
        series.labels.push((name, value));
    }
    let mut reference = 0u64;
    for chunk in 0..number(EARLY)? {
        let (_time, _span) = (number(EARLY)?, number(EARLY)?);
        let step = number(EARLY)?;
        reference = match chunk {
            0 => step,
            _ => reference.wrapping_add_signed(varint::unzigzag(step)),
        };
        series.chunks.push(reference);
    }
    Ok(series)
}
