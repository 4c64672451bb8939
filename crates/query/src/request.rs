//! What is asked and what is answered.

use crate::graphite::Naming;
use crate::{Frame, Grid, GridSpec, QueryError, Row};
use lang::Plan;
use model::{Reading, TierChoice};
use std::time::Duration;

/// A request.
pub struct Request<'a> {
    /// What to do.
    pub plan: &'a Plan,
    /// The functions the plan may call: the table it was made with.
    pub functions: &'a [Row],
    /// In which buckets to answer.
    pub grid: GridSpec,
    /// When it was made; the end of its range unless told otherwise.
    pub now_ms: i64,
    /// How much it may take.
    pub limits: Limits,
    /// From which tier to answer.
    pub tier: TierChoice,
    /// Timelion's functions treat null as JavaScript does: as 0 where it is compared or averaged; labels always begin with
    /// what was searched for. For sheets that were made for it.
    pub compatible: bool,
    /// How series are called where paths are asked for.
    pub naming: Naming,
    /// Asked now and then; when it says true the request ends with an error.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Request<'a> {
    /// A request with the usual limits that nobody cancels.
    pub fn new(plan: &'a Plan, functions: &'a [Row], grid: GridSpec) -> Self {
        Self {
            plan,
            functions,
            now_ms: grid.to_ms,
            grid,
            limits: Limits::default(),
            tier: TierChoice::Auto,
            compatible: false,
            naming: Naming::default(),
            cancelled: &|| false,
        }
    }
}

/// How much a request may take. Each is named in the error when it is hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Series that one `.es()` may read, and series in one list.
    pub series: usize,
    /// Samples that all reads together may touch.
    pub samples: u64,
    /// Values (series times buckets) held at the same time.
    pub points: usize,
    /// Time from start to end.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { series: 10_000, samples: 500_000_000, points: 4_000_000, time: Duration::from_secs(30) }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The buckets all values belong to.
    pub grid: Grid,
    /// One for each text of the plan.
    pub results: Vec<Result<Frame, QueryError>>,
    /// What it took.
    pub stats: Stats,
    /// Which tiers it was read from, and where what was wanted is gone.
    pub reading: Reading,
    /// What each read of the plan took and gave.
    pub reads: Vec<Cost>,
    /// What each node of the plan took and gave; the time of a read is told with the reads.
    pub nodes: Vec<Cost>,
}

/// What a part of a request took and gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Series read.
    pub series_read: u64,
    /// Samples touched.
    pub samples: u64,
    /// Series given.
    pub series: u64,
    /// Values given.
    pub values: u64,
    /// Time in microseconds.
    pub time_us: u64,
}

impl Cost {
    /// Adds what the same part took another time.
    pub(crate) fn add(&mut self, other: &Self) {
        self.series_read += other.series_read;
        self.samples += other.samples;
        self.series += other.series;
        self.values += other.values;
        self.time_us += other.time_us;
    }
}

/// What a request took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Series read.
    pub series: u64,
    /// Samples touched.
    pub samples: u64,
    /// Time to find the series, in microseconds.
    pub find_us: u64,
    /// Time to read samples and fill buckets, in microseconds.
    pub read_us: u64,
    /// Time in functions, in microseconds.
    pub compute_us: u64,
}
