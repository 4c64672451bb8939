//! How a store is run.

use crate::policy::{Policies, Policy};
use crate::shard::SHARDS_MAX;
use crate::{BlockStore, Error, Event, Log};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::disk::Disk;

/// Time covered by a block as it is first written, unless an option says otherwise.
pub(crate) const BLOCK_SPAN: Duration = Duration::from_secs(2 * 3600);

/// When what was pushed is forced onto the medium. In both cases it survives the death of the process at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Within this time; a power cut loses at most so much.
    Interval(Duration),
    /// Before the push returns; pushes that wait at the same time share one sync. When the sync fails, the push fails
    /// and nothing more is taken. Readers may see its batch until the store is opened again, although a power cut would
    /// take it: a batch is shown as soon as it is in the log, so that those that wait for one sync need not wait for
    /// each other, and in memory it cannot be told from what others pushed to the same series meanwhile. That is no promise broken: the sender was
    /// refused and sends it again, nothing that was acknowledged depends on it, and nothing is written into blocks any
    /// more.
    Always,
}

/// Takes the store's news.
pub type Tell = Arc<dyn Fn(Event) + Send + std::marker::Sync>;

/// How a store is run. [`Options::new`] gives the defaults named here; change fields as needed.
#[derive(Clone)]
pub struct Options {
    /// The store's own folder; made when missing.
    pub dir: PathBuf,
    /// Where the folder is.
    pub disk: Arc<dyn Disk>,
    /// Where blocks and the manifest are; by default in the folder. Another one is tried out when the store is opened
    /// and refused when it does not heed conditions.
    pub block_store: Option<Arc<dyn BlockStore>>,
    /// Where records are before they are in blocks; by default in files of the folder.
    pub log: Option<Arc<dyn Log>>,
    /// What the time is.
    pub clock: Arc<dyn Clock>,
    /// When writes are forced onto the medium; 200 ms.
    pub sync: Sync,
    /// Time covered by a block as it is first written, in whole milliseconds; 2 h. Windows start at multiples of it.
    pub block_span: Duration,
    /// How old a sample may be when it arrives by [`model::Sink::push`]; 1 h. Imports take any age.
    pub late_window: Duration,
    /// How far ahead of the clock a sample may be; 10 min.
    pub future_window: Duration,
    /// How long samples are kept at least; `None` is for ever (default). Whole blocks are forgotten.
    pub retention_age: Option<Duration>,
    /// How many bytes blocks may take; the oldest go first; `None` is no limit (default).
    pub retention_bytes: Option<u64>,
    /// What is kept of which series, the first that matches holds. Of series that none matches, samples are kept for
    /// [`Options::retention_age`], and no rows; by default that is all of them.
    pub policies: Vec<Policy>,
    /// How many bytes are to stay free on the disk: below that the oldest blocks go, and when there are none, nothing is
    /// taken; 0 is no limit (default).
    pub free_bytes_min: u64,
    /// How much of one processor core the work behind the scenes takes in the long run, in percent; 25. It takes more
    /// when it would not catch up.
    pub background_cpu_percent: u32,
    /// Most series known in memory: those with samples since the last blocks but one; more are refused; 2,000,000.
    pub series_max: usize,
    /// A log segment is closed at this size; 8 MiB.
    pub segment_bytes: u64,
    /// Blocks are written before their time when this much log was written since the last ones; 1 GiB.
    pub log_bytes_max: u64,
    /// Blocks are written before their time when this many samples from long ago (imports) are in memory; 1,000,000.
    pub old_samples_max: u64,
    /// Parts of the memory that are written to side by side, 1 to 64; as many as the machine has processors, up to 8.
    pub shards: usize,
    /// Whether threads sync, seal, compact and forget by themselves (default). Without them, call
    /// [`crate::Store::flush`] and [`crate::Store::tick`].
    pub background: bool,
    /// Takes news for the operator; by default they are dropped.
    pub tell: Tell,
}

impl Options {
    /// The defaults, for a folder on a disk.
    pub fn new(dir: impl Into<PathBuf>, disk: Arc<dyn Disk>, clock: Arc<dyn Clock>) -> Self {
        Self {
            dir: dir.into(),
            disk,
            block_store: None,
            log: None,
            clock,
            sync: Sync::Interval(Duration::from_millis(200)),
            block_span: BLOCK_SPAN,
            late_window: Duration::from_secs(3600),
            future_window: Duration::from_secs(600),
            retention_age: None,
            retention_bytes: None,
            policies: Vec::new(),
            free_bytes_min: 0,
            background_cpu_percent: 25,
            series_max: 2_000_000,
            segment_bytes: 8 << 20,
            log_bytes_max: 1 << 30,
            old_samples_max: 1_000_000,
            shards: std::thread::available_parallelism().map_or(1, |n| n.get().min(8)),
            background: true,
            tell: Arc::new(|_| {}),
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let second = Duration::from_secs(1);
        if self.block_span < second {
            return Err(Error::Option("block_span must be at least a second".to_owned()));
        }
        if self.block_span > 366 * 86_400 * second {
            return Err(Error::Option("block_span must be at most a year".to_owned()));
        }
        Policies::new(self.policies.clone(), self.retention_age, self.block_span)?;
        if !(1..=SHARDS_MAX).contains(&self.shards) {
            return Err(Error::Option(format!("shards must be 1 to {SHARDS_MAX}")));
        }
        if self.segment_bytes == 0 {
            return Err(Error::Option("segment_bytes must be more than zero".to_owned()));
        }
        Ok(())
    }
}

/// Whole milliseconds, as far as they fit.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
