//! A short way through the lines in which nothing unusual stands.
//!
//! One byte of the format's literals is the anchor, mostly the quote. Where a line has exactly as many of them as the
//! format, they must be those of the literals, because each literal needs its own; so no value holds one, and what lies
//! between two anchors is parsed by itself, with both ends known. All anchors of many lines are found at once
//! ([`stdx::simd::positions`]), and hardly anything is left to be searched for: that is what makes it fast, as every
//! search of unknown length ends with a wrong guess of the processor.
//!
//! What is found here is what the long way would find first. A line that does not fit goes the long way.

use super::scan::Literal;
use super::{Escape, Shape, Step, is_all_number, is_status, seconds_end};
use crate::record::{NO_FIELD, Record};

/// Bytes that make good anchors, the best first: rare in values, and in the literals of formats of their kind.
const ANCHORS: &[u8] = b"\"|\t\x01;^~,";

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Anchored {
    anchor: u8,
    /// Whether an anchor behind a backslash is none.
    has_escapes: bool,
    /// What lies before, between and behind the anchors.
    segments: Box<[Segment]>,
}

/// What lies between two anchors.
#[derive(Debug)]
enum Segment {
    /// The value of one variable.
    Whole(u8),
    /// Always the same.
    Exact(Literal),
    Parts(Parts),
}

/// Literals and variables.
#[derive(Debug, Default)]
struct Parts {
    head: Vec<u8>,
    /// From the left, each ends where its literal begins.
    left: Vec<Part>,
    /// From the right: those whose length is known.
    right: Vec<Part>,
    /// What is between them.
    middle: Option<Part>,
    /// Bytes of all that has a length.
    len_min: usize,
    prefix: Literal,
}

/// A variable and the literal behind it.
#[derive(Debug)]
struct Part {
    shape: Shape,
    field: u8,
    text: Vec<u8>,
    literal: Literal,
}

impl Anchored {
    /// The short way for a plan, if there is one.
    pub(super) fn new(prefix: &[u8], steps: &[&Step], escape: Escape) -> Option<Self> {
        let has_escapes = escape == Escape::Backslash;
        let literals = || steps.iter().map(|step| step.literal.bytes()).chain([prefix]);
        let is_used = |anchor: &&u8| literals().any(|bytes| bytes.contains(anchor));
        let anchor = *ANCHORS.iter().find(is_used).filter(|anchor| !has_escapes || **anchor == b'"')?;
        if steps.iter().any(|step| step.tail.is_some() || usize::from(step.consumed) != step.literal.len()) {
            return None;
        }
        let mut all = vec![Parts::default()];
        add(anchor, prefix, &mut all);
        for step in steps {
            let part =
                Part { shape: step.shape, field: step.field, text: Vec::new(), literal: Literal::new(b"") };
            all.last_mut()?.left.push(part);
            add(anchor, step.literal.bytes(), &mut all);
        }
        let segments = all.into_iter().map(Parts::finish).collect::<Option<_>>()?;
        Some(Self { anchor, has_escapes, segments })
    }

    pub(crate) fn anchor(&self) -> u8 {
        self.anchor
    }

    /// How many anchors a line has.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.segments.len() - 1
    }

    /// Finds the fields of the line from `start` to `end` in `text`, given the places of its first anchors or whatever
    /// is there instead. False when it has to go the long way.
    #[inline]
    pub(crate) fn parse(
        &self,
        text: &[u8],
        start: usize,
        places: &[u16],
        end: usize,
        record: &mut Record,
    ) -> bool {
        let Some((last, segments)) = self.segments.split_last() else { return false };
        let mut from = start;
        for (segment, place) in segments.iter().zip(places) {
            let place = usize::from(*place);
            let is_anchor = text.get(place) == Some(&self.anchor)
                && !(self.has_escapes && place > 0 && text[place - 1] == b'\\');
            if !is_anchor || !segment.parse(text, from, place, record) {
                return false;
            }
            from = place + 1;
        }
        last.parse(text, from, end, record)
    }
}

/// Adds a literal, which ends a segment wherever an anchor stands.
fn add(anchor: u8, literal: &[u8], all: &mut Vec<Parts>) {
    for (number, piece) in literal.split(|byte| *byte == anchor).enumerate() {
        if number > 0 {
            all.push(Parts::default());
        }
        if let Some(parts) = all.last_mut() {
            parts.left.last_mut().map_or(&mut parts.head, |part| &mut part.text).extend_from_slice(piece);
        }
    }
}

impl Segment {
    #[inline(always)]
    fn parse(&self, text: &[u8], start: usize, end: usize, record: &mut Record) -> bool {
        match self {
            Self::Whole(field) => record.set(*field, start, end),
            Self::Exact(literal) => return end - start == literal.len() && literal.is_at(text, start),
            Self::Parts(parts) => return parts.parse(text, start, end, record).is_some(),
        }
        true
    }
}

impl Parts {
    /// Makes ready what was gathered; nothing when variables next to each other cannot be told apart.
    fn finish(mut self) -> Option<Segment> {
        let text = |part: &Part| part.text.len() + part.shape.len().unwrap_or(0);
        self.len_min = self.head.len() + self.left.iter().map(text).sum::<usize>();
        for part in &mut self.left {
            part.literal = Literal::new(&part.text);
        }
        self.prefix = Literal::new(&self.head);
        while self.left.len() > 1 && self.left.last().is_some_and(|part| part.shape.len().is_some()) {
            self.right.extend(self.left.pop());
        }
        self.middle = self.left.pop();
        let is_open = |part: &Part| part.text.is_empty() && part.shape.len().is_none();
        if self.left.iter().any(|part| is_open(part) || part.shape == Shape::Seconds) {
            return None;
        }
        match &self.middle {
            None => Some(Segment::Exact(self.prefix)),
            Some(part)
                if part.shape == Shape::Text
                    && self.len_min == 0
                    && self.left.is_empty()
                    && self.right.is_empty() =>
            {
                Some(Segment::Whole(part.field))
            }
            Some(_) => Some(Segment::Parts(self)),
        }
    }

    #[inline]
    fn parse(&self, text: &[u8], start: usize, mut end: usize, record: &mut Record) -> Option<()> {
        if end - start < self.len_min || !self.prefix.is_at(text, start) {
            return None;
        }
        for part in &self.right {
            let at = end - part.literal.len();
            end = at - part.shape.len()?;
            if !part.literal.is_at(text, at) || !part.fits(text, end, at) {
                return None;
            }
            part.set(end, at, record);
        }
        let mut at = start + self.prefix.len();
        for part in &self.left {
            let part_end = match part.shape.len() {
                Some(len) => Some(at + len).filter(|end| part.literal.is_at(text, *end))?,
                None => part.literal.find_before(text, at, end)?,
            };
            if part_end + part.literal.len() > end || !part.fits(text, at, part_end) {
                return None;
            }
            part.set(at, part_end, record);
            at = part_end + part.literal.len();
        }
        let part = self.middle.as_ref()?;
        let part_end = end.checked_sub(part.literal.len()).filter(|end| *end >= at)?;
        if !part.literal.is_at(text, part_end) || !part.fits(text, at, part_end) {
            return None;
        }
        part.set(at, part_end, record);
        Some(())
    }
}

impl Part {
    #[inline(always)]
    fn set(&self, start: usize, end: usize, record: &mut Record) {
        if self.field != NO_FIELD {
            record.set(self.field, start, end);
        }
    }

    /// Whether a stretch has the shape of the values.
    #[inline(always)]
    fn fits(&self, text: &[u8], start: usize, end: usize) -> bool {
        match self.shape {
            Shape::Text | Shape::Short => true,
            Shape::Number => is_all_number(text, start, end),
            Shape::Seconds => seconds_end(&text[..end], start) == Some(end),
            Shape::Status => end - start == 3 && is_status(text, start),
            Shape::Fixed(len) => end - start == usize::from(len),
        }
    }
}
