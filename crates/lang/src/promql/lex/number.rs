//! Numbers: decimal, hexadecimal, octal, with `_` between digits; and durations such as `1h30m`.

use super::Kind;

/// Which word `text` starts with and how long it is, or how many bytes are neither.
pub(super) fn scan(text: &str) -> Result<(Kind, usize), usize> {
    let bytes = text.as_bytes();
    let length = number_length(bytes);
    let in_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    if !bytes.get(length).is_some_and(in_word) {
        return number(&text[..length]).map(|_| (Kind::Number, length)).ok_or(length);
    }
    let length = bytes.iter().take_while(|b| in_word(b)).count();
    duration_ms(&text[..length]).map(|_| (Kind::Duration, length)).ok_or(length)
}

fn number_length(bytes: &[u8]) -> usize {
    let run = |from: usize, wanted: fn(u8) -> bool| {
        from + bytes.get(from..).unwrap_or_default().iter().take_while(|b| wanted(**b)).count()
    };
    if bytes.len() > 2 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X') {
        return run(2, |b| b.is_ascii_hexdigit() || b == b'_');
    }
    let mut at = run(0, in_digits);
    if bytes.get(at) == Some(&b'.') {
        at = run(at + 1, in_digits);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at = run(at + 1 + sign, in_digits);
        }
    }
    at
}

fn in_digits(b: u8) -> bool {
    b.is_ascii_digit() || b == b'_'
}

/// The value of a number or, in seconds, of a duration.
pub(in crate::promql) fn number(text: &str) -> Option<f64> {
    if text.ends_with(|c: char| c.is_ascii_alphabetic()) && !text.starts_with("0x") && !text.starts_with("0X")
    {
        return duration_ms(text).map(|ms| ms as f64 / 1000.0);
    }
    if !text.contains('_') {
        return plain(text);
    }
    // A line below stands between two digits only.
    let bytes = text.as_bytes();
    let fits = |at: usize| {
        let near = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_hexdigit);
        bytes[at] != b'_' || (near(at.checked_sub(1)) && near(Some(at + 1)))
    };
    (0..bytes.len()).all(fits).then(|| plain(&text.replace('_', ""))).flatten()
}

// Whole numbers that start with a zero are octal, as in C; `08` is none and therefore eight.
fn plain(text: &str) -> Option<f64> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok().map(|n| n as f64);
    }
    if text.len() > 1 && text.starts_with('0') && text.bytes().all(|b| matches!(b, b'0'..=b'7')) {
        return i64::from_str_radix(text, 8).ok().map(|n| n as f64);
    }
    text.parse().ok()
}

const UNITS_MS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

// Each unit at most once, from the longest to the shortest.
fn duration_ms(text: &str) -> Option<u64> {
    let (mut rest, mut total, mut units) = (text, 0u64, &UNITS_MS[..]);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let count: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let at = units.iter().position(|(name, _)| *name == &rest[..letters])?;
        total = total.checked_add(count.checked_mul(units[at].1)?)?;
        (rest, units) = (&rest[letters..], &units[at + 1..]);
    }
    (total <= DURATION_MS_MAX).then_some(total)
}

/// Longest duration: what fits into nanoseconds of 64 bits, as in Prometheus.
const DURATION_MS_MAX: u64 = i64::MAX as u64 / 1_000_000;
