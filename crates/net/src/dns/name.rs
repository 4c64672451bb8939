//! Names as bytes and as text. As text they have no dot at the end (the root is "."), and bytes that are no plain
//! character are written `\DDD`.

use super::message::{Malformed, malformed};

/// Longest name, in bytes of a message.
const NAME_BYTES_MAX: usize = 255;
/// Longest part of a name, in bytes.
const LABEL_BYTES_MAX: usize = 63;

/// Appends `name` to `out` as a message has it; the error is for people. A dot at the end changes nothing.
pub(super) fn encode(name: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let refuse =
        |why: &str| Err(format!("`{}` is not a name that can be asked for: {why}", name.escape_debug()));
    let start = out.len();
    let bare = name.strip_suffix('.').unwrap_or(name);
    for label in bare.split('.').filter(|_| !bare.is_empty()) {
        if label.is_empty() {
            return refuse("two dots in a row");
        }
        if label.len() > LABEL_BYTES_MAX {
            return refuse("a part is longer than 63 bytes");
        }
        if !label.bytes().all(|b| b.is_ascii_graphic() && b != b'\\') {
            return refuse("only plain characters (write others as punycode)");
        }
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    if out.len() - start > NAME_BYTES_MAX { refuse("it is longer than 255 bytes") } else { Ok(()) }
}

/// Reads the name at `at` of `message`; gives it and where the bytes after it start.
///
/// A pointer must lead to before everything read of the name so far, so no chain of pointers goes round.
pub(super) fn decode(message: &[u8], at: usize) -> Result<(String, usize), Malformed> {
    let (mut text, mut at, mut run, mut end, mut bytes) = (String::new(), at, at, None, 1);
    loop {
        let len = usize::from(*message.get(at).ok_or_else(|| malformed("a name ends early"))?);
        match len {
            0 => break,
            1..=LABEL_BYTES_MAX => {
                let label =
                    message.get(at + 1..at + 1 + len).ok_or_else(|| malformed("a name ends early"))?;
                bytes += len + 1;
                if bytes > NAME_BYTES_MAX {
                    return Err(malformed("a name longer than 255 bytes"));
                }
                push_label(&mut text, label);
                at += 1 + len;
            }
            0xc0.. => {
                let low = *message.get(at + 1).ok_or_else(|| malformed("a name ends early"))?;
                end.get_or_insert(at + 2);
                at = (len & 0x3f) << 8 | usize::from(low);
                if at >= run {
                    return Err(malformed("a name that points forwards"));
                }
                run = at;
            }
            _ => return Err(malformed("a part of a name of an unknown form")),
        }
    }
    if text.is_empty() {
        text.push('.');
    }
    Ok((text, end.unwrap_or(at + 1)))
}

fn push_label(text: &mut String, label: &[u8]) {
    if !text.is_empty() {
        text.push('.');
    }
    for &byte in label {
        if byte.is_ascii_graphic() && !matches!(byte, b'.' | b'\\') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("\\{byte:03}"));
        }
    }
}

/// Whether two names are the same: case and a dot at the end make no difference.
pub(super) fn same(one: &str, other: &str) -> bool {
    let bare = |name: &'_ str| name.strip_suffix('.').map_or(name.len(), str::len);
    one[..bare(one)].eq_ignore_ascii_case(&other[..bare(other)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(name: &str) -> String {
        let mut bytes = vec![9; 3];
        encode(name, &mut bytes).unwrap();
        let (text, end) = decode(&bytes, 3).unwrap();
        assert_eq!(end, bytes.len());
        text
    }

    #[test]
    fn names_survive_the_way_there_and_back() {
        for (name, read) in
            [("a.example", "a.example"), ("a.example.", "a.example"), (".", "."), ("_x._tcp.b", "_x._tcp.b")]
        {
            assert_eq!(round(name), read);
        }
        let long = vec!["abcdefg"; 31].join(".");
        assert_eq!(round(&long), long);
    }

    #[test]
    fn what_no_server_could_know_is_refused_with_the_reason() {
        let label = "a".repeat(64);
        let long = vec!["abcdefg"; 32].join(".");
        for (name, why) in [
            ("a..b", "two dots"),
            (".a", "two dots"),
            (&label, "63"),
            (&long, "255"),
            ("ä.b", "punycode"),
            ("a b", "plain"),
        ] {
            let error = encode(name, &mut Vec::new()).unwrap_err();
            assert!(error.contains(why), "{name}: {error}");
        }
    }

    #[test]
    fn pointers_lead_backwards_only() {
        let message = b"\x01b\x00\x01a\xc0\x00\xc0\x03";
        assert_eq!(decode(message, 3).unwrap(), ("a.b".into(), 7));
        assert_eq!(decode(message, 7).unwrap(), ("a.b".into(), 9));
        for bad in
            [&b"\xc0\x00"[..], b"\xc0\x02\x00", b"\x01a\xc0\x00", b"\x01", b"\x05a", b"\xc0", b"\x40a\x00"]
        {
            assert!(decode(bad, 0).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_plain_character_are_shown_as_numbers() {
        assert_eq!(decode(b"\x04a.\x00\\\x00", 0).unwrap().0, "a\\046\\000\\092");
    }

    #[test]
    fn case_and_the_last_dot_make_no_difference() {
        assert!(same("A.example.", "a.EXAMPLE") && !same("a", "b") && !same("a.", "a.b"));
    }
}
