//! The things of one sort a collector follows (devices, interfaces, sensors): their names and their series' cells.

use crate::record::{Recorder, SeriesCell};
use crate::telemetry;

/// One of them.
#[derive(Debug)]
pub struct Entity<const SERIES: usize> {
    /// Its label value.
    pub name: Box<str>,
    /// Cells of its series, in the order of the collector's metrics.
    pub cells: [SeriesCell; SERIES],
    /// What the collector adds up of it in a pass; 0 at the start.
    pub sum: u64,
    /// Whether the collector is interested in it; the others are remembered so that the question is asked once.
    is_followed: bool,
    is_seen: bool,
}

/// A bounded list of entities in the order the kernel names them.
#[derive(Debug)]
pub struct Entities<const SERIES: usize> {
    list: Vec<Entity<SERIES>>,
    cursor: usize,
    limit: usize,
}

impl<const SERIES: usize> Entities<SERIES> {
    /// An empty list that takes at most `limit` entities; more are left out and counted.
    pub fn new(limit: usize) -> Self {
        Self { list: Vec::new(), cursor: 0, limit }
    }

    /// Starts a pass.
    pub fn begin(&mut self) {
        self.cursor = 0;
        self.list.iter_mut().for_each(|entity| (entity.is_seen, entity.sum) = (false, 0));
    }

    /// The entity of this name, added if it is new; `None` when it is not followed. `follow` is asked once for each.
    /// Met twice in a pass it is the same entity, whose series take the first value only.
    pub fn meet(&mut self, name: &[u8], follow: impl FnOnce(&str) -> bool) -> Option<&mut Entity<SERIES>> {
        let at = self.find(name).or_else(|| self.add(name, follow))?;
        self.cursor = at + 1;
        let entity = &mut self.list[at];
        entity.is_seen = true;
        entity.is_followed.then_some(entity)
    }

    /// Those met in this pass and followed.
    pub fn met(&mut self) -> impl Iterator<Item = &mut Entity<SERIES>> {
        self.list.iter_mut().filter(|entity| entity.is_seen && entity.is_followed)
    }

    /// Ends a pass: the series of those not met in it end.
    pub fn finish(&mut self, out: &mut Recorder<'_>) {
        self.list.retain_mut(|entity| {
            if !entity.is_seen {
                entity.cells.iter_mut().for_each(|cell| out.end(cell));
            }
            entity.is_seen
        });
    }

    // Files name their things in the same order every time: the next is nearly always where the cursor stands.
    fn find(&self, name: &[u8]) -> Option<usize> {
        let is = |at: &usize| self.list[*at].name.as_bytes() == name;
        (self.cursor..self.list.len()).find(is).or_else(|| (0..self.cursor.min(self.list.len())).find(is))
    }

    fn add(&mut self, name: &[u8], follow: impl FnOnce(&str) -> bool) -> Option<usize> {
        if self.list.len() >= self.limit {
            telemetry::ENTITIES_REFUSED.add(1);
            return None;
        }
        // A name that is no UTF-8 never equals its label and would be added each time.
        let name: Box<str> = std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?.into();
        let is_followed = follow(&name);
        let at = self.cursor.min(self.list.len());
        let cells = [SeriesCell::default(); SERIES];
        self.list.insert(at, Entity { name, cells, sum: 0, is_followed, is_seen: true });
        Some(at)
    }
}
