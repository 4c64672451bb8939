//! The head of a request: the request line and the fields (RFC 9112, sections 2 to 6).

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::mem::MaybeUninit;

/// Longest head, in bytes: long expressions are asked for in the path.
pub const HEAD_BYTES_MAX: usize = 128 << 10;
/// Most fields.
const FIELDS_MAX: usize = 100;

/// A head that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// HTTP method.
    pub method: Method,
    /// Path, still percent-encoded.
    pub path: String,
    /// What follows `?`, still percent-encoded.
    pub query: String,
    /// Header fields.
    pub headers: HeaderMap,
    /// How long the body is.
    pub framing: Framing,
    /// Whether more requests may follow on this connection.
    pub stays: bool,
    /// Whether the client waits to be told that its body is wanted.
    pub expects_continue: bool,
    /// HTTP/1.0, which knows neither chunks nor connections that stay unless both sides say so.
    pub is_old: bool,
}

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// By its length; most have none.
    Length(u64),
    /// By a last chunk.
    Chunked,
}

/// Why bytes are no request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrong {
    /// What is answered.
    pub status: StatusCode,
    /// One sentence for whoever wrote the client.
    pub sentence: &'static str,
}

const fn bad(sentence: &'static str) -> Wrong {
    Wrong { status: StatusCode::BAD_REQUEST, sentence }
}

const TOO_LARGE: Wrong = Wrong {
    status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    sentence: "the head of the request is too large",
};

/// A head and its length in bytes; `None` while there is more to come.
///
/// # Errors
/// This is no HTTP/1, or the end of its body cannot be told for certain.
pub fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, Wrong> {
    let mut fields = [const { MaybeUninit::uninit() }; FIELDS_MAX];
    let mut request = httparse::Request::new(&mut []);
    let parsed = request.parse_with_uninit_headers(bytes, &mut fields);
    let len = match parsed {
        Ok(httparse::Status::Complete(len)) if len <= HEAD_BYTES_MAX => len,
        Ok(httparse::Status::Partial) if bytes.len() <= HEAD_BYTES_MAX => return Ok(None),
        Ok(_) | Err(httparse::Error::TooManyHeaders) => return Err(TOO_LARGE),
        Err(_) => return Err(bad("this is no HTTP/1 request")),
    };
    // All values share one copy of the head.
    let shared = Bytes::copy_from_slice(&bytes[..len]);
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for field in request.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| bad("a field has no name"))?;
        let value = match field.value {
            [] => HeaderValue::from_static(""),
            value => HeaderValue::from_maybe_shared(shared.slice(place(bytes, value)))
                .map_err(|_| bad("a field has a value that cannot be"))?,
        };
        headers.append(name, value);
    }
    let method =
        Method::from_bytes(request.method.unwrap_or("").as_bytes()).map_err(|_| bad("the method is none"))?;
    let (path, query) = target(request.path.unwrap_or(""));
    let is_old = request.version == Some(0);
    let framing = framing(&headers, is_old)?;
    let connection = |token| has_token(&headers, header::CONNECTION, token);
    let stays = !connection("close") && (!is_old || connection("keep-alive"));
    let expects_continue = !is_old
        && headers.get(header::EXPECT).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    Ok(Some((Head { method, path, query, headers, framing, stays, expects_continue, is_old }, len)))
}

fn place(whole: &[u8], part: &[u8]) -> std::ops::Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

/// Path and query of a target, which may be a whole URL (RFC 9112, section 3.2).
fn target(text: &str) -> (String, String) {
    let text = text.split('#').next().unwrap_or("");
    let text = match text.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
            rest.find(['/', '?']).map_or("", |at| &rest[at..])
        }
        _ => text,
    };
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    (if path.is_empty() { "/" } else { path }.to_owned(), query.to_owned())
}

fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    let texts = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

// Where two fields disagree about the end of a body, two programs on the way may disagree as well, and what one takes for a
// body is a request to the other: such requests are refused (RFC 9112, section 11.2).
fn framing(headers: &HeaderMap, is_old: bool) -> Result<Framing, Wrong> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).into_iter();
    if headers.contains_key(header::TRANSFER_ENCODING) {
        if lengths.next().is_some() || is_old {
            return Err(bad("the body has a transfer-encoding where it must have none"));
        }
        let mut codings = headers.get_all(header::TRANSFER_ENCODING).into_iter();
        let only = codings.next().map(HeaderValue::as_bytes).unwrap_or_default();
        return match only.eq_ignore_ascii_case(b"chunked") && codings.next().is_none() {
            true => Ok(Framing::Chunked),
            false => Err(Wrong {
                status: StatusCode::NOT_IMPLEMENTED,
                sentence: "of transfer-encodings only `chunked` is known",
            }),
        };
    }
    let Some(first) = lengths.next() else { return Ok(Framing::Length(0)) };
    if lengths.any(|other| other != first) {
        return Err(bad("the body has two lengths"));
    }
    let digits = first.as_bytes();
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let length = first.to_str().ok().filter(|_| is_number).and_then(|text| text.parse().ok());
    length.map(Framing::Length).ok_or(bad("the length of the body is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        parse(text.as_bytes()).unwrap().unwrap().0
    }

    fn wrong(text: &str) -> u16 {
        parse(text.as_bytes()).unwrap_err().status.as_u16()
    }

    #[test]
    fn targets_are_paths_and_queries() {
        for (target, path, query) in [
            ("/a/b?c=d&e=%20", "/a/b", "c=d&e=%20"),
            ("/a?b?c#d", "/a", "b?c"),
            ("http://localhost:80/a?b", "/a", "b"),
            ("http://localhost", "/", ""),
            ("http://localhost?a", "/", "a"),
            ("/go?to=http://elsewhere/", "/go", "to=http://elsewhere/"),
            ("*", "*", ""),
        ] {
            let head = head(&format!("GET {target} HTTP/1.1\r\n\r\n"));
            assert_eq!((head.path.as_str(), head.query.as_str()), (path, query), "{target}");
        }
    }

    #[test]
    fn who_stays_is_told_by_version_and_field() {
        for (version, field, stays) in [
            (1, "", true),
            (1, "Connection: close\r\n", false),
            (1, "Connection: a\r\nConnection: TE, Close\r\n", false),
            (0, "", false),
            (0, "Connection: Keep-Alive\r\n", true),
        ] {
            assert_eq!(
                head(&format!("GET / HTTP/1.{version}\r\n{field}\r\n")).stays,
                stays,
                "{version} {field}"
            );
        }
        assert!(head("POST / HTTP/1.1\r\nExpect: 100-Continue\r\n\r\n").expects_continue);
        assert!(!head("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").expects_continue);
    }

    #[test]
    fn bodies_end_where_all_fields_agree() {
        let framing = |fields: &str| parse(format!("POST / HTTP/1.1\r\n{fields}\r\n").as_bytes());
        let length = |fields| framing(fields).unwrap().unwrap().0.framing;
        assert_eq!(length(""), Framing::Length(0));
        assert_eq!(length("Content-Length: 12\r\n"), Framing::Length(12));
        assert_eq!(length("Content-Length: 12\r\ncontent-length: 12\r\n"), Framing::Length(12));
        assert_eq!(length("Transfer-Encoding: Chunked\r\n"), Framing::Chunked);
        for (fields, status) in [
            ("Content-Length: 12\r\nContent-Length: 13\r\n", 400),
            ("Content-Length: +12\r\n", 400),
            ("Content-Length: 1, 1\r\n", 400),
            ("Content-Length: 99999999999999999999\r\n", 400),
            ("Content-Length:\r\n", 400),
            ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Transfer-Encoding: gzip, chunked\r\n", 501),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 501),
        ] {
            assert_eq!(framing(fields).unwrap_err().status.as_u16(), status, "{fields}");
        }
        assert_eq!(wrong("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
    }

    #[test]
    fn what_is_no_request_is_told_early_and_what_is_too_large_is_bounded() {
        assert_eq!(wrong("\x16\x03\x01"), 400);
        assert_eq!(wrong("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400);
        assert_eq!(wrong("GET / HTTP/1.1\r\nA : b\r\n\r\n"), 400);
        assert_eq!(wrong(&format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(FIELDS_MAX + 1))), 431);
        assert_eq!(wrong(&format!("GET /{}", "a".repeat(HEAD_BYTES_MAX))), 431);
        assert_eq!(parse(b"GET / HTTP/1.1\r\nHost: a\r\n"), Ok(None));
    }

    #[test]
    fn fields_keep_their_values() {
        let head = head("GET / HTTP/1.1\r\nHost: a\r\nEmpty:\r\nA:  b c \r\na: d\r\n\r\nrest");
        let values: Vec<_> = head.headers.get_all("a").iter().map(|v| v.to_str().unwrap()).collect();
        assert_eq!(values, ["b c", "d"]);
        assert_eq!(head.headers["host"], "a");
        assert_eq!(head.headers["empty"], "");
    }
}
