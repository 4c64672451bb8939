//! Numbers as the text protocols write them. All round to the nearest `f64`, halves to even.

/// A finite decimal number with optional sign, point and exponent; no infinity, NaN, hexadecimal or separators.
pub(crate) fn finite(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    if !plain {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// [`finite`] of bytes, the usual short numbers without a detour.
#[inline]
pub(crate) fn finite_bytes(text: &[u8]) -> Option<f64> {
    match short_decimal(text) {
        Some(value) => Some(value),
        None => finite(std::str::from_utf8(text).ok()?),
    }
}

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A decimal of at most 15 digits without exponent. Digits and power of ten are exact, so the one division rounds
/// correctly (Clinger 1990).
#[inline]
fn short_decimal(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let (mut number, mut seen, mut point) = (0u64, 0, None);
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            number = number * 10 + u64::from(digit);
            seen += 1;
        } else if byte == b'.' && point.is_none() {
            point = Some(seen);
        } else {
            return None;
        }
    }
    let decimals = seen - point.unwrap_or(seen);
    if seen == 0 || seen > 15 {
        return None;
    }
    let value = if decimals == 0 { number as f64 } else { number as f64 / POWERS[decimals] };
    Some(if negative { -value } else { value })
}

/// A number as Prometheus' text formats have it: [`finite`], or `NaN`, `Inf`, `Infinity` in any case and signed.
pub(crate) fn prometheus(text: &str) -> Option<f64> {
    match text.trim_start_matches(['+', '-']).as_bytes().first() {
        Some(b'i' | b'I' | b'n' | b'N') => text.parse().ok(),
        _ => finite(text),
    }
}

/// A finite number as Go's `strconv.ParseFloat` reads it, which is what Open-Falcon does with text: decimal or
/// hexadecimal with a binary exponent (`0x1.8p3`), underscores between digits.
pub(crate) fn go(text: &str) -> Option<f64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let hex = digits.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"));
    if digits.contains('_') && !underscores_separate_digits(digits, hex) {
        return None;
    }
    let digits = digits.replace('_', "");
    let value = if hex { hexadecimal(&digits[2..])? } else { unsigned_decimal(&digits)? };
    Some(if negative { -value } else { value })
}

fn unsigned_decimal(digits: &str) -> Option<f64> {
    if digits.starts_with(['+', '-']) { None } else { finite(digits) }
}

/// Whether each underscore stands between two digits, or between `0x` and a digit.
fn underscores_separate_digits(digits: &str, hex: bool) -> bool {
    let digit = |b: u8| if hex { b.is_ascii_hexdigit() } else { b.is_ascii_digit() };
    let (mut previous_is_digit, body) = if hex { (true, &digits[2..]) } else { (false, digits) };
    let mut bytes = body.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let next_is_digit = bytes.peek().is_some_and(|b| digit(*b));
        if byte == b'_' && !(previous_is_digit && next_is_digit) {
            return false;
        }
        previous_is_digit = digit(byte);
    }
    true
}

/// `mantissa p exponent`, both there, the exponent decimal.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let exponent: i64 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().next().is_none() || !digits().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    // 60 significant bits and one that says whether anything was cut off: enough to round correctly.
    let (mut bits, mut dropped, mut sticky) = (0u64, 0i64, false);
    for digit in digits() {
        let digit = u64::from((digit as char).to_digit(16)?);
        if bits >> 56 == 0 {
            bits = bits << 4 | digit;
        } else {
            dropped += 4;
            sticky |= digit != 0;
        }
    }
    let power = exponent.checked_add(dropped)?.checked_sub(4 * i64::try_from(fraction.len()).ok()?)?;
    Some(scale(bits, sticky, power)).filter(|value| value.is_finite())
}

/// `bits · 2^power`, rounded once.
fn scale(bits: u64, sticky: bool, power: i64) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let top = 63 - i64::from(bits.leading_zeros()) + power;
    if top > 1023 {
        return f64::INFINITY;
    }
    // Bits that remain: 53, fewer when the result is subnormal.
    let lowest = (top - 52).max(-1074);
    let shift = lowest - power;
    let kept = if shift <= 0 {
        bits << -shift
    } else if shift > 63 {
        0
    } else {
        let (kept, rest, half) = (bits >> shift, bits & ((1 << shift) - 1), 1 << (shift - 1));
        let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
        kept + u64::from(up)
    };
    // Two exact steps, because 2^-1074 itself is subnormal and 2^1023 · 2^53 does not fit.
    let half_power = (lowest / 2) as i32;
    kept as f64 * 2f64.powi(half_power) * 2f64.powi(lowest as i32 - half_power)
}

#[cfg(test)]
mod tests;
