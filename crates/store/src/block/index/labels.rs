//! The values of each label name of a block, sorted and front-coded, each with the ordinals of the series that have it.

use super::series::shared_len;
use super::{BlockIndex, GROUP};
use crate::index::postings::List;
use crate::index::{Index, Set, VisitValue};
use std::ops::{ControlFlow, Range};
use stdx::varint;

/// Appends the values of one name, which are sorted, with their coded postings; `present` are those of all together.
pub(super) fn write_values<'a>(
    out: &mut Vec<u8>,
    present: &[u8],
    values: impl Iterator<Item = (&'a str, Vec<u8>)>,
) {
    let (mut groups, mut entries, mut previous, mut count) = (Vec::new(), Vec::new(), "", 0usize);
    for (value, coded) in values {
        if count.is_multiple_of(GROUP) {
            groups.extend_from_slice(&(entries.len() as u32).to_le_bytes());
            previous = "";
        }
        let shared = shared_len(previous.as_bytes(), value.as_bytes());
        varint::write_u64(&mut entries, shared as u64);
        varint::write_bytes(&mut entries, &value.as_bytes()[shared..]);
        varint::write_bytes(&mut entries, &coded);
        previous = value;
        count += 1;
    }
    varint::write_bytes(out, present);
    varint::write_u64(out, count as u64);
    out.extend_from_slice(&groups);
    out.extend_from_slice(&entries);
}

/// Where the values of each name are.
#[derive(Debug)]
pub(super) struct LabelsTable {
    /// Sorted by name.
    names: Vec<(String, ValuesPlace)>,
}

#[derive(Debug, Clone)]
struct ValuesPlace {
    /// Postings of all values together; empty in version 1, which has none.
    present: Range<usize>,
    groups: Range<usize>,
    entries: Range<usize>,
}

impl LabelsTable {
    /// Reads the names in `section` of `bytes`, each followed by the length of its values.
    pub(super) fn parse(bytes: &[u8], section: Range<usize>, version: u16) -> Option<Self> {
        let mut input = &bytes[section.clone()];
        let mut names = Vec::new();
        while !input.is_empty() {
            let name = std::str::from_utf8(varint::read_bytes(&mut input)?).ok()?;
            let mut values = varint::read_bytes(&mut input)?;
            let end = section.end - input.len();
            let present = if version == 1 { &[][..] } else { varint::read_bytes(&mut values)? };
            let present = end - values.len() - present.len()..end - values.len();
            let count = usize::try_from(varint::read_u64(&mut values)?).ok()?;
            let start = end - values.len();
            let groups = start..start.checked_add(count.div_ceil(GROUP).checked_mul(4)?)?;
            if groups.end > end {
                return None;
            }
            names.push((name.to_owned(), ValuesPlace { present, entries: groups.end..end, groups }));
        }
        names.is_sorted_by(|a, b| a.0 < b.0).then_some(Self { names })
    }

    fn find(&self, name: &str) -> Option<&ValuesPlace> {
        let at = self.names.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        Some(&self.names[at].1)
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of a number.
    pub(super) fn name(&self, number: usize) -> Option<&str> {
        self.names.get(number).map(|(name, _)| name.as_str())
    }
}

/// Takes an entry off the front, completing `value`; gives its postings as they are coded.
fn read_entry<'a>(input: &mut &'a [u8], value: &mut Vec<u8>) -> Option<&'a [u8]> {
    let shared = usize::try_from(varint::read_u64(input)?).ok()?;
    if shared > value.len() {
        return None;
    }
    value.truncate(shared);
    value.extend_from_slice(varint::read_bytes(input)?);
    varint::read_bytes(input)
}

impl BlockIndex {
    /// Visits entries with their coded postings until `visit` says stop; `None` when it did or they make no sense.
    fn scan<'a>(
        &self,
        mut entries: &'a [u8],
        visit: &mut dyn FnMut(&str, &'a [u8]) -> Option<()>,
    ) -> Option<()> {
        let mut value = Vec::new();
        while !entries.is_empty() {
            let list = read_entry(&mut entries, &mut value)?;
            visit(std::str::from_utf8(&value).ok()?, list)?;
        }
        Some(())
    }

    fn entries(&self, place: &ValuesPlace) -> &[u8] {
        &self.bytes[place.entries.clone()]
    }

    fn group_of_values(&self, place: &ValuesPlace, number: usize) -> Option<&[u8]> {
        let (groups, _) = self.bytes[place.groups.clone()].as_chunks::<4>();
        self.entries(place).get(u32::from_le_bytes(*groups.get(number)?) as usize..)
    }

    /// The entries from the group that must hold `wanted` on; from the first one when all come after it.
    fn seek(&self, place: &ValuesPlace, wanted: &str) -> &[u8] {
        let (groups, _) = self.bytes[place.groups.clone()].as_chunks::<4>();
        let start = |group: &[u8; 4]| self.entries(place).get(u32::from_le_bytes(*group) as usize..);
        let begins_after = |group: &[u8; 4]| {
            let mut input = start(group).unwrap_or(&[]);
            let mut value = Vec::new();
            read_entry(&mut input, &mut value).is_none_or(|_| value.as_slice() > wanted.as_bytes())
        };
        let after = groups.partition_point(|group| !begins_after(group));
        groups.get(after.saturating_sub(1)).and_then(start).unwrap_or(&[])
    }

    fn list<'a>(&self, bytes: &'a [u8]) -> List<'a> {
        match self.version {
            1 => List::Gaps { bytes, count: self.count },
            _ => List::Coded { bytes, count: self.count },
        }
    }

    /// Writes the value of this place among the values of a name into `value`.
    pub(super) fn value_at(&self, name: usize, number: u32, value: &mut Vec<u8>) -> Option<()> {
        let place = &self.labels.names.get(name)?.1;
        let mut input = self.group_of_values(place, number as usize / GROUP)?;
        value.clear();
        for _ in 0..=number as usize % GROUP {
            read_entry(&mut input, value)?;
        }
        Some(())
    }
}

impl Index for BlockIndex {
    fn series_count(&self) -> u32 {
        self.count
    }

    fn exact(&self, name: &str, wanted: &str) -> Set {
        let mut found = Set::new();
        let Some(place) = self.labels.find(name) else { return found };
        self.scan(self.seek(place, wanted), &mut |value, list| {
            if value == wanted {
                found = self.list(list).to_set();
            }
            (value < wanted).then_some(())
        });
        found
    }

    fn present(&self, name: &str) -> Set {
        let Some(place) = self.labels.find(name) else { return Set::new() };
        if self.version > 1 {
            return self.list(&self.bytes[place.present.clone()]).to_set();
        }
        let mut gathered = crate::index::postings::Gathered::default();
        self.scan(self.entries(place), &mut |_, list| {
            gathered.add(self.list(list));
            Some(())
        });
        gathered.into_set()
    }

    fn values(&self, name: &str, prefix: &str, visit: &mut VisitValue<'_>) {
        let Some(place) = self.labels.find(name) else { return };
        self.scan(self.seek(place, prefix), &mut |value, list| {
            if value.starts_with(prefix) {
                return visit(value, self.list(list)).is_continue().then_some(());
            }
            (value < prefix).then_some(())
        });
    }

    fn names(&self, visit: &mut dyn FnMut(&str) -> ControlFlow<()>) {
        let _ = self.labels.names.iter().try_for_each(|(name, _)| visit(name)); // stopping early is no failure
    }
}
