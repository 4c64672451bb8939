//! Round robin files of rrdtool: definitions, archives, and how their rows become samples.
//!
//! A file holds *data sources* (what is measured) and *archives* (rings of rows at one step and one consolidation
//! function each). A row is stamped with the **end** of the interval it covers, as `rrdtool fetch` prints it.

pub mod binary;
pub mod choose;
pub mod export;
mod import;
pub mod inplace;
pub mod layout;
pub mod update;
pub mod xml;

use crate::{Format, Writing};

#[cfg(test)]
mod tests;

/// The row of rrdtool's own files.
pub const RRD: Format = Format {
    name: "rrd",
    summary: "Round robin files of rrdtool, of any machine and version",
    endings: &[".rrd"],
    sniff: |sight| sight.head.starts_with(b"RRD\0"),
    options: &["metric"],
    read: Some(import::read_file),
    write: None,
};

/// The row of their dumps.
pub const RRD_XML: Format = Format {
    name: "rrd-xml",
    summary: "What `rrdtool dump` prints and `rrdtool restore` takes",
    endings: &[".rrd.xml"],
    sniff: |sight| looks_like_dump(sight.head),
    options: &["metric", "rrd-step", "rrd-heartbeat", "rrd-type", "rra"],
    read: Some(import::read_dump),
    write: Some(Writing::Series(export::start)),
};

fn looks_like_dump(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let start = &head[..head.len().min(4096)];
    start.starts_with(b"<") && start.windows(5).any(|five| five == b"<rrd>")
}

/// What a round robin file holds, whichever way it was written down.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundRobin {
    /// Version of the layout: 1 to 5.
    pub version: u8,
    /// Seconds of a primary data point.
    pub step_s: u64,
    /// Time of the last update, Unix seconds.
    pub updated_s: i64,
    /// And the microseconds after it.
    pub updated_us: u32,
    /// What is measured.
    pub sources: Vec<Source>,
    /// What is kept of it.
    pub archives: Vec<Archive>,
}

/// A data source.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its name, at most 19 characters in files of rrdtool.
    pub name: String,
    /// How its readings become rates.
    pub kind: SourceKind,
    /// An interval between two updates that is longer than this is unknown, in seconds. 0 for [`SourceKind::Compute`].
    pub heartbeat_s: u64,
    /// Rates below are unknown; NaN for no bound.
    pub min: f64,
    /// Rates above are unknown; NaN for no bound.
    pub max: f64,
    /// The primary data point in the making.
    pub pending: PendingPoint,
}

/// How readings become rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// The reading is the rate.
    Gauge,
    /// Whole numbers that grow; wraps at 32 and 64 bit are undone.
    Counter,
    /// Whole numbers; the difference by the interval.
    Derive,
    /// What came since the reading before; the reading by the interval.
    Absolute,
    /// Floating numbers that grow; a fall is a reset.
    DCounter,
    /// Floating numbers; the difference by the interval.
    DDerive,
    /// Computed of other sources.
    Compute,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Gauge,
        Self::Counter,
        Self::Derive,
        Self::Absolute,
        Self::DCounter,
        Self::DDerive,
        Self::Compute,
    ];

    /// The name that rrdtool has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "GAUGE",
            Self::Counter => "COUNTER",
            Self::Derive => "DERIVE",
            Self::Absolute => "ABSOLUTE",
            Self::DCounter => "DCOUNTER",
            Self::DDerive => "DDERIVE",
            Self::Compute => "COMPUTE",
        }
    }

    /// The kind of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The primary data point that the next update continues.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingPoint {
    /// The last reading as text; `U` when it was unknown.
    pub last: String,
    /// Rate times known seconds so far.
    pub value: f64,
    /// Unknown seconds so far.
    pub unknown_s: u64,
}

/// A ring of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Archive {
    /// How primary data points become a row.
    pub function: Consolidation,
    /// Primary data points a row.
    pub steps: u64,
    /// Share of primary data points that may be unknown; NaN for functions that have none.
    pub xff: f64,
    /// Number of rows.
    pub rows: usize,
    /// Row after row, oldest first, one value a source; NaN is unknown.
    pub values: Vec<f64>,
    /// The row in the making, one a source.
    pub pending: Vec<PendingRow>,
}

/// The row that the next update continues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PendingRow {
    /// The value of the row written last.
    pub primary: f64,
    /// The value of rows that a long interval fills after it.
    pub secondary: f64,
    /// What the function has so far.
    pub value: f64,
    /// Unknown primary data points so far.
    pub unknown: u64,
}

/// How primary data points become a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Consolidation {
    /// The mean of those known.
    Average,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The last, known or not.
    Last,
    /// Holt-Winters forecast.
    HwPredict,
    /// Multiplicative Holt-Winters forecast.
    MhwPredict,
    /// Seasonal coefficients.
    Seasonal,
    /// Seasonal deviations.
    DevSeasonal,
    /// Forecast of deviations.
    DevPredict,
    /// Failures by these forecasts.
    Failures,
}

impl Consolidation {
    /// Every function.
    pub const ALL: [Self; 10] = [
        Self::Average,
        Self::Min,
        Self::Max,
        Self::Last,
        Self::HwPredict,
        Self::MhwPredict,
        Self::Seasonal,
        Self::DevSeasonal,
        Self::DevPredict,
        Self::Failures,
    ];

    /// The name that rrdtool has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Average => "AVERAGE",
            Self::Min => "MIN",
            Self::Max => "MAX",
            Self::Last => "LAST",
            Self::HwPredict => "HWPREDICT",
            Self::MhwPredict => "MHWPREDICT",
            Self::Seasonal => "SEASONAL",
            Self::DevSeasonal => "DEVSEASONAL",
            Self::DevPredict => "DEVPREDICT",
            Self::Failures => "FAILURES",
        }
    }

    /// The function of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.as_str() == text)
    }

    /// Whether its rows are the measured values themselves, and not a forecast or a coefficient.
    pub fn is_measured(self) -> bool {
        matches!(self, Self::Average | Self::Min | Self::Max | Self::Last)
    }
}

impl RoundRobin {
    /// Seconds of a row of this archive.
    pub fn row_s(&self, archive: &Archive) -> i64 {
        (self.step_s * archive.steps) as i64
    }

    /// When the newest row ends, Unix seconds.
    pub fn newest_s(&self, archive: &Archive) -> i64 {
        self.updated_s - self.updated_s.rem_euclid(self.row_s(archive))
    }

    /// When row `row` (0 is the oldest) ends, Unix seconds.
    pub fn row_end_s(&self, archive: &Archive, row: usize) -> i64 {
        self.newest_s(archive) - (archive.rows - 1 - row) as i64 * self.row_s(archive)
    }

    /// Whether all its times can be computed: the span of every archive fits the calendar.
    pub(crate) fn check_times(&self) -> Result<(), crate::Malformed> {
        for archive in &self.archives {
            let row_s = self.step_s.checked_mul(archive.steps);
            let span_s = row_s.and_then(|s| s.checked_mul(archive.rows as u64));
            if self.updated_s < 0 || self.updated_s > TIME_S_MAX {
                return Err(crate::Malformed::new(format!("was last updated at {} s", self.updated_s)));
            }
            if span_s.is_none_or(|s| s > TIME_S_MAX as u64) {
                let (steps, rows, step_s) = (archive.steps, archive.rows, self.step_s);
                let reason = format!("has an archive of {rows} rows of {steps} steps of {step_s} s");
                return Err(crate::Malformed::new(reason));
            }
        }
        Ok(())
    }
}

/// The last time that is believed, Unix seconds: the year 9999.
const TIME_S_MAX: i64 = 253_402_300_799;
