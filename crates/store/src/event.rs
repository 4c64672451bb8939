//! What an operator should hear of.

use model::{TimeRange, timetext};
use std::fmt;

/// Something that happened to the store and is worth a line in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Bytes in the middle of a log segment were damaged; what they held is lost.
    LogDamaged {
        /// The segment's file.
        file: String,
        /// Where the damage starts.
        offset: u64,
        /// Damaged bytes.
        len_bytes: u64,
        /// Whole records after it that could not be understood without it.
        records_lost: u64,
    },
    /// The log ended in the middle of a record that nobody was promised, and was cut there.
    LogCut {
        /// The segment's file.
        file: String,
        /// Bytes cut off.
        len_bytes: u64,
    },
    /// Samples in the log belong to series whose labels were lost with a damaged record.
    SamplesLost {
        /// How many.
        samples: u64,
    },
    /// A damaged block was moved aside; its samples are no longer served.
    BlockSetAside {
        /// Its name.
        name: String,
        /// What it covered; `None` when not even that could be read.
        range: Option<TimeRange>,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the store was damaged and what it said has been worked out anew.
    FileRebuilt {
        /// Its name.
        name: String,
        /// What was wrong with it.
        reason: String,
    },
    /// Something in the folder is not ours, or of a newer format; it was left alone.
    Skipped {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// The disk has less free space than is to stay free, so the oldest blocks are forgotten; with nothing left to
    /// forget, batches are handed back. Told once until there is space again.
    SpaceLow {
        /// What is to stay free.
        free_bytes_min: u64,
        /// How much is missing.
        short_bytes: u64,
        /// Blocks forgotten for it so far.
        forgotten: u64,
        /// Nothing is taken any more.
        refusing: bool,
    },
    /// Batches are handed back: the disk is full, or a new log segment cannot be started. Told once until a batch is
    /// taken again.
    Busy {
        /// What the disk said.
        reason: String,
    },
    /// Samples came when those beside them were gone. They may be in these rows already and were left out.
    LeftOut {
        /// How many.
        samples: u64,
        /// Length of the rows, in milliseconds.
        tier_ms: u32,
        /// Where.
        range: TimeRange,
    },
    /// Writing failed; nothing is taken until the store is opened again. Reading goes on.
    WritingStopped {
        /// What failed.
        reason: String,
    },
    /// Background work failed and will be tried again.
    WorkFailed {
        /// What was to be done.
        work: &'static str,
        /// What failed.
        reason: String,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LogDamaged { file, offset, len_bytes, records_lost } => write!(
                f,
                "{file}: {len_bytes} bytes at {offset} are damaged, {records_lost} more records lost with them"
            ),
            Self::LogCut { file, len_bytes } => {
                write!(f, "{file}: cut {len_bytes} bytes of an unfinished write")
            }
            Self::SamplesLost { samples } => {
                write!(f, "{samples} samples in the log belong to series that are not known any more")
            }
            Self::BlockSetAside { name, range: Some(range), reason } => write!(
                f,
                "block {name} ({} to {}) is damaged and was set aside: {reason}",
                timetext::print(range.start_ms),
                timetext::print(range.end_ms)
            ),
            Self::BlockSetAside { name, range: None, reason } => {
                write!(f, "block {name} is damaged and was set aside: {reason}")
            }
            Self::FileRebuilt { name, reason } => write!(f, "{name} was damaged and rebuilt: {reason}"),
            Self::Skipped { name, reason } => write!(f, "{name} was left alone: {reason}"),
            Self::SpaceLow { free_bytes_min, short_bytes, refusing: true, .. } => write!(
                f,
                "the disk lacks {short_bytes} of the {free_bytes_min} bytes that are to stay free and there is nothing \
                 left to forget: nothing is taken for now"
            ),
            Self::SpaceLow { free_bytes_min, short_bytes, forgotten, .. } => write!(
                f,
                "the disk lacks {short_bytes} of the {free_bytes_min} bytes that are to stay free: {forgotten} of the \
                 oldest blocks are forgotten"
            ),
            Self::LeftOut { samples, tier_ms, range } => write!(
                f,
                "{samples} samples from {} to {} were left out of the rows of {}: the samples beside them are gone, and \
                 these may be counted there already",
                timetext::print(range.start_ms),
                timetext::print(range.end_ms),
                model::tier_name(*tier_ms)
            ),
            Self::Busy { reason } => write!(f, "nothing is taken for now: {reason}"),
            Self::WritingStopped { reason } => {
                write!(f, "writing stopped until the store is opened again: {reason}")
            }
            Self::WorkFailed { work, reason } => write!(f, "{work} failed and will be tried again: {reason}"),
        }
    }
}
