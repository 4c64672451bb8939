//! JSON-RPC 1.0 as Go's `net/rpc/jsonrpc` speaks it on a bare connection: one JSON object after the other, with nothing
//! between them or with line ends.
//!
//! ```text
//! request := { "method": text, "params": [ value ], "id": any }
//! answer  := { "id": as it came, "result": value, "error": null | text } LF
//! ```

use crate::json::{Error, Kind, Reader};
use std::borrow::Cow;

/// Largest request, in bytes.
pub const REQUEST_BYTES_MAX: usize = 8 << 20;

/// Finds where an object ends that comes in pieces, looking at each byte once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scanner {
    seen: usize,
    depth: usize,
    in_text: bool,
    is_escaped: bool,
}

impl Scanner {
    /// The length of the object, or of the white space, at the start of `bytes`, which must begin where they did at the last
    /// call; `None` when more must come.
    ///
    /// # Errors
    /// What begins like no object, or is too long.
    pub fn measure(&mut self, bytes: &[u8]) -> Result<Option<usize>, String> {
        match bytes.first() {
            Some(b'{') | None => {}
            Some(first) if first.is_ascii_whitespace() => {
                return Ok(Some(bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()));
            }
            Some(_) => return Err("a request that is no JSON object".to_owned()),
        }
        for byte in &bytes[self.seen.min(bytes.len())..] {
            self.seen += 1;
            if self.step(*byte) {
                let len = self.seen;
                *self = Self::default();
                return Ok(Some(len));
            }
        }
        if bytes.len() > REQUEST_BYTES_MAX {
            return Err(format!("a request of more than {REQUEST_BYTES_MAX} bytes"));
        }
        Ok(None)
    }

    /// Whether this byte is the object's last.
    fn step(&mut self, byte: u8) -> bool {
        if self.in_text {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// `Service.Method`.
    pub method: Cow<'a, str>,
    /// The first parameter as JSON; `None` when there are none.
    pub param: Option<&'a [u8]>,
    /// What the answer is known by, as JSON.
    pub id: &'a [u8],
}

impl<'a> Request<'a> {
    /// Reads a request; names of fields are in any case, and the last of equal names counts.
    ///
    /// # Errors
    /// What is no such object.
    pub fn read(input: &'a [u8]) -> Result<Self, Error> {
        let mut request = Self { method: Cow::Borrowed(""), param: None, id: b"null" };
        let mut reader = Reader::new(input);
        reader.object()?;
        while let Some(name) = reader.field()? {
            if name.eq_ignore_ascii_case("method") {
                request.method = if reader.null()? { Cow::Borrowed("") } else { reader.string()? };
            } else if name.eq_ignore_ascii_case("params") {
                request.param = read_params(&mut reader, input)?;
            } else if name.eq_ignore_ascii_case("id") {
                request.id = raw(&mut reader, input)?;
            } else {
                reader.skip()?;
            }
        }
        reader.end()?;
        Ok(request)
    }
}

/// The first parameter. None in the list is as good as `null`, as it is there; what is no list counts as none at all.
fn read_params<'a>(reader: &mut Reader<'a>, input: &'a [u8]) -> Result<Option<&'a [u8]>, Error> {
    if reader.peek()? != Kind::Array {
        return reader.skip().map(|()| None);
    }
    reader.array()?;
    let mut first: Option<&[u8]> = None;
    while reader.element()? {
        let param = raw(reader, input)?;
        first.get_or_insert(param);
    }
    Ok(Some(first.unwrap_or(b"null")))
}

/// The bytes of the next value.
fn raw<'a>(reader: &mut Reader<'a>, input: &'a [u8]) -> Result<&'a [u8], Error> {
    reader.peek()?;
    let start = reader.position();
    reader.skip()?;
    Ok(&input[start..reader.position()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn requests_are_read() {
        let input = br#"{"method":"Transfer.Ping","params":[{"a":[1]}, 2],"ID":18446744073709551615}"#;
        let request = Request::read(input).unwrap();
        assert_eq!((&*request.method, request.id), ("Transfer.Ping", &b"18446744073709551615"[..]));
        assert_eq!(request.param, Some(&br#"{"a":[1]}"#[..]));
        let request = Request::read(br#"{"params":[]}"#).unwrap();
        assert_eq!((request.param, request.id), (Some(&b"null"[..]), &b"null"[..]));
        assert_eq!(Request::read(br#"{"params":{"a":1},"method":null}"#).unwrap().param, None);
        for broken in ["{", "{}}", r#"{"method":1}"#, "[]", r#"{"id":}"#, ""] {
            assert!(Request::read(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_is_no_object_ends_it() {
        assert!(Scanner::default().measure(b"GET / HTTP/1.1").is_err());
        assert!(Scanner::default().measure(b"[1]").is_err());
        let mut endless = vec![b'{'; REQUEST_BYTES_MAX + 1];
        assert!(Scanner::default().measure(&endless).is_err());
        endless.pop();
        assert_eq!(Scanner::default().measure(&endless), Ok(None));
    }

    proptest! {
        /// However a stream is cut, the same requests come out.
        #[test]
        fn requests_do_not_depend_on_where_the_stream_is_cut(
            texts in prop::collection::vec(r#"[a"\\{}\[\] ]{0,12}"#, 1..6),
            cuts in prop::collection::vec(1..9usize, 1..60),
            is_apart in any::<bool>(),
        ) {
            let mut stream = String::new();
            for text in &texts {
                stream.push_str("{\"params\":[");
                crate::json::write_string(&mut stream, text);
                stream.push_str("]}");
                stream.push_str(if is_apart { "\n \n" } else { "" });
            }
            let (mut scanner, mut half, mut seen, mut rest) =
                (Scanner::default(), Vec::new(), Vec::new(), stream.as_bytes());
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                half.extend_from_slice(now);
                while !half.is_empty() && let Some(len) = scanner.measure(&half).unwrap() {
                    let message: Vec<u8> = half.drain(..len).collect();
                    if !message.trim_ascii().is_empty() {
                        let param = Request::read(&message).unwrap().param.unwrap().to_vec();
                        seen.push(Reader::new(&param).string().unwrap().into_owned());
                    }
                }
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(seen, texts);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = Request::read(&bytes);
            let _ = Scanner::default().measure(&bytes);
        }
    }
}
