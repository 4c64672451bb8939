//! Where the slots of dictionaries were found last time. A producer that sends the same series again and again keeps
//! its dictionary, and then no label is looked at. Other producers make a dictionary for every request, which would
//! only take memory here: a dictionary is remembered when it comes for the second time.

use hashbrown::HashMap;
use std::collections::VecDeque;

/// The slot was not looked up yet.
pub(crate) const UNKNOWN: u32 = u32::MAX;
/// The series of the slot is not taken.
pub(crate) const REFUSED: u32 = u32::MAX - 1;

/// Most dictionaries remembered.
const DICTIONARIES_MAX: usize = 16_384;
/// Of so many dictionaries that came once it is known that they did.
const ONCE_MAX: usize = 1024;
/// Most slots remembered, at 4 bytes each.
const SLOTS_MAX: usize = 4 << 20;

/// Slots of the list kept for the next dictionary.
const SPARE_MAX: usize = 1 << 16;

/// The ordinals of one dictionary's slots.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) ordinals: Vec<u32>,
    /// Descriptions of the dictionary that were looked at.
    pub(crate) described: usize,
    generation: u64,
    used: u64,
}

/// The places of dictionaries by their id; those not used for long are forgotten.
#[derive(Debug, Default)]
pub(crate) struct PlaceCache {
    by_dictionary: HashMap<u64, Places>,
    slots: usize,
    uses: u64,
    /// Dictionaries that came once, the latest last; ids only grow, so this is nearly sorted.
    once: VecDeque<u64>,
    /// The list of a dictionary that was not remembered, for the next.
    spare: Vec<u32>,
}

impl PlaceCache {
    /// The places of a dictionary, to be given back by [`PlaceCache::put`].
    pub(crate) fn take(&mut self, dictionary: u64, generation: u64) -> Places {
        self.uses += 1;
        let mut places = match self.by_dictionary.remove(&dictionary) {
            Some(places) => places,
            None => Places { ordinals: std::mem::take(&mut self.spare), ..Places::default() },
        };
        self.slots -= places.ordinals.len();
        if places.generation != generation || places.used == 0 {
            places.ordinals.clear();
            places.generation = generation;
        }
        places
    }

    /// Gives the places of a dictionary back.
    pub(crate) fn put(&mut self, dictionary: u64, mut places: Places) {
        if places.used == 0 && !self.came_before(dictionary) {
            self.spare = places.ordinals;
            self.spare.clear();
            self.spare.shrink_to(SPARE_MAX);
            return;
        }
        places.used = self.uses;
        places.ordinals.shrink_to_fit();
        self.slots += places.ordinals.len();
        self.by_dictionary.insert(dictionary, places);
        if self.by_dictionary.len() > DICTIONARIES_MAX || self.slots > SLOTS_MAX {
            self.forget_older_half();
        }
    }

    /// Whether a dictionary that is not remembered came before; from now on it did.
    fn came_before(&mut self, dictionary: u64) -> bool {
        if self.once.iter().rev().any(|&other| other == dictionary) {
            self.once.retain(|&other| other != dictionary);
            return true;
        }
        if self.once.len() == ONCE_MAX {
            self.once.pop_front();
        }
        self.once.push_back(dictionary);
        false
    }

    /// Forgets a dictionary.
    pub(crate) fn forget(&mut self, dictionary: u64) {
        if let Some(places) = self.by_dictionary.remove(&dictionary) {
            self.slots -= places.ordinals.len();
        }
    }

    /// About how many bytes are remembered.
    pub(crate) fn len_bytes(&self) -> usize {
        let lists = self.by_dictionary.values().map(|places| places.ordinals.capacity() * size_of::<u32>());
        let once = (self.once.capacity() * 2 + self.spare.capacity()) * size_of::<u32>();
        lists.sum::<usize>() + once + self.by_dictionary.capacity() * size_of::<(u64, Places)>()
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.by_dictionary.clear();
        self.slots = 0;
    }

    fn forget_older_half(&mut self) {
        let mut uses: Vec<u64> = self.by_dictionary.values().map(|p| p.used).collect();
        let middle = uses.len() / 2;
        let median = *uses.select_nth_unstable(middle).1;
        self.by_dictionary.retain(|_, places| places.used > median);
        self.slots = self.by_dictionary.values().map(|p| p.ordinals.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A batch of a dictionary of so many slots; what was known of them.
    fn batch(cache: &mut PlaceCache, dictionary: u64, slots: usize) -> Vec<u32> {
        let mut places = cache.take(dictionary, 0);
        let known = places.ordinals.clone();
        places.ordinals.resize(slots, 5);
        cache.put(dictionary, places);
        known
    }

    #[test]
    fn places_are_kept_from_the_second_time_until_the_generation_changes() {
        let mut cache = PlaceCache::default();
        assert_eq!(batch(&mut cache, 1, 3), []);
        assert_eq!(batch(&mut cache, 2, 2), []);
        assert_eq!(batch(&mut cache, 1, 3), []);
        assert_eq!(batch(&mut cache, 1, 3), [5, 5, 5]);
        assert_eq!(cache.slots, 3);
        assert!(cache.take(1, 1).ordinals.is_empty());
        assert_eq!(cache.slots, 0);
    }

    #[test]
    fn dictionaries_that_come_once_take_no_memory() {
        let mut cache = PlaceCache::default();
        for dictionary in 0..100_000 {
            batch(&mut cache, dictionary, 1000);
        }
        assert!(cache.by_dictionary.is_empty());
        assert!(cache.len_bytes() < 32_000, "{}", cache.len_bytes());
    }

    #[test]
    fn what_was_not_used_for_long_is_forgotten() {
        let mut cache = PlaceCache::default();
        for dictionary in 0..=DICTIONARIES_MAX as u64 {
            batch(&mut cache, dictionary, 1);
            batch(&mut cache, dictionary, 1);
        }
        assert!(cache.by_dictionary.len() <= DICTIONARIES_MAX / 2 + 1);
        assert_eq!(cache.slots, cache.by_dictionary.len());
        assert!(cache.by_dictionary.contains_key(&(DICTIONARIES_MAX as u64)));
        assert!(!cache.by_dictionary.contains_key(&0));
    }

    #[test]
    fn one_dictionary_larger_than_the_cache_is_not_kept() {
        let mut cache = PlaceCache::default();
        batch(&mut cache, 1, SLOTS_MAX + 1);
        batch(&mut cache, 1, SLOTS_MAX + 1);
        assert_eq!((cache.by_dictionary.len(), cache.slots), (0, 0));
    }
}
