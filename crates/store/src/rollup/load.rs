//! The rows of a series, from all blocks of a tier that have some.

use super::rows;
use crate::block::reader::{Block, StoredChunk};
use crate::merge::{LoadError, Loader, Rank};
use model::{Aspects, Kind, Row, SeriesId, Table, TimeRange};
use std::sync::Arc;

/// The rows of a series that overlap `range`, in order of time. Where blocks have the same row the newer block is right:
/// its row was computed from all that the other had seen, and more. What `wanted` does not name may be left out. Also the
/// kind in the newest block.
pub(crate) fn rows<'a>(
    blocks: impl Iterator<Item = &'a Arc<Block>>,
    id: SeriesId,
    range: TimeRange,
    wanted: Aspects,
    loader: &mut Loader,
) -> Result<(Kind, Vec<Row>), LoadError> {
    let (kind, mut runs) = runs(blocks, id, range, wanted, loader)?;
    let start_ms = |rows: &[Row]| rows.first().map(|row| row.span.start_ms);
    let ascends = |pair: &[(Rank, Vec<Row>)]| {
        pair[0].1.last().is_none_or(|last| start_ms(&pair[1].1).is_none_or(|next| last.span.start_ms < next))
    };
    runs.retain(|(_, rows)| !rows.is_empty());
    runs.sort_by_key(|(_, rows)| start_ms(rows));
    if !runs.windows(2).all(ascends) {
        return Ok((kind, in_order(runs).into_iter().map(|(_, row)| row).collect()));
    }
    // Nearly always: a row is large, and there may be many.
    let mut all = Vec::new();
    for (_, rows) in runs {
        if all.is_empty() {
            all = rows;
        } else {
            all.extend(rows);
        }
    }
    Ok((kind, all))
}

/// The rows of a series that overlap `range`, as [`rows`] gives them, but as columns in the place of what was in `table`.
/// Says whether that can be done: where rows were deleted, or stand in several blocks, they are put together row by row.
pub(crate) fn table<'a>(
    blocks: impl Iterator<Item = &'a Arc<Block>>,
    id: SeriesId,
    range: TimeRange,
    wanted: Aspects,
    loader: &mut Loader,
    table: &mut Table,
) -> Result<bool, LoadError> {
    table.clear();
    let mut found: Vec<(&Arc<Block>, StoredChunk)> = Vec::new();
    for block in blocks {
        let failed = |error| LoadError { sequence: block.meta.sequence, error };
        let Some(ordinal) = block.index.ordinal(id) else { continue };
        if block.hidden(ordinal).is_some() {
            return Ok(false);
        }
        found
            .extend(block.chunks_of(ordinal, range).map_err(failed)?.into_iter().map(|chunk| (block, chunk)));
    }
    found.sort_by_key(|(_, chunk)| chunk.times.first_ms);
    if found.windows(2).any(|pair| pair[1].1.times.first_ms <= pair[0].1.times.last_ms) {
        return Ok(false);
    }
    for (block, chunk) in found {
        let first = table.len();
        loader.rows(block, &chunk, wanted, table)?;
        let (starts_ms, row_ms) = (&table.starts_ms[first..], table.row_ms);
        let from = starts_ms.partition_point(|start_ms| start_ms.saturating_add(row_ms) <= range.start_ms);
        let to = starts_ms.partition_point(|start_ms| *start_ms < range.end_ms);
        table.keep(first, from..to.max(from));
    }
    Ok(true)
}

/// The rows of `blocks` that are not hidden by newer ones in `shadows`.
pub(crate) fn kept_rows(
    blocks: &[Arc<Block>],
    shadows: &[Arc<Block>],
    id: SeriesId,
    loader: &mut Loader,
) -> Result<(Kind, Vec<Row>), LoadError> {
    let all = blocks.iter().chain(shadows);
    let (kind, found) = runs(all, id, TimeRange::ALL, rows::every_aspect(), loader)?;
    let found = in_order(found);
    let is_kept = |rank: Rank| !shadows.iter().any(|block| block.rank() == rank);
    Ok((kind, found.into_iter().filter(|(rank, _)| is_kept(*rank)).map(|(_, row)| row).collect()))
}

/// The rows of each chunk, and how new its block is.
type Runs = Vec<(Rank, Vec<Row>)>;

fn runs<'a>(
    blocks: impl Iterator<Item = &'a Arc<Block>>,
    id: SeriesId,
    range: TimeRange,
    wanted: Aspects,
    loader: &mut Loader,
) -> Result<(Kind, Runs), LoadError> {
    let (mut found, mut table) = (Vec::new(), Table::default());
    let (mut kind, mut newest) = (Kind::Unknown, None);
    for block in blocks {
        let rank = block.rank();
        let failed = |error| LoadError { sequence: block.meta.sequence, error };
        let Some(ordinal) = block.index.ordinal(id) else { continue };
        let hidden = block.hidden(ordinal);
        // What a row says of deleted samples cannot be taken out of it.
        let shows =
            |row: &Row| !hidden.as_ref().is_some_and(|h| h.iter().any(|gone| gone.overlaps(row.span)));
        for chunk in block.chunks_of(ordinal, range).map_err(failed)? {
            table.clear();
            loader.rows(block, &chunk, wanted, &mut table)?;
            found.push((rank, table.rows().filter(|row| row.span.overlaps(range) && shows(row)).collect()));
            if newest <= Some(rank) {
                (kind, newest) = (chunk.kind, Some(rank));
            }
        }
    }
    Ok((kind, found))
}

/// Rows in order of time, of those of one time the newest.
fn in_order(runs: Runs) -> Vec<(Rank, Row)> {
    let mut found: Vec<(Rank, Row)> =
        runs.into_iter().flat_map(|(rank, rows)| rows.into_iter().map(move |row| (rank, row))).collect();
    found.sort_by_key(|&(rank, row)| (row.span.start_ms, std::cmp::Reverse(rank)));
    found.dedup_by_key(|(_, row)| row.span.start_ms);
    found
}
