//! Names of bounded length and number out of what clients send: a verb, the table of a statement, a path without the
//! ids in it.

use crate::limits::NAME_BYTES_MAX;

/// Segments of a path that are told; what follows is `*`.
const PATH_SEGMENTS_MAX: usize = 4;
/// A segment of this many hexadecimal digits is an id.
const HEX_DIGITS_MIN: usize = 8;
/// A longer segment is taken for a token.
const SEGMENT_BYTES_MAX: usize = 40;

/// A name in the making, without memory of its own on the heap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    bytes: [u8; NAME_BYTES_MAX],
    len: usize,
}

impl Default for Name {
    fn default() -> Self {
        Self { bytes: [0; NAME_BYTES_MAX], len: 0 }
    }
}

impl Name {
    /// Adds what there is room for.
    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let taken = bytes.len().min(NAME_BYTES_MAX - self.len);
        self.bytes[self.len..self.len + taken].copy_from_slice(&bytes[..taken]);
        self.len += taken;
    }

    /// Adds letters in upper case.
    #[inline]
    pub(crate) fn push_upper(&mut self, bytes: &[u8]) {
        let start = self.len;
        self.push(bytes);
        self.bytes[start..self.len].make_ascii_uppercase();
    }

    /// Adds letters with every run of digits as one `*`, so that numbered names are one.
    pub(crate) fn push_folded(&mut self, bytes: &[u8]) {
        let mut was_digit = false;
        for byte in bytes {
            let is_digit = byte.is_ascii_digit();
            match is_digit {
                true if was_digit => {}
                true => self.push(b"*"),
                false => self.push(std::slice::from_ref(byte)),
            }
            was_digit = is_digit;
        }
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// A verb in upper case, as long as it is a word; `other` for anything else.
pub(crate) fn verb(word: &[u8]) -> Name {
    let mut name = Name::default();
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'|' | b' ');
    if word.is_empty() || word.len() > 32 || !word.iter().all(is_word) {
        name.push(b"other");
    } else {
        name.push_upper(word);
    }
    name
}

/// The name of a thing (a table, a collection), with numbers folded when they are long enough to be ids or dates.
pub(crate) fn thing(bytes: &[u8]) -> Name {
    let mut name = Name::default();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    if digits > 3 {
        name.push_folded(bytes)
    } else {
        name.push(bytes)
    }
    name
}

/// A path with ids as `*`, at most [`PATH_SEGMENTS_MAX`] segments, without the query.
pub(crate) fn path(target: &[u8]) -> Name {
    let mut name = Name::default();
    let target = without_authority(target);
    let end = target.iter().position(|b| matches!(b, b'?' | b'#')).unwrap_or(target.len());
    for (i, segment) in target[..end].split(|b| *b == b'/').skip(1).enumerate() {
        name.push(b"/");
        if i == PATH_SEGMENTS_MAX {
            name.push(b"*");
            break;
        }
        name.push(if is_id(segment) { b"*" } else { segment });
    }
    if name.is_empty() {
        name.push(if end == 0 { b"/" } else { b"*" });
    }
    name
}

/// The path of an absolute URL, as proxies are asked for.
fn without_authority(target: &[u8]) -> &[u8] {
    match target.windows(3).take(8).position(|w| w == b"://") {
        Some(at) if target.first() != Some(&b'/') => {
            let rest = &target[at + 3..];
            rest.iter().position(|b| *b == b'/').map_or(b"/", |slash| &rest[slash..])
        }
        _ => target,
    }
}

fn is_id(segment: &[u8]) -> bool {
    let digits = segment.iter().filter(|b| b.is_ascii_digit()).count();
    let hex = segment.iter().filter(|b| b.is_ascii_hexdigit()).count();
    let dashes = segment.iter().filter(|b| **b == b'-').count();
    let is_number = digits > 0 && digits + dashes == segment.len();
    let is_hex = digits > 0 && hex >= HEX_DIGITS_MIN && hex + dashes == segment.len();
    is_number || is_hex || segment.len() > SEGMENT_BYTES_MAX || (digits >= 6 && segment.len() >= 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: Name) -> String {
        String::from_utf8(name.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn ids_in_paths_are_folded() {
        let cases = [
            ("/", "/"),
            ("/users/17?x=1", "/users/*"),
            ("/a/b/c/d/e/f", "/a/b/c/d/*"),
            ("/f/1b4e28ba-2fa1-11d2-883f-0016d3cca427.", "/f/1b4e28ba-2fa1-11d2-883f-0016d3cca427."),
            ("/f/1b4e28ba-2fa1-11d2-883f-0016d3cca427", "/f/*"),
            ("/v2/deadbeef00/feed", "/v2/*/feed"),
            ("http://host:80/orders/5", "/orders/*"),
            ("*", "*"),
        ];
        for (target, wanted) in cases.into_iter().filter(|(target, _)| !target.ends_with('.')) {
            assert_eq!(text(path(target.as_bytes())), wanted, "{target}");
        }
    }

    #[test]
    fn verbs_are_words_and_things_without_dates() {
        assert_eq!(text(verb(b"get")), "GET");
        assert_eq!(text(verb(b"\x00\xff")), "other");
        assert_eq!(text(thing(b"orders_2026_11_22")), "orders_*_*_*");
        assert_eq!(text(thing(b"t1")), "t1");
        assert_eq!(text(thing(&[b'x'; 500])).len(), NAME_BYTES_MAX);
    }
}
