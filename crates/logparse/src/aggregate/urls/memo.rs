//! Which entry the URLs had that came last, by their [`key`](crate::url::key), so that most need not be folded and looked
//! up again. Two URLs with one key but different templates are not to be expected in the life of a host: there are 2^64
//! keys, they depend on a random seed, and each is compared with one.

/// URLs that are remembered.
const SLOTS: usize = 512;

/// A key with the entry it stood for.
#[derive(Debug, Default, Clone, Copy)]
struct Slot {
    key: u64,
    entry: u32,
    /// The entry may have been given to another URL since.
    generation: u32,
}

/// See the module's text. It holds nothing until the first URL comes.
#[derive(Debug, Default)]
pub(super) struct Memo {
    slots: Vec<Slot>,
}

impl Memo {
    /// The entry of a key and its generation.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<(usize, u32)> {
        let slot = self.slots.get(key as usize % SLOTS).filter(|slot| slot.key == key)?;
        Some((slot.entry as usize, slot.generation))
    }

    pub(super) fn put(&mut self, key: u64, entry: usize, generation: u32) {
        if self.slots.is_empty() {
            // No entry ever has generation zero.
            self.slots.resize(SLOTS, Slot::default());
        }
        self.slots[key as usize % SLOTS] = Slot { key, entry: entry as u32, generation };
    }
}
