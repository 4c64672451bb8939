//! The values of each label name of a block, sorted and front-coded, each with the ordinals of the series that have it.

use super::series::shared_len;
use super::walk::Walk;
use super::{BlockIndex, GROUP};
use crate::index::postings::List;
use crate::index::{Index, Set, Step, VisitValue};
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

impl BlockIndex {
    fn walk(&self, place: &ValuesPlace) -> Walk<'_> {
        let (groups, _) = self.bytes[place.groups.clone()].as_chunks::<4>();
        Walk::new(groups, &self.bytes[place.entries.clone()])
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
        let mut walk = self.walk(place);
        walk.begin(number as usize / GROUP)?;
        for _ in 0..=number as usize % GROUP {
            walk.next()?;
        }
        value.clone_from(&walk.value);
        Some(())
    }
}

impl Index for BlockIndex {
    fn series_count(&self) -> u32 {
        self.count
    }

    fn exact(&self, name: &str, wanted: &str) -> Set {
        let Some(place) = self.labels.find(name) else { return Set::new() };
        let mut walk = self.walk(place);
        match walk.seek(wanted.as_bytes()) {
            Some(coded) if walk.value == wanted.as_bytes() => self.list(coded).to_set(),
            _ => Set::new(),
        }
    }

    fn present(&self, name: &str) -> Set {
        let Some(place) = self.labels.find(name) else { return Set::new() };
        if self.version > 1 {
            return self.list(&self.bytes[place.present.clone()]).to_set();
        }
        let mut gathered = crate::index::postings::Gathered::default();
        let mut walk = self.walk(place);
        while let Some(coded) = walk.next() {
            gathered.add(self.list(coded));
        }
        gathered.into_set()
    }

    fn values(&self, name: &str, prefix: &str, visit: &mut VisitValue<'_>) {
        let Some(place) = self.labels.find(name) else { return };
        let mut walk = self.walk(place);
        let mut entry = walk.seek(prefix.as_bytes());
        while let Some(coded) = entry {
            let Ok(value) = std::str::from_utf8(&walk.value) else { return };
            if !value.starts_with(prefix) {
                return;
            }
            entry = match visit(value, self.list(coded)) {
                Step::Next => walk.next(),
                Step::Past(len) => walk.pass(len),
                Step::Stop => return,
            };
        }
    }

    fn names(&self, visit: &mut dyn FnMut(&str) -> ControlFlow<()>) {
        let _ = self.labels.names.iter().try_for_each(|(name, _)| visit(name)); // stopping early is no failure
    }

    fn only(&self, name: &str) -> Set {
        // No text of a question begins so.
        self.answers.get(&format!("only {name:?}"), || crate::index::only(self, name))
    }
}
