//! Taking samples out of a snapshot into the running store: they are pushed as an import is.

use crate::block::reader::Block;
use crate::block::set::BlockSet;
use crate::delete;
use crate::index::matcher::Question;
use crate::list::Wanted;
use crate::manifest::Manifest;
use crate::merge::{Loader, Piece, weave};
use crate::names;
use crate::store::Store;
use model::keeper::{KeepError, Restored};
use model::{Batch, Chunk, Labels, Matcher, Rolled, Series, SeriesId, Sink, Source, TimeRange};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Samples pushed at once.
const BATCH_SAMPLES: usize = 50_000;
/// A series is restored in pieces of at most this many samples.
const PART_SAMPLES: usize = 500_000;

impl Store {
    /// See [`model::Keeper::restore`].
    pub(crate) fn restore_snapshot(
        &self,
        name: &str,
        selectors: &[Vec<Matcher>],
        range: TimeRange,
    ) -> Result<Restored, KeepError> {
        let blocks = self.open_snapshot(name)?;
        let failed = |what: String| KeepError::Failed(format!("snapshot {name}: {what}"));
        let mut restoring = Restoring { store: self, batch: Batch::new(), done: Restored::default() };
        for series in wanted(&blocks, selectors, range).map_err(&failed)? {
            restoring.series(&blocks, &series, range).map_err(&failed)?;
        }
        restoring.push().map_err(failed)?;
        Ok(restoring.done)
    }

    fn open_snapshot(&self, name: &str) -> Result<BlockSet, KeepError> {
        let shared = self.shared();
        let failed = |what: String| KeepError::Failed(format!("snapshot {name}: {what}"));
        let inside = shared.snapshot_store(&shared.find_snapshot(name)?.name);
        let bytes = inside.get(names::MANIFEST).map_err(|error| failed(error.to_string()))?;
        let manifest = Manifest::decode(&bytes).map_err(|why| failed(format!("its manifest: {why:?}")))?;
        let mut blocks = Vec::new();
        for entry in &manifest.blocks {
            let block = Block::open(&inside, entry.sequence);
            let named = |error| failed(format!("block {}: {error}", names::block_name(entry.sequence)));
            blocks.push(Arc::new(block.map_err(named)?));
        }
        let blocks = BlockSet::new(blocks);
        let tombs = delete::decode(&manifest.tombs).ok_or_else(|| failed("its deletions".to_owned()))?;
        tombs.iter().for_each(|tomb| blocks.hide(tomb));
        Ok(blocks)
    }
}

/// The series of a snapshot that are asked for; without selectors all.
fn wanted(blocks: &BlockSet, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<Vec<Series>, String> {
    let mut found: BTreeMap<SeriesId, Series> = BTreeMap::new();
    let everything = [Vec::new()];
    let selectors = if selectors.is_empty() { &everything[..] } else { selectors };
    for matchers in selectors {
        let question = Question::new(matchers);
        // Rows of coarser tiers are made anew from the samples.
        for block in blocks.overlapping(range).filter(|block| block.meta.origin.tier_ms == 0) {
            let failed = |error| format!("block {}: {error}", names::block_name(block.meta.sequence));
            let mut reader = block.index.reader();
            for ordinal in block.touching(block.index.matching(&question), range).map_err(failed)? {
                let series = block.series_by(&mut reader, ordinal).map_err(failed)?;
                found.insert(series.id, series);
            }
        }
    }
    Ok(found.into_values().collect())
}

struct Restoring<'a> {
    store: &'a Store,
    batch: Batch,
    done: Restored,
}

impl Restoring<'_> {
    fn series(&mut self, blocks: &BlockSet, series: &Series, range: TimeRange) -> Result<(), String> {
        self.done.series += 1;
        let mut pieces = Vec::new();
        for block in blocks.overlapping(range).filter(|block| block.meta.origin.tier_ms == 0) {
            let found = Piece::in_block(block, series.id, range);
            pieces
                .extend(found.map_err(|e| format!("block {}: {}", names::block_name(e.sequence), e.error))?);
        }
        let mut samples: Vec<(i64, f64)> = Vec::new();
        let mut outcome = Ok(());
        let woven = weave(&mut pieces, range, None, &mut Loader::default(), &mut |rolled| {
            if let Rolled::Samples { times_ms, values } = rolled {
                samples.extend(times_ms.iter().copied().zip(values.iter().copied()));
            }
            if samples.len() >= PART_SAMPLES {
                outcome = self.take(series, &mut samples);
            }
            if outcome.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        woven.map_err(|e| format!("block {}: {}", names::block_name(e.sequence), e.error)).map(drop)?;
        outcome?;
        self.take(series, &mut samples)
    }

    /// Takes samples of one series, without those that are there already.
    fn take(&mut self, series: &Series, samples: &mut Vec<(i64, f64)>) -> Result<(), String> {
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else { return Ok(()) };
        let range = TimeRange::new(first.0, last.0.saturating_add(1));
        let known = self.known(&series.labels, range)?;
        let slot = self.batch.dictionary.add(&series.labels, series.kind);
        for (time_ms, value) in samples.drain(..) {
            if known.get(&time_ms) == Some(&value.to_bits()) {
                self.done.known += 1;
            } else {
                self.batch.sample(slot, time_ms, value);
            }
        }
        if self.batch.len() >= BATCH_SAMPLES { self.push() } else { Ok(()) }
    }

    /// What the store has of a series.
    fn known(&self, labels: &Labels, range: TimeRange) -> Result<HashMap<i64, u64>, String> {
        let matchers: Vec<Matcher> = labels.iter().map(|(name, value)| Matcher::equal(name, value)).collect();
        let found =
            self.store.shared().list_series(&Wanted::Matching(Question::new(&matchers)), range, usize::MAX);
        let found = found.map_err(|error| error.to_string())?.series;
        let ids: Vec<SeriesId> = found.iter().filter(|s| s.labels == *labels).map(|s| s.id).collect();
        let mut known = HashMap::new();
        let mut visit = |_, chunk: Chunk<'_>| {
            let Chunk::Samples { times_ms, values } = chunk;
            known.extend(times_ms.iter().copied().zip(values.iter().map(|value| value.to_bits())));
            ControlFlow::Continue(())
        };
        self.store.read(&ids, range, &mut visit).map_err(|error| error.to_string())?;
        Ok(known)
    }

    fn push(&mut self) -> Result<(), String> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let receipt = self.store.importer().push(&self.batch);
        let receipt = receipt.map_err(|e| format!("after {} samples: {e}", self.done.samples))?;
        self.done.samples += receipt.report.accepted - receipt.duplicates;
        self.done.known += receipt.duplicates;
        self.done.refused += self.batch.len() as u64 - receipt.report.accepted;
        self.batch.clear();
        Ok(())
    }
}
