//! The lines of one file, counted; the first without the format is kept to be shown.

use super::tally::Tally;
use crate::envelope::{Piece, Unwrapper};
use crate::tail::{Lines, Take};
use crate::telemetry;
use std::fmt::Write;

/// How much of a line without the format is shown.
const SAMPLE_BYTES_MAX: usize = 200;

/// Takes the lines of one file.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) tally: Tally,
    /// Takes lines out of what a runtime wrapped around them.
    unwrapper: Option<Box<Unwrapper>>,
    /// A line without the format, since the last flush.
    sample: String,
    /// Lines and those without the format at the last flush.
    before: (u64, u64),
}

impl Take for Counted {
    fn line(&mut self, lines: Lines<'_>) {
        match lines {
            Lines::Whole(block) | Lines::Last(block) if self.unwrapper.is_some() => self.unwrap(block),
            Lines::Whole(block) => self.add(Piece::Lines(block)),
            Lines::Last(line) => self.add(Piece::Line(line)),
            Lines::TooLong => self.add(Piece::TooLong),
        }
    }

    fn read(&mut self, bytes: u64) {
        telemetry::BYTES.add(bytes);
        self.tally.add_bytes(bytes);
    }
}

impl Counted {
    pub(crate) fn new(tally: Tally, unwrapper: Option<Box<Unwrapper>>) -> Self {
        Self { tally, unwrapper, sample: String::new(), before: (0, 0) }
    }

    fn unwrap(&mut self, block: &mut [u8]) {
        if let Some(mut unwrapper) = self.unwrapper.take() {
            unwrapper.unwrap(block, &mut |piece| self.add(piece));
            self.unwrapper = Some(unwrapper);
        }
    }

    fn add(&mut self, piece: Piece<'_>) {
        let Self { tally, sample, .. } = self;
        match piece {
            Piece::Lines(block) => tally.add_block(block, &mut |line| note(sample, line)),
            Piece::Line(line) => tally.add(line, &mut |line| note(sample, line)),
            Piece::Foreign(line) => {
                telemetry::NO_ENVELOPE.add(1);
                tally.add_unmatched();
                note(sample, line);
            }
            Piece::TooLong => {
                telemetry::TOO_LONG.add(1);
                tally.add_unmatched();
                note(sample, b"a line of more than a megabyte");
            }
        }
    }

    /// What to say about lines since the last flush that do not have the format.
    pub(crate) fn unmatched(&mut self, file: &str) -> String {
        let (lines, unmatched) = self.tally.lines();
        let (lines_now, unmatched_now) = (lines - self.before.0, unmatched - self.before.1);
        self.before = (lines, unmatched);
        telemetry::LINES.add(lines_now);
        telemetry::UNMATCHED.add(unmatched_now);
        let sample = std::mem::take(&mut self.sample);
        if unmatched_now == 0 {
            return String::new();
        }
        format!("{file}: {unmatched_now} of {lines_now} lines do not have the format, the first {sample}")
    }
}

/// Keeps the first line without the format since the last flush.
#[cold]
fn note(sample: &mut String, line: &[u8]) {
    if sample.is_empty() {
        let shown = &line[..line.len().min(SAMPLE_BYTES_MAX)];
        let _infallible = write!(sample, "`{}`", String::from_utf8_lossy(shown).escape_debug());
    }
}
