//! Joins blocks into one: series by series, in order of id. Chunks that nothing overlaps are copied as they are; short
//! ones and overlapping ones are decoded and cut anew. Series whose policy has changed move to a block of their own.

use super::outputs::Outputs;
use super::pace::Pace;
use crate::block::reader::{Block, StoredChunk};
use crate::block::writer::{BlockWriter, CHUNK_SAMPLES};
use crate::head::buffer::Buffer;
use crate::merge::{Body, LoadError, Loader, Piece, clusters, weave_kept};
use crate::rollup::load;
use model::{Series, SeriesId, TimeRange};
use std::io;
use std::sync::Arc;

/// Chunks at least this long are copied.
const COPY_SAMPLES_MIN: usize = CHUNK_SAMPLES / 2;

/// Why a join ended early.
#[derive(Debug)]
pub(crate) enum JoinError {
    /// A block could not be read.
    Load(LoadError),
    /// The new one could not be written.
    Write(io::Error),
    /// The store is being closed.
    Interrupted,
}

impl From<LoadError> for JoinError {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

impl From<io::Error> for JoinError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Writes all samples or rows of `blocks` (of one tier) to the block that each series belongs to. What the joined block
/// would wrongly be preferred to in `shadows` is left out: blocks that stay, overlap these in time, and were accepted
/// after some of them and before others.
pub(crate) fn join(
    blocks: &[Arc<Block>],
    shadows: &[Arc<Block>],
    outputs: &mut Outputs<'_>,
    pace: &mut Pace<'_>,
) -> Result<(), JoinError> {
    let mut ids: Vec<SeriesId> = blocks.iter().flat_map(|block| block.index.ids()).collect();
    ids.sort_unstable();
    ids.dedup();
    let is_rows = blocks.first().is_some_and(|block| block.meta.origin.tier_ms > 0);
    let mut loader = Loader::default();
    for id in ids {
        pace.step()?;
        let Some(series) = newest_series(blocks, id)? else { continue };
        let writer = outputs.writer(&series.labels)?;
        if is_rows {
            let (kind, rows) = load::kept_rows(blocks, shadows, id, &mut loader)?;
            writer.rows(&rows, kind)?;
        } else {
            join_samples(blocks, shadows, id, writer, &mut loader)?;
        }
        writer.end_series(id, series.labels.key(), series.kind);
    }
    Ok(())
}

/// A series as the newest block has it.
fn newest_series(blocks: &[Arc<Block>], id: SeriesId) -> Result<Option<Series>, LoadError> {
    for block in blocks.iter().rev() {
        if let Some(ordinal) = block.index.ordinal(id) {
            let failed = |error| LoadError { sequence: block.meta.sequence, error };
            return block.series(ordinal).map(Some).map_err(failed);
        }
    }
    Ok(None)
}

fn join_samples(
    blocks: &[Arc<Block>],
    shadows: &[Arc<Block>],
    id: SeriesId,
    writer: &mut BlockWriter,
    loader: &mut Loader,
) -> Result<(), JoinError> {
    let mut pieces = Vec::new();
    for block in blocks {
        pieces.extend(Piece::in_block(block, id, TimeRange::ALL)?);
    }
    for block in shadows {
        pieces.extend(Piece::in_block(block, id, TimeRange::ALL)?);
    }
    let is_member = |rank| !shadows.iter().any(|block| block.rank() == rank);
    let mut waiting = Buffer::default();
    for cluster in clusters(&mut pieces) {
        if !cluster.iter().any(|piece| is_member(piece.rank)) {
            continue;
        }
        if let [Piece { body: Body::Stored(block, chunk), hidden: None, .. }] = cluster
            && cluster[0].len() >= COPY_SAMPLES_MIN
        {
            write_waiting(writer, &mut waiting)?;
            copy(block, chunk, writer)?;
            continue;
        }
        let woven = weave_kept(cluster, TimeRange::ALL, loader, &is_member)?;
        waiting.times_ms.extend_from_slice(&woven.times_ms);
        waiting.values.extend_from_slice(&woven.values);
        if waiting.len() >= 2 * CHUNK_SAMPLES {
            write_waiting(writer, &mut waiting)?;
        }
    }
    write_waiting(writer, &mut waiting)?;
    Ok(())
}

fn write_waiting(writer: &mut BlockWriter, waiting: &mut Buffer) -> io::Result<()> {
    if !waiting.is_empty() {
        writer.samples(&waiting.times_ms, &waiting.values)?;
        *waiting = Buffer::default();
    }
    Ok(())
}

fn copy(block: &Block, chunk: &StoredChunk, writer: &mut BlockWriter) -> Result<(), JoinError> {
    let failed = |error| LoadError { sequence: block.meta.sequence, error };
    let times = block.read_checked(chunk.times.offset, chunk.times.len_bytes).map_err(failed)?;
    let values = block.read_checked(chunk.place.offset, chunk.place.len_bytes).map_err(failed)?;
    Ok(writer.coded_chunk(chunk.times, &times, &values, chunk.place.summary)?)
}
