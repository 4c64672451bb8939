//! Text protocols read line by line; a line that is too long or not UTF-8 is refused alone.

use model::{Position, Report};

/// Longest line a text protocol may have, in bytes without its end.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// Calls `line` with the number (from 1) and text of each line that is not blank, without white space at its ends.
/// An error from it refuses the line.
pub(crate) fn for_each<E: std::fmt::Display>(
    input: &[u8],
    report: &mut Report,
    mut line: impl FnMut(usize, &str, &mut Report) -> Result<(), E>,
) {
    for (number, bytes) in (1..).zip(split(input)) {
        let result = match check(bytes) {
            Ok("") => continue,
            Ok(text) => line(number, text, report).map_err(|e| e.to_string()),
            Err(reason) => Err(reason),
        };
        if let Err(reason) = result {
            report.reject(Position::Line(number), reason);
        }
    }
}

/// The lines without their ends; what follows the last line end is a line too, unless it is empty.
fn split(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = input;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, next) = match memchr::memchr(b'\n', rest) {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        rest = next;
        Some(line)
    })
}

/// The text of a line without white space at its ends, or why it cannot be read.
pub(crate) fn check(bytes: &[u8]) -> Result<&str, String> {
    if bytes.len() > LINE_BYTES_MAX {
        return Err(too_long(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| not_utf8(&e))?;
    Ok(text.trim_ascii())
}

/// The reason for refusing a line of `len` bytes.
pub(crate) fn too_long(len: usize) -> String {
    format!("the line has {len} bytes, at most {LINE_BYTES_MAX} are allowed")
}

/// The reason for refusing a line with this defect.
pub(crate) fn not_utf8(error: &std::str::Utf8Error) -> String {
    format!("not UTF-8 at byte {} of the line", error.valid_up_to())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_trimmed_and_refused_alone() {
        let long = "x".repeat(LINE_BYTES_MAX + 1);
        let input = [b"a\r\n\n \xff\n b \n".as_slice(), long.as_bytes(), b"\nno\nc"].concat();
        let (mut seen, mut report) = (Vec::new(), Report::default());
        for_each(&input, &mut report, |number, text, report| {
            seen.push((number, text.to_owned()));
            report.accepted += 1;
            if text == "no" { Err("no") } else { Ok(()) }
        });
        let seen: Vec<_> = seen.iter().map(|(n, t)| (*n, t.as_str())).collect();
        assert_eq!(seen, [(1, "a"), (4, "b"), (6, "no"), (7, "c")]);
        let reasons: Vec<_> =
            report.reasons.iter().map(|r| format!("{}: {}", r.position, r.reason)).collect();
        assert_eq!(
            reasons,
            [
                "line 3: not UTF-8 at byte 1 of the line",
                "line 5: the line has 65537 bytes, at most 65536 are allowed",
                "line 6: no",
            ]
        );
    }
}
