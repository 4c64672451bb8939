//! Where damaged things go: out of the way, but not away.

use crate::store::Shared;
use crate::work::Work;
use crate::{Event, names};
use std::io;
use std::sync::{Arc, MutexGuard, PoisonError};

impl Shared {
    /// Takes a damaged block away from readers at once; the files are moved by the next tick.
    pub(crate) fn report_damage(&self, sequence: u64, reason: &str) {
        let mut blocks = self.blocks.write().unwrap_or_else(PoisonError::into_inner);
        let Some(block) = blocks.all().iter().find(|b| b.meta.sequence == sequence).cloned() else {
            return; // somebody else found it too
        };
        self.forget_newest(block.meta.last_ms);
        *blocks = Arc::new(blocks.replaced(&[sequence], Vec::new()));
        drop(blocks);
        self.counters.quarantined.add(1);
        self.damaged().push(sequence);
        self.tell(Event::BlockSetAside {
            name: names::block_name(sequence),
            range: Some(block.meta.range()),
            reason: reason.to_owned(),
        });
    }

    /// Moves the files of blocks that were taken away from readers. The manifest names them until that is done, so that
    /// they are never taken for leftovers and removed.
    pub(crate) fn set_damaged_aside(&self, work: &mut Work) -> io::Result<()> {
        let damaged = self.damaged().clone();
        if damaged.is_empty() {
            return Ok(());
        }
        for sequence in &damaged {
            self.block_store.set_aside(&names::block(*sequence))?;
        }
        self.damaged().retain(|sequence| !damaged.contains(sequence));
        let manifest = work.manifest.clone();
        self.save_manifest(work, manifest, &self.blocks()).inspect_err(|_| self.damaged().extend(&damaged))
    }

    /// Blocks that wait to be moved.
    pub(crate) fn damaged(&self) -> MutexGuard<'_, Vec<u64>> {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
