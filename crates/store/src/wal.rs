//! The write-ahead log: what was accepted and is not yet in a block. [`record`] is one batch as bytes, [`writer`]
//! appends and syncs, [`replay`] reads it all back.

pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod segment;
pub(crate) mod syncer;
pub(crate) mod writer;

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Position {
    /// Number of the segment.
    pub(crate) segment: u64,
    /// Byte in it.
    pub(crate) offset: u64,
}

#[cfg(test)]
mod tests;
