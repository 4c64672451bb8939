//! Where the fields of a line are, found by a format and read by the aggregation. One record serves all lines.

use crate::field::{FIELDS, Field};
use crate::formats::keys::Seen;
use crate::value::Short;
use regex::bytes::CaptureLocations;

/// A stretch of a line, or of the record's own bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// The start of spans that are not in the line but in `unescaped`.
const OWN: u32 = 1 << 31;

/// See the module's text.
#[derive(Debug)]
pub struct Record {
    /// Those behind the fields are where everything goes that is no field; with sixteen no place need be checked.
    spans: [Span; 16],
    /// Values that stand otherwise in the line.
    unescaped: Vec<u8>,
    /// Seconds of a unit of request times and of upstream times.
    units: [f64; 2],
    /// Keys of the lines before.
    pub(crate) seen: Seen,
    /// Reused by the regular expression.
    pub(crate) captures: Option<CaptureLocations>,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            spans: [Span::default(); 16],
            unescaped: Vec::new(),
            units: [1.0; 2],
            seen: Seen::default(),
            captures: None,
        }
    }
}

/// Stands for no field where a number of a field is wanted.
pub(crate) const NO_FIELD: u8 = FIELDS as u8;
const _: () = assert!(FIELDS < 16, "there are sixteen places");

impl Record {
    /// Forgets all values.
    pub(crate) fn clear(&mut self) {
        self.spans = [Span::default(); 16];
        self.unescaped.clear();
        self.seen.begin();
    }

    /// Notes a stretch of the line for a field by its number, or for none by [`NO_FIELD`].
    #[inline(always)]
    pub(crate) fn set(&mut self, field: u8, start: usize, end: usize) {
        self.spans[usize::from(field % 16)] = Span { start: start as u32, end: end as u32 };
    }

    /// Notes a value that is not in the line as it is.
    pub(crate) fn set_own(&mut self, field: Field, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.unescaped.len() as u32;
        write(&mut self.unescaped);
        let end = self.unescaped.len() as u32;
        self.spans[field as usize] = Span { start: start | OWN, end };
    }

    /// Says in which unit times are: seconds of one.
    pub(crate) fn set_unit(&mut self, field: Field, seconds: f64) {
        self.units[usize::from(field == Field::UpstreamTime)] = seconds;
    }

    /// Seconds of one unit of a field with times.
    #[inline]
    pub fn unit(&self, field: Field) -> f64 {
        self.units[usize::from(field == Field::UpstreamTime)]
    }

    /// A value of one to eight bytes, where it stands in the text with eight bytes from its start on.
    #[inline(always)]
    pub(crate) fn short(&self, text: &[u8], field: Field) -> Option<Short> {
        let Span { start, end } = self.spans[field as usize];
        // The start of what is not in the text is above any end.
        Short::new(text.get(start as usize..)?, end.checked_sub(start)? as usize)
    }

    /// The value of a field in the line that was parsed last; empty when it has none.
    #[inline]
    pub fn get<'a>(&'a self, line: &'a [u8], field: Field) -> &'a [u8] {
        let Span { start, end } = self.spans[field as usize];
        let (bytes, start) = if start & OWN == 0 { (line, start) } else { (&*self.unescaped, start & !OWN) };
        bytes.get(start as usize..end as usize).unwrap_or_default()
    }
}
