//! Reading ahead: whoever reads many series finds their chunks one after the other in a block's data, so one read can
//! serve many of them.

use super::BlockError;
use super::reader::Block;
use std::ops::Range;

/// Most that is read at once beyond what is wanted: what a processor keeps near.
const AHEAD_BYTES_MAX: usize = 32 << 10;
/// The first time something is wanted a little after what was read last, so much is read.
const AHEAD_BYTES_MIN: usize = 8 << 10;
/// Blocks that are read by turns: thirty days of rows and samples are in fewer.
const BLOCKS_MAX: usize = 64;
/// Most that is held for all of them together: with many blocks less is read of each at once.
const HELD_BYTES_MAX: usize = 512 << 10;

/// What was read of some blocks beyond what was wanted so far.
#[derive(Default)]
pub(crate) struct Ahead {
    windows: Vec<Window>,
    next: usize,
}

struct Window {
    sequence: u64,
    start: u64,
    bytes: Vec<u8>,
    /// How much is read the next time, when that is near.
    len_bytes: usize,
}

impl Ahead {
    /// Bytes of a block's data.
    pub(crate) fn get(&mut self, block: &Block, offset: u64, len_bytes: usize) -> Result<&[u8], BlockError> {
        let sequence = block.meta.sequence;
        let at = match self.windows.iter().position(|window| window.sequence == sequence) {
            Some(at) => at,
            None => self.replace(Window { sequence, start: 0, bytes: Vec::new(), len_bytes: 0 }),
        };
        let ahead_bytes_max = HELD_BYTES_MAX / self.windows.len();
        let window = &mut self.windows[at];
        let inside = match window.place(offset, len_bytes) {
            Some(inside) => inside,
            None => window.read(block, offset, len_bytes, ahead_bytes_max)?,
        };
        Ok(&window.bytes[inside])
    }

    fn replace(&mut self, window: Window) -> usize {
        if self.windows.len() < BLOCKS_MAX {
            self.windows.push(window);
            return self.windows.len() - 1;
        }
        let at = self.next;
        self.next = (at + 1) % BLOCKS_MAX;
        self.windows[at] = window;
        at
    }
}

impl Window {
    fn place(&self, offset: u64, len_bytes: usize) -> Option<Range<usize>> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        let to = from.checked_add(len_bytes)?;
        (to <= self.bytes.len()).then_some(from..to)
    }

    fn read(
        &mut self,
        block: &Block,
        offset: u64,
        len_bytes: usize,
        ahead_bytes_max: usize,
    ) -> Result<Range<usize>, BlockError> {
        let end = self.start + self.bytes.len() as u64;
        let is_near = !self.bytes.is_empty()
            && (self.start..end.saturating_add(AHEAD_BYTES_MIN as u64)).contains(&offset);
        self.len_bytes = if is_near {
            (self.len_bytes * 2).clamp(AHEAD_BYTES_MIN, ahead_bytes_max.min(AHEAD_BYTES_MAX))
        } else {
            0
        };
        // Not beyond the end of the data; that what is wanted lies beyond it is the reader's error to tell.
        let rest = usize::try_from(block.meta.data_bytes.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = len_bytes.max(self.len_bytes.min(rest));
        self.start = offset;
        block.read_into(offset, wanted, &mut self.bytes)?;
        Ok(0..len_bytes)
    }
}
