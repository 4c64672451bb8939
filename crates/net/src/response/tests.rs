use super::*;

/// Gives its bytes a few at a time, then the end.
struct Drip<'a>(&'a [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let take = self.1.min(self.0.len()).min(buf.len());
        buf[..take].copy_from_slice(&self.0[..take]);
        self.0 = &self.0[take..];
        Ok(take)
    }
}

fn read(bytes: &[u8], at_once: usize) -> Result<(u16, Vec<u8>, bool), Error> {
    let mut buffers = Buffers::default();
    let (status, reuse) = buffers.read(&mut Drip(bytes, at_once), 100)?;
    Ok((status, buffers.response(status).body.to_vec(), reuse))
}

#[test]
fn bodies_of_every_framing_are_read_in_pieces_of_any_size() {
    let cases: &[(&str, u16, &str, bool)] = &[
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", 200, "hello", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false),
        ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", true),
        ("HTTP/1.1 500 no\r\n\r\nto the end", 500, "to the end", false),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
            200,
            "abc0123456789",
            true,
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\na\r\n0\r\n\r\n",
            200,
            "a",
            true,
        ),
    ];
    for &(bytes, status, body, reuse) in cases {
        for at_once in [1, 2, 7, 4096] {
            let got = read(bytes.as_bytes(), at_once).unwrap();
            assert_eq!(got, (status, body.as_bytes().to_vec(), reuse), "{bytes:?} by {at_once}");
        }
    }
    let two = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1";
    assert!(!read(two.as_bytes(), 4096).unwrap().2, "bytes nobody asked for spoil the connection");
}

#[test]
fn half_answers_and_nonsense_are_errors() {
    let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(HEAD_BYTES_MAX));
    let line = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{}\r\n", "x".repeat(400));
    let cases: &[(&str, &str)] = &[
        ("", "closed"),
        ("HTTP/1.1 200 OK\r\nContent-Le", "closed"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "closed"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "closed"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "no number"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n", "no number"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", "longer than 100"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "other than chunked"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n", "without a length"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", "longer than 100"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "longer than it said"),
        (&long, "not HTTP"),
        (&line, "without an end"),
    ];
    for (bytes, why) in cases {
        for at_once in [if bytes.len() < 1000 { 1 } else { 100 }, 4096] {
            let error = read(bytes.as_bytes(), at_once).unwrap_err().to_string();
            assert!(error.contains(why), "{bytes:?}: {error}");
        }
    }
}

#[test]
fn headers_are_found_in_any_case() {
    let mut buffers = Buffers::default();
    let bytes = b"HTTP/1.1 503 x\r\nRetry-After: 7 \r\nContent-Length: 0\r\n\r\n";
    let (status, _) = buffers.read(&mut Drip(bytes, 9), 0).unwrap();
    let response = buffers.response(status);
    assert_eq!((response.header("retry-AFTER"), response.header("x")), (Some("7"), None));
}

#[test]
fn changed_answers_never_panic() {
    let good = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let mut random = Random(7);
    for _ in 0..5000 {
        let mut bytes = good.to_vec();
        for _ in 0..1 + random.below(3) {
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
        }
        bytes.truncate(1 + random.below(bytes.len()));
        let _ = read(&bytes, 1 + random.below(20));
    }
}

/// A small generator (SplitMix64), so that the test is the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}
