//! Labels in the making. Most senders write labels in order of their names, so each label is encoded as it comes, and
//! when they all came in order the bytes are the key already.

use super::{Labels, LabelsError, check_label};
use crate::limits::{KEY_BYTES_MAX, LABEL_NAME_BYTES_MAX, LABEL_VALUE_BYTES_MAX, LABELS_MAX};
use std::sync::Arc;
use stdx::varint;

/// Collects labels in any order and encodes them; reusable without freeing its memory.
#[derive(Debug, Default, Clone)]
pub struct LabelsBuilder {
    /// Encoded labels in the order they came, with those that were replaced or removed later.
    bytes: Vec<u8>,
    spans: Vec<Span>,
    /// The spans are not in order of names, or perhaps doubled.
    is_unordered: bool,
    /// The spans do not follow each other in `bytes`, from its start to its end.
    is_scattered: bool,
    /// A label is longer than allowed, or has no name.
    is_oversize: bool,
    /// A name or value takes more than one byte to say its length.
    is_long: bool,
    /// A label came as bytes and may not be UTF-8.
    is_unproved: bool,
    key: Vec<u8>,
}

/// Where a label is in `bytes`: `start` its encoding, then name, then value up to `end`.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    name: u32,
    name_len: u32,
    value: u32,
    end: u32,
}

impl Span {
    fn name(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.name as usize..(self.name + self.name_len) as usize]
    }

    fn value(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.value as usize..self.end as usize]
    }
}

impl LabelsBuilder {
    /// Forgets all labels, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
        self.is_unordered = false;
        self.is_scattered = false;
        self.is_oversize = false;
        self.is_long = false;
        self.is_unproved = false;
    }

    /// Adds a label; an empty value adds nothing.
    #[inline]
    pub fn add(&mut self, name: &str, value: &str) -> &mut Self {
        self.push(name.as_bytes(), value.as_bytes());
        self
    }

    /// Adds a label that is yet to be proved UTF-8, which [`LabelsBuilder::key`] does for all together.
    #[inline]
    pub fn add_bytes(&mut self, name: &[u8], value: &[u8]) -> &mut Self {
        self.is_unproved = true;
        self.push(name, value);
        self
    }

    #[inline]
    fn push(&mut self, name: &[u8], value: &[u8]) {
        if value.is_empty() {
            return;
        }
        if self.spans.last().is_some_and(|last| last.name(&self.bytes) >= name) {
            self.is_unordered = true;
        }
        let span = self.encode(name, value);
        self.spans.push(span);
    }

    #[inline]
    fn encode(&mut self, name: &[u8], value: &[u8]) -> Span {
        self.is_oversize |=
            name.is_empty() || name.len() > LABEL_NAME_BYTES_MAX || value.len() > LABEL_VALUE_BYTES_MAX;
        self.is_long |= name.len() > 0x7f || value.len() > 0x7f;
        let start = self.bytes.len() as u32;
        varint::write_bytes(&mut self.bytes, name);
        let name_end = self.bytes.len() as u32;
        varint::write_bytes(&mut self.bytes, value);
        let end = self.bytes.len() as u32;
        let name_len = name.len() as u32;
        Span { start, name: name_end - name_len, name_len, value: end - value.len() as u32, end }
    }

    /// Sets a label, replacing an earlier value of the same name.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        let at = self.spans.iter().position(|span| span.name(&self.bytes) == name.as_bytes());
        match at {
            Some(at) if !value.is_empty() => {
                self.spans[at] = self.encode(name.as_bytes(), value.as_bytes());
                self.is_scattered = true;
            }
            Some(_) => return self.remove(name),
            None => self.push(name.as_bytes(), value.as_bytes()),
        }
        self
    }

    /// Removes a label.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        let (before, bytes) = (self.spans.len(), &self.bytes);
        self.spans.retain(|span| span.name(bytes) != name.as_bytes());
        self.is_scattered |= self.spans.len() < before;
        self
    }

    /// The value of a label added before.
    pub fn get(&self, name: &str) -> Option<&str> {
        let span = self.spans.iter().find(|span| span.name(&self.bytes) == name.as_bytes())?;
        std::str::from_utf8(span.value(&self.bytes)).ok()
    }

    /// The labels added so far; in order of names after [`LabelsBuilder::key`]. One that is not UTF-8 is left out.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.spans.iter().filter_map(|span| {
            let name = std::str::from_utf8(span.name(&self.bytes)).ok()?;
            Some((name, std::str::from_utf8(span.value(&self.bytes)).ok()?))
        })
    }

    /// Sorts, checks and encodes; the bytes stay in the builder.
    pub fn key(&mut self) -> Result<&[u8], LabelsError> {
        if self.is_unordered {
            self.sort()?;
        }
        if self.spans.len() > LABELS_MAX {
            return Err(LabelsError::TooMany(self.spans.len()));
        }
        if self.is_oversize || self.is_unproved {
            self.prove()?;
        }
        if self.is_scattered {
            self.gather();
        }
        let key = if self.is_scattered { &self.key } else { &self.bytes };
        if key.len() > KEY_BYTES_MAX { Err(LabelsError::KeyTooLong(key.len())) } else { Ok(key) }
    }

    fn sort(&mut self) -> Result<(), LabelsError> {
        let bytes = &self.bytes;
        self.spans.sort_by(|a, b| a.name(bytes).cmp(b.name(bytes)));
        self.is_scattered = true;
        if let Some(pair) = self.spans.windows(2).find(|w| w[0].name(bytes) == w[1].name(bytes)) {
            return Err(LabelsError::Duplicate(String::from_utf8_lossy(pair[0].name(bytes)).into_owned()));
        }
        self.is_unordered = false;
        Ok(())
    }

    /// Checks lengths and UTF-8.
    fn prove(&mut self) -> Result<(), LabelsError> {
        // Lengths of one byte are ASCII and cannot be part of a longer character: then the whole is UTF-8 exactly when
        // each name and value is.
        let is_plain = !(self.is_oversize || self.is_long || self.is_scattered);
        if !(is_plain && std::str::from_utf8(&self.bytes).is_ok()) {
            for span in &self.spans {
                let (name, value) = (span.name(&self.bytes), span.value(&self.bytes));
                let not_utf8 =
                    |_| LabelsError::NotUtf8(String::from_utf8_lossy(name).chars().take(40).collect());
                let text = std::str::from_utf8(name).map_err(not_utf8)?;
                check_label(text, std::str::from_utf8(value).map_err(not_utf8)?)?;
            }
        }
        self.is_unproved = false;
        Ok(())
    }

    /// Copies the labels behind each other, neighbours in one go.
    fn gather(&mut self) {
        self.key.clear();
        let mut spans = self.spans.iter();
        let Some(first) = spans.next() else { return };
        let (mut start, mut end) = (first.start, first.end);
        for span in spans {
            if span.start != end {
                self.key.extend_from_slice(&self.bytes[start as usize..end as usize]);
                start = span.start;
            }
            end = span.end;
        }
        self.key.extend_from_slice(&self.bytes[start as usize..end as usize]);
    }

    /// Encodes into a label set of its own.
    pub fn build(&mut self) -> Result<Labels, LabelsError> {
        Ok(Labels(Arc::from(self.key()?)))
    }
}

#[cfg(test)]
mod tests;
