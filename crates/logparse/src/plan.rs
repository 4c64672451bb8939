//! A line parser compiled from a format that is literal, variable, literal: each variable ends where the next literal
//! begins, so no regular expression is needed.
//!
//! The first way through takes the first place where a literal can be. When that leads nowhere (a value has the literal
//! within) other places are tried in order, so that the plan finds what a regular expression with lazy groups would.

mod anchored;
mod build;
mod scan;

pub(crate) use anchored::Anchored;
pub(crate) use build::PlanBuilder;

use crate::field::Field;
use crate::record::{NO_FIELD, Record};
use scan::Literal;

/// Whether a quote in a value stands behind a backslash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    None,
    Backslash,
}

/// What is known about the values of a variable beside where they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Anything.
    Text,
    /// Anything, and hardly ever more than a few bytes.
    Short,
    /// What upstreams did, one value an attempt: `a, b : c`. A blank within ends nothing.
    List,
    /// Digits, points and minus signs, or nothing.
    Number,
    /// Digits, a point, three digits.
    Seconds,
    /// Three digits.
    Status,
    /// So many bytes.
    Fixed(u16),
}

impl Shape {
    /// How long its values are, where they are all of one length.
    fn len(self) -> Option<usize> {
        match self {
            Self::Status => Some(3),
            Self::Fixed(len) => Some(usize::from(len)),
            _ => None,
        }
    }
}

/// A variable and the literal that ends it.
#[derive(Debug)]
struct Step {
    shape: Shape,
    field: u8,
    /// Whether values are short, so that looking at byte after byte is faster than a search that begins slowly.
    is_short: bool,
    /// Whether blanks may belong to a list.
    is_list: bool,
    /// How much of the literal is not the start of the next variable.
    consumed: u16,
    /// Another variable at its end, whose length is known: `$remote_addr$status`.
    tail: Option<Tail>,
    /// Empty where the shape says where the variable ends.
    literal: Literal,
}

/// The end of what lies between two literals.
#[derive(Debug, Clone, Copy)]
struct Tail {
    shape: Shape,
    field: u8,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Plan {
    prefix: Literal,
    steps: Vec<Step>,
    /// The last variable ends where this begins, which ends the line.
    last: Option<Step>,
    escape: Escape,
    /// How lines are parsed in which nothing unusual stands.
    anchored: Option<Anchored>,
    /// Variables that cannot be told apart.
    joined: Vec<String>,
}

/// Most places that are tried for one line.
const TRIES_MAX: u32 = 256;

impl Plan {
    /// Variables next to each other, in words for people.
    pub(crate) fn warnings(&self) -> Vec<String> {
        self.joined
            .iter()
            .map(|names| format!("`{names}` stand next to each other and cannot be told apart"))
            .collect()
    }

    pub(crate) fn has(&self, field: Field) -> bool {
        let is_it = |number: u8| number == field as u8;
        self.steps.iter().chain(&self.last).any(|s| is_it(s.field) || s.tail.is_some_and(|t| is_it(t.field)))
    }

    pub(crate) fn anchored(&self) -> Option<&Anchored> {
        self.anchored.as_ref()
    }

    /// Finds the fields; false when the line does not have this format.
    #[inline]
    pub(crate) fn parse(&self, line: &[u8], record: &mut Record) -> bool {
        self.parse_after(line, 0, record)
    }

    /// The same, with the first bytes left out.
    #[inline]
    pub(crate) fn parse_after(&self, line: &[u8], start: usize, record: &mut Record) -> bool {
        self.parse_straight(line, start, record).is_some() || self.parse_trying(line, start, record)
    }

    #[inline]
    fn parse_straight(&self, line: &[u8], start: usize, record: &mut Record) -> Option<()> {
        let mut at = start + self.starts(line, start)?;
        for step in &self.steps {
            let end = step.end(line, at, self.escape)?;
            step.set(line, at, end, record)?;
            at = end + usize::from(step.consumed);
        }
        self.finish(line, at, record)
    }

    #[inline]
    fn starts(&self, line: &[u8], start: usize) -> Option<usize> {
        self.prefix.is_at(line, start).then_some(self.prefix.bytes().len())
    }

    /// The last variable takes what is left before the last literal.
    #[inline]
    fn finish(&self, line: &[u8], at: usize, record: &mut Record) -> Option<()> {
        let Some(last) = &self.last else { return (at == line.len()).then_some(()) };
        let rest = line.get(at..)?.strip_suffix(last.literal.bytes())?;
        let fits = match last.shape {
            Shape::Text | Shape::Short | Shape::List => true,
            Shape::Number => rest.iter().all(|byte| is_number(*byte)),
            Shape::Seconds => seconds_end(rest, 0) == Some(rest.len()),
            Shape::Status => is_status(rest, 0) && rest.len() == 3,
            Shape::Fixed(len) => rest.len() == usize::from(len),
        };
        if fits { last.set(line, at, at + rest.len(), record) } else { None }
    }

    #[cold]
    fn parse_trying(&self, line: &[u8], start: usize, record: &mut Record) -> bool {
        let Some(at) = self.starts(line, start).map(|len| start + len) else { return false };
        let mut tries = TRIES_MAX;
        self.try_from(0, line, at, record, &mut tries)
    }

    /// Tries every end of step `number` in order.
    fn try_from(&self, number: usize, line: &[u8], at: usize, record: &mut Record, tries: &mut u32) -> bool {
        let Some(step) = self.steps.get(number) else { return self.finish(line, at, record).is_some() };
        let mut from = at;
        while *tries > 0 {
            *tries -= 1;
            let end = match step.shape {
                Shape::Text => step.find(line, from, false, self.escape),
                _ => step.end(line, at, self.escape),
            };
            let Some(end) = end else { return false };
            if step.tail_start(line, at, end).is_some()
                && self.try_from(number + 1, line, end + usize::from(step.consumed), record, tries)
            {
                return step.set(line, at, end, record).is_some();
            }
            if step.shape != Shape::Text {
                return false;
            }
            from = end + 1;
        }
        false
    }
}

impl Step {
    /// Where what it ends with begins, when it has the right shape; its own end where it ends with nothing else.
    #[inline]
    fn tail_start(&self, line: &[u8], at: usize, end: usize) -> Option<usize> {
        let Some(tail) = &self.tail else { return Some(end) };
        let start = end.checked_sub(tail.shape.len()?).filter(|start| *start >= at)?;
        (tail.shape != Shape::Status || is_status(line, start)).then_some(start)
    }

    /// Notes what lies between `at` and `end`.
    #[inline]
    fn set(&self, line: &[u8], at: usize, end: usize, record: &mut Record) -> Option<()> {
        let start = self.tail_start(line, at, end)?;
        record.set(self.field, at, start);
        if let Some(tail) = &self.tail {
            record.set(tail.field, start, end);
        }
        Some(())
    }

    /// Where its literal is from `from` on.
    #[inline]
    fn find(&self, line: &[u8], from: usize, is_short: bool, escape: Escape) -> Option<usize> {
        let mut at = self.literal.find(line, from, is_short, escape)?;
        while self.is_list && is_within_list(line, at) {
            at = self.literal.find(line, at + 1, is_short, escape)?;
        }
        Some(at)
    }

    /// Where the variable that begins at `at` ends.
    #[inline]
    fn end(&self, line: &[u8], at: usize, escape: Escape) -> Option<usize> {
        let end = match self.shape {
            Shape::Text | Shape::Short | Shape::List => return self.find(line, at, self.is_short, escape),
            Shape::Number => at + line.get(at..)?.iter().take_while(|byte| is_number(**byte)).count(),
            Shape::Seconds => seconds_end(line, at)?,
            Shape::Status => is_status(line, at).then_some(at + 3)?,
            Shape::Fixed(len) => at + usize::from(len),
        };
        self.literal.is_at(line, end).then_some(end)
    }
}

/// Whether a blank belongs to a list as nginx writes it, `0.1, 0.2 : 0.3`.
#[inline]
fn is_within_list(line: &[u8], at: usize) -> bool {
    line[at] == b' '
        && (line[..at].ends_with(b",") || line[at..].starts_with(b" : ") || line[..at].ends_with(b" :"))
}

#[inline]
fn is_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.' || byte == b'-'
}

/// Whether a stretch has nothing but what numbers have; of up to eight bytes all at once.
#[inline(always)]
fn is_all_number(text: &[u8], start: usize, end: usize) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const LOW: u64 = ONES * 0x7f;
    let len = end - start;
    let Some(word) = text.get(start..).and_then(|rest| rest.first_chunk::<8>()).filter(|_| len <= 8) else {
        return text[start..end].iter().all(|byte| is_number(*byte));
    };
    // A digit becomes its value; the bytes behind the stretch go, and zeros come.
    let digits = (u64::from_le_bytes(*word) ^ (ONES * 0x30)).checked_shl(64 - 8 * len as u32).unwrap_or(0);
    let is_other = |byte: u8| (((digits ^ (ONES * u64::from(byte ^ 0x30))) & LOW) + LOW) | digits;
    let is_above_nine = ((digits & LOW) + ONES * 0x76) | digits;
    is_above_nine & is_other(b'.') & is_other(b'-') & !LOW == 0
}

#[inline]
fn is_status(line: &[u8], at: usize) -> bool {
    line.get(at..at + 3).is_some_and(|bytes| bytes.iter().all(u8::is_ascii_digit))
}

fn seconds_end(line: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| line.get(from..).map(|l| l.iter().take_while(|b| b.is_ascii_digit()).count());
    let point = at + digits(at).filter(|count| *count > 0)?;
    (line.get(point) == Some(&b'.') && digits(point + 1)? >= 3).then_some(point + 4)
}

/// A place for fields that nobody wants.
fn number_of(field: Option<Field>) -> u8 {
    field.map_or(NO_FIELD, |field| field as u8)
}

#[cfg(test)]
mod tests;
