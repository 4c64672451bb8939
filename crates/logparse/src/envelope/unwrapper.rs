//! Takes a file's lines out of their envelopes and joins what was split. What comes out of a block stands where the block
//! stood: text never gets longer, so that nothing is allocated unless a line was split.

use super::{ENVELOPES, Envelope, Inner, Stream};
use crate::tail::LINE_BYTES_MAX;
use memchr::memchr;

/// How much room for split lines is kept.
const ROOM_BYTES: usize = 32 << 10;

/// What comes out of the envelopes, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Whole lines, each with its line feed.
    Lines(&'a [u8]),
    /// One line that was split, without a line feed.
    Line(&'a [u8]),
    /// One that was left out because it is longer than a line may be.
    TooLong,
    /// One that has no envelope.
    Foreign(&'a [u8]),
}

/// What a stream has of a line that goes on.
#[derive(Debug, Default)]
struct Part {
    text: Vec<u8>,
    is_too_long: bool,
    is_begun: bool,
}

/// The envelopes of one file.
#[derive(Debug)]
pub(crate) struct Unwrapper {
    envelope: Envelope,
    /// Lines of the other stream are left out.
    wanted: Option<Stream>,
    /// The row that fitted last.
    last: usize,
    parts: [Part; 2],
}

impl Unwrapper {
    pub(crate) fn new(envelope: Envelope, wanted: Option<Stream>) -> Self {
        let last = if let Envelope::Of(row) = envelope { row } else { 0 };
        Self { envelope, wanted, last, parts: Default::default() }
    }

    /// Takes whole lines, each with its line feed but perhaps the last. What is in the block is then changed.
    pub(crate) fn unwrap(&mut self, block: &mut [u8], take: &mut impl FnMut(Piece<'_>)) {
        let (mut at, mut out) = (0, 0);
        while at < block.len() {
            let end = memchr(b'\n', &block[at..]).map_or(block.len(), |feed| at + feed);
            let inner = self.open(&mut block[at..end]);
            let text = match inner {
                Opened::In(inner) if self.wanted.is_some_and(|wanted| wanted != inner.stream) => None,
                Opened::In(inner) => {
                    let text = at + inner.text.start..at + inner.text.end;
                    let part = &mut self.parts[usize::from(inner.stream == Stream::Stderr)];
                    if inner.is_whole && !part.is_begun {
                        Some(text)
                    } else {
                        flush(block, &mut out, take);
                        part.go_on(&block[text], inner.is_whole, take);
                        None
                    }
                }
                Opened::Plain => Some(at..end),
                Opened::Foreign => {
                    flush(block, &mut out, take);
                    take(Piece::Foreign(&block[at..end]));
                    None
                }
            };
            if let Some(text) = text {
                out = keep(block, out, text, end, take);
            }
            at = end + 1;
        }
        flush(block, &mut out, take);
    }

    fn open(&mut self, line: &mut [u8]) -> Opened {
        if let Some(inner) = (ENVELOPES[self.last].open)(line) {
            return Opened::In(inner);
        }
        if self.envelope != Envelope::Auto {
            return Opened::Foreign;
        }
        for (at, row) in ENVELOPES.iter().enumerate().filter(|(at, _)| *at != self.last) {
            if let Some(inner) = (row.open)(line) {
                self.last = at;
                return Opened::In(inner);
            }
        }
        Opened::Plain
    }
}

enum Opened {
    In(Inner),
    /// It has none, and need not have one.
    Plain,
    Foreign,
}

/// Moves a line to those before it, whose end is `out`; gives the new end. `end` is where the line ended in its envelope.
fn keep(
    block: &mut [u8],
    mut out: usize,
    text: std::ops::Range<usize>,
    end: usize,
    take: &mut impl FnMut(Piece<'_>),
) -> usize {
    let len = text.len();
    if end == block.len() && out + len == end {
        // A last line without a feed, and without an envelope: there is no room for one.
        flush(block, &mut out, take);
        take(Piece::Line(&block[text]));
        return 0;
    }
    block.copy_within(text, out);
    block[out + len] = b'\n';
    out + len + 1
}

fn flush(block: &[u8], out: &mut usize, take: &mut impl FnMut(Piece<'_>)) {
    if *out > 0 {
        take(Piece::Lines(&block[..*out]));
    }
    *out = 0;
}

impl Part {
    fn go_on(&mut self, text: &[u8], is_whole: bool, take: &mut impl FnMut(Piece<'_>)) {
        self.is_begun = !is_whole;
        if self.text.len() + text.len() > LINE_BYTES_MAX {
            self.is_too_long = true;
            self.text.clear();
        }
        if !self.is_too_long {
            self.text.extend_from_slice(text);
        }
        if is_whole {
            take(if self.is_too_long { Piece::TooLong } else { Piece::Line(&self.text) });
            self.is_too_long = false;
            self.text.clear();
            self.text.shrink_to(ROOM_BYTES);
        }
    }
}
