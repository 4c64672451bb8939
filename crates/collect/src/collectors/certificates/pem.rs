//! Certificates in text (RFC 7468).

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// The certificates of a text as DER; those whose text is broken are left out.
pub(super) fn certificates(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let begin = memchr::memmem::find(rest, BEGIN)? + BEGIN.len();
            let length = memchr::memmem::find(&rest[begin..], END)?;
            let body = &rest[begin..begin + length];
            rest = &rest[begin + length + END.len()..];
            if let Some(der) = decode(body) {
                return Some(der);
            }
        }
    })
}

/// Base64, blanks and line ends left out.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_between_the_marks_are_decoded() {
        let text = b"Bag\n-----BEGIN CERTIFICATE-----\nTWFu\nTWE=\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nTQ==\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nTWFu";
        assert_eq!(certificates(text).collect::<Vec<_>>(), [b"ManMa".to_vec(), b"M".to_vec()]);
    }
}
