//! One journal file: its entries by number, and the data they point to.

use super::layout::{
    ARRAY_ITEMS, DATA, DATA_PAYLOAD, ENTRY, ENTRY_ARRAY, ENTRY_ITEMS, FLAG_COMPACT, Header, OBJECT_BYTES,
    u32_at, u64_at,
};
use super::window::Window;
use crate::tail::{FileId, read_at};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Most items of an entry, as systemd has it.
const ITEMS_MAX: u64 = 1024;
/// Largest object that is taken for one.
const OBJECT_BYTES_MAX: u64 = 1 << 40;

/// See the module's text.
#[derive(Debug)]
pub(super) struct JournalFile {
    pub(super) path: PathBuf,
    file: File,
    /// Tells it from others that are open; below 2^16.
    pub(super) number: u16,
    pub(super) inode: FileId,
    pub(super) header: Header,
    /// Why entries of it were left out; empty when none were.
    pub(super) problem: String,
}

/// Where one is in the arrays that list a file's entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Walk {
    /// The array; 0 before the first.
    array: u64,
    /// Number of its first entry.
    first: u64,
    len: u64,
    next: u64,
}

/// Where a datum's payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payload {
    pub(super) offset: u64,
    pub(super) len: u64,
    /// How it is packed: one of the three lowest bits, or none.
    pub(super) packed: u8,
    /// How many entries have it.
    pub(super) uses: u64,
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl JournalFile {
    /// Opens it.
    pub(super) fn open(path: &Path, number: u16) -> io::Result<Self> {
        let file = File::open(path)?;
        let header = Header::read(&file)?;
        let inode = FileId::of(&file.metadata()?);
        Ok(Self { path: path.to_owned(), file, number, inode, header, problem: String::new() })
    }

    /// Looks how many entries there are now.
    pub(super) fn refresh(&mut self) -> io::Result<()> {
        self.header = Header::read(&self.file)?;
        Ok(())
    }

    /// Whether nobody writes to it any more.
    pub(super) fn is_over(&self) -> bool {
        // One that was found damaged has another name, and whatever state it was left in.
        self.header.is_archived || self.path.extension().is_some_and(|extension| extension == "journal~")
    }

    fn is_compact(&self) -> bool {
        self.header.flags & FLAG_COMPACT != 0
    }

    /// Where an entry is; the walk goes on from where it was, or from the beginning when that is behind it.
    pub(super) fn entry_offset(&self, walk: &mut Walk, number: u64) -> io::Result<u64> {
        let item_bytes = if self.is_compact() { 4 } else { 8 };
        if walk.array == 0 || number < walk.first {
            *walk = self.array(self.header.array, 0, item_bytes)?;
        }
        while number >= walk.first + walk.len {
            // Arrays are made one after the other, so that this ends.
            if walk.next <= walk.array {
                return Err(damaged("the list of its entries ends too early"));
            }
            *walk = self.array(walk.next, walk.first + walk.len, item_bytes)?;
        }
        let mut item = [0; 8];
        let at = walk.array + ARRAY_ITEMS + (number - walk.first) * item_bytes;
        let read = read_at(&self.file, &mut item[..item_bytes as usize], at)?;
        let offset = u64::from_le_bytes(item);
        if read < item_bytes as usize || offset == 0 || !offset.is_multiple_of(8) {
            return Err(damaged("an entry is nowhere"));
        }
        Ok(offset)
    }

    fn array(&self, offset: u64, first: u64, item_bytes: u64) -> io::Result<Walk> {
        let mut head = [0; ARRAY_ITEMS as usize];
        let read = read_at(&self.file, &mut head, offset)?;
        let (size, next) = (u64_at(&head, 8), u64_at(&head, 16));
        let len = size.saturating_sub(ARRAY_ITEMS) / item_bytes;
        if offset == 0 || read < head.len() || head[0] != ENTRY_ARRAY || len == 0 || size > OBJECT_BYTES_MAX {
            return Err(damaged("a list of its entries is none"));
        }
        Ok(Walk { array: offset, first, len, next })
    }

    /// The data of an entry by their places.
    pub(super) fn items(&self, window: &mut Window, offset: u64, items: &mut Vec<u64>) -> io::Result<()> {
        items.clear();
        let head = window.get(&self.file, offset, ENTRY_ITEMS as usize)?;
        let item_bytes = if self.is_compact() { 4 } else { 16 };
        let count = u64_at(head, 8).saturating_sub(ENTRY_ITEMS) / item_bytes;
        if head[0] != ENTRY || count > ITEMS_MAX {
            return Err(damaged("an entry is none"));
        }
        let mut at = offset + ENTRY_ITEMS;
        let mut left = count * item_bytes;
        while left > 0 {
            // Some at a time: all of a long one may be more than the window has room for.
            let taken = left.min(4096);
            let bytes = window.get(&self.file, at, taken as usize)?;
            items.extend(bytes.chunks(item_bytes as usize).map(|item| match item_bytes {
                4 => u64::from(u32_at(item, 0)),
                _ => u64_at(item, 0),
            }));
            (at, left) = (at + taken, left - taken);
        }
        Ok(())
    }

    /// Where a datum's payload is, and as much of it as the room takes.
    pub(super) fn data<'a>(
        &self,
        window: &'a Window,
        offset: u64,
        room: &'a mut [u8],
    ) -> io::Result<(Payload, &'a [u8])> {
        if offset == 0 || !offset.is_multiple_of(8) {
            return Err(damaged("data is nowhere"));
        }
        let bytes = window.peek(&self.file, offset, room)?;
        let before = DATA_PAYLOAD + if self.is_compact() { 8 } else { 0 };
        let size = u64_at(bytes, 8);
        if bytes.first() != Some(&DATA) || !(before.max(OBJECT_BYTES)..OBJECT_BYTES_MAX).contains(&size) {
            return Err(damaged("data is none"));
        }
        let payload = Payload {
            offset: offset + before,
            len: size - before,
            packed: bytes.get(1).map_or(0, |flags| flags & 7),
            uses: u64_at(bytes, 56),
        };
        let end = bytes.len().min(size as usize);
        Ok((payload, bytes.get(before as usize..end).unwrap_or_default()))
    }

    /// Reads a payload, at most so much of it; gives how much there is of what was read.
    pub(super) fn payload(&self, payload: Payload, bytes_max: usize, into: &mut Vec<u8>) -> io::Result<()> {
        let len = payload.len.min(bytes_max as u64) as usize;
        into.resize(len, 0);
        let read = read_at(&self.file, into, payload.offset)?;
        if read < len { Err(damaged("data ends too early")) } else { Ok(()) }
    }
}
