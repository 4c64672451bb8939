use crate::testing::{Talk, assert_heard, heard};

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: example\r\n\r\n")
}

#[test]
fn keep_alive_pipelining_and_bodies() {
    let mut talk = Talk::opened(80);
    talk.client(get("/users/1")).server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    talk.client(format!("{}{}", get("/a"), get("/b")));
    talk.server(
        "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 OK\r\nCONTENT-LENGTH:2\r\n\r\nok",
    );
    talk.client("POST /users HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
        .server("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
    let wanted =
        [("GET", "/a", 1, 1), ("GET", "/b", 1, 0), ("GET", "/users/*", 1, 0), ("POST", "/users", 1, 1)];
    let tap = assert_heard("http", &talk, &wanted);
    let post = &heard(&tap)[3].2;
    assert_eq!((post.request_bytes, post.response_bytes), (46, 38));
    let codes: Vec<_> = tap.tally.codes.iter().map(|code| (&*code.text, code.count)).collect();
    assert_eq!(codes, [("404", 1), ("503", 1)]);
}

#[test]
fn chunks_trailers_and_what_has_no_body() {
    let mut talk = Talk::opened(80);
    talk.client("PUT /x HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
    talk.server("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    talk.server("5;ext=1\r\nhello\r\na\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n");
    talk.client("HEAD /x HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n");
    talk.client(get("/y")).server("HTTP/1.1 304 Not Modified\r\nContent-Length: 999\r\n\r\n");
    talk.client(get("/z")).server("HTTP/1.1 204 No Content\r\n\r\n");
    let wanted = [("GET", "/y", 1, 0), ("GET", "/z", 1, 0), ("HEAD", "/x", 1, 0), ("PUT", "/x", 1, 0)];
    assert_heard("http", &talk, &wanted);
}

#[test]
fn a_body_without_a_length_ends_with_the_connection() {
    let mut talk = Talk::opened(80);
    talk.client("GET / HTTP/1.0\r\n\r\n")
        .server("HTTP/1.0 200 OK\r\n\r\n")
        .server("some")
        .server("HTTP/1.1 500 no\r\n\r\n")
        .close();
    assert_heard("http", &talk, &[("GET", "/", 1, 0)]);
}

#[test]
fn after_an_upgrade_nothing_is_read() {
    let mut talk = Talk::opened(80);
    talk.client("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n").server("HTTP/1.1 101 Switching\r\n\r\n");
    talk.server(b"\x81\x05hello").client(get("/no"));
    assert_heard("http", &talk, &[("GET", "/ws", 1, 0)]);
    let mut talk = Talk::opened(80);
    talk.client("CONNECT db:5432 HTTP/1.1\r\n\r\n")
        .server("HTTP/1.1 200 OK\r\n\r\n")
        .client(get("/no"))
        .server("x");
    assert_heard("http", &talk, &[("CONNECT", "", 1, 0)]);
}

#[test]
fn bodies_that_are_not_in_the_capture_do_no_harm() {
    let mut talk = Talk::opened(80);
    for _ in 0..5 {
        talk.client(get("/big"))
            .server(format!("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{}", "x".repeat(9000)));
    }
    // Of each answer only the first packet and the last are there.
    let mut kept = Vec::new();
    for (i, packet) in talk.packets.iter().enumerate() {
        let is_middle = i > 0
            && i + 1 < talk.packets.len()
            && !packet.is_client
            && !talk.packets[i - 1].is_client
            && !talk.packets[i + 1].is_client;
        kept.extend((!is_middle).then(|| packet.clone()));
    }
    assert!(kept.len() + 15 < talk.packets.len());
    let tap = crate::testing::tapped(crate::protocols::named("http").unwrap(), &kept, 80);
    assert_eq!(heard(&tap)[0].2.requests, 5);
    assert!(tap.tally.services()[0].unseen_bytes > 20_000);
}
