//! Strings of RESP, and how long what stands in a message may be.

use super::super::{line, number};

/// Longest line of a type, a length, an error.
pub(super) const LINE_BYTES_MAX: usize = 4096;
/// Most arguments of a command, and elements of an answer: Redis' own limit is lower.
pub(super) const ELEMENTS_MAX: u64 = 1 << 32;
/// Longest bulk string: Redis' own limit is 512 MB unless set otherwise.
pub(super) const BULK_BYTES_MAX: u64 = 1 << 40;
/// What stands at the begin of bytes.
pub(super) enum Found<T> {
    There(T),
    More,
    Lost,
}

/// A bulk string at the begin: its length with all that is around it, and where its text begins.
pub(super) fn bulk(bytes: &[u8]) -> Found<(usize, u64)> {
    let Some((text, used)) = line(bytes) else {
        return if bytes.len() > 32 || bytes.first().is_some_and(|b| *b != b'$') {
            Found::Lost
        } else {
            Found::More
        };
    };
    match text.split_first().and_then(|(kind, digits)| number(digits).filter(|_| *kind == b'$')) {
        Some(len) if len <= BULK_BYTES_MAX => Found::There((used, used as u64 + len + 2)),
        _ => Found::Lost,
    }
}

/// The text of a bulk string that is there in whole, and how long all of it is.
pub(super) fn word(bytes: &[u8]) -> Found<(&[u8], usize)> {
    match bulk(bytes) {
        Found::There((start, len)) => match usize::try_from(len).ok().filter(|len| *len <= bytes.len()) {
            Some(len) => Found::There((&bytes[start..len - 2], len)),
            None if len > LINE_BYTES_MAX as u64 => Found::Lost,
            None => Found::More,
        },
        Found::More => Found::More,
        Found::Lost => Found::Lost,
    }
}
