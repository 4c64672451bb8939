//! How much of a file was read, which is told of every log.

use super::told::{Series, Told};
use crate::metrics::{LINES, READ, UNMATCHED};

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct LineCounts {
    pub(crate) lines: u64,
    /// Those without the format.
    pub(crate) unmatched: u64,
    pub(crate) bytes: u64,
    series: [Series; 3],
}

impl LineCounts {
    pub(crate) fn flush(&mut self, told: &mut Told) {
        let counts = [(&LINES, self.lines), (&UNMATCHED, self.unmatched), (&READ, self.bytes)];
        for (series, (metric, count)) in self.series.iter_mut().zip(counts) {
            told.counter(series, metric, &[], count as f64);
        }
    }
}
