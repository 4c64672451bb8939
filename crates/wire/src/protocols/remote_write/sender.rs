//! What one sender said before, so that its labels are not read again.
//!
//! A sender repeats the same series in nearly the same order for ever, cut into requests anywhere. So each series that
//! was read leaves its label fields as they came, the slot they were given, and the series that came after it. The next
//! series is most likely the one that followed last time: one comparison of bytes tells. If not, a table finds it by
//! its bytes; only what is in neither is parsed. The batch keeps its dictionary from request to request, so a store that
//! knows the dictionary looks at no labels either.

use super::Series;
use crate::Context;
use crate::protobuf::{Field, Fields, Value};
use hashbrown::{DefaultHashBuilder, HashTable};
use model::{Batch, Report, Slot};
use std::hash::BuildHasher;

/// Decodes the requests of one sender. Gives exactly what [`super::decode`] gives, but for slots: a series that was there
/// before has the slot it had.
#[derive(Debug, Default)]
pub struct Sender {
    batch: Batch,
    known: Known,
    series: Series,
    /// The series read last, of this request or the one before.
    last: Option<u32>,
    host_from_instance: bool,
    extra_labels: Vec<(String, String)>,
}

impl Sender {
    /// Decodes a request into [`Sender::batch`], whose rows are those of this request alone. `None` when the request is
    /// one for [`super::decode`]: broken as a whole, with histograms, which are many series each, or with descriptions of
    /// metrics, which need no memory.
    pub fn decode(&mut self, input: &[u8], context: &Context<'_>) -> Option<Report> {
        if !is_series_only(input) {
            return None;
        }
        self.obey(context);
        self.batch.clear_rows();
        let mut report = Report::default();
        for (at, field) in Fields::new(input).map_while(Result::ok).enumerate() {
            if let Field { number: 1, value: Value::Bytes(bytes) } = field {
                let refused = self.read(bytes, context).err();
                if !self.series.histograms.is_empty() {
                    return None;
                }
                self.series.count(&mut report, at + 1, refused);
            }
        }
        Some(report)
    }

    /// The series known so far and the samples of the request decoded last.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// About how much memory is held, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.batch.memory_bytes() + self.known.memory_bytes()
    }

    /// Forgets everything when the context gives series other labels than before.
    fn obey(&mut self, context: &Context<'_>) {
        let same = |((n, v), (name, value)): (&(String, String), &(&str, &str))| n == name && v == value;
        let is_same = self.host_from_instance == context.host_from_instance
            && self.extra_labels.len() == context.extra_labels.len()
            && self.extra_labels.iter().zip(context.extra_labels).all(same);
        if !is_same {
            let own = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
            *self = Self {
                host_from_instance: context.host_from_instance,
                extra_labels: context.extra_labels.iter().map(own).collect(),
                ..Self::default()
            };
        }
    }

    fn read(&mut self, bytes: &[u8], context: &Context<'_>) -> Result<(), String> {
        if let Some((place, labels_len)) = self.known.find(bytes, self.last)
            && self.series.read_rest(&bytes[labels_len..])
        {
            self.series.add_samples(Slot(place), &mut self.batch);
            self.came(place);
            return Ok(());
        }
        self.series.read(bytes)?;
        if !self.series.histograms.is_empty() {
            return Ok(());
        }
        if let Some(slot) = self.series.add(context, &mut self.batch)? {
            self.known.learn(slot, labels_of(bytes));
            self.came(slot.0);
        }
        Ok(())
    }

    fn came(&mut self, place: u32) {
        if let Some(last) = self.last.replace(place) {
            self.known.follow(last, place);
        }
    }
}

/// The first byte of a label field, as every sender writes it.
const LABEL_TAG: u8 = 1 << 3 | 2;

/// Whether a message can be read and has nothing but series.
fn is_series_only(input: &[u8]) -> bool {
    Fields::new(input).all(|field| matches!(field, Ok(Field { number: 1, value: Value::Bytes(_) })))
}

/// The label fields at the start of a series, as they came; `None` when there are others further on.
fn labels_of(series: &[u8]) -> Option<&[u8]> {
    let is_label = |field: &Result<Field<'_>, usize>| matches!(field, Ok(Field { number: 1, .. }));
    let labels = leading_labels(series);
    (!Fields::new(&series[labels.len()..]).any(|field| is_label(&field))).then_some(labels)
}

fn leading_labels(series: &[u8]) -> &[u8] {
    let mut fields = Fields::new(series);
    let mut len = 0;
    while let Some(Ok(Field { number: 1, value: Value::Bytes(_) })) = fields.next() {
        len = fields.position();
    }
    &series[..len]
}

/// Where a series' label fields end, and who came after it; they start where those of the slot before end.
#[derive(Debug, Clone, Copy)]
struct Place {
    end: u32,
    next: u32,
}

/// No series is known to follow.
const NOBODY: u32 = u32::MAX;

/// The label fields of every slot of the batch.
#[derive(Debug, Default)]
struct Known {
    fields: LabelFields,
    by_fields: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

#[derive(Debug, Default)]
struct LabelFields {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

impl LabelFields {
    #[inline]
    fn of(&self, place: u32) -> &[u8] {
        let at = place as usize;
        let start = if at == 0 { 0 } else { self.places[at - 1].end };
        &self.bytes[start as usize..self.places[at].end as usize]
    }
}

impl Known {
    /// The series that `series` starts with, and how long its labels are.
    #[inline]
    fn find(&self, series: &[u8], last: Option<u32>) -> Option<(u32, usize)> {
        let expected = last.map_or(NOBODY, |last| self.fields.places[last as usize].next);
        if expected != NOBODY {
            let fields = self.fields.of(expected);
            let is_whole = series.get(fields.len()) != Some(&LABEL_TAG);
            if is_whole && !fields.is_empty() && series.starts_with(fields) {
                return Some((expected, fields.len()));
            }
        }
        let fields = leading_labels(series);
        let hash = self.hasher.hash_one(fields);
        let place = *self.by_fields.find(hash, |&place| self.fields.of(place) == fields)?;
        Some((place, fields.len()))
    }

    /// Remembers the label fields of a new slot, which is the next one. A slot without is not found again.
    fn learn(&mut self, slot: Slot, fields: Option<&[u8]>) {
        debug_assert_eq!(slot.0 as usize, self.fields.places.len(), "every slot is learnt");
        self.fields.bytes.extend_from_slice(fields.unwrap_or_default());
        self.fields.places.push(Place { end: self.fields.bytes.len() as u32, next: NOBODY });
        if let Some(fields) = fields {
            let Self { fields: all, by_fields, hasher } = self;
            by_fields.insert_unique(hasher.hash_one(fields), slot.0, |&place| hasher.hash_one(all.of(place)));
        }
    }

    /// Notes that one series came after another.
    #[inline]
    fn follow(&mut self, last: u32, next: u32) {
        self.fields.places[last as usize].next = next;
    }

    fn memory_bytes(&self) -> usize {
        self.fields.bytes.capacity()
            + self.fields.places.capacity() * size_of::<Place>()
            + self.by_fields.capacity() * (size_of::<u32>() + 1)
    }
}

#[cfg(test)]
mod tests;
