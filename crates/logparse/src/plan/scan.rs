//! Literals: finding them, and whether one stands somewhere.

use super::Escape;
use memchr::memchr;
use stdx::simd::Lanes;

/// Text that stands in every line. Up to eight bytes are compared as one number: a call of `memcmp` costs more than all
/// else that is done for a short variable.
#[derive(Debug, Default)]
pub(super) struct Literal {
    word: u64,
    mask: u64,
    len: usize,
    bytes: Box<[u8]>,
}

impl Literal {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut word = [0; 8];
        let len = bytes.len().min(8);
        word[..len].copy_from_slice(&bytes[..len]);
        let mask = if len == 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
        Self { word: u64::from_le_bytes(word), mask, len: bytes.len(), bytes: bytes.into() }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it stands at `at`; nothing stands everywhere up to the end of the line.
    #[inline(always)]
    pub(super) fn is_at(&self, line: &[u8], at: usize) -> bool {
        match line.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            Some(word) if self.len <= 8 => u64::from_le_bytes(*word) & self.mask == self.word,
            _ => line.get(at..).is_some_and(|rest| rest.starts_with(&self.bytes)),
        }
    }

    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The first place from `from` on where it stands and ends before `end`. It is not empty.
    #[inline(always)]
    pub(super) fn find_before(&self, text: &[u8], from: usize, end: usize) -> Option<usize> {
        // Mostly it is near, and where its first byte is.
        if let Some(near) = text.get(from..)?.first_chunk::<16>() {
            let at = from + Lanes::new(near).is(self.word as u8).bits().trailing_zeros() as usize;
            if at < from + 16 && at + self.len <= end && self.is_at(text, at) {
                return Some(at);
            }
        }
        self.find_far_before(text, from, end)
    }

    #[inline(never)]
    fn find_far_before(&self, text: &[u8], from: usize, end: usize) -> Option<usize> {
        let last = end.checked_sub(self.len)?;
        let mut at = from;
        loop {
            at += memchr(self.word as u8, text.get(at..=last)?)?;
            if self.is_at(text, at) {
                return Some(at);
            }
            at += 1;
        }
    }

    /// The first place from `from` on; a quote behind a backslash is no quote. An empty one is nowhere.
    #[inline]
    pub(super) fn find(&self, line: &[u8], from: usize, is_short: bool, escape: Escape) -> Option<usize> {
        let first = *self.bytes.first()?;
        let mut at = from;
        loop {
            at += distance(line.get(at..)?, first, is_short)?;
            if self.is_at(line, at) && !(escape == Escape::Backslash && is_escaped(line, from, at)) {
                return Some(at);
            }
            at += 1;
        }
    }
}

/// How far away a byte is. One that is near is found without the start that a search of any length has.
#[inline(always)]
fn distance(text: &[u8], byte: u8, is_short: bool) -> Option<usize> {
    if is_short && let Some(near) = text.first_chunk::<16>() {
        let found = Lanes::new(near).is(byte).bits();
        if found != 0 {
            return Some(found.trailing_zeros() as usize);
        }
    }
    memchr(byte, text)
}

/// Whether a quote at `at` stands behind an odd number of backslashes that belong to the same value.
#[inline]
fn is_escaped(line: &[u8], from: usize, at: usize) -> bool {
    line[at] == b'"' && line[from..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
