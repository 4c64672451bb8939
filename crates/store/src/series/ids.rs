//! From ids to ordinals. Both are given out in order, so nearly all of it is a few runs.

use model::SeriesId;
use std::collections::BTreeMap;

/// Ids and their ordinals.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// By first id of a run: its ordinal, and how many follow each other in both.
    runs: BTreeMap<u64, (u32, u32)>,
    /// The first id of the run that grew last.
    last: u64,
}

impl Ids {
    pub(super) fn get(&self, id: SeriesId) -> Option<u32> {
        let (&first, &(ordinal, len)) = self.runs.range(..=id.0).next_back()?;
        let offset = id.0 - first;
        (offset < u64::from(len)).then(|| ordinal + offset as u32)
    }

    /// Adds an id that is not there, with the next ordinal.
    pub(super) fn push(&mut self, id: SeriesId, ordinal: u32) {
        if let Some((first_ordinal, len)) = self.runs.get_mut(&self.last)
            && self.last.checked_add(u64::from(*len)) == Some(id.0)
            && *first_ordinal + *len == ordinal
        {
            *len += 1;
            return;
        }
        self.runs.insert(id.0, (ordinal, 1));
        self.last = id.0;
    }

    /// Takes back the id added last.
    pub(super) fn pop(&mut self, id: SeriesId) {
        let Some((&first, (_, len))) = self.runs.range_mut(..=id.0).next_back() else { return };
        *len -= 1;
        if *len == 0 {
            self.runs.remove(&first);
        }
    }

    pub(super) fn len_bytes(&self) -> usize {
        // A node has room for eleven entries and is three quarters full on average.
        self.runs.len() * size_of::<(u64, (u32, u32))>() * 4 / 3
    }
}
