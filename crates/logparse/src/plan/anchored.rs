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
use super::{Escape, Shape, Step, is_all_number, is_status, is_within_list, seconds_end};
use crate::record::{NO_FIELD, Record};
use std::num::NonZero;

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
    /// The value of one variable that is no field.
    Skipped,
    /// The value of one variable.
    Whole(u8),
    /// Always the same.
    Exact(Literal),
    Parts(Parts),
}

/// Literals and variables.
#[derive(Debug)]
struct Parts {
    prefix: Literal,
    /// From the left: each ends where its literal first stands.
    left: Box<[Part]>,
    /// From the right, the last one first: those of known length.
    right: Box<[Part]>,
    /// What is between them.
    middle: Part,
    /// Bytes of everything whose length is known.
    len_min: usize,
}

/// A variable and the literal behind it.
#[derive(Debug)]
struct Part {
    literal: Literal,
    /// Bytes of every value; none where they differ.
    len: Option<NonZero<u16>>,
    field: u8,
    /// Whether blanks may belong to a list.
    is_list: bool,
    /// What is asked of a value. One by one they are guessed right by the processor; a jump by their number is not.
    is_number: bool,
    is_status: bool,
    is_seconds: bool,
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
        let mut all = vec![Draft::default()];
        add(anchor, prefix, &mut all);
        for step in steps {
            let variable =
                Variable { shape: step.shape, field: step.field, is_list: step.is_list, literal: Vec::new() };
            all.last_mut()?.variables.push(variable);
            add(anchor, step.literal.bytes(), &mut all);
        }
        let segments = all.into_iter().map(Draft::finish).collect::<Option<_>>()?;
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

/// A segment as it is gathered.
#[derive(Debug, Default)]
struct Draft {
    prefix: Vec<u8>,
    variables: Vec<Variable>,
}

/// A variable and the literal behind it.
#[derive(Debug)]
struct Variable {
    shape: Shape,
    field: u8,
    is_list: bool,
    literal: Vec<u8>,
}

/// Adds a literal, which ends a segment wherever an anchor stands.
fn add(anchor: u8, literal: &[u8], all: &mut Vec<Draft>) {
    for (number, piece) in literal.split(|byte| *byte == anchor).enumerate() {
        if number > 0 {
            all.push(Draft::default());
        }
        if let Some(Draft { prefix, variables }) = all.last_mut() {
            variables.last_mut().map_or(prefix, |variable| &mut variable.literal).extend_from_slice(piece);
        }
    }
}

impl Draft {
    /// The segment; nothing when variables next to each other cannot be told apart.
    fn finish(self) -> Option<Segment> {
        let prefix = Literal::new(&self.prefix);
        let mut left: Vec<Part> = self.variables.into_iter().map(Part::new).collect::<Option<_>>()?;
        let len = |part: &Part| part.literal.len() + part.len.map_or(0, |len| usize::from(len.get()));
        let len_min = prefix.len() + left.iter().map(len).sum::<usize>();
        let mut right = Vec::new();
        while left.len() > 1 && left.last().is_some_and(|part| part.len.is_some()) {
            right.extend(left.pop());
        }
        let Some(middle) = left.pop() else { return Some(Segment::Exact(prefix)) };
        let is_open = |part: &Part| part.len.is_none() && part.literal.len() == 0;
        if left.iter().any(|part| is_open(part) || part.is_seconds) {
            return None;
        }
        let is_any = !(middle.is_number || middle.is_status || middle.is_seconds);
        let is_alone = len_min == 0 && left.is_empty() && is_any;
        Some(match middle.field {
            NO_FIELD if is_alone => Segment::Skipped,
            field if is_alone => Segment::Whole(field),
            _ => Segment::Parts(Parts { prefix, left: left.into(), right: right.into(), middle, len_min }),
        })
    }
}

impl Segment {
    #[inline(always)]
    fn parse(&self, text: &[u8], start: usize, end: usize, record: &mut Record) -> bool {
        match self {
            Self::Skipped => true,
            Self::Whole(field) => {
                record.set(*field, start, end);
                true
            }
            Self::Exact(literal) => end - start == literal.len() && literal.is_at(text, start),
            Self::Parts(parts) => parts.parse(text, start, end, record).is_some(),
        }
    }
}

impl Parts {
    #[inline]
    fn parse(&self, text: &[u8], start: usize, mut end: usize, record: &mut Record) -> Option<()> {
        if end - start < self.len_min || !self.prefix.is_at(text, start) {
            return None;
        }
        for part in &self.right {
            let at = end - part.literal.len();
            end = at - usize::from(part.len?.get());
            part.take(text, end, at, record)?;
        }
        let mut at = start + self.prefix.len();
        for part in &self.left {
            let part_end = match part.len {
                Some(len) => at + usize::from(len.get()),
                None => part.literal.find_before(text, at, end)?,
            };
            if part.is_list && is_within_list(text, part_end) {
                return None;
            }
            part.take(text, at, part_end, record)?;
            at = part_end + part.literal.len();
            if at > end {
                return None;
            }
        }
        let part_end = end.checked_sub(self.middle.literal.len()).filter(|end| *end >= at)?;
        self.middle.take(text, at, part_end, record)
    }
}

impl Part {
    fn new(variable: Variable) -> Option<Self> {
        let Variable { shape, field, is_list, literal } = variable;
        let len = match shape.len() {
            Some(len) => Some(NonZero::new(u16::try_from(len).ok()?)?),
            None => None,
        };
        Some(Self {
            literal: Literal::new(&literal),
            len,
            field,
            is_list,
            is_number: shape == Shape::Number,
            is_status: shape == Shape::Status,
            is_seconds: shape == Shape::Seconds,
        })
    }

    /// Notes a value, if it fits and the literal stands behind it.
    #[inline(always)]
    fn take(&self, text: &[u8], start: usize, end: usize, record: &mut Record) -> Option<()> {
        if !self.literal.is_at(text, end) || !self.fits(text, start, end) {
            return None;
        }
        record.set(self.field, start, end);
        Some(())
    }

    #[inline(always)]
    fn fits(&self, text: &[u8], start: usize, end: usize) -> bool {
        self.len.is_none_or(|len| usize::from(len.get()) == end - start)
            && (!self.is_number || is_all_number(text, start, end))
            && (!self.is_status || is_status(text, start))
            && (!self.is_seconds || seconds_end(&text[..end], start) == Some(end))
    }
}
