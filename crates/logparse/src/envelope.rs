//! What a runtime of containers wraps around each line that a program writes to its standard output or error. It is taken
//! off before the line meets its format.
//!
//! Adding one is a file in `envelope/` and a row in [`ENVELOPES`].

mod cri;
mod docker;
pub(crate) mod place;
mod unwrapper;

pub(crate) use unwrapper::{Piece, Unwrapper};

use std::ops::Range;

/// Which of its two outputs a program wrote to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    /// As runtimes write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    /// By that name.
    pub(crate) fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"stdout" => Some(Self::Stdout),
            b"stderr" => Some(Self::Stderr),
            _ => None,
        }
    }
}

/// How lines are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// By any of [`ENVELOPES`], as each line shows; a line without one is taken as it is.
    Auto,
    /// By this row of them.
    Of(usize),
}

/// A kind of envelope.
#[derive(Debug)]
pub struct Row {
    /// One word, as settings have it.
    pub name: &'static str,
    /// Who writes it, in one sentence.
    pub summary: &'static str,
    /// A line of it.
    pub example: &'static str,
    /// Finds what a line (without its line feed) holds, and undoes escapes where it stands; nothing when the line has not
    /// this envelope.
    open: fn(&mut [u8]) -> Option<Inner>,
}

/// Every envelope.
pub static ENVELOPES: &[&Row] = &[&docker::ROW, &cri::ROW];

/// What settings take: the names of [`ENVELOPES`], and whatever of them a line shows.
pub const ENVELOPE_NAMES: &[&str] = &["none", "auto", "docker", "cri"];

impl Envelope {
    /// The one of a name of [`ENVELOPE_NAMES`]; nothing for `none`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Auto),
            name => ENVELOPES.iter().position(|row| row.name == name).map(Self::Of),
        }
    }
}

/// What is in an envelope.
#[derive(Debug, PartialEq, Eq)]
struct Inner {
    /// Where in the line it stands.
    text: Range<usize>,
    /// What it was written to.
    stream: Stream,
    /// Whether a line of the program ends with it; else the next of its stream goes on.
    is_whole: bool,
}

/// Takes a text of wrapped lines out of their envelopes; gives how many lines came out, and how many had none.
pub fn read_wrapped(envelope: Envelope, stream: Option<Stream>, text: &[u8]) -> (u64, u64) {
    let (mut lines, mut foreign) = (0, 0);
    Unwrapper::new(envelope, stream).unwrap(&mut text.to_vec(), &mut |piece| match piece {
        Piece::Lines(block) => lines += block.iter().filter(|byte| **byte == b'\n').count() as u64,
        Piece::Line(_) | Piece::TooLong => lines += 1,
        Piece::Foreign(_) => foreign += 1,
    });
    (lines, foreign)
}

#[cfg(test)]
mod tests;
