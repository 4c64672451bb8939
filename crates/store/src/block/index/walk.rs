//! A walk over the values of a name: front-coded in groups, of which those without anything wanted are not read.

use super::GROUP;
use stdx::varint;

/// Where a walk stands: after an entry, whose value is `value`.
pub(super) struct Walk<'a> {
    /// Place of each group within `entries`.
    groups: &'a [[u8; 4]],
    entries: &'a [u8],
    rest: &'a [u8],
    /// Entries up to here, the last one read included.
    read: usize,
    /// The value of the entry read last.
    pub(super) value: Vec<u8>,
}

impl<'a> Walk<'a> {
    /// Before the first entry.
    pub(super) fn new(groups: &'a [[u8; 4]], entries: &'a [u8]) -> Self {
        Self { groups, entries, rest: entries, read: 0, value: Vec::new() }
    }

    /// The next entry's postings as they are coded; `None` after the last one, or when it makes no sense.
    pub(super) fn next(&mut self) -> Option<&'a [u8]> {
        let shared = usize::try_from(varint::read_u64(&mut self.rest)?).ok()?;
        if shared > self.value.len() {
            return None;
        }
        self.value.truncate(shared);
        self.value.extend_from_slice(varint::read_bytes(&mut self.rest)?);
        self.read += 1;
        varint::read_bytes(&mut self.rest)
    }

    /// The first entry whose value is not before `wanted`.
    pub(super) fn seek(&mut self, wanted: &[u8]) -> Option<&'a [u8]> {
        if !wanted.is_empty() {
            let after = self.partition_point(0, &|first| first <= wanted);
            self.begin(after.saturating_sub(1))?;
        }
        self.until(&|value| value >= wanted)
    }

    /// The first entry after the last one read whose value does not start with the first `len` bytes of that one.
    pub(super) fn pass(&mut self, len: usize) -> Option<&'a [u8]> {
        let start = self.value.get(..len)?.to_vec();
        // The rest of this group first: most of the time there are few.
        while !self.read.is_multiple_of(GROUP) {
            let entry = self.next()?;
            if !self.value.starts_with(&start) {
                return Some(entry);
            }
        }
        let next = self.read / GROUP;
        let after = self.partition_point(next, &|first| first.starts_with(&start));
        if after > next {
            self.begin(after - 1)?;
        }
        self.until(&|value| !value.starts_with(&start))
    }

    fn until(&mut self, is_wanted: &dyn Fn(&[u8]) -> bool) -> Option<&'a [u8]> {
        loop {
            let entry = self.next()?;
            if is_wanted(&self.value) {
                return Some(entry);
            }
        }
    }

    /// The first group from `from` on whose first value is not `before` any more, looked for in growing steps.
    fn partition_point(&self, from: usize, before: &dyn Fn(&[u8]) -> bool) -> usize {
        let is_before = |group: usize| self.first(group).is_some_and(before);
        let (mut passed, mut step) = (from, 1);
        while passed + step <= self.groups.len() && is_before(passed + step - 1) {
            passed += step;
            step *= 2;
        }
        let mut end = (passed + step).min(self.groups.len());
        while passed < end {
            let middle = passed.midpoint(end);
            match is_before(middle) {
                true => passed = middle + 1,
                false => end = middle,
            }
        }
        passed
    }

    /// The first value of a group, which shares nothing with the one before.
    fn first(&self, group: usize) -> Option<&'a [u8]> {
        let mut input = self.start(group)?;
        varint::read_u64(&mut input)?;
        varint::read_bytes(&mut input)
    }

    fn start(&self, group: usize) -> Option<&'a [u8]> {
        self.entries.get(u32::from_le_bytes(*self.groups.get(group)?) as usize..)
    }

    /// Goes before the first entry of a group.
    pub(super) fn begin(&mut self, group: usize) -> Option<()> {
        if group == 0 && self.groups.is_empty() {
            return None;
        }
        self.rest = self.start(group)?;
        self.read = group * GROUP;
        self.value.clear();
        Some(())
    }
}
