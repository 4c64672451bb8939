//! Why a line was refused. Making one costs nothing: words are only made when somebody reads them.

use super::{NAME_BYTES_MAX, TAGS_BYTES_MAX};
use std::fmt;

/// Longest piece of a line that is quoted, in bytes.
const QUOTED_BYTES_MAX: usize = 60;

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Nothing ends the name.
    NoColon,
    /// The line starts with the colon.
    NoName,
    /// A name of so many bytes.
    LongName(usize),
    /// No `|` follows the value.
    NoType,
    /// A type that nobody knows.
    UnknownType,
    /// A value that is no finite decimal number.
    NoNumber,
    /// A set without a member.
    NoMember,
    /// A timer below 0.
    NegativeTime,
    /// A rate that is not above 0 and at most 1.
    BadRate,
    /// A time that is not a whole number of seconds.
    BadTime,
    /// Tags of so many bytes.
    LongTags(usize),
    /// An event whose head is not `_e{number,number}:`.
    EventHead,
    /// An event whose lengths are not those of its title and text.
    EventLengths,
    /// A check without a name.
    CheckName,
    /// A check whose state is not 0, 1, 2 or 3.
    CheckState,
}

/// A line that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// Which line of the packet, from 1.
    pub line: usize,
    /// Which byte of the packet, from 0.
    pub at: usize,
    /// Why.
    pub reason: Reason,
    /// What it is about, as it stands in the line.
    pub text: &'a [u8],
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.text[..self.text.len().min(QUOTED_BYTES_MAX)];
        let text = shown.escape_ascii();
        match self.reason {
            Reason::NoColon => write!(f, "expected name:value|type, found `{text}`"),
            Reason::NoName => write!(f, "the name is empty"),
            Reason::LongName(len) => {
                write!(f, "the name has {len} bytes, at most {NAME_BYTES_MAX} are allowed")
            }
            Reason::NoType => write!(f, "no |type after the value `{text}`"),
            Reason::UnknownType => write!(f, "type `{text}` is not c, g, ms, h, d or s"),
            Reason::NoNumber => write!(f, "value `{text}` is not a decimal number"),
            Reason::NoMember => write!(f, "a set needs a member"),
            Reason::NegativeTime => write!(f, "a time of `{text}` is below 0"),
            Reason::BadRate => write!(f, "rate `{text}` is not above 0 and at most 1"),
            Reason::BadTime => write!(f, "time `{text}` is not a whole number of seconds"),
            Reason::LongTags(len) => {
                write!(f, "the tags have {len} bytes, at most {TAGS_BYTES_MAX} are allowed")
            }
            Reason::EventHead => write!(f, "an event starts with _e{{title bytes,text bytes}}:"),
            Reason::EventLengths => write!(f, "the event's lengths are not those of its title and text"),
            Reason::CheckName => write!(f, "the check has no name"),
            Reason::CheckState => write!(f, "a check's state is 0, 1, 2 or 3, not `{text}`"),
        }
    }
}
