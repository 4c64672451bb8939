//! The series of a target: which there are, and which the last scrape had.

use hashbrown::{DefaultHashBuilder, HashTable};
use model::labels::LabelsError;
use model::{Dictionary, Kind, LabelsBuilder, Slot};
use std::hash::BuildHasher;

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// The scrape that had it last, also one that failed.
    seen: u32,
    /// The last scrape that went well had it, and its end is to be told.
    is_live: bool,
    /// The page gave the time: Prometheus tells no end of such a series, and so do we.
    is_timed: bool,
    /// It is said of the scrape, not by the target.
    is_own: bool,
}

/// Whether a scrape had a series before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Once,
    Twice,
}

/// What a scrape changed.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// Series that are new.
    pub(super) added: u64,
    /// Series that have ended.
    pub(super) slots: Vec<Slot>,
}

/// One slot of the dictionary for each label set.
#[derive(Debug, Default)]
pub(super) struct AllSeries {
    states: Vec<State>,
    by_key: HashTable<u32>,
    hasher: DefaultHashBuilder,
    scrape: u32,
}

impl AllSeries {
    /// Starts a scrape.
    pub(super) fn begin(&mut self) {
        self.scrape = self.scrape.wrapping_add(1);
    }

    /// The slot of these labels, and whether it is new.
    pub(super) fn slot(
        &mut self,
        dictionary: &mut Dictionary,
        labels: &mut LabelsBuilder,
        kind: Kind,
    ) -> Result<(Slot, bool), LabelsError> {
        let key = labels.key()?;
        let hash = self.hasher.hash_one(key);
        if let Some(at) = self.by_key.find(hash, |&at| dictionary.key(Slot(at)) == key) {
            return Ok((Slot(*at), false));
        }
        let slot = dictionary.add_key(key, kind)?;
        self.insert(slot, State::default(), dictionary);
        Ok((slot, true))
    }

    fn insert(&mut self, slot: Slot, state: State, dictionary: &Dictionary) {
        debug_assert_eq!(slot.0 as usize, self.states.len(), "every slot is one of ours");
        self.states.push(state);
        let hash = self.hasher.hash_one(dictionary.key(slot));
        let hasher = &self.hasher;
        self.by_key.insert_unique(hash, slot.0, |&at| hasher.hash_one(dictionary.key(Slot(at))));
    }

    /// Notes that this scrape has it.
    pub(super) fn see(&mut self, slot: Slot, is_timed: bool) -> Seen {
        let state = &mut self.states[slot.0 as usize];
        // Several times of one series on a page are as good as one.
        let is_twice = state.seen == self.scrape && !is_timed;
        state.seen = self.scrape;
        state.is_timed = is_timed;
        if is_twice { Seen::Twice } else { Seen::Once }
    }

    /// Marks what is said of scrapes, which does not end with them.
    pub(super) fn is_own(&mut self, slot: Slot) {
        self.states[slot.0 as usize].is_own = true;
    }

    /// Those that are said of scrapes.
    pub(super) fn own(&self) -> Vec<Slot> {
        let own = |(at, state): (usize, &State)| state.is_own.then_some(Slot(at as u32));
        self.states.iter().enumerate().filter_map(own).collect()
    }

    /// The scrape went well.
    pub(super) fn commit(&mut self) -> Change {
        let mut change = Change::default();
        for (at, state) in self.states.iter_mut().enumerate() {
            let is_here = state.seen == self.scrape;
            change.added += u64::from(is_here && !state.is_live);
            if state.is_live && !is_here && !state.is_timed {
                change.slots.push(Slot(at as u32));
            }
            state.is_live = is_here;
        }
        change
    }

    /// The scrape failed; gives the series that end with it.
    pub(super) fn roll_back(&mut self) -> Vec<Slot> {
        let ended = |(at, state): (usize, &mut State)| {
            let was_live = std::mem::take(&mut state.is_live);
            (was_live && !state.is_timed).then_some(Slot(at as u32))
        };
        self.states.iter_mut().enumerate().filter_map(ended).collect()
    }

    /// How many the last scrape had.
    pub(super) fn live(&self) -> usize {
        self.states.iter().filter(|state| state.is_live).count()
    }

    /// Moves the series that live into another dictionary; gives the new slot of each old one.
    pub(super) fn move_to(&mut self, from: &Dictionary, to: &mut Dictionary) -> Vec<Option<Slot>> {
        let states = std::mem::take(&mut self.states);
        self.by_key.clear();
        let mut moved = Vec::with_capacity(states.len());
        for (at, state) in states.into_iter().enumerate() {
            let keep = state.is_live || state.is_own;
            moved.push(keep.then(|| self.carry(Slot(at as u32), state, from, to)));
        }
        moved
    }

    /// Moves one that does not live.
    pub(super) fn move_one(&mut self, slot: Slot, from: &Dictionary, to: &mut Dictionary) -> Slot {
        self.carry(slot, State::default(), from, to)
    }

    fn carry(&mut self, slot: Slot, state: State, from: &Dictionary, to: &mut Dictionary) -> Slot {
        let new = to.add_key(from.key(slot), from.kind(slot)).expect("it was a key before");
        self.insert(new, state, to);
        new
    }
}
