//! What became of untrusted input: bad lines are data, not an error. What was good goes on; what was not is counted,
//! and the first few are told with place and reason.

use std::fmt;

/// Most rejected items that are told one by one; the rest are only counted.
pub const REASONS_MAX: usize = 10;
/// Longest reason, in bytes; longer ones are cut.
pub const REASON_BYTES_MAX: usize = 300;

/// Where in the input something was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// Line, from 1.
    Line(usize),
    /// Item of a list, from 1.
    Item(usize),
    /// Byte, from 0.
    Byte(usize),
    /// The input as a whole.
    Whole,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(n) => write!(f, "line {n}"),
            Self::Item(n) => write!(f, "item {n}"),
            Self::Byte(n) => write!(f, "byte {n}"),
            Self::Whole => write!(f, "input"),
        }
    }
}

/// A rejected item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Where.
    pub position: Position,
    /// Why, for people.
    pub reason: String,
}

/// Counts of what was taken and refused, with the first reasons.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Samples taken.
    pub accepted: u64,
    /// Lines, items or samples refused.
    pub rejected: u64,
    /// Parts that were understood and left out on purpose, as they are no samples (text fields, exemplars …).
    pub skipped: u64,
    /// The first [`REASONS_MAX`] refusals.
    pub reasons: Vec<Rejection>,
}

impl Report {
    /// Counts one refusal; the reason is only made while there is room to keep it.
    pub fn reject(&mut self, position: Position, reason: impl fmt::Display) {
        self.rejected += 1;
        if self.reasons.len() < REASONS_MAX {
            let mut reason = reason.to_string();
            if reason.len() > REASON_BYTES_MAX {
                let cut = (0..=REASON_BYTES_MAX).rev().find(|&i| reason.is_char_boundary(i)).unwrap_or(0);
                reason.truncate(cut);
                reason.push('…');
            }
            self.reasons.push(Rejection { position, reason });
        }
    }

    /// Adds the counts and reasons of another.
    pub fn merge(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.skipped += other.skipped;
        let room = REASONS_MAX.saturating_sub(self.reasons.len());
        self.reasons.extend(other.reasons.into_iter().take(room));
    }

    /// Whether nothing was refused.
    pub fn is_clean(&self) -> bool {
        self.rejected == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} accepted, {} rejected", self.accepted, self.rejected)?;
        for Rejection { position, reason } in &self.reasons {
            write!(f, "; {position}: {reason}")?;
        }
        Ok(())
    }
}
