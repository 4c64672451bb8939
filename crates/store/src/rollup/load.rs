//! The rows of a series, from all blocks of a tier that have some.

use crate::block::reader::Block;
use crate::merge::LoadError;
use model::{Kind, Row, SeriesId, TimeRange};
use std::sync::Arc;

/// The rows of a series that overlap `range`, in order of time. Where blocks have the same row the newer block is right:
/// its row was computed from all that the other had seen, and more. Also the kind in the newest block.
pub(crate) fn rows<'a>(
    blocks: impl Iterator<Item = &'a Arc<Block>>,
    id: SeriesId,
    range: TimeRange,
) -> Result<(Kind, Vec<Row>), LoadError> {
    let mut found: Vec<(i64, u64, Row)> = Vec::new();
    let (mut kind, mut newest) = (Kind::Unknown, 0);
    for block in blocks {
        let sequence = block.meta.sequence;
        let failed = |error| LoadError { sequence, error };
        let Some(ordinal) = block.index.ordinal(id) else { continue };
        let hidden = block.hidden(ordinal);
        // What a row says of deleted samples cannot be taken out of it.
        let shows =
            |row: &Row| !hidden.as_ref().is_some_and(|h| h.iter().any(|gone| gone.overlaps(row.span)));
        for chunk in block.chunks_of(ordinal, range).map_err(failed)? {
            let rows = block.read_rows(&chunk).map_err(failed)?;
            let rows = rows.into_iter().filter(|row| row.span.overlaps(range) && shows(row));
            found.extend(rows.map(|row| (row.span.start_ms, sequence, row)));
            if sequence >= newest {
                (kind, newest) = (chunk.kind, sequence);
            }
        }
    }
    found.sort_by_key(|&(start_ms, sequence, _)| (start_ms, std::cmp::Reverse(sequence)));
    found.dedup_by_key(|&mut (start_ms, _, _)| start_ms);
    Ok((kind, found.into_iter().map(|(_, _, row)| row).collect()))
}
