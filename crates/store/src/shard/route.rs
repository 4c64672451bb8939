//! Which shards the slots of a dictionary belong to, remembered from push to push.

use super::of_key;
use hashbrown::HashMap;
use model::{Dictionary, Slot};
use std::sync::{Arc, Mutex, PoisonError};

/// Most slots remembered, at a byte each; then all are forgotten.
const SLOTS_MAX: usize = 16 << 20;

/// The shards of a dictionary's slots.
#[derive(Debug, Clone, Default)]
pub(crate) struct Route {
    by_slot: Vec<u8>,
    /// A bit for each shard that occurs.
    shards: u64,
}

impl Route {
    fn extend(&mut self, dictionary: &Dictionary, shards: usize) {
        for slot in self.by_slot.len()..dictionary.len() {
            let shard = of_key(dictionary.key(Slot(slot as u32)), shards);
            self.by_slot.push(shard as u8);
            self.shards |= 1 << shard;
        }
    }

    /// The shards that occur, ascending; the first one when there are no slots.
    pub(crate) fn shards(&self) -> impl Iterator<Item = usize> + use<> {
        let shards = self.shards.max(1);
        (0..super::SHARDS_MAX).filter(move |shard| shards >> shard & 1 == 1)
    }

    /// Whether all slots are of one shard.
    pub(crate) fn is_one(&self) -> bool {
        self.shards.count_ones() <= 1
    }

    /// The shard of a slot; one that is not in the dictionary is looked after by the first shard that occurs.
    #[inline]
    pub(crate) fn of(&self, slot: u32) -> usize {
        match self.by_slot.get(slot as usize) {
            Some(&shard) => usize::from(shard),
            None => self.shards.trailing_zeros() as usize % 64,
        }
    }
}

/// The routes of dictionaries by their id.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_dictionary: HashMap<u64, Arc<Route>>,
    slots: usize,
}

impl Routes {
    /// The route of a dictionary, of so many shards.
    pub(crate) fn of(&self, dictionary: &Dictionary, shards: usize) -> Arc<Route> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut *known;
        let route = known.by_dictionary.entry(dictionary.id()).or_default();
        let more = dictionary.len() - route.by_slot.len().min(dictionary.len());
        if more > 0 {
            Arc::make_mut(route).extend(dictionary, shards);
            known.slots += more;
        }
        let route = Arc::clone(route);
        if known.slots > SLOTS_MAX || known.by_dictionary.len() > SLOTS_MAX / 256 {
            *known = Known::default();
        }
        route
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Kind, Labels};

    #[test]
    fn a_host_has_one_shard_and_many_hosts_have_many() {
        let routes = Routes::default();
        let mut dictionary = Dictionary::default();
        for host in ["a", "b", "c", "d", "e", "f"] {
            for name in ["cpu", "load", "up"] {
                let labels =
                    Labels::from_pairs([("__name__", name), ("host", host), ("instance", name)]).unwrap();
                dictionary.add(&labels, Kind::Gauge);
            }
            let route = routes.of(&dictionary, 4);
            let last = dictionary.len() as u32 - 1;
            assert_eq!(route.of(last), route.of(last - 1));
            assert_eq!(route.of(last), route.of(last - 2));
            assert_eq!(route.is_one(), route.shards().count() == 1);
            assert!(route.shards().any(|shard| shard == route.of(last)));
        }
        assert!(routes.of(&dictionary, 4).shards().count() > 1);
        assert_eq!(routes.of(&Dictionary::default(), 4).shards().collect::<Vec<_>>(), [0]);
    }
}
