//! Texts in quotes.

/// Bytes of the text in quotes that `bytes` start with, or none if it is never closed.
pub(super) fn scan(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    loop {
        match *bytes.get(at)? {
            found if found == quote => return Some(at + 1),
            b'\\' if quote != b'`' => at += 2,
            b'\n' if quote != b'`' => return None,
            _ => at += 1,
        }
    }
}

/// What a text in quotes says, or what is wrong with it and at which byte.
pub(in crate::promql) fn unquote(quoted: &str) -> Result<String, (usize, String)> {
    let inner = &quoted[1..quoted.len() - 1];
    if quoted.starts_with('`') || !inner.contains('\\') {
        return Ok(inner.to_owned());
    }
    let quote = char::from(quoted.as_bytes()[0]);
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let place = quoted.len() - 1 - rest.len() + at;
        rest = escape(&rest[at + 1..], quote, &mut bytes).map_err(|message| (place, message))?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| (0, format!("error unquoting string {quoted}: not UTF-8")))
}

// `rest` follows a backslash; gives what follows the escape.
fn escape<'a>(rest: &'a str, quote: char, out: &mut Vec<u8>) -> Result<&'a str, String> {
    let found = rest.chars().next().ok_or("escape sequence not terminated")?;
    let tail = &rest[found.len_utf8()..];
    let single = match found {
        'a' => Some(7),
        'b' => Some(8),
        'f' => Some(12),
        'n' => Some(b'\n'),
        'r' => Some(b'\r'),
        't' => Some(b'\t'),
        'v' => Some(11),
        '\\' => Some(b'\\'),
        c if c == quote => Some(quote as u8),
        _ => None,
    };
    if let Some(byte) = single {
        out.push(byte);
        return Ok(tail);
    }
    let (digits, radix, length) = match found {
        '0'..='7' => (rest, 8, 3),
        'x' => (tail, 16, 2),
        'u' => (tail, 16, 4),
        'U' => (tail, 16, 8),
        _ => return Err(format!("unknown escape sequence \\{found}")),
    };
    let bad = || "illegal character in escape sequence".to_owned();
    let code = digits.get(..length).filter(|d| d.chars().all(|c| c.is_digit(radix))).ok_or_else(bad)?;
    let code = u32::from_str_radix(code, radix).map_err(|_| bad())?;
    if length <= 3 {
        out.push(u8::try_from(code).map_err(|_| "octal value over 255".to_owned())?);
    } else {
        let c = char::from_u32(code).ok_or("escape sequence is an invalid Unicode code point")?;
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(&digits[length..])
}
