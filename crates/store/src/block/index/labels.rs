//! The postings of a block: for each label name its values, sorted and front-coded, each with the ordinals of the
//! series that have it.

use super::series::shared_len;
use super::{BlockIndex, GROUP};
use crate::index::Index;
use std::ops::Range;
use stdx::varint;

/// Appends the values of one name with their postings; `values` is sorted.
pub(super) fn write_values<'a>(out: &mut Vec<u8>, values: impl Iterator<Item = (&'a str, &'a [u32])>) {
    let (mut groups, mut entries, mut previous, mut count) = (Vec::new(), Vec::new(), "", 0usize);
    let mut coded = Vec::new();
    for (value, list) in values {
        if count.is_multiple_of(GROUP) {
            groups.extend_from_slice(&(entries.len() as u32).to_le_bytes());
            previous = "";
        }
        let shared = shared_len(previous.as_bytes(), value.as_bytes());
        varint::write_u64(&mut entries, shared as u64);
        varint::write_bytes(&mut entries, &value.as_bytes()[shared..]);
        coded.clear();
        write_list(&mut coded, list);
        varint::write_bytes(&mut entries, &coded);
        previous = value;
        count += 1;
    }
    varint::write_u64(out, count as u64);
    out.extend_from_slice(&groups);
    out.extend_from_slice(&entries);
}

/// Ascending ordinals as differences, each less one after the first.
fn write_list(out: &mut Vec<u8>, list: &[u32]) {
    let mut next = 0;
    for &ordinal in list {
        varint::write_u64(out, u64::from(ordinal - next));
        next = ordinal + 1;
    }
}

fn read_list(mut input: &[u8], out: &mut Vec<u32>) -> Option<()> {
    let mut next = 0u64;
    while !input.is_empty() {
        let ordinal = next.checked_add(varint::read_u64(&mut input)?)?;
        out.push(u32::try_from(ordinal).ok()?);
        next = ordinal + 1;
    }
    Some(())
}

/// Where the values of each name are.
#[derive(Debug)]
pub(super) struct LabelsTable {
    /// Sorted by name.
    names: Vec<(String, ValuesPlace)>,
}

#[derive(Debug, Clone)]
struct ValuesPlace {
    groups: Range<usize>,
    entries: Range<usize>,
}

impl LabelsTable {
    /// Reads the names in `section` of `bytes`, each followed by the length of its values.
    pub(super) fn parse(bytes: &[u8], section: Range<usize>) -> Option<Self> {
        let mut input = &bytes[section.clone()];
        let mut names = Vec::new();
        while !input.is_empty() {
            let name = std::str::from_utf8(varint::read_bytes(&mut input)?).ok()?;
            let mut values = varint::read_bytes(&mut input)?;
            let end = section.end - input.len();
            let count = usize::try_from(varint::read_u64(&mut values)?).ok()?;
            let start = end - values.len();
            let groups = start..start.checked_add(count.div_ceil(GROUP).checked_mul(4)?)?;
            if groups.end > end {
                return None;
            }
            names.push((name.to_owned(), ValuesPlace { entries: groups.end..end, groups }));
        }
        names.is_sorted_by(|a, b| a.0 < b.0).then_some(Self { names })
    }

    fn find(&self, name: &str) -> Option<&ValuesPlace> {
        let at = self.names.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        Some(&self.names[at].1)
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
    /// Visits the values of a name with their coded postings until `visit` says stop.
    fn scan(&self, mut entries: &[u8], visit: &mut dyn FnMut(&str, &[u8]) -> Option<()>) -> Option<()> {
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

    /// The entries from the group that must hold `wanted` on.
    fn seek(&self, place: &ValuesPlace, wanted: &str) -> Option<&[u8]> {
        let entries = self.entries(place);
        let (groups, _) = self.bytes[place.groups.clone()].as_chunks::<4>();
        let start = |group: &[u8; 4]| entries.get(u32::from_le_bytes(*group) as usize..);
        let begins_after = |group: &[u8; 4]| {
            let mut input = start(group).unwrap_or(&[]);
            let mut value = Vec::new();
            read_entry(&mut input, &mut value).is_none_or(|_| value.as_slice() > wanted.as_bytes())
        };
        let after = groups.partition_point(|group| !begins_after(group));
        start(&groups[after.checked_sub(1)?])
    }
}

impl Index for BlockIndex {
    fn series_count(&self) -> u32 {
        self.count
    }

    fn exact(&self, name: &str, wanted: &str, out: &mut Vec<u32>) {
        let Some(entries) = self.labels.find(name).and_then(|place| self.seek(place, wanted)) else { return };
        self.scan(entries, &mut |value, list| {
            if value == wanted {
                read_list(list, out)?;
            }
            (value < wanted).then_some(())
        });
    }

    fn union(&self, name: &str, wanted: &mut dyn FnMut(&str) -> bool, out: &mut Vec<u32>) {
        let Some(place) = self.labels.find(name) else { return };
        self.scan(self.entries(place), &mut |value, list| {
            if wanted(value) {
                read_list(list, out)?;
            }
            Some(())
        });
    }

    fn values(&self, name: &str, visit: &mut dyn FnMut(&str, &[u32])) {
        let Some(place) = self.labels.find(name) else { return };
        let mut list = Vec::new();
        self.scan(self.entries(place), &mut |value, coded| {
            list.clear();
            read_list(coded, &mut list)?;
            visit(value, &list);
            Some(())
        });
    }

    fn names(&self, visit: &mut dyn FnMut(&str)) {
        self.labels.names.iter().for_each(|(name, _)| visit(name));
    }
}
