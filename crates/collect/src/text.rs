//! The kernel's text files as bytes: lines, fields, numbers. Nothing here allocates, fails loudly or panics.

/// The lines of a text, without their ends.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        Some(line)
    })
}

/// The fields of a line, which blanks and tabs separate.
pub fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|b| !is_blank(*b))?;
        let end = rest[start..].iter().position(|b| is_blank(*b)).map_or(rest.len(), |n| start + n);
        let field = &rest[start..end];
        rest = &rest[end..];
        Some(field)
    })
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t' || byte == b'\r'
}

/// The numbers of a line up to the first field that is none, into `to`; returns how many there were.
pub fn numbers(line: &[u8], to: &mut [u64]) -> usize {
    let mut count = 0;
    for (place, value) in to.iter_mut().zip(fields(line).map_while(number)) {
        *place = value;
        count += 1;
    }
    count
}

/// A whole number of digits only; what is above `u64::MAX` is none.
pub fn number(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    field.iter().try_fold(0u64, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { sum.checked_mul(10)?.checked_add(u64::from(digit)) }
    })
}

/// A whole number that may have a minus sign.
pub fn signed(field: &[u8]) -> Option<i64> {
    match field.strip_prefix(b"-") {
        Some(digits) => number(digits).and_then(|n| 0i64.checked_sub_unsigned(n)),
        None => number(field).and_then(|n| i64::try_from(n).ok()),
    }
}

/// A number such as `0.25` or `17`; at most 15 digits after the point count.
pub fn decimal(field: &[u8]) -> Option<f64> {
    let point = memchr::memchr(b'.', field).unwrap_or(field.len());
    let whole = number(&field[..point])? as f64;
    let fraction = field.get(point + 1..).unwrap_or_default();
    let fraction = &fraction[..fraction.len().min(15)];
    if fraction.is_empty() {
        return Some(whole);
    }
    // One division, so that "0.29" gives the float nearest to 0.29.
    let scale = 10f64.powi(fraction.len() as i32);
    Some((whole * scale + number(fraction)? as f64) / scale)
}

/// A number in hexadecimal digits.
pub fn hexadecimal(field: &[u8]) -> Option<u64> {
    if field.is_empty() || field.len() > 16 {
        return None;
    }
    field.iter().try_fold(0u64, |sum, byte| Some(sum << 4 | u64::from((*byte as char).to_digit(16)?)))
}

/// A count of the kernel in decimal digits, or in hexadecimal ones after `0x`; one with all bits set stands for "not
/// known".
pub fn quantity(field: &[u8]) -> Option<f64> {
    let value = match field.strip_prefix(b"0x") {
        Some(digits) => hexadecimal(digits),
        None => number(field),
    };
    value.filter(|value| *value != u64::MAX).map(|value| value as f64)
}

/// A value in another unit. A hundredth is taken by dividing, so that 41 percent are 0.41 and not the float above it.
pub fn times(value: f64, factor: f64) -> f64 {
    if factor < 1.0 { value / (1.0 / factor).round() } else { value * factor }
}

/// A text without blanks and line ends around it.
pub fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

/// The place in `keys` of the first that equals `key`, looking from `*cursor` on and round. Files list their keys in
/// the same order every time, so the next one is nearly always where the cursor stands.
pub fn place_of(key: &[u8], keys: &[&str], cursor: &mut usize) -> Option<usize> {
    let at =
        (0..keys.len()).map(|step| (*cursor + step) % keys.len()).find(|&at| keys[at].as_bytes() == key)?;
    *cursor = (at + 1) % keys.len();
    Some(at)
}

#[cfg(test)]
mod tests;
