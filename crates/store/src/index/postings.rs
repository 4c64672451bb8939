//! Lists of ordinals, plain or coded: as runs where that is short, else as a roaring bitmap.

use super::Set;
use super::memory::ordinals::Ordinals;
use stdx::varint;

/// A bitmap is taken when it has at most this many times the bytes of the runs, as it is read faster …
const BITMAP_WORTH: usize = 2;
/// … and the runs have at least this many bytes.
const BITMAP_BYTES_MIN: usize = 512;

/// A list that grows, coded as it grows.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    coded: Vec<u8>,
    /// End of the last run in `coded`.
    coded_end: u32,
    /// The run that still grows.
    start: u32,
    len: u32,
}

impl Growing {
    /// Adds an ordinal above those before.
    pub(crate) fn push(&mut self, ordinal: u32) {
        if self.len > 0 && ordinal == self.start + self.len {
            self.len += 1;
            return;
        }
        self.end_run();
        (self.start, self.len) = (ordinal, 1);
    }

    fn end_run(&mut self) {
        if self.len == 0 {
            return;
        }
        write_run(&mut self.coded, self.start - self.coded_end, self.len);
        self.coded_end = self.start + self.len;
    }

    /// The coded list.
    pub(crate) fn finish(mut self, count: u32) -> Vec<u8> {
        self.end_run();
        if self.coded.len() < BITMAP_BYTES_MIN {
            return self.coded;
        }
        let mut set = List::Coded { bytes: &self.coded, count }.to_set();
        set.optimize();
        if set.serialized_size() > self.coded.len() * BITMAP_WORTH {
            return self.coded;
        }
        let mut bitmap = vec![0];
        match set.serialize_into(&mut bitmap) {
            Ok(()) => bitmap,
            Err(_) => self.coded,
        }
    }
}

/// Appends a run; `gap` is counted from the end of the run before. The number one more keeps 0 for bitmaps.
fn write_run(out: &mut Vec<u8>, gap: u32, len: u32) {
    let first = u64::from(out.is_empty());
    if len == 1 {
        varint::write_u64(out, (u64::from(gap) << 1) + first);
    } else {
        varint::write_u64(out, (u64::from(gap) << 1 | 1) + first);
        varint::write_u64(out, u64::from(len - 2));
    }
}

/// A list as an index has it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum List<'a> {
    /// In memory.
    Memory(&'a Ordinals),
    /// Coded by [`Growing`].
    Coded {
        /// The coded list.
        bytes: &'a [u8],
        /// Ordinals are below.
        count: u32,
    },
    /// As blocks of version 1 have it: the gaps, each less one after the first.
    Gaps {
        /// The gaps.
        bytes: &'a [u8],
        /// Ordinals are below.
        count: u32,
    },
}

impl List<'_> {
    /// The list as a set; nothing when it is damaged.
    pub(crate) fn to_set(self) -> Set {
        self.checked().unwrap_or_default()
    }

    /// The list as a set; `None` when it is damaged.
    pub(crate) fn checked(self) -> Option<Set> {
        let mut gathered = Gathered::default();
        gathered.try_add(self)?;
        Some(gathered.into_set())
    }
}

/// Many lists made into one set.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    set: Set,
    /// Ordinals that stood alone, in no order.
    single: Vec<u32>,
}

impl Gathered {
    /// Adds a list, as far as it is whole.
    pub(crate) fn add(&mut self, list: List<'_>) {
        let _ = self.try_add(list); // the checksum was right: what is left out was never put in
    }

    fn try_add(&mut self, list: List<'_>) -> Option<()> {
        match list {
            List::Memory(ordinals) => match ordinals.as_bitmap() {
                Some(set) => self.set |= set,
                None => ordinals.for_each_run(&mut |start, len| self.add_run(start, len)),
            },
            List::Coded { bytes, count } => match bytes.split_first() {
                None => {}
                Some((0, bitmap)) => {
                    let set = Set::deserialize_from(bitmap).ok()?;
                    if set.max().is_some_and(|max| max >= count) {
                        return None;
                    }
                    self.set |= set;
                }
                Some(_) => self.add_runs(bytes, count)?,
            },
            List::Gaps { mut bytes, count } => {
                let mut next = 0u64;
                while !bytes.is_empty() {
                    let ordinal = next.checked_add(varint::read_u64(&mut bytes)?)?;
                    if ordinal >= u64::from(count) {
                        return None;
                    }
                    self.single.push(ordinal as u32);
                    next = ordinal + 1;
                }
            }
        }
        Some(())
    }

    fn add_runs(&mut self, mut input: &[u8], count: u32) -> Option<()> {
        let (mut end, mut first) = (0u64, 1);
        while !input.is_empty() {
            let code = varint::read_u64(&mut input)?.checked_sub(first)?;
            first = 0;
            let len = if code & 1 == 1 { varint::read_u64(&mut input)?.checked_add(2)? } else { 1 };
            let start = end.checked_add(code >> 1)?;
            end = start.checked_add(len)?;
            if end > u64::from(count) {
                return None;
            }
            self.add_run(start as u32, len as u32);
        }
        Some(())
    }

    fn add_run(&mut self, start: u32, len: u32) {
        if len == 1 {
            self.single.push(start);
        } else {
            self.set.insert_range(start..start + len);
        }
    }

    /// What was added.
    pub(crate) fn into_set(mut self) -> Set {
        if !self.single.is_sorted() {
            self.single.sort_unstable();
        }
        self.single.dedup();
        let single = Set::from_sorted_iter(self.single).unwrap_or_default();
        if self.set.is_empty() { single } else { self.set | single }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    fn read(bytes: &[u8], count: u32) -> Option<Set> {
        List::Coded { bytes, count }.checked()
    }

    #[test]
    fn lists_come_back_however_they_are_coded() {
        let mut random = Random::from_seed(4);
        let mut forms = [0, 0];
        for round in 0..60 {
            let count = 100_000;
            let rare = [2, 3, 50, 5000][round % 4];
            let mut wanted = Vec::new();
            let mut next = random.below(10) as u32;
            while next < count {
                let len = if random.below(5) == 0 { 1 + random.below(100) as u32 } else { 1 };
                wanted.extend((next..next + len).filter(|o| *o < count));
                next += len + 1 + random.below(rare) as u32;
            }
            let mut growing = Growing::default();
            wanted.iter().for_each(|&ordinal| growing.push(ordinal));
            let coded = growing.finish(count);
            forms[usize::from(coded[0] == 0)] += 1;
            assert_eq!(read(&coded, count).unwrap().iter().collect::<Vec<_>>(), wanted);
            assert_eq!(read(&coded, wanted[wanted.len() - 1]), None, "an ordinal that is not there");
        }
        assert!(forms.iter().all(|n| *n > 10), "{forms:?}");
        assert_eq!(read(&Growing::default().finish(1), 1), Some(Set::new()));
    }
}
