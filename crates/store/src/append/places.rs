//! Where the slots of dictionaries were found last time. A producer that sends the same series again and again keeps
//! its dictionary, and then no label is looked at.

use hashbrown::HashMap;

/// The slot was not looked up yet.
pub(crate) const UNKNOWN: u32 = u32::MAX;
/// The series of the slot is not taken.
pub(crate) const REFUSED: u32 = u32::MAX - 1;

/// Most dictionaries remembered.
const DICTIONARIES_MAX: usize = 16_384;
/// Most slots remembered, at 4 bytes each.
const SLOTS_MAX: usize = 4 << 20;

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
}

impl PlaceCache {
    /// The places of a dictionary, to be given back by [`PlaceCache::put`].
    pub(crate) fn take(&mut self, dictionary: u64, generation: u64) -> Places {
        self.uses += 1;
        let mut places = self.by_dictionary.remove(&dictionary).unwrap_or_default();
        self.slots -= places.ordinals.len();
        if places.generation != generation {
            places.ordinals.clear();
            places.generation = generation;
        }
        places.used = self.uses;
        places
    }

    /// Gives the places of a dictionary back.
    pub(crate) fn put(&mut self, dictionary: u64, places: Places) {
        self.slots += places.ordinals.len();
        self.by_dictionary.insert(dictionary, places);
        if self.by_dictionary.len() > DICTIONARIES_MAX || self.slots > SLOTS_MAX {
            self.forget_older_half();
        }
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
        lists.sum::<usize>() + self.by_dictionary.capacity() * size_of::<(u64, Places)>()
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

    fn places(cache: &mut PlaceCache, dictionary: u64, slots: usize) -> Places {
        let mut places = cache.take(dictionary, 0);
        places.ordinals.resize(slots, 5);
        places
    }

    #[test]
    fn places_stay_until_the_generation_changes() {
        let mut cache = PlaceCache::default();
        let first = places(&mut cache, 1, 3);
        cache.put(1, first);
        assert_eq!(cache.take(1, 0).ordinals, [5, 5, 5]);
        let second = places(&mut cache, 2, 3);
        cache.put(2, second);
        assert!(cache.take(2, 1).ordinals.is_empty());
    }

    #[test]
    fn what_was_not_used_for_long_is_forgotten() {
        let mut cache = PlaceCache::default();
        for dictionary in 0..=DICTIONARIES_MAX as u64 {
            let p = places(&mut cache, dictionary, 1);
            cache.put(dictionary, p);
        }
        assert!(cache.by_dictionary.len() <= DICTIONARIES_MAX / 2 + 1);
        assert_eq!(cache.slots, cache.by_dictionary.len());
        assert!(cache.by_dictionary.contains_key(&(DICTIONARIES_MAX as u64)));
        assert!(!cache.by_dictionary.contains_key(&0));
    }

    #[test]
    fn one_dictionary_larger_than_the_cache_is_not_kept() {
        let mut cache = PlaceCache::default();
        let p = places(&mut cache, 1, SLOTS_MAX + 1);
        cache.put(1, p);
        assert_eq!((cache.by_dictionary.len(), cache.slots), (0, 0));
    }
}
