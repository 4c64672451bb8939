//! The connections there are, by tokens that are not used again.

use super::connection::Connection;
use std::sync::Arc;

/// See the module's text.
#[derive(Default)]
pub(super) struct Slab {
    places: Vec<(u32, Option<Arc<Connection>>)>,
    free: Vec<u32>,
}

impl Slab {
    pub(super) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds what is made of its token.
    pub(super) fn add(&mut self, make: impl FnOnce(u64) -> Connection) -> Arc<Connection> {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push((0, None));
            self.places.len() as u32 - 1
        });
        let (generation, held) = &mut self.places[place as usize];
        // Even the last generation of the last place is neither the listener nor a poke.
        *generation = (*generation + 1) & (u32::MAX >> 1);
        let connection = Arc::new(make(u64::from(*generation) << 32 | u64::from(place)));
        held.insert(connection).clone()
    }

    pub(super) fn get(&self, token: u64) -> Option<Arc<Connection>> {
        let (generation, held) = self.places.get(token as u32 as usize)?;
        held.as_ref().filter(|_| u64::from(*generation) == token >> 32).cloned()
    }

    pub(super) fn remove(&mut self, token: u64) -> Option<Arc<Connection>> {
        self.get(token)?;
        self.free.push(token as u32);
        self.places[token as u32 as usize].1.take()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.places.iter().filter_map(|(_, held)| held.as_ref())
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
