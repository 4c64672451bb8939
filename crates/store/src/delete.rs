//! Deletion. What is in memory is written out first; then a *tomb* in the manifest says what of the blocks below a
//! number is gone, readers leave that out, and blocks are written anew without it.

mod tomb;

pub(crate) use tomb::{Tomb, decode, encode};

use crate::compact::plan;
use crate::manifest::Manifest;
use crate::store::Shared;
use crate::work::Work;
use model::keeper::{Deleted, KeepError};
use model::{Matcher, TimeRange};
use roaring::RoaringTreemap;
use std::io;
use std::sync::PoisonError;

/// Most deletions that are not carried out yet.
const TOMBS_MAX: usize = 1000;

impl Shared {
    /// See [`model::Keeper::delete`].
    pub(crate) fn delete(&self, selectors: &[Vec<Matcher>], range: TimeRange) -> Result<Deleted, KeepError> {
        if selectors.is_empty() || selectors.iter().any(Vec::is_empty) {
            return Err(KeepError::Bad("deleting needs a selector that says which series".to_owned()));
        }
        if range.is_empty() {
            return Err(KeepError::Bad("the range to delete is empty".to_owned()));
        }
        let failed = |error: io::Error| KeepError::Failed(format!("nothing was deleted: {error}"));
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = self.stopped.get() {
            return Err(KeepError::Failed(format!("nothing was deleted: {reason}")));
        }
        let mut tombs = decode(&work.manifest.tombs).unwrap_or_default();
        if tombs.len() + selectors.len() > TOMBS_MAX {
            let what = format!("{} deletions wait to be carried out; clean up first", tombs.len());
            return Err(KeepError::Bad(what));
        }
        self.seal_all(&mut work).map_err(failed)?;
        let below = work.manifest.next_sequence;
        let new = selectors.iter().map(|matchers| Tomb { below, range, matchers: matchers.clone() });
        let new: Vec<Tomb> = new.collect();
        let deleted = Deleted { series: self.count_deleted(&new)? };
        if deleted.series == 0 {
            return Ok(deleted);
        }
        tombs.extend(new.iter().cloned());
        let manifest = Manifest { tombs: encode(&tombs), ..work.manifest.clone() };
        self.save_manifest(&mut work, manifest, &self.blocks()).map_err(failed)?;
        let blocks = self.blocks();
        let stored_ms = blocks.overlapping(range).map(|block| block.meta.last_ms).max();
        self.forget_newest(stored_ms.unwrap_or(i64::MIN).min(range.end_ms.saturating_sub(1)));
        new.iter().for_each(|tomb| blocks.hide(tomb));
        Ok(deleted)
    }

    /// Series that have samples to delete.
    fn count_deleted(&self, tombs: &[Tomb]) -> Result<u64, KeepError> {
        let mut ids = RoaringTreemap::new();
        for tomb in tombs {
            for block in self.blocks().overlapping(tomb.range) {
                let question = crate::index::matcher::Question::new(&tomb.matchers);
                let found = block.touching(block.index.matching(&question), tomb.range);
                let failed = |error| {
                    self.read_failed(crate::merge::LoadError { sequence: block.meta.sequence, error })
                };
                ids.extend(found.map_err(failed)?.iter().filter_map(|o| block.index.id(o)).map(|id| id.0));
            }
        }
        Ok(ids.len())
    }

    /// Writes a block anew that holds deleted samples; when there is none any more, forgets what was deleted. Says
    /// whether there may be more to do.
    pub(crate) fn carry_out_deletion(&self, work: &mut Work) -> io::Result<bool> {
        let blocks = self.blocks();
        let Some(masked) = blocks.all().iter().find(|block| block.is_masked()) else {
            return self.forget_tombs(work).map(|()| false);
        };
        let group = plan::Group { sequences: vec![masked.meta.sequence], window: masked.meta.window };
        drop(blocks);
        self.join_group(work, &group)
    }

    fn forget_tombs(&self, work: &mut Work) -> io::Result<()> {
        if work.manifest.tombs.is_empty() {
            return Ok(());
        }
        let manifest = Manifest { tombs: Vec::new(), ..work.manifest.clone() };
        self.save_manifest(work, manifest, &self.blocks())
    }

    /// See [`model::Keeper::clean`].
    pub(crate) fn clean(&self) -> Result<(), KeepError> {
        let _waiting = self.waiting.wait();
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reason) = self.stopped.get() {
            return Err(KeepError::Failed(reason.clone()));
        }
        while self.carry_out_deletion(&mut work).map_err(|error| KeepError::Failed(error.to_string()))? {}
        self.remove_leftovers(&mut work).map_err(|error| KeepError::Failed(error.to_string()))
    }
}
