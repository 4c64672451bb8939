//! The contract for writing another program's file.

use crate::{Error, Options};
use model::{Description, Series};
use std::io::Write;

/// Starts a writer of series on the bytes to come.
pub type StartSeries = for<'w> fn(&'w mut dyn Write, &Options) -> Result<Box<dyn SeriesWriter + 'w>, Error>;
/// Starts a writer of rows on the bytes to come.
pub type StartRows = for<'w> fn(&'w mut dyn Write, &Options) -> Result<Box<dyn RowWriter + 'w>, Error>;

/// How a format is written.
#[derive(Debug, Clone, Copy)]
pub enum Writing {
    /// Series after series, sorted by their labels.
    Series(StartSeries),
    /// Instant after instant; all series are named first.
    Rows(StartRows),
}

/// Takes series after series.
pub trait SeriesWriter {
    /// The series whose samples come next; those of one metric name follow each other.
    fn series(&mut self, series: &Series, about: Option<&Description>) -> Result<(), Error>;

    /// Samples of that series, times ascending. Values may be [`model::STALE`].
    fn samples(&mut self, times_ms: &[i64], values: &[f64]) -> Result<(), Error>;

    /// What comes at the end.
    fn finish(&mut self) -> Result<(), Error>;
}

/// Takes rows.
pub trait RowWriter {
    /// The series, in the order of the values of each row; called once and first.
    fn columns(&mut self, series: &[Series]) -> Result<(), Error>;

    /// The values of one instant, times ascending; `None` where a series has no sample there.
    fn row(&mut self, time_ms: i64, values: &[Option<f64>]) -> Result<(), Error>;

    /// What comes at the end.
    fn finish(&mut self) -> Result<(), Error>;
}
