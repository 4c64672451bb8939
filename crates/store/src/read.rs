//! The read path: which series, and their samples from memory and disk as one.

use crate::index::{Index, matcher, sets};
use crate::merge::{Loader, Piece, RANK_FROZEN, RANK_LIVE, weave};
use crate::store::{Shared, Store};
use model::{Chunk, Description, Matcher, ReadError, Sample, Selection, Series, SeriesId, Source, TimeRange};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

impl Shared {
    /// Ordinals of the series in memory that match and have samples in `range`.
    fn matching_in_memory<T>(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        then: impl FnOnce(&crate::series::SeriesTable, Vec<u32>) -> T,
    ) -> T {
        let series = self.series();
        let mut found = matcher::matching(series.postings(), matchers);
        {
            let head = self.head();
            let touches = |o: &u32| head.column(*o).is_some_and(|c| c.touches(range.start_ms, range.end_ms));
            found.retain(touches);
        }
        then(&series, found)
    }

    /// What there is of a series in `range`.
    fn pieces(&self, id: SeriesId, range: TimeRange) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let series = self.series();
        if let Some(ordinal) = series.ordinal(id) {
            let head = self.head();
            if let Some(column) = head.column(ordinal) {
                let (frozen, live) = column.runs(range.start_ms, range.end_ms);
                pieces.extend(frozen.into_iter().map(|run| Piece::of_run(run, RANK_FROZEN)));
                pieces.extend(live.into_iter().map(|run| Piece::of_run(run, RANK_LIVE)));
            }
        }
        pieces
    }

    fn newest_in_tail(&self, id: SeriesId, range: TimeRange) -> Option<Sample> {
        let series = self.series();
        let ordinal = series.ordinal(id)?;
        let (time_ms, value) = self.head().column(ordinal)?.newest_in_tail(range.start_ms, range.end_ms)?;
        Some(Sample { time_ms, value })
    }

    fn last(&self, id: SeriesId, range: TimeRange, loader: &mut Loader) -> Result<Option<Sample>, ReadError> {
        if let Some(sample) = self.newest_in_tail(id, range) {
            return Ok(Some(sample));
        }
        let mut pieces = self.pieces(id, range);
        pieces.sort_by_key(|piece| std::cmp::Reverse((piece.last_ms, piece.rank)));
        let mut best: Option<(i64, u64, f64)> = None;
        for piece in &pieces {
            if best.is_some_and(|(time_ms, _, _)| piece.last_ms < time_ms) {
                break;
            }
            if let Some((time_ms, value)) = loader.last(piece, range)?
                && best.is_none_or(|(t, rank, _)| (time_ms, piece.rank) > (t, rank))
            {
                best = Some((time_ms, piece.rank, value));
            }
        }
        Ok(best.map(|(time_ms, _, value)| Sample { time_ms, value }))
    }
}

impl Source for Store {
    fn select(&self, matchers: &[Matcher], range: TimeRange, limit: usize) -> Result<Selection, ReadError> {
        if range.is_empty() {
            return Ok(Selection::default());
        }
        let mut series: Vec<Series> = self.shared().matching_in_memory(matchers, range, |table, found| {
            found.into_iter().map(|ordinal| table.get(ordinal).clone()).collect()
        });
        series.sort_unstable_by_key(|s| s.id);
        let truncated = series.len() > limit;
        series.truncate(limit);
        Ok(Selection { series, truncated })
    }

    fn read(
        &self,
        ids: &[SeriesId],
        range: TimeRange,
        visit: &mut dyn FnMut(SeriesId, Chunk<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        if range.is_empty() {
            return Ok(());
        }
        let mut loader = Loader::default();
        for &id in ids {
            let mut pieces = self.shared().pieces(id, range);
            let mut visit = |times_ms: &[i64], values: &[f64]| visit(id, Chunk::Samples { times_ms, values });
            if weave(&mut pieces, range, &mut loader, &mut visit)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn last(&self, ids: &[SeriesId], range: TimeRange) -> Result<Vec<Option<Sample>>, ReadError> {
        if range.is_empty() {
            return Ok(vec![None; ids.len()]);
        }
        let mut loader = Loader::default();
        ids.iter().map(|&id| self.shared().last(id, range, &mut loader)).collect()
    }

    fn label_names(
        &self,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        if range.is_empty() {
            return Ok(Vec::new());
        }
        self.shared().matching_in_memory(matchers, range, |table, found| {
            for ordinal in found {
                for (name, _) in &table.get(ordinal).labels {
                    if !names.contains(name) {
                        names.insert(name.to_owned());
                    }
                }
            }
        });
        Ok(names.into_iter().take(limit).collect())
    }

    fn label_values(
        &self,
        name: &str,
        matchers: &[Matcher],
        range: TimeRange,
        limit: usize,
    ) -> Result<Vec<String>, ReadError> {
        let mut values: BTreeSet<String> = BTreeSet::new();
        if range.is_empty() {
            return Ok(Vec::new());
        }
        self.shared().matching_in_memory(matchers, range, |table, found| {
            table.postings().values(name, &mut |value, list| {
                if sets::intersects(list, &found) {
                    values.insert(value.to_owned());
                }
            });
        });
        Ok(values.into_iter().take(limit).collect())
    }

    fn describe(&self, metric: &str) -> Option<Description> {
        self.shared().descriptions().get(metric).cloned()
    }
}
