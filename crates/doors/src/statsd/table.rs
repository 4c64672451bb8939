//! From the bytes of a line to its series, without making labels: name and tags as they stand are looked up in a cache.
//! Several ways to write the same tags lead to the same series, because what is new is looked up by its labels too.

use super::series::Class;
use hashbrown::{DefaultHashBuilder, HashTable};
use model::{Dictionary, Slot};
use std::hash::{BuildHasher, Hasher};

/// Stands in the cache for what has no series, so that it is not worked out again with each line.
pub(crate) const REFUSED: u32 = u32::MAX;
/// Most bytes of names in the cache; when there are more it is emptied and fills again with what is used.
pub(crate) const TEXT_BYTES_MAX: usize = 8 << 20;

/// A way to write a series: name and tags lie behind each other in the texts.
#[derive(Debug, Clone, Copy)]
struct Cached {
    start: u32,
    name_len: u16,
    tags_len: u16,
    series: u32,
    class: Class,
}

impl Cached {
    fn name<'t>(&self, texts: &'t [u8]) -> &'t [u8] {
        &texts[self.start as usize..][..usize::from(self.name_len)]
    }

    fn tags<'t>(&self, texts: &'t [u8]) -> &'t [u8] {
        &texts[self.start as usize + usize::from(self.name_len)..][..usize::from(self.tags_len)]
    }
}

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Table {
    hasher: DefaultHashBuilder,
    cache: HashTable<Cached>,
    texts: Vec<u8>,
    /// Rows by their labels, with the series they belong to.
    rows: HashTable<(Slot, u32)>,
}

/// A line's bytes with their hash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling<'a> {
    pub(crate) class: Class,
    pub(crate) name: &'a [u8],
    pub(crate) tags: &'a [u8],
    hash: u64,
}

fn hash(hasher: &DefaultHashBuilder, class: Class, name: &[u8], tags: &[u8]) -> u64 {
    let mut state = hasher.build_hasher();
    state.write(name);
    if !tags.is_empty() {
        state.write(tags);
    }
    state.write_u8(class as u8);
    state.finish()
}

impl Table {
    /// Prepares a look-up.
    #[inline]
    pub(crate) fn spelling<'a>(&self, class: Class, name: &'a [u8], tags: &'a [u8]) -> Spelling<'a> {
        Spelling { class, name, tags, hash: hash(&self.hasher, class, name, tags) }
    }

    /// The series, [`REFUSED`], or `None` when it was not seen lately.
    #[inline]
    pub(crate) fn find(&self, spelling: Spelling<'_>) -> Option<u32> {
        let is_it = |cached: &Cached| {
            cached.class == spelling.class
                && cached.name(&self.texts) == spelling.name
                && cached.tags(&self.texts) == spelling.tags
        };
        self.cache.find(spelling.hash, is_it).map(|cached| cached.series)
    }

    /// Remembers what [`Table::find`] did not know.
    pub(crate) fn remember(&mut self, spelling: Spelling<'_>, series: u32) {
        let Spelling { class, name, tags, hash } = spelling;
        if self.texts.len() + name.len() + tags.len() > TEXT_BYTES_MAX {
            self.forget_spellings();
        }
        let start = self.texts.len() as u32;
        self.texts.extend_from_slice(name);
        self.texts.extend_from_slice(tags);
        // The decoder lets no longer ones through.
        let (name_len, tags_len) = (name.len() as u16, tags.len() as u16);
        let (texts, hasher) = (&self.texts, &self.hasher);
        let rehash = |c: &Cached| self::hash(hasher, c.class, c.name(texts), c.tags(texts));
        self.cache.insert_unique(hash, Cached { start, name_len, tags_len, series, class }, rehash);
    }

    /// Empties the cache.
    pub(crate) fn forget_spellings(&mut self) {
        self.cache.clear();
        self.texts.clear();
    }

    /// The row with these labels and the series it belongs to.
    pub(crate) fn row(&self, dictionary: &Dictionary, key: &[u8]) -> Option<(Slot, u32)> {
        self.rows.find(self.hasher.hash_one(key), |(slot, _)| dictionary.key(*slot) == key).copied()
    }

    /// Notes a row that was just added to the dictionary.
    pub(crate) fn add_row(&mut self, dictionary: &Dictionary, slot: Slot, series: u32) {
        let hash = |(slot, _): &(Slot, u32)| self.hasher.hash_one(dictionary.key(*slot));
        self.rows.insert_unique(hash(&(slot, series)), (slot, series), hash);
    }

    /// Forgets rows and spellings.
    pub(crate) fn clear(&mut self) {
        self.forget_spellings();
        self.rows.clear();
    }

    /// Hashes a member of a set.
    pub(crate) fn hash_member(&self, member: &[u8]) -> u64 {
        self.hasher.hash_one(member)
    }

    /// Memory held, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.texts.capacity() + self.cache.allocation_size() + self.rows.allocation_size()
    }
}
