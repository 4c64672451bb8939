//! Urls folded to templates, so that `/users/17/orders` and `/users/18/orders` count as one.
//!
//! | part of a segment | becomes |
//! |---|---|
//! | the query, the fragment, `;jsessionid=…` | nothing |
//! | a segment of digits; three digits and more between `-`, `_`, `.` …; four and more behind letters | `{id}` |
//! | a UUID | `{uuid}` |
//! | hexadecimal digits, 8 and more with both digits and letters among them | `{hash}` |
//! | `2026-11-22`, `2026-11` | `{date}` |
//! | 20 bytes and more with digits, small and capital letters | `{token}` |
//! | something with an `@` and a point behind it | `{email}` |

mod key;

pub(crate) use key::{KEY_BYTES_MAX, key};

use memchr::memchr3;

/// Longest template, in bytes; what is longer is cut.
pub const URL_BYTES_MAX: usize = 120;

/// Folds a URL, `/path?query` or `http://host/path`. The answer lies in the URL itself or in `out`.
#[inline]
pub fn normalise<'a>(url: &'a [u8], out: &'a mut Vec<u8>) -> &'a [u8] {
    let path = path_of(url);
    if path.len() <= URL_BYTES_MAX && !has_digit_or_sign(path) {
        return path;
    }
    fold(path, out);
    out
}

/// What is left without scheme, host, query and fragment.
#[inline]
fn path_of(url: &[u8]) -> &[u8] {
    let url = if url.first() == Some(&b'/') { url } else { without_host(url) };
    match memchr3(b'?', b'#', b';', url) {
        Some(end) => &url[..end],
        None => url,
    }
}

#[cold]
fn without_host(url: &[u8]) -> &[u8] {
    let Some(host) = memchr::memmem::find(&url[..url.len().min(16)], b"://").map(|at| at + 3) else {
        return url;
    };
    match memchr3(b'/', b'?', b'#', &url[host..]) {
        Some(len) if url[host + len] == b'/' => &url[host + len..],
        _ => b"/",
    }
}

/// Whether anything can be folded: a digit or `@` somewhere. Eight bytes at once (Mycroft 1987): exact for "any".
#[inline]
fn has_digit_or_sign(path: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let (words, rest) = path.as_chunks::<8>();
    let any = words.iter().fold(0, |any, word| {
        let word = u64::from_le_bytes(*word);
        let digit = word ^ (ONES * 0x30);
        let sign = word ^ (ONES * 0x40);
        let below_ten = digit.wrapping_sub(ONES * 10) & !digit;
        let zero = sign.wrapping_sub(ONES) & !sign;
        any | ((below_ten | zero) & (ONES * 0x80))
    });
    any != 0 || rest.iter().any(|byte| byte.is_ascii_digit() || *byte == b'@')
}

/// One pass over the bytes; what stays is copied together.
fn fold(path: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let (mut start, mut kept, mut all) = (0, 0, 0);
    for (at, byte) in path.iter().enumerate() {
        if *byte != b'/' {
            all |= class::OF[usize::from(*byte)];
            continue;
        }
        if all & (class::DIGIT | class::SIGN) != 0 {
            out.extend_from_slice(&path[kept..start]);
            fold_segment(&path[start..at], all, out);
            kept = at;
        }
        if out.len() + at - kept > URL_BYTES_MAX {
            out.extend_from_slice(&path[kept..at]);
            return cut(out);
        }
        (start, all) = (at + 1, 0);
    }
    out.extend_from_slice(&path[kept..start]);
    fold_segment(&path[start..], all, out);
    if out.len() > URL_BYTES_MAX {
        cut(out);
    }
}

/// Cuts before the character that goes beyond the limit.
fn cut(out: &mut Vec<u8>) {
    let mut end = URL_BYTES_MAX - 3;
    while end > 0 && out[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    out.truncate(end);
    out.extend_from_slice("…".as_bytes());
}

/// What bytes there are, as one bit a class.
mod class {
    pub(super) const DIGIT: u8 = 1;
    pub(super) const LOWER_HEX: u8 = 2;
    pub(super) const LOWER: u8 = 4;
    pub(super) const UPPER_HEX: u8 = 8;
    pub(super) const UPPER: u8 = 16;
    pub(super) const SEPARATOR: u8 = 32;
    pub(super) const SIGN: u8 = 64;
    pub(super) const OTHER: u8 = 128;

    pub(super) static OF: [u8; 256] = table();

    const fn table() -> [u8; 256] {
        let mut table = [OTHER; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = match byte as u8 {
                b'0'..=b'9' => DIGIT,
                b'a'..=b'f' => LOWER_HEX,
                b'g'..=b'z' => LOWER,
                b'A'..=b'F' => UPPER_HEX,
                b'G'..=b'Z' => UPPER,
                b'-' | b'_' | b'.' | b',' | b'~' | b':' | b'+' | b'=' | b'!' | b'*' | b'(' | b')' | b'\'' => {
                    SEPARATOR
                }
                b'@' => SIGN,
                _ => OTHER,
            };
            byte += 1;
        }
        table
    }
}

/// The classes of all bytes together.
#[inline]
fn classes(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |all, byte| all | class::OF[usize::from(*byte)])
}

/// Folds a segment with these classes of bytes.
fn fold_segment(segment: &[u8], all: u8, out: &mut Vec<u8>) {
    use class::{DIGIT, LOWER, LOWER_HEX, OTHER, SEPARATOR, SIGN, UPPER, UPPER_HEX};
    if all & (DIGIT | SIGN) == 0 {
        return out.extend_from_slice(segment);
    }
    let (lower, upper) = (all & (LOWER | LOWER_HEX) != 0, all & (UPPER | UPPER_HEX) != 0);
    let template: &[u8] = if all == DIGIT {
        b"{id}"
    } else if all & SIGN != 0 && is_email(segment) {
        b"{email}"
    } else if all & !(DIGIT | SEPARATOR) == 0 && is_date(segment) {
        b"{date}"
    } else if is_uuid(segment) && segment.len() == 36 {
        b"{uuid}"
    } else if segment.len() >= 20
        && all & DIGIT != 0
        && lower
        && upper
        && all & OTHER == 0
        && !has_words(segment)
    {
        b"{token}"
    } else {
        return fold_tokens(segment, out);
    };
    out.extend_from_slice(template);
}

/// A name with dots or dashes may have capital letters and a number, too; its parts are short.
fn has_words(segment: &[u8]) -> bool {
    let is_separator = |byte: &u8| class::OF[usize::from(*byte)] == class::SEPARATOR;
    segment.split(is_separator).all(|token| token.len() < 16)
}

/// The parts between separators.
fn fold_tokens(segment: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < segment.len() {
        if is_uuid(&segment[at..]) {
            out.extend_from_slice(b"{uuid}");
            at += 36;
            continue;
        }
        let is_separator = |byte: &u8| class::OF[usize::from(*byte)] & (class::SEPARATOR | class::SIGN) != 0;
        let len = segment[at..].iter().position(is_separator).unwrap_or(segment.len() - at);
        fold_token(&segment[at..at + len], out);
        out.extend(segment.get(at + len));
        at += len + 1;
    }
}

fn fold_token(token: &[u8], out: &mut Vec<u8>) {
    use class::{DIGIT, LOWER_HEX, UPPER_HEX};
    let all = classes(token);
    let is_hex = all & !(DIGIT | LOWER_HEX | UPPER_HEX) == 0;
    if all == DIGIT && token.len() >= 3 {
        return out.extend_from_slice(b"{id}");
    }
    if token.len() >= 8 && is_hex && all & DIGIT != 0 && all != DIGIT {
        return out.extend_from_slice(b"{hash}");
    }
    let digits = token.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if digits >= 4 {
        out.extend_from_slice(&token[..token.len() - digits]);
        return out.extend_from_slice(b"{id}");
    }
    out.extend_from_slice(token);
}

/// Whether it begins with a UUID that is over then.
fn is_uuid(text: &[u8]) -> bool {
    let Some(uuid) = text.get(..36) else { return false };
    let is_part = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.get(36).is_none_or(|next| !next.is_ascii_alphanumeric()) && uuid.iter().enumerate().all(is_part)
}

/// `2026-11-22` or `2026-11`, with `-`, `_` or `.` between.
fn is_date(text: &[u8]) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).and_then(|d| std::str::from_utf8(d).ok()?.parse::<u32>().ok())
    };
    let is_between = |at: usize| matches!(text.get(at), Some(b'-' | b'_' | b'.'));
    let (year, month) = (digits(0..4), digits(5..7));
    let begins = is_between(4)
        && year.is_some_and(|y| (1900..2200).contains(&y))
        && month.is_some_and(|m| (1..=12).contains(&m));
    match text.len() {
        7 => begins,
        10 => begins && is_between(7) && digits(8..10).is_some_and(|d| (1..=31).contains(&d)),
        _ => false,
    }
}

fn is_email(segment: &[u8]) -> bool {
    let mut parts = segment.splitn(2, |byte| *byte == b'@');
    let name = parts.next().is_some_and(|name| !name.is_empty());
    name && parts.next().is_some_and(|domain| domain.contains(&b'.'))
}

#[cfg(test)]
mod tests;
