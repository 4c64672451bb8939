//! The contract for administration: what a person asks of a store beside writing and reading.

use crate::{Matcher, ReadError, TimeRange};
use std::fmt;

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeepError {
    /// What was asked for makes no sense, or there is no such thing; the text names it.
    Bad(String),
    /// The store could not do it; the text names the place.
    Failed(String),
}

impl fmt::Display for KeepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bad(what) | Self::Failed(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for KeepError {}

impl From<ReadError> for KeepError {
    fn from(error: ReadError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What a deletion took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deleted {
    /// Series that had samples in the range, about: those close by may be among them.
    pub series: u64,
}

/// A copy of everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name, which is that of its folder.
    pub name: String,
    /// Blocks in it.
    pub blocks: u64,
    /// Bytes of its files; most are shared with the store while the store still has them.
    pub len_bytes: u64,
}

/// What was taken from a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Restored {
    /// Series of the snapshot that were looked at.
    pub series: u64,
    /// Samples that were not there and are now.
    pub samples: u64,
    /// Samples that were there already with the same value.
    pub known: u64,
    /// Samples that the store refused: older than what is kept.
    pub refused: u64,
}

/// A number of something with a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// What is counted.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// A metric name and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameCount {
    /// Metric name.
    pub name: String,
    /// Series of this name.
    pub series: u64,
    /// Series that were new in the last hour.
    pub created_1h: u64,
    /// Series that were new in the last 24 hours.
    pub created_24h: u64,
    /// When a query asked for it last, as far as is known.
    pub queried_ms: Option<i64>,
}

/// How many series there are, and of what. The lists are sorted, largest first, and cut.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cardinality {
    /// Series that may have samples in the range.
    pub series: u64,
    /// Different pairs of a label and a value.
    pub pairs: u64,
    /// Oldest sample, about.
    pub oldest_ms: Option<i64>,
    /// Newest sample, about.
    pub newest_ms: Option<i64>,
    /// Series that were new in the last hour.
    pub created_1h: u64,
    /// Series that were new in the last 24 hours.
    pub created_24h: u64,
    /// By metric name.
    pub names: Vec<NameCount>,
    /// The metric names with most new series in the last 24 hours.
    pub growing: Vec<NameCount>,
    /// Different values of each label.
    pub label_values: Vec<Count>,
    /// Bytes of the values of each label, over all series.
    pub label_bytes: Vec<Count>,
    /// Series of each label and value, as `label=value`.
    pub label_pairs: Vec<Count>,
    /// Series of each source: the label `host`, else `instance`.
    pub sources: Vec<Count>,
}

/// Looks after stored samples. All of it may take long and blocks the calling thread. What a store does not know how to
/// do it refuses.
pub trait Keeper: Send + Sync {
    /// Deletes the samples in `range` of the series that satisfy all matchers of at least one of `selectors`. Readers
    /// do not see them any more when this returns, and nor after a crash. What is pushed later is kept.
    fn delete(&self, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<Deleted, KeepError> {
        let _ = (selectors, range);
        Err(unable())
    }

    /// Removes deleted samples from the disk now and not by and by.
    fn clean(&self) -> Result<(), KeepError> {
        Err(unable())
    }

    /// Keeps a copy of everything, under a name that ends with `label`.
    fn snapshot(&self, label: &str) -> Result<Snapshot, KeepError> {
        let _ = label;
        Err(unable())
    }

    /// The snapshots there are, by name.
    fn snapshots(&self) -> Result<Vec<Snapshot>, KeepError> {
        Err(unable())
    }

    /// Removes a snapshot.
    fn remove_snapshot(&self, name: &str) -> Result<(), KeepError> {
        let _ = name;
        Err(unable())
    }

    /// Takes from a snapshot the samples in `range` of the series that satisfy one of `selectors`, as if they were
    /// pushed now: they may be of any age that is kept.
    fn restore(
        &self,
        name: &str,
        selectors: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<Restored, KeepError> {
        let _ = (name, selectors, range);
        Err(unable())
    }

    /// Counts the series that may have samples in `range`; lists have at most `limit` rows.
    fn cardinality(&self, range: TimeRange, limit: usize) -> Result<Cardinality, KeepError> {
        let _ = (range, limit);
        Err(unable())
    }
}

fn unable() -> KeepError {
    KeepError::Bad("this store cannot do that".to_owned())
}
