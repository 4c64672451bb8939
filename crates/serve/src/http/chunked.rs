//! Bodies in chunks (RFC 9112, section 7.1), taken as they come.

/// Most bytes of a body that are no data: extensions of chunks, which nobody knows, and the fields after the last.
const EXTRA_BYTES_MAX: usize = 16 << 10;

/// How far a body has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunked {
    at: At,
    /// Of this chunk; while its size is read, what was read of it.
    left: u64,
    extra_bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the first digit of a size.
    Size,
    Digits,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// At the start of a line after the last chunk.
    Line,
    Trailer,
    LastLf,
    End,
}

/// The bytes are no chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

impl Default for Chunked {
    fn default() -> Self {
        Self { at: At::Size, left: 0, extra_bytes: 0 }
    }
}

impl Chunked {
    /// Whether all of it has come.
    pub fn is_over(&self) -> bool {
        self.at == At::End
    }

    /// Takes data out of `input` and appends it to `out`, until `out` has more than `bytes_max`, the body or the input is
    /// over; gives how many bytes were taken.
    ///
    /// # Errors
    /// These are no chunks.
    pub fn take(&mut self, input: &[u8], out: &mut Vec<u8>, bytes_max: usize) -> Result<usize, Broken> {
        let mut taken = 0;
        while taken < input.len() && self.at != At::End && out.len() <= bytes_max {
            if self.at == At::Data {
                let most = usize::try_from(self.left).unwrap_or(usize::MAX);
                let piece = &input[taken..][..most.min(input.len() - taken)];
                out.extend_from_slice(piece);
                taken += piece.len();
                self.left -= piece.len() as u64;
                if self.left == 0 {
                    self.at = At::DataCr;
                }
                continue;
            }
            self.at = self.step(input[taken])?;
            taken += 1;
        }
        Ok(taken)
    }

    fn step(&mut self, byte: u8) -> Result<At, Broken> {
        Ok(match (self.at, byte) {
            (At::Size | At::Digits, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = (byte as char).to_digit(16).ok_or(Broken)?;
                self.left = self.left.checked_mul(16).ok_or(Broken)? + u64::from(digit);
                At::Digits
            }
            (At::Digits, b'\r') => At::SizeLf,
            (At::Digits, b';' | b' ' | b'\t') => At::Extension,
            (At::Extension, b'\r') => At::SizeLf,
            (At::Extension, b'\n') => return Err(Broken),
            (At::Extension, _) => self.extra(At::Extension)?,
            (At::SizeLf, b'\n') if self.left == 0 => At::Line,
            (At::SizeLf, b'\n') => At::Data,
            (At::DataCr, b'\r') => At::DataLf,
            (At::DataLf, b'\n') => At::Size,
            (At::Line, b'\r') => At::LastLf,
            (At::Line | At::Trailer, b'\n') => self.extra(At::Line)?,
            (At::Line | At::Trailer, _) => self.extra(At::Trailer)?,
            (At::LastLf, b'\n') => At::End,
            _ => return Err(Broken),
        })
    }

    fn extra(&mut self, then: At) -> Result<At, Broken> {
        self.extra_bytes += 1;
        if self.extra_bytes > EXTRA_BYTES_MAX { Err(Broken) } else { Ok(then) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<(String, usize, bool), Broken> {
        let (mut chunked, mut out) = (Chunked::default(), Vec::new());
        let taken = chunked.take(text.as_bytes(), &mut out, 1 << 20)?;
        Ok((String::from_utf8(out).unwrap(), taken, chunked.is_over()))
    }

    #[test]
    fn chunks_are_joined_and_what_follows_is_left() {
        let text = "5\r\nhello\r\nA;x=\"y\"\r\n 123456789\r\n000\r\nA: b\r\n\r\n";
        assert_eq!(all(text), Ok(("hello 123456789".into(), text.len(), true)));
        assert_eq!(all(&format!("{text}GET /")), Ok(("hello 123456789".into(), text.len(), true)));
        assert_eq!(all("0\r\n\r"), Ok((String::new(), 4, false)));
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        let long = format!("1;{}", "x".repeat(EXTRA_BYTES_MAX + 1));
        for text in
            ["zz\r\n", "\r\n", "5\nhello", "5\r\nhelloX", "-1\r\n", "1;\n", "11111111111111111\r\n", &long]
        {
            assert_eq!(all(text), Err(Broken), "{text:.40}");
        }
    }

    #[test]
    fn more_than_is_wanted_is_not_taken() {
        let (mut chunked, mut out) = (Chunked::default(), Vec::new());
        let text = "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n".repeat(10);
        let taken = chunked.take(text.as_bytes(), &mut out, 2).unwrap();
        assert_eq!((out.as_slice(), chunked.is_over()), (b"abc".as_slice(), false));
        assert!(taken < text.len());
    }
}
