//! The log: what was accepted and is not yet in a block, as records at dense offsets. [`local`] keeps it in files; a
//! log on other machines can be another. What a record says is drawn up by [`record`], and no log looks into it.
//!
//! Everything here blocks the calling thread and may be called by any number of threads.

pub(crate) mod local;
mod recent;
pub(crate) mod record;
pub(crate) mod segment;
mod syncer;
pub(crate) mod version_1;

use std::fmt;
use std::io;
use std::ops::{ControlFlow, Range};

/// The place of a record in its partition: 0 for the first one ever, then one more each. Never used for another record
/// that was acknowledged.
pub type Offset = u64;

/// Names a record, so that trying again does not store it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BatchId {
    /// Random for each life of whoever appends.
    pub producer: u128,
    /// Grows with each record of a producer.
    pub n: u64,
}

/// A record as it is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its place.
    pub offset: Offset,
    /// Its name; `None` when it was lost with the record before.
    pub id: Option<BatchId>,
    /// When it was stored, in Unix milliseconds.
    pub stored_ms: i64,
    /// What it says.
    pub body: &'a [u8],
}

/// What comes next in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<'a> {
    /// A whole record.
    Record(Record<'a>),
    /// Records that were there and cannot be read any more.
    Lost(Damage),
}

/// A damaged part of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file, or what else a person would look for.
    pub place: String,
    /// Where in it the damage starts, in bytes.
    pub at: u64,
    /// Bytes that are damaged; 0 when a whole file is missing.
    pub len_bytes: u64,
    /// The records that were there.
    pub offsets: Range<Offset>,
}

/// Records at dense offsets, in one or more partitions.
pub trait Log: Send + Sync {
    /// Number of partitions; they are numbered from 0.
    fn partitions(&self) -> u32 {
        1
    }
    /// Appends a record. After `Ok` it survives the death of this process, and after [`Log::sync`] what else the log
    /// promises. The same id again, as long as it is remembered, gives the offset of the first time.
    fn append(&self, partition: u32, id: BatchId, body: &[u8]) -> Result<Offset, AppendError>;
    /// Returns when all records before an offset are as safe as this log makes them: on the medium, or on several
    /// machines. After a failure nothing is known of any of them.
    fn sync(&self, partition: u32, before: Offset) -> io::Result<()>;
    /// From the oldest record kept to before the next one.
    fn bounds(&self, partition: u32) -> io::Result<Range<Offset>>;
    /// Visits what there is from an offset on, in order, until the end or a `Break`. Gives the offset at which to go on.
    fn read(&self, partition: u32, from: Offset, visit: &mut Visit<'_>) -> io::Result<Offset>;
    /// Forgets records before an offset, by and by: some may be given again.
    fn trim(&self, partition: u32, below: Offset) -> io::Result<()>;
    /// How it is.
    fn health(&self) -> LogHealth;
}

/// Takes what a log has.
pub type Visit<'a> = dyn FnMut(Item<'_>) -> ControlFlow<()> + 'a;

/// How a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogHealth {
    /// Bytes it takes.
    pub len_bytes: u64,
    /// The last record was refused for want of space.
    pub is_full: bool,
}

/// Why a record was not appended.
#[derive(Debug)]
pub enum AppendError {
    /// Not now, for want of space; the log is as it was before.
    Full(io::Error),
    /// Nobody knows whether it was stored. Try again with the same id.
    MaybeStored(io::Error),
    /// It is longer than this log takes.
    TooLarge {
        /// Its length.
        len_bytes: usize,
        /// The longest.
        bytes_max: usize,
    },
    /// The log's end is in an unknown state; nothing more is taken until it is opened again.
    Broken(io::Error),
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(error) | Self::MaybeStored(error) | Self::Broken(error) => write!(f, "{error}"),
            Self::TooLarge { len_bytes, bytes_max } => {
                write!(f, "a record of {len_bytes} bytes; the log takes up to {bytes_max}")
            }
        }
    }
}

impl std::error::Error for AppendError {}

/// A place in a log of version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Position {
    /// Number of the segment.
    pub(crate) segment: u64,
    /// Byte in it.
    pub(crate) offset: u64,
}

#[cfg(test)]
mod tests;
