//! The contract for reading. The query engine knows a store only by this.

use crate::{
    Description, Detail, Histogram, MatchOp, Matcher, Node, Reading, Rolled, Sample, Series, SeriesId,
    TimeRange,
};
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The series that matched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// In order of id.
    pub series: Vec<Series>,
    /// More matched than the limit allowed.
    pub truncated: bool,
}

/// A piece of one series: times ascending, each once, within the range asked for.
#[derive(Debug, Clone, Copy)]
pub enum Chunk<'a> {
    /// Samples as columns of equal length. Values may be [`crate::STALE`].
    Samples {
        /// Unix milliseconds.
        times_ms: &'a [i64],
        /// As they came.
        values: &'a [f64],
    },
}

/// Why a read failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// A limit was hit; the text names it.
    Limit(String),
    /// Stored bytes could not be read or were damaged; the text names the place.
    Storage(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(what) => write!(f, "limit reached: {what}"),
            Self::Storage(what) => write!(f, "reading failed: {what}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// Takes histograms of a series: when they are, in Unix milliseconds, and what they are.
pub type VisitHistograms<'a> = dyn FnMut(SeriesId, &[i64], &[Arc<Histogram>]) + 'a;

/// Takes start times of a series' samples: when the samples are, and since when they count, in Unix milliseconds.
pub type VisitStarts<'a> = dyn FnMut(SeriesId, &[i64], &[i64]) + 'a;

/// Gives out samples: always memory and disk together, as one.
pub trait Source: Send + Sync {
    /// The series that satisfy all `matchers` and may have samples in `range`, at most `limit`.
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError>;

    /// Visits the samples of `ids` (ascending) in `range`: series by series, chunks in order of time. Ids without
    /// samples are not visited. `Break` stops the walk, which is not an error.
    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError>;

    /// Visits the same as [`Source::read`], but where `detail` allows it may give rows instead of samples: a row only
    /// where its whole span lies between two neighbouring edges, and with all aspects that are wanted. Says which tiers
    /// were used.
    fn read_rolled(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        _detail: &Detail<'_>,
        visit: &mut dyn FnMut(SeriesId, Rolled<'_>) -> ControlFlow<()>,
    ) -> Result<Reading, ReadError> {
        let mut samples = |id, Chunk::Samples { times_ms, values }: Chunk<'_>| {
            visit(id, Rolled::Samples { times_ms, values })
        };
        self.read(ids, range, &mut samples)?;
        Ok(Reading { tiers_ms: vec![0], ..Reading::default() })
    }

    /// Visits the histograms of `ids` (ascending) in `range`, as [`Source::read`] visits numbers: series by series, in order
    /// of time. Where a series has a histogram it has no number. Most sources have none.
    fn read_histograms(
        &self,
        _ids: &[SeriesId],
        _range: TimeRange,
        _visit: &mut VisitHistograms<'_>,
    ) -> Result<(), ReadError> {
        Ok(())
    }

    /// Visits the start times of samples of `ids` (ascending) in `range`: when each sample is, and since when it counts.
    /// Samples of which that is not known are left out. Most sources know of none.
    fn read_starts(
        &self,
        _ids: &[SeriesId],
        _range: TimeRange,
        _visit: &mut VisitStarts<'_>,
    ) -> Result<(), ReadError> {
        Ok(())
    }

    /// The tiers there are or will be, ascending, in milliseconds; 0 stands for samples as they came. `None` for a source
    /// that does not know.
    fn tiers_ms(&self) -> Option<Vec<u32>> {
        None
    }

    /// The newest sample of each of `ids` in `range`.
    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError>;

    /// Label names of the series that satisfy `matchers` in `range`, sorted.
    fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError>;

    /// Values of one label over the series that satisfy `matchers` in `range`, sorted.
    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError>;

    /// Where the values of `label` that start with `prefix` go on, by path: see [`Node::below`]. Only series that have no
    /// other label are looked at, and at most `limit` places are told. A source that keeps values in order answers without
    /// looking at what is below each place.
    fn nodes(
        &self,
        label: &str,
        prefix: &str,
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<Node>, ReadError> {
        let present = Matcher::new(label, MatchOp::NotEqual, "").map_err(ReadError::Limit)?;
        let found = self.select(&[present], range, usize::MAX)?.series;
        let alone = found.iter().filter(|series| series.labels.iter().count() == 1);
        let names =
            alone.filter_map(|series| series.labels.get(label)).filter(|name| name.starts_with(prefix));
        let mut nodes: Vec<Node> = names.map(|name| Node::below(prefix, name)).collect();
        Node::join(&mut nodes, limit);
        Ok(nodes)
    }

    /// The same as [`Source::select`], but only series that have a label besides `label`: those that [`Source::nodes`] does
    /// not look at, and those without `label`.
    fn select_beside(
        &self,
        label: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Selection, ReadError> {
        let mut found = self.select(matchers, range, usize::MAX)?;
        found.series.retain(|series| series.labels.iter().any(|(name, _)| name != label));
        found.truncated = found.series.len() > limit;
        found.series.truncate(limit);
        Ok(found)
    }

    /// Series that have no label but `label`, with one of `values`, which are in order and each once. In order of id.
    fn select_only(
        &self,
        label: &str,
        values: &[String],
        range: TimeRange,
        limit: usize,
    ) -> Result<Selection, ReadError> {
        let mut found = Selection::default();
        for value in values {
            let same = self.select(&[Matcher::equal(label, value.as_str())], range, usize::MAX)?.series;
            found.series.extend(same.into_iter().filter(|series| series.labels.iter().count() == 1));
        }
        found.series.sort_by_key(|series| series.id);
        found.truncated = found.series.len() > limit;
        found.series.truncate(limit);
        Ok(found)
    }

    /// What is known about a metric name.
    fn describe(&self, metric: &str) -> Option<Description>;
}
