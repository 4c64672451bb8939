use super::*;
use proptest::prelude::*;
use std::io::Read;

/// Answers with what it was asked.
#[derive(Default)]
struct Echo {
    refused: Vec<String>,
}

impl Handler for Echo {
    fn answer(&mut self, request: &Request, _peer: Peer) -> Answer {
        let body = String::from_utf8_lossy(&request.body);
        Answer::text(200, format!("{} {} {body}", request.method, request.path))
    }

    fn refused(&mut self, why: &str, _peer: Peer) {
        self.refused.push(why.to_owned());
    }

    fn told(&self) -> Told {
        Told::default()
    }
}

/// What a door says to bytes that come in pieces of this size, and what it does last.
fn said_in_pieces(input: &[u8], piece: usize) -> (String, Next) {
    let mut http = Http::new(Echo::default());
    let mut session = http.open(None, &mut Vec::new());
    let (mut out, mut next) = (Vec::new(), Next::Idle);
    for bytes in input.chunks(piece) {
        next = http.input(&mut session, bytes, &mut out);
        if next == Next::Close {
            break;
        }
    }
    http.close(session);
    assert_eq!(http.held_bytes, 0);
    (String::from_utf8(out).unwrap(), next)
}

fn said(input: impl AsRef<[u8]>) -> (String, Next) {
    let whole = said_in_pieces(input.as_ref(), usize::MAX);
    let by_bytes = said_in_pieces(input.as_ref(), 1);
    // A sender that waits for a word gets one when its body was not there at once.
    assert_eq!(whole.0, by_bytes.0.replace("HTTP/1.1 100 Continue\r\n\r\n", ""));
    assert_eq!(whole.1, by_bytes.1);
    whole
}

fn bodies(said: &str) -> Vec<&str> {
    said.split("\r\n\r\n").skip(1).map(|part| part.split("HTTP/1.1").next().unwrap()).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(text, flate2::Compression::fast()).read_to_end(&mut packed).unwrap();
    packed
}

#[test]
fn requests_follow_each_other_on_one_connection() {
    let (said, next) = said(
        "POST /a?x=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\r\n\
         GET /b HTTP/1.1\r\n\r\n\
         PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nTrailer: x\r\n\r\n\
         HEAD /d HTTP/1.1\r\n\r\n",
    );
    assert_eq!(bodies(&said), ["POST /a abc", "GET /b ", "PUT /c hello", ""]);
    assert_eq!(said.matches("connection: keep-alive").count(), 4);
    assert_eq!(next, Next::Idle);
}

#[test]
fn a_connection_ends_when_the_sender_wishes() {
    for head in ["GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: foo, Close\r\n\r\n"] {
        let (said, next) = said(head);
        assert!(said.contains("connection: close"), "{said}");
        assert_eq!(next, Next::Close);
    }
    assert_eq!(said("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").1, Next::Idle);
    assert_eq!(said("GET / HTTP/1.1\r\nHo").1, Next::Partial);
    assert_eq!(said("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc").1, Next::Partial);
}

#[test]
fn a_sender_that_waits_is_told_to_go_on_once() {
    let mut http = Http::new(Echo::default());
    let mut session = http.open(None, &mut Vec::new());
    let mut out = Vec::new();
    let head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    assert_eq!(http.input(&mut session, head, &mut out), Next::Partial);
    assert_eq!(out, b"HTTP/1.1 100 Continue\r\n\r\n");
    out.clear();
    assert_eq!(http.input(&mut session, b"ab", &mut out), Next::Partial);
    assert!(out.is_empty());
    assert_eq!(http.input(&mut session, b"c", &mut out), Next::Idle);
    assert!(String::from_utf8(out).unwrap().ends_with("POST / abc"));
}

#[test]
fn packed_bodies_are_unpacked_within_a_limit() {
    let post = |body: &[u8]| {
        let head =
            format!("POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
        said_in_pieces(&[head.as_bytes(), body].concat(), 1000).0
    };
    assert!(post(&gzip(b"packed")).ends_with("POST / packed"));
    assert!(post(b"not packed").starts_with("HTTP/1.1 400"));
    assert!(post(&gzip(&vec![0; INFLATED_BYTES_MAX + 1])).starts_with("HTTP/1.1 413"));
    let truncated = gzip(b"packed");
    assert!(post(&truncated[..truncated.len() - 3]).starts_with("HTTP/1.1 400"));
}

#[test]
fn what_cannot_be_read_is_refused_and_ends_the_connection() {
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(HEAD_BYTES_MAX));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(65));
    for (input, status) in [
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\n\r\n", 505),
        (long.as_str(), 431),
        (many.as_str(), 431),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffffff\r\n", 413),
        ("POST / HTTP/1.1\r\nContent-Encoding: br\r\n\r\n", 415),
        ("POST / HTTP/1.1\r\nExpect: a miracle\r\n\r\n", 417),
        ("POST / HTTP/1.1\r\nOrigin: https://example.com\r\n\r\n", 403),
    ] {
        let (said, next) = said(input);
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{input}: {said}");
        assert_eq!(next, Next::Close, "{input}");
    }
}

#[test]
fn all_connections_together_are_bounded() {
    let mut http = Http::new(Echo::default());
    let head = format!("POST / HTTP/1.1\r\nContent-Length: {BODY_BYTES_MAX}\r\n\r\n");
    let half = vec![b'x'; BODY_BYTES_MAX - 1];
    let mut sessions = Vec::new();
    let refused = (0..100).find(|_| {
        let (mut session, mut out) = (http.open(None, &mut Vec::new()), Vec::new());
        http.input(&mut session, head.as_bytes(), &mut out);
        let next = half.chunks(100_000).map(|part| http.input(&mut session, part, &mut out)).last();
        sessions.push(session);
        next == Some(Next::Close) && out.starts_with(b"HTTP/1.1 503")
    });
    assert!(refused.is_some_and(|n| n >= 1));
    sessions.into_iter().for_each(|session| http.close(session));
    assert_eq!(http.held_bytes, 0);
}

proptest! {
    /// Whatever comes, and however it is cut, it is survived and said the same to.
    #[test]
    fn any_bytes_are_survived(
        parts in prop::collection::vec(prop_oneof![
            Just(b"POST /v1/push HTTP/1.1\r\n".to_vec()),
            Just(b"GET / HTTP/1.0\r\n".to_vec()),
            Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
            Just(b"Content-Length: 5\r\n".to_vec()),
            Just(b"\r\n".to_vec()),
            Just(b"5\r\nabcde\r\n".to_vec()),
            Just(b"0\r\n\r\n".to_vec()),
            prop::collection::vec(any::<u8>(), 0..20),
        ], 0..12),
        piece in 1..40usize,
    ) {
        let input = parts.concat();
        let (whole, pieces) = (said_in_pieces(&input, usize::MAX), said_in_pieces(&input, piece));
        prop_assert_eq!(whole, pieces);
    }
}
