//! The rows of a series, from all blocks of a tier that have some.

use super::rows;
use crate::block::reader::Block;
use crate::merge::{LoadError, Loader, Rank};
use model::{Aspects, Kind, Row, SeriesId, TimeRange};
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
    let (kind, found) = ranked(blocks, id, range, wanted, loader)?;
    Ok((kind, found.into_iter().map(|(_, row)| row).collect()))
}

/// The rows of `blocks` that are not hidden by newer ones in `shadows`.
pub(crate) fn kept_rows(
    blocks: &[Arc<Block>],
    shadows: &[Arc<Block>],
    id: SeriesId,
    loader: &mut Loader,
) -> Result<(Kind, Vec<Row>), LoadError> {
    let all = blocks.iter().chain(shadows);
    let (kind, found) = ranked(all, id, TimeRange::ALL, rows::every_aspect(), loader)?;
    let is_kept = |rank: Rank| !shadows.iter().any(|block| block.rank() == rank);
    Ok((kind, found.into_iter().filter(|(rank, _)| is_kept(*rank)).map(|(_, row)| row).collect()))
}

fn ranked<'a>(
    blocks: impl Iterator<Item = &'a Arc<Block>>,
    id: SeriesId,
    range: TimeRange,
    wanted: Aspects,
    loader: &mut Loader,
) -> Result<(Kind, Vec<(Rank, Row)>), LoadError> {
    let mut found: Vec<(Rank, Row)> = Vec::new();
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
            let rows = loader.rows(block, &chunk, wanted)?;
            let rows = rows.into_iter().filter(|row| row.span.overlaps(range) && shows(row));
            found.extend(rows.map(|row| (rank, row)));
            if newest <= Some(rank) {
                (kind, newest) = (chunk.kind, Some(rank));
            }
        }
    }
    found.sort_by_key(|&(rank, row)| (row.span.start_ms, std::cmp::Reverse(rank)));
    found.dedup_by_key(|(_, row)| row.span.start_ms);
    Ok((kind, found))
}
