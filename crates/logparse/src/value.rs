//! Values of fields as numbers and parts.

mod short;

pub(crate) use short::Short;

/// Methods that have a label of their own; others are one, because anybody can make some up.
pub(crate) const METHODS: [&str; 13] = [
    "GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND", "REPORT",
    "PURGE", "~other",
];
const OTHER_METHOD: u8 = METHODS.len() as u8 - 1;
/// A line without a method: an empty request, or bytes of something else.
pub(crate) const NO_METHOD: u8 = u8::MAX;

/// The parts of a request line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) method: u8,
    pub(crate) url: &'a [u8],
    pub(crate) protocol: &'a [u8],
}

/// Takes `GET /path HTTP/1.1` apart. What is no request line has neither method nor URL.
#[inline]
pub(crate) fn request(line: &[u8]) -> Request<'_> {
    const NONE: Request<'static> = Request { method: NO_METHOD, url: b"", protocol: b"" };
    let (method, rest) = match line {
        [b'G', b'E', b'T', b' ', rest @ ..] => (0, rest),
        [b'P', b'O', b'S', b'T', b' ', rest @ ..] => (1, rest),
        _ => {
            let Some(space) = line.iter().take(24).position(|byte| *byte == b' ') else { return NONE };
            (method(&line[..space]), &line[space + 1..])
        }
    };
    if method == NO_METHOD {
        return NONE;
    }
    match rest.len().checked_sub(9) {
        Some(at) if rest[at..].starts_with(b" HTTP/") => {
            Request { method, url: &rest[..at], protocol: &rest[at + 1..] }
        }
        _ => unusual(method, rest),
    }
}

/// `HTTP/2`, or no protocol, as in HTTP 0.9.
fn unusual(method: u8, rest: &[u8]) -> Request<'_> {
    match memchr::memrchr(b' ', rest) {
        Some(at) if rest[at + 1..].starts_with(b"HTTP/") => {
            Request { method, url: &rest[..at], protocol: &rest[at + 1..] }
        }
        _ => Request { method, url: rest, protocol: b"" },
    }
}

/// The number of a method.
#[inline]
pub(crate) fn method(name: &[u8]) -> u8 {
    match name {
        b"GET" => 0,
        b"POST" => 1,
        _ if name.is_empty() || !name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'-') => {
            NO_METHOD
        }
        _ => METHODS.iter().position(|known| known.as_bytes() == name).map_or(OTHER_METHOD, |at| at as u8),
    }
}

/// A status of three digits; 0 for everything else.
#[inline]
pub(crate) fn status(text: &[u8]) -> u16 {
    match text {
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
            u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0')
        }
        _ => 0,
    }
}

/// A whole number; 0 for `-` and whatever else is none.
#[inline]
pub(crate) fn whole(text: &[u8]) -> u64 {
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.take(18).fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

/// A time in seconds: a number of units, or with a unit of its own as in `1.5ms`; `None` for `-`, negative ones and
/// whatever else is none.
#[inline]
pub(crate) fn seconds(text: &[u8], unit: f64) -> Option<f64> {
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let (mut sum, mut scale, mut at) = (0u64, 1.0, 0);
    while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    let whole = at;
    if text.get(at) == Some(&b'.') {
        at += 1;
        while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
            sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
        scale = *TENTHS.get(at - whole - 1)?;
    }
    if at == 0 || at > DIGITS_MAX {
        return None;
    }
    let unit = if at == text.len() { unit } else { own_unit(&text[at..])? };
    Some(sum as f64 * (scale * unit))
}

/// Digits that fit into 64 bits, and a point.
const DIGITS_MAX: usize = 20;
/// What digits behind the point are worth; multiplied, as dividing takes several times as long.
const TENTHS: [f64; 19] = [
    1.0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
    1e-16, 1e-17, 1e-18,
];

#[cold]
fn own_unit(text: &[u8]) -> Option<f64> {
    match text {
        b"s" => Some(1.0),
        b"ms" => Some(1e-3),
        b"us" => Some(1e-6),
        b"ns" => Some(1e-9),
        b"m" => Some(60.0),
        _ => (text == "µs".as_bytes() || text == "μs".as_bytes()).then_some(1e-6),
    }
}

/// Attempts of a list that nginx writes: `0.1, 0.2 : 0.3`, commas between servers, colons between groups of them.
#[inline]
pub(crate) fn attempts(list: &[u8]) -> Attempts<'_> {
    Attempts { rest: list, is_over: false }
}

/// See [`attempts`].
#[derive(Debug, Clone)]
pub(crate) struct Attempts<'a> {
    rest: &'a [u8],
    is_over: bool,
}

impl<'a> Iterator for Attempts<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.is_over {
            return None;
        }
        // Addresses have colons, too, but without blanks.
        let mut from = 0;
        while let Some(space) = self.rest[from..].iter().position(|byte| *byte == b' ').map(|at| from + at) {
            let (before, after) = (&self.rest[..space], &self.rest[space + 1..]);
            let found = match before {
                [item @ .., b','] => Some((item, after)),
                _ => after.strip_prefix(b": ").map(|after| (before, after)),
            };
            if let Some((item, after)) = found {
                self.rest = after;
                return Some(item);
            }
            from = space + 1;
        }
        self.is_over = true;
        Some(self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines_are_taken_apart() {
        for (line, method, url, protocol) in [
            ("GET /a HTTP/1.1", 0, "/a", "HTTP/1.1"),
            ("POST /a b HTTP/2.0", 1, "/a b", "HTTP/2.0"),
            ("GET /a HTTP/2", 0, "/a", "HTTP/2"),
            ("GET /a", 0, "/a", ""),
            ("BREW /a HTTP/1.1", OTHER_METHOD, "/a", "HTTP/1.1"),
            ("", NO_METHOD, "", ""),
            ("-", NO_METHOD, "", ""),
            ("\\x16\\x03\\x01 \\x02", NO_METHOD, "", ""),
            ("<BADREQ>", NO_METHOD, "", ""),
        ] {
            let wanted = Request { method, url: url.as_bytes(), protocol: protocol.as_bytes() };
            assert_eq!(request(line.as_bytes()), wanted, "{line}");
        }
    }

    #[test]
    fn numbers_and_times_are_read() {
        assert_eq!([status(b"200"), status(b"-"), status(b"2000"), status(b"000")], [200, 0, 0, 0]);
        assert_eq!([whole(b"512"), whole(b"-"), whole(b"+7"), whole(b"")], [512, 0, 7, 0]);
        for (text, wanted) in [
            ("0.023", Some(0.023)),
            ("12", Some(12.0)),
            ("-", None),
            ("", None),
            ("-1", None),
            (".5", Some(0.5)),
            ("1.5ms", Some(0.0015)),
            ("20µs", Some(0.00002)),
            ("1h", None),
            ("99999999999999999999999", None),
        ] {
            let read = seconds(text.as_bytes(), 1.0);
            assert!(
                read.zip(wanted).map_or(read == wanted, |(a, b)| (a - b).abs() < 1e-12),
                "{text}: {read:?}"
            );
        }
        assert_eq!(seconds(b"69", 1e-3), Some(0.069));
    }

    #[test]
    fn attempts_are_told_apart() {
        let all = |list: &str| {
            attempts(list.as_bytes())
                .map(|a| String::from_utf8_lossy(a).into_owned())
                .collect::<Vec<_>>()
                .join("|")
        };
        assert_eq!(all("0.1, 0.2 : 0.3"), "0.1|0.2|0.3");
        assert_eq!(all("10.0.0.1:80, unix:/tmp/x : [::1]:80"), "10.0.0.1:80|unix:/tmp/x|[::1]:80");
        assert_eq!(all("-"), "-");
        assert_eq!(all("a b"), "a b");
    }
}
