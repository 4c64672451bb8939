//! A piece of a file that is in memory. Entries and the data that are new with them stand close together, so that most of
//! them are found in it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Most that is held.
pub(super) const WINDOW_BYTES: usize = 16 << 10;
/// So much of it is before the place that is asked for: an entry stands behind its data.
const BEFORE_BYTES: u64 = 6 << 10;
/// The least that is read at once.
const STEP: u64 = 512;

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    start: u64,
    filled: usize,
}

impl Window {
    /// Forgets what it holds, which may be of another file or not the newest.
    pub(super) fn forget(&mut self) {
        self.filled = 0;
    }

    /// So many bytes of the file, at most [`WINDOW_BYTES`] less what is held before them.
    pub(super) fn get(&mut self, file: &File, offset: u64, len: usize) -> io::Result<&[u8]> {
        if self.within(offset, len).is_none() {
            self.fill(file, offset, len)?;
        }
        self.within(offset, len).ok_or(io::ErrorKind::UnexpectedEof.into())
    }

    /// As many bytes as there are, where they are held already, else read by themselves.
    pub(super) fn peek<'a>(&'a self, file: &File, offset: u64, room: &'a mut [u8]) -> io::Result<&'a [u8]> {
        if let Some(held) = self.within(offset, room.len()) {
            return Ok(held);
        }
        let read = crate::tail::read_at(file, room, offset)?;
        Ok(&room[..read])
    }

    fn within(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let at = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.bytes[..self.filled].get(at..at.checked_add(len)?)
    }

    fn fill(&mut self, file: &File, offset: u64, len: usize) -> io::Result<()> {
        self.bytes.resize(WINDOW_BYTES, 0);
        self.start = offset.saturating_sub(BEFORE_BYTES) / STEP * STEP;
        if offset + len as u64 > self.start + WINDOW_BYTES as u64 {
            self.start = offset;
        }
        self.filled = 0;
        while self.filled < WINDOW_BYTES {
            match file.read_at(&mut self.bytes[self.filled..], self.start + self.filled as u64) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why),
            }
        }
        Ok(())
    }
}
