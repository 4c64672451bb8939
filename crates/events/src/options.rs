//! What whoever opens an event log decides.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::disk::Disk;

/// When written events are on the medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    /// Before they are acknowledged.
    Always,
    /// At the next [`crate::EventLog::tick`]; a power failure may cost what came since the last one.
    Tick,
}

/// Where the log is and how much it keeps.
#[derive(Clone)]
pub struct Options {
    /// Folder of its own.
    pub folder: PathBuf,
    /// Where the folder is.
    pub disk: Arc<dyn Disk>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How long events are kept after they came.
    pub retention: Duration,
    /// Most bytes on disk, about; the oldest go first.
    pub retention_bytes: u64,
    /// See [`Sync`].
    pub sync: Sync,
    /// Size at which a segment is sealed, in bytes; as much is kept in memory.
    pub segment_bytes: usize,
    /// Age at which a segment is sealed.
    pub segment_age: Duration,
}

impl Options {
    /// 30 days or 1 GiB, in segments of 4 MiB or a day.
    pub fn new(folder: impl Into<PathBuf>, disk: Arc<dyn Disk>, clock: Arc<dyn Clock>) -> Self {
        const DAY: Duration = Duration::from_secs(24 * 3600);
        Self {
            folder: folder.into(),
            disk,
            clock,
            retention: 30 * DAY,
            retention_bytes: 1 << 30,
            sync: Sync::Tick,
            segment_bytes: 4 << 20,
            segment_age: DAY,
        }
    }
}
