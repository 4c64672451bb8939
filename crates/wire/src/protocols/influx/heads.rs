//! Series of an input by what was written for them. Senders repeat themselves: the same measurement and tags come
//! again for every time, with the same fields in the same order. So each distinct head is unescaped and sorted
//! once, and a field that stands where it stood the last time costs one comparison.

use crate::Context;
use model::{Batch, Kind, LabelsBuilder, NAME, Slot};
use std::borrow::Cow;
use std::collections::HashMap;

/// How many known fields of a head are compared before a field is taken for new. Naming a series twice in one batch is
/// allowed, looking through thousands of fields for each of thousands is not.
const LOOK_MAX: usize = 64;

/// The series of all heads of an input.
pub(super) struct Heads<'a> {
    by_text: HashMap<&'a [u8], usize>,
    /// Field keys as written and their slots, in the order they were met, for each head.
    fields: Vec<Vec<(&'a [u8], Slot)>>,
    slots: Vec<Slot>,
    labels: LabelsBuilder,
    /// The measurement, and behind it the field whose name is being made.
    name: String,
    measurement_len: usize,
    key_bytes_max: usize,
}

impl<'a> Heads<'a> {
    /// Knows nothing yet; refuses new series when the batch's dictionary has reached `key_bytes_max`.
    pub(super) fn new(key_bytes_max: usize) -> Self {
        Self {
            by_text: HashMap::new(),
            fields: Vec::new(),
            slots: Vec::new(),
            labels: LabelsBuilder::default(),
            name: String::new(),
            measurement_len: 0,
            key_bytes_max,
        }
    }

    /// The slots of a line's fields; new ones are added to the batch's dictionary.
    pub(super) fn slots(
        &mut self,
        head: &'a [u8],
        values: &[(&'a [u8], f64)],
        context: &Context<'_>,
        out: &mut Batch,
    ) -> Result<&[Slot], String> {
        let next = self.fields.len();
        let index = *self.by_text.entry(head).or_insert(next);
        if index == next {
            self.fields.push(Vec::with_capacity(values.len()));
        }
        self.slots.clear();
        let (mut cursor, mut labels_are_loaded) = (0, false);
        for (key, _) in values {
            let known = &self.fields[index];
            if let Some(at) = find(known, cursor, key) {
                self.slots.push(known[at].1);
                cursor = at + 1;
                continue;
            }
            if !std::mem::replace(&mut labels_are_loaded, true) {
                self.load(head)?;
            }
            let slot = self.add(key, context, out)?;
            self.fields[index].push((key, slot));
            self.slots.push(slot);
            cursor = self.fields[index].len();
        }
        Ok(&self.slots)
    }

    /// Reads measurement and tags out of a head.
    fn load(&mut self, head: &[u8]) -> Result<(), String> {
        self.labels.clear();
        let mut parts = split(head, b',');
        self.name.clear();
        self.name.push_str(&unescape(parts.next().unwrap_or_default(), b", "));
        self.measurement_len = self.name.len();
        for tag in parts {
            let mut pair = split(tag, b'=');
            let key = pair.next().unwrap_or_default();
            let value = tag.get(key.len() + 1..).filter(|_| !key.is_empty());
            let value =
                value.ok_or_else(|| format!("tag `{}` is not key=value", String::from_utf8_lossy(tag)))?;
            self.labels.add(&unescape(key, b",= "), &unescape(value, b",= "));
        }
        Ok(())
    }

    fn add(&mut self, key: &[u8], context: &Context<'_>, out: &mut Batch) -> Result<Slot, String> {
        if out.dictionary.key_bytes() > self.key_bytes_max {
            return Err(
                "the labels of this request's series are too long together; send it in parts".to_owned()
            );
        }
        self.name.truncate(self.measurement_len);
        if key != b"value" {
            self.name.push('_');
            self.name.push_str(&unescape(key, b",= "));
        }
        self.labels.set(NAME, &self.name);
        context.add_series(out, &mut self.labels, Kind::Unknown).map_err(|e| e.to_string())
    }
}

/// The place of `key` among the known fields, looked for from `cursor` on and around.
fn find(known: &[(&[u8], Slot)], cursor: usize, key: &[u8]) -> Option<usize> {
    let len = known.len();
    (cursor..cursor + len.min(LOOK_MAX)).map(|at| at % len).find(|&at| known[at].0 == key)
}

/// The parts between separators that no `\` stands before.
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut escaped = false;
    text.split(move |&byte| {
        let splits = byte == separator && !escaped;
        escaped = byte == b'\\' && !escaped;
        splits
    })
}

/// The text with each `\` before one of `special` taken away.
fn unescape<'t>(text: &'t [u8], special: &[u8]) -> Cow<'t, str> {
    let text = String::from_utf8_lossy(text);
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escapes =
            c == '\\' && chars.peek().is_some_and(|n| n.is_ascii() && special.contains(&(*n as u8)));
        if !escapes {
            out.push(c);
        } else if let Some(next) = chars.next() {
            out.push(next);
        }
    }
    Cow::Owned(out)
}
