//! Literals: finding them, and whether one stands somewhere.

use super::Escape;
use memchr::memchr;

/// How far short values are looked at byte after byte.
const SHORT_BYTES: usize = 16;

/// Text that stands in every line. Up to eight bytes are compared as one number: a call of `memcmp` costs more than all
/// else that is done for a short variable.
#[derive(Debug)]
pub(super) struct Literal {
    bytes: Box<[u8]>,
    word: u64,
    mask: u64,
}

impl Literal {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut word = [0; 8];
        let len = bytes.len().min(8);
        word[..len].copy_from_slice(&bytes[..len]);
        let mask = if len == 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
        Self { bytes: bytes.into(), word: u64::from_le_bytes(word), mask }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it stands at `at`; nothing stands everywhere up to the end of the line.
    #[inline(always)]
    pub(super) fn is_at(&self, line: &[u8], at: usize) -> bool {
        match line.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(word) if self.bytes.len() <= 8 => u64::from_le_bytes(*word) & self.mask == self.word,
            _ => line.get(at..).is_some_and(|rest| rest.starts_with(&self.bytes)),
        }
    }

    /// The first place from `from` on; a quote behind a backslash is no quote. An empty one is nowhere.
    #[inline]
    pub(super) fn find(&self, line: &[u8], from: usize, is_short: bool, escape: Escape) -> Option<usize> {
        let first = *self.bytes.first()?;
        let mut at = from;
        loop {
            let rest = line.get(at..)?;
            let near =
                if is_short { rest.iter().take(SHORT_BYTES).position(|byte| *byte == first) } else { None };
            at += match near {
                Some(near) => near,
                None => memchr(first, rest)?,
            };
            if self.is_at(line, at) && !(escape == Escape::Backslash && is_escaped(line, from, at)) {
                return Some(at);
            }
            at += 1;
        }
    }
}

/// Whether a quote at `at` stands behind an odd number of backslashes that belong to the same value.
#[inline]
fn is_escaped(line: &[u8], from: usize, at: usize) -> bool {
    line[at] == b'"' && line[from..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
