//! Finding where a literal is.

use super::Escape;
use memchr::memchr;

/// The first place of a literal, which is not empty, from `from` on; a quote behind a backslash is no quote.
#[inline]
pub(super) fn find(line: &[u8], from: usize, literal: &[u8], escape: Escape) -> Option<usize> {
    let (first, rest) = literal.split_first()?;
    let mut at = from;
    loop {
        at += memchr(*first, line.get(at..)?)?;
        if line[at + 1..].starts_with(rest) && !(escape == Escape::Backslash && is_escaped(line, from, at)) {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether a quote at `at` stands behind an odd number of backslashes that belong to the same value.
#[inline]
fn is_escaped(line: &[u8], from: usize, at: usize) -> bool {
    line[at] == b'"' && line[from..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}
