//! The contract for writing. A store is a sink; so is the outbox of an agent; so is a relay's output.

use crate::{Batch, Report};
use std::fmt;

/// What became of a batch that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Samples taken and refused, with reasons (a time outside the window, a limit hit …).
    pub report: Report,
    /// Samples that were there already with the same value; they count as accepted.
    pub duplicates: u64,
}

/// Why a batch was not taken at all. Nothing of it was kept, and it may be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushError {
    /// Not now: a queue or the disk is full. Try again later.
    Busy(String),
    /// Not any more: closed, or the medium failed and nothing written can be promised.
    Failed(String),
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy(why) => write!(f, "not now: {why}"),
            Self::Failed(why) => write!(f, "writing failed: {why}"),
        }
    }
}

impl std::error::Error for PushError {}

/// Takes samples. When `push` returns `Ok`, the accepted samples are the sink's responsibility (a store has them in its
/// log, an outbox in its spool) and can be seen by readers of the same thing.
pub trait Sink: Send + Sync {
    /// Takes a batch, or hands the refusal back at once; never waits for long.
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError>;
}
