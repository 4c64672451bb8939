//! Where the samples of an export come from: a store in this process, or whatever else can give series after series.

mod stored;

use crate::Error;
use crate::step::{Step, Steps};
use model::{Description, Reading, Series, TimeRange};

pub use stored::StoreOrigin;

/// Most series of one export.
pub const SERIES_MAX: usize = 1_000_000;

/// Takes samples of the series with this place in [`Origin::series`]; times ascend within a series. An error ends the
/// walk and is handed back.
pub type Visit<'v> = dyn FnMut(usize, &[i64], &[f64]) -> Result<(), Error> + 'v;

/// See the module's text.
pub trait Origin {
    /// All series, sorted by metric name and then by labels.
    fn series(&self) -> &[Series];

    /// What is known about a metric.
    fn about(&mut self, metric: &str) -> Option<Description>;

    /// Visits the samples in `range` of the series from the place `first` on, in their order.
    fn read(&mut self, first: usize, range: TimeRange, visit: &mut Visit<'_>) -> Result<(), Error>;

    /// Visits one value a step instead, each at the start of its step. An origin that keeps rows answers with them where
    /// they say the same as the samples, and where samples are gone.
    fn read_steps(
        &mut self,
        first: usize,
        range: TimeRange,
        step: &Step<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let mut steps = Steps::new(step, self.series());
        let mut then = |at: usize, time_ms: i64, value: f64| visit(at, &[time_ms], &[value]);
        self.read(first, range, &mut |at, times_ms, values| steps.add(at, times_ms, values, &mut then))?;
        steps.finish(&mut then)
    }

    /// Which tiers gave what was read so far, and where samples are gone.
    fn reading(&self) -> Reading;
}

/// Visits samples, or the values of steps.
pub fn walk(
    origin: &mut dyn Origin,
    first: usize,
    range: TimeRange,
    step: Option<&Step<'_>>,
    visit: &mut Visit<'_>,
) -> Result<(), Error> {
    match step {
        Some(step) => origin.read_steps(first, range, step, visit),
        None => origin.read(first, range, visit),
    }
}

/// The order of series in exports.
pub fn sort(series: &mut [Series]) {
    series.sort_by(|a, b| (a.labels.name(), &a.labels).cmp(&(b.labels.name(), &b.labels)));
}
