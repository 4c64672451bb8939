//! A set of ordinals that grows at the end. Most labels are on few series that came one after the other, which is one
//! run and takes no memory of its own; longer lists are coded runs, and the longest are bitmaps.

use crate::index::Set;
use stdx::varint;

/// Coded runs that take more bytes become a bitmap.
const RUNS_BYTES_MAX: usize = 4096;

/// Ascending ordinals.
#[derive(Debug)]
pub(crate) enum Ordinals {
    /// Consecutive ones.
    Run { start: u32, len: u32 },
    /// Consecutive ones, several times.
    Runs(Box<Runs>),
    /// Many.
    Bitmap(Box<Set>),
}

/// Coded runs and the one that still grows.
///
/// ```text
/// run := varint(2 * gap)                      one ordinal; the gap counts from the end of the run before
///      | varint(2 * gap + 1) varint(len - 2)
/// ```
#[derive(Debug)]
pub(crate) struct Runs {
    coded: Vec<u8>,
    coded_end: u32,
    start: u32,
    len: u32,
}

impl Default for Ordinals {
    fn default() -> Self {
        Self::Run { start: 0, len: 0 }
    }
}

impl Ordinals {
    /// Adds an ordinal above those before.
    #[inline]
    pub(crate) fn push(&mut self, ordinal: u32) {
        match self {
            Self::Run { len: 0, .. } => *self = Self::Run { start: ordinal, len: 1 },
            Self::Run { start, len } if ordinal == *start + *len => *len += 1,
            &mut Self::Run { start, len } => {
                let mut runs = Runs { coded: Vec::new(), coded_end: 0, start, len };
                runs.push(ordinal);
                *self = Self::Runs(Box::new(runs));
            }
            Self::Runs(runs) => {
                runs.push(ordinal);
                if runs.coded.len() > RUNS_BYTES_MAX {
                    *self = Self::Bitmap(Box::new(self.to_set()));
                }
            }
            Self::Bitmap(set) => {
                set.insert(ordinal);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Run { len: 0, .. })
    }

    /// Takes away the ordinals from `end` on.
    pub(crate) fn truncate(&mut self, end: u32) {
        let mut set = self.to_set();
        set.remove_range(end..);
        *self = Self::default();
        set.iter().for_each(|ordinal| self.push(ordinal));
    }

    /// The same as a set.
    pub(crate) fn to_set(&self) -> Set {
        if let Some(set) = self.as_bitmap() {
            return set.clone();
        }
        let mut set = Set::new();
        self.for_each_run(&mut |start, len| {
            set.insert_range(start..start + len);
        });
        set
    }

    /// The bitmap that it is.
    pub(crate) fn as_bitmap(&self) -> Option<&Set> {
        match self {
            Self::Bitmap(set) => Some(set),
            _ => None,
        }
    }

    /// Visits start and length of every run of what is no bitmap.
    pub(crate) fn for_each_run(&self, visit: &mut dyn FnMut(u32, u32)) {
        match self {
            Self::Run { start, len } if *len > 0 => visit(*start, *len),
            Self::Runs(runs) => runs.for_each(visit),
            Self::Run { .. } | Self::Bitmap(_) => {}
        }
    }

    /// Bytes besides its own.
    pub(crate) fn len_bytes(&self) -> usize {
        match self {
            Self::Run { .. } => 0,
            Self::Runs(runs) => size_of::<Runs>() + runs.coded.capacity(),
            Self::Bitmap(set) => size_of::<Set>() + set.serialized_size(),
        }
    }
}

impl Runs {
    fn push(&mut self, ordinal: u32) {
        if ordinal == self.start + self.len {
            self.len += 1;
            return;
        }
        let gap = u64::from(self.start - self.coded_end);
        if self.coded.len() == self.coded.capacity() {
            self.coded.reserve_exact(8.max(self.coded.len() / 4)); // there are very many
        }
        if self.len == 1 {
            varint::write_u64(&mut self.coded, gap << 1);
        } else {
            varint::write_u64(&mut self.coded, gap << 1 | 1);
            varint::write_u64(&mut self.coded, u64::from(self.len - 2));
        }
        self.coded_end = self.start + self.len;
        (self.start, self.len) = (ordinal, 1);
    }

    fn for_each(&self, visit: &mut dyn FnMut(u32, u32)) {
        let (mut coded, mut end) = (self.coded.as_slice(), 0);
        let mut next = || varint::read_u64(&mut coded);
        while let Some(code) = next() {
            let start = end + (code >> 1) as u32;
            let len = if code & 1 == 1 { next().map_or(0, |more| more as u32 + 2) } else { 1 };
            visit(start, len);
            end = start + len;
        }
        visit(self.start, self.len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    #[test]
    fn ordinals_are_what_was_pushed_in_every_form() {
        let mut forms = [0; 3];
        for seed in 0..200 {
            let mut random = Random::from_seed(seed);
            let (rare, count) = (1 + random.below(200), [3, 60, 20_000][random.below(3) as usize]);
            let (mut ordinals, mut wanted) = (Ordinals::default(), Vec::new());
            let mut next = random.below(1000) as u32;
            for _ in 0..count {
                ordinals.push(next);
                wanted.push(next);
                next += 1 + if random.below(3) == 0 { random.below(rare) as u32 } else { 0 };
            }
            forms[match ordinals {
                Ordinals::Run { .. } => 0,
                Ordinals::Runs(_) => 1,
                Ordinals::Bitmap(_) => 2,
            }] += 1;
            assert_eq!(ordinals.to_set().iter().collect::<Vec<_>>(), wanted, "seed {seed}");
            let at = random.below(wanted.len() as u64) as usize;
            ordinals.truncate(wanted[at]);
            assert_eq!(ordinals.to_set().iter().collect::<Vec<_>>(), wanted[..at], "seed {seed}");
            assert_eq!(ordinals.is_empty(), at == 0);
        }
        assert!(forms.iter().all(|n| *n > 5), "{forms:?}");
    }
}
