//! A series' identity: a sorted set of labels, kept as one run of bytes that is also its key on the wire and on disk.
//!
//! ```text
//! key   := label*                                 sorted by name, each name once, no empty value
//! label := varint(len) name  varint(len) value    UTF-8
//! ```
//!
//! Two label sets are equal exactly when their bytes are. An empty value means "no such label" and is left out, as in
//! Prometheus.

mod builder;

pub use builder::LabelsBuilder;

use crate::limits::{KEY_BYTES_MAX, LABEL_NAME_BYTES_MAX, LABEL_VALUE_BYTES_MAX, LABELS_MAX};
use crate::{HOST, NAME};
use std::fmt;
use std::sync::Arc;
use stdx::varint;

/// An immutable label set; cloning shares the bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Labels(Arc<[u8]>);

/// Why a label set was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelsError {
    /// More than [`LABELS_MAX`] labels.
    TooMany(usize),
    /// A name that is empty.
    EmptyName,
    /// A name longer than [`LABEL_NAME_BYTES_MAX`]; its start is given.
    NameTooLong(String),
    /// The value of this label is longer than [`LABEL_VALUE_BYTES_MAX`].
    ValueTooLong(String),
    /// This name was given twice.
    Duplicate(String),
    /// The encoded set is longer than [`KEY_BYTES_MAX`].
    KeyTooLong(usize),
    /// The name or value of this label is not UTF-8.
    NotUtf8(String),
    /// Bytes that are not an encoded label set.
    Malformed,
}

impl fmt::Display for LabelsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany(n) => write!(f, "{n} labels, at most {LABELS_MAX} are allowed"),
            Self::EmptyName => write!(f, "a label without a name"),
            Self::NameTooLong(name) => {
                write!(f, "label name `{name}…` is longer than {LABEL_NAME_BYTES_MAX} bytes")
            }
            Self::ValueTooLong(name) => {
                write!(f, "the value of label `{name}` is longer than {LABEL_VALUE_BYTES_MAX} bytes")
            }
            Self::Duplicate(name) => write!(f, "label `{name}` is given twice"),
            Self::KeyTooLong(n) => {
                write!(f, "the label set takes {n} bytes, at most {KEY_BYTES_MAX} are allowed")
            }
            Self::NotUtf8(name) => write!(f, "label `{name}` is not UTF-8"),
            Self::Malformed => write!(f, "not an encoded label set"),
        }
    }
}

impl std::error::Error for LabelsError {}

impl Labels {
    /// The set without labels.
    pub fn empty() -> Self {
        Self(Arc::from(&[][..]))
    }

    /// A set from pairs in any order; for tests and rare paths.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, LabelsError> {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.add(name, value);
        }
        builder.build()
    }

    /// Takes over encoded bytes after checking order, uniqueness, UTF-8 and limits.
    pub fn from_key(key: &[u8]) -> Result<Self, LabelsError> {
        validate_key(key)?;
        Ok(Self(Arc::from(key)))
    }

    /// Takes over encoded bytes that were checked before (see [`validate_key`]).
    pub fn from_checked_key(key: &[u8]) -> Self {
        debug_assert!(validate_key(key).is_ok(), "a key that was not checked");
        Self(Arc::from(key))
    }

    /// The encoded bytes.
    #[inline]
    pub fn key(&self) -> &[u8] {
        &self.0
    }

    /// Names and values in order of names.
    pub fn iter(&self) -> Iter<'_> {
        Iter(&self.0)
    }

    /// The value of a label.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// The metric name, or "" when there is none.
    pub fn name(&self) -> &str {
        self.get(NAME).unwrap_or("")
    }

    /// The host, or "" when there is none.
    pub fn host(&self) -> &str {
        self.get(HOST).unwrap_or("")
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same set with one label set to `value` (removed when `value` is empty).
    pub fn with(&self, name: &str, value: &str) -> Result<Self, LabelsError> {
        let mut builder = LabelsBuilder::default();
        for (n, v) in self.iter().filter(|(n, _)| *n != name) {
            builder.add(n, v);
        }
        builder.add(name, value);
        builder.build()
    }
}

impl Default for Labels {
    fn default() -> Self {
        Self::empty()
    }
}

/// Checks that `key` is a well-formed label set within the limits; see the module's drawing.
pub fn validate_key(key: &[u8]) -> Result<(), LabelsError> {
    if key.len() > KEY_BYTES_MAX {
        return Err(LabelsError::KeyTooLong(key.len()));
    }
    let (mut rest, mut previous, mut count) = (key, "", 0);
    while !rest.is_empty() {
        let name = varint::read_bytes(&mut rest).ok_or(LabelsError::Malformed)?;
        let value = varint::read_bytes(&mut rest).ok_or(LabelsError::Malformed)?;
        let name = std::str::from_utf8(name).map_err(|_| LabelsError::Malformed)?;
        let value = std::str::from_utf8(value).map_err(|_| LabelsError::Malformed)?;
        check_label(name, value)?;
        if value.is_empty() || (count > 0 && name < previous) {
            return Err(LabelsError::Malformed);
        }
        if count > 0 && name == previous {
            return Err(LabelsError::Duplicate(name.to_owned()));
        }
        previous = name;
        count += 1;
    }
    if count > LABELS_MAX { Err(LabelsError::TooMany(count)) } else { Ok(()) }
}

fn check_label(name: &str, value: &str) -> Result<(), LabelsError> {
    if name.is_empty() {
        return Err(LabelsError::EmptyName);
    }
    if name.len() > LABEL_NAME_BYTES_MAX {
        return Err(LabelsError::NameTooLong(name.chars().take(40).collect()));
    }
    if value.len() > LABEL_VALUE_BYTES_MAX {
        return Err(LabelsError::ValueTooLong(name.to_owned()));
    }
    Ok(())
}

/// Names and values of encoded labels, in order. Stops early at bytes that are not well-formed.
#[derive(Debug, Clone)]
pub struct Iter<'a>(&'a [u8]);

impl<'a> Iter<'a> {
    /// Walks a key that was checked before (see [`validate_key`]).
    pub fn over_key(key: &'a [u8]) -> Self {
        Self(key)
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let name = std::str::from_utf8(varint::read_bytes(&mut self.0)?).ok()?;
        let value = std::str::from_utf8(varint::read_bytes(&mut self.0)?).ok()?;
        Some((name, value))
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl fmt::Display for Labels {
    /// As PromQL writes a series: `name{a="b",c="d"}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let mut rest = self.iter().filter(|(n, _)| *n != NAME).peekable();
        if rest.peek().is_none() && !self.name().is_empty() {
            return Ok(());
        }
        f.write_str("{")?;
        for (i, (name, value)) in rest.enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{name}=\"")?;
            for c in value.chars() {
                match c {
                    '"' | '\\' => write!(f, "\\{c}")?,
                    '\n' => f.write_str("\\n")?,
                    c => write!(f, "{c}")?,
                }
            }
            f.write_str("\"")?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
