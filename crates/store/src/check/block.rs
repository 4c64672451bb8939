//! Looks through a block: all that its files say must agree.

use crate::block::BlockError;
use crate::block::ahead::Ahead;
use crate::block::reader::{Block, StoredChunk};
use crate::blockstore::BlockStore;
use crate::head::buffer::Buffer;
use crate::index::{Index, Set, Step};
use hashbrown::HashMap;
use model::TimeRange;
use std::ops::ControlFlow;
use std::sync::Arc;

/// What a block has.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) series: u64,
    pub(super) samples: u64,
}

/// Series by label and value.
type Seen = HashMap<String, HashMap<String, Set>>;

/// Reads and decodes everything in a block.
pub(super) fn check(store: &Arc<dyn BlockStore>, sequence: u64) -> Result<Counts, BlockError> {
    let block = Block::open(store, sequence)?;
    let mut counts = Counts { series: u64::from(block.index.series_count()), samples: 0 };
    let (mut seen, mut reader, mut ahead) = (Seen::new(), block.index.reader(), Ahead::default());
    for ordinal in 0..block.index.series_count() {
        let series = block.series_by(&mut reader, ordinal)?;
        for (name, value) in series.labels.iter() {
            seen.entry_ref(name).or_default().entry_ref(value).or_default().insert(ordinal);
        }
        let mut newest_ms = i64::MIN;
        for chunk in block.chunks_of(ordinal, TimeRange::ALL)? {
            counts.samples += check_chunk(&block, &chunk, &mut ahead, newest_ms)?;
            newest_ms = chunk.times.last_ms;
        }
    }
    check_postings(&block, seen)?;
    if (counts.series, counts.samples) != (block.meta.series, block.meta.samples) {
        return Err(damaged("meta: it counts other series or samples than there are"));
    }
    Ok(counts)
}

/// Decodes a chunk; gives how many samples it has.
fn check_chunk(
    block: &Block,
    chunk: &StoredChunk,
    ahead: &mut Ahead,
    newest_ms: i64,
) -> Result<u64, BlockError> {
    if block.meta.origin.tier_ms > 0 {
        // Rows have their own coding; that of samples does not fit.
        block.read_checked(chunk.times.offset, chunk.times.len_bytes)?;
        block.read_checked(chunk.place.offset, chunk.place.len_bytes)?;
        return Ok(u64::from(chunk.times.count));
    }
    Ok(read_chunk(block, chunk, ahead, newest_ms)?.len() as u64)
}

/// The samples of a chunk, which come after `newest_ms`.
pub(super) fn read_chunk(
    block: &Block,
    chunk: &StoredChunk,
    ahead: &mut Ahead,
    newest_ms: i64,
) -> Result<Buffer, BlockError> {
    let Buffer { mut times_ms, mut values } = Buffer::default();
    block.read_times(&chunk.times, &mut times_ms)?;
    block.read_values(chunk, ahead, &mut values)?;
    let ends = (times_ms.first().copied(), times_ms.last().copied());
    let meta = &block.meta;
    let fits = ends == (Some(chunk.times.first_ms), Some(chunk.times.last_ms))
        && times_ms.is_sorted_by(|a, b| a < b)
        && values.len() == times_ms.len()
        && newest_ms < chunk.times.first_ms
        && meta.first_ms <= chunk.times.first_ms
        && chunk.times.last_ms <= meta.last_ms;
    if fits {
        return Ok(Buffer { times_ms, values });
    }
    Err(damaged("data: times are not what the index says"))
}

fn check_postings(block: &Block, mut seen: Seen) -> Result<(), BlockError> {
    let mut names = Vec::new();
    block.index.names(&mut |name| {
        names.push(name.to_owned());
        ControlFlow::Continue(())
    });
    let mut fits = true;
    for name in names {
        let mut values = seen.remove(&name).unwrap_or_default();
        let mut present = Set::new();
        let mut before: Option<String> = None;
        block.index.values(&name, "", &mut |value, list| {
            fits &= list.checked().is_some_and(|set| values.remove(value).as_ref() == Some(&set));
            fits &= before.as_deref().is_none_or(|before| before < value);
            before = Some(value.to_owned());
            present |= list.to_set();
            Step::Next
        });
        fits &= values.is_empty() && present == block.index.present(&name);
    }
    if fits && seen.is_empty() { Ok(()) } else { Err(damaged("index: postings and series disagree")) }
}

fn damaged(what: &str) -> BlockError {
    BlockError::Damaged(what.to_owned())
}
