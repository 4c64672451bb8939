//! One file that is open, and how far it was read.

use super::identity::{FileId, Fingerprint, PRINT_BYTES_MAX, read_at, read_next};
use super::lines::{BLOCK_BYTES, Cut, LINE_BYTES_MAX, Lines, cut};
use super::positions::Position;
use super::{Budget, Take, born_ns, modified_ns};
use flate2::read::MultiGzDecoder;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Where bytes come from.
#[derive(Debug)]
enum Source {
    /// Read at any place.
    Plain(File),
    /// Unpacked from its start: what was read of the unpacked bytes beyond `offset` is kept.
    Packed { stream: Box<MultiGzDecoder<File>>, kept: Vec<u8>, unpacked: u64 },
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Follower {
    source: Source,
    pub(crate) id: FileId,
    /// Where the next line begins, in unpacked bytes.
    offset: u64,
    is_skipping: bool,
    print: Fingerprint,
    modified_ns: i128,
    /// When it was made, where that is known.
    pub(super) born_ns: Option<i128>,
    len: u64,
    /// Up to where it was looked at; behind `offset` is a line without an end.
    looked: u64,
    /// When it last had something new.
    pub(crate) grew_ms: i64,
}

/// How a read went.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct State {
    /// The budget ended first.
    pub(crate) has_more: bool,
    pub(crate) failed: bool,
}

impl Follower {
    /// Opens a file to be read from an offset.
    pub(crate) fn open(path: &Path, offset: u64, now_ms: i64) -> io::Result<Self> {
        let file = File::open(path)?;
        let found = file.metadata()?;
        let print = Fingerprint::read(&file, found.len())?;
        Ok(Self {
            source: Source::Plain(file),
            id: FileId::of(&found),
            offset: offset.min(found.len()),
            is_skipping: false,
            print,
            modified_ns: modified_ns(&found),
            born_ns: born_ns(&found),
            len: found.len(),
            looked: 0,
            grew_ms: now_ms,
        })
    }

    /// Opens a packed file whose unpacked bytes are read from an offset.
    pub(crate) fn open_packed(path: &Path, offset: u64, now_ms: i64) -> io::Result<Self> {
        let mut head = [0; PRINT_BYTES_MAX];
        let read = read_next(&mut MultiGzDecoder::new(File::open(path)?), &mut head)?;
        let file = File::open(path)?;
        let found = file.metadata()?;
        let stream = Box::new(MultiGzDecoder::new(file));
        Ok(Self {
            source: Source::Packed { stream, kept: Vec::new(), unpacked: 0 },
            id: FileId::of(&found),
            offset,
            is_skipping: false,
            print: Fingerprint::of(&head[..read]),
            modified_ns: modified_ns(&found),
            born_ns: None,
            len: u64::MAX,
            looked: 0,
            grew_ms: now_ms,
        })
    }

    pub(crate) fn is_packed(&self) -> bool {
        matches!(self.source, Source::Packed { .. })
    }

    pub(crate) fn print(&self) -> &Fingerprint {
        &self.print
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn modified_ns(&self) -> i128 {
        self.modified_ns
    }

    /// Bytes that are not read yet, as far as known.
    pub(crate) fn left(&self) -> u64 {
        if self.is_packed() { 0 } else { self.len.saturating_sub(self.offset) }
    }

    /// Whether its content begins with what a fingerprint was taken of.
    pub(crate) fn has(&self, print: &Fingerprint) -> bool {
        match &self.source {
            Source::Plain(file) => {
                Fingerprint::read(file, u64::from(print.len)).is_ok_and(|own| own == *print)
            }
            Source::Packed { .. } => self.print == *print,
        }
    }

    /// Goes on where an earlier start stopped.
    pub(crate) fn resume_at(&mut self, offset: u64) {
        self.offset = offset.min(self.len);
    }

    /// Leaves out what is there. A line that has begun is left out, too.
    pub(crate) fn resume_at_end(&mut self) {
        self.offset = self.len;
        let mut last = [b'\n'];
        if let Source::Plain(file) = &self.source
            && self.len > 0
        {
            let _ = read_at(file, &mut last, self.len - 1);
        }
        self.is_skipping = last != [b'\n'];
        self.looked = self.len;
    }

    /// The file is the same, and was emptied.
    pub(crate) fn begin_anew(&mut self) {
        (self.offset, self.looked, self.is_skipping, self.print) = (0, 0, false, Fingerprint::default());
        self.refresh();
    }

    /// Whether the file has less than was read, or begins otherwise.
    pub(crate) fn looks_truncated(&self, found: &Metadata) -> bool {
        if found.len() < self.offset {
            return true;
        }
        let is_as_before = modified_ns(found) == self.modified_ns && found.len() == self.len;
        !is_as_before && !self.has(&self.print)
    }

    /// Takes over what is known about the file now.
    pub(crate) fn note(&mut self, found: &Metadata) {
        (self.len, self.modified_ns) = (found.len(), modified_ns(found));
    }

    /// The same for what stands behind the open file now.
    pub(crate) fn was_truncated(&self) -> bool {
        match &self.source {
            Source::Plain(file) => file.metadata().is_ok_and(|found| self.looks_truncated(&found)),
            Source::Packed { .. } => false,
        }
    }

    /// Looks how the file is now.
    pub(crate) fn refresh(&mut self) {
        if let Source::Plain(file) = &self.source
            && let Ok(found) = file.metadata()
        {
            if !self.print.is_full() {
                self.print = Fingerprint::read(file, found.len()).unwrap_or(self.print);
            }
            self.note(&found);
        }
    }

    /// Reads what is new, within the budget.
    pub(crate) fn read(
        &mut self,
        now_ms: i64,
        budget: &mut Budget,
        buffer: &mut Vec<u8>,
        take: &mut dyn Take,
    ) -> State {
        if self.len == self.looked {
            return State::default();
        }
        let mut wanted = BLOCK_BYTES;
        loop {
            if budget.bytes == 0 {
                return State { has_more: true, failed: false };
            }
            let read = match self.fill(buffer, wanted) {
                Ok(read) => read,
                Err(_) => return State { has_more: false, failed: true },
            };
            budget.bytes = budget.bytes.saturating_sub(read as u64);
            let (end, is_at_end) = (self.offset + read as u64, read < wanted);
            match cut(&mut buffer[..read], &mut self.is_skipping, take) {
                Cut::Taken(taken) => {
                    if taken > 0 {
                        self.grew_ms = now_ms;
                        self.advance(taken, take);
                    }
                    wanted = BLOCK_BYTES;
                }
                Cut::Longer if read == wanted => wanted = (wanted * 4).min(LINE_BYTES_MAX + 1),
                Cut::Longer => {}
            }
            if is_at_end {
                (self.looked, self.len) = (end, end);
                shrink(buffer);
                return State::default();
            }
        }
    }

    /// Fills the buffer from the offset on; less than wanted at the end of the file.
    fn fill(&mut self, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<usize> {
        if buffer.len() < wanted {
            buffer.resize(wanted, 0);
        }
        let buffer = &mut buffer[..wanted];
        match &mut self.source {
            Source::Plain(file) => read_at(file, buffer, self.offset),
            Source::Packed { stream, kept, unpacked } => {
                while *unpacked < self.offset {
                    let skipped = (self.offset - *unpacked).min(buffer.len() as u64) as usize;
                    let read = read_next(stream, &mut buffer[..skipped])?;
                    *unpacked += read as u64;
                    if read < skipped {
                        return Ok(0);
                    }
                }
                buffer[..kept.len()].copy_from_slice(kept);
                let read = read_next(stream, &mut buffer[kept.len()..])?;
                *unpacked += read as u64;
                kept.extend_from_slice(&buffer[kept.len()..kept.len() + read]);
                Ok(kept.len())
            }
        }
    }

    fn advance(&mut self, taken: usize, take: &mut dyn Take) {
        self.offset += taken as u64;
        take.read(taken as u64);
        if let Source::Packed { kept, .. } = &mut self.source {
            kept.drain(..taken);
        }
        if let Source::Plain(file) = &self.source
            && !self.print.is_full()
        {
            let len = self.offset.max(u64::from(self.print.len));
            self.print = Fingerprint::read(file, len).unwrap_or(self.print);
        }
    }

    /// Hands on what stands behind the last line feed.
    pub(crate) fn last_line(&mut self, take: &mut dyn Take) {
        let mut rest = Vec::new();
        if self.is_skipping {
            return;
        }
        if let Ok(read @ 1..=LINE_BYTES_MAX) = self.fill(&mut rest, LINE_BYTES_MAX + 1) {
            take.line(Lines::Last(&mut rest[..read]));
            self.offset += read as u64;
            take.read(read as u64);
        }
    }

    /// What a later start has to know.
    pub(crate) fn position(&self, path: &str, now_ms: i64) -> Position {
        Position {
            path: path.to_owned(),
            root: FileId::NONE,
            id: self.id,
            offset: self.offset,
            print: self.print,
            modified_ns: self.modified_ns,
            saved_ms: now_ms,
        }
    }
}

/// Gives back the room of a long line.
fn shrink(buffer: &mut Vec<u8>) {
    if buffer.len() > BLOCK_BYTES {
        buffer.truncate(BLOCK_BYTES);
        buffer.shrink_to_fit();
    }
}
