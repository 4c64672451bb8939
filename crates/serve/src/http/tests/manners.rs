//! What HTTP/1.1 asks of a server, byte by byte.

use super::*;

const HEAD: &str = "HTTP/1.1\r\nHost: localhost\r\n";

/// Sends, and reads until there is this much.
struct Client(TcpStream);

impl Client {
    fn new(server: &Server) -> Self {
        let stream = TcpStream::connect(server.addr()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self(stream)
    }

    fn send(&mut self, text: &str) -> &mut Self {
        self.0.write_all(text.as_bytes()).unwrap();
        self
    }

    fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        let mut byte = [0];
        while !text.ends_with(end) {
            assert_eq!(self.0.read(&mut byte).unwrap(), 1, "it ended after {text:?}");
            text.push(byte[0] as char);
        }
        text
    }

    fn rest(&mut self) -> String {
        let mut text = String::new();
        self.0.read_to_string(&mut text).unwrap();
        text
    }
}

#[test]
fn connections_stay_and_requests_may_come_at_once() {
    let server = server(|_| {});
    let mut client = Client::new(&server);
    for at in 0..3 {
        let answer = client.send(&format!("GET /{at} {HEAD}\r\n")).until(&format!("/{at} 0"));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.contains("connection:"), "{answer}");
    }
    let many: String = (0..50).map(|at| format!("POST /{at} {HEAD}Content-Length: 2\r\n\r\nab")).collect();
    let answers = client.send(&many).send(&format!("GET /end {HEAD}Connection: close\r\n\r\n")).rest();
    for at in 0..50 {
        assert!(answers.contains(&format!("\r\n\r\n/{at} 2HTTP/1.1 200")), "{at} {answers}");
    }
    assert!(answers.ends_with("/end 0") && answers.contains("connection: close"));
}

#[test]
fn requests_may_come_byte_by_byte() {
    let server = server(|_| {});
    let mut client = Client::new(&server);
    let text = format!("POST /slow {HEAD}Transfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
    for byte in text.chars() {
        client.send(&byte.to_string());
    }
    client.until("/slow 3");
}

#[test]
fn only_the_head_is_sent_where_only_that_is_wanted() {
    let server = server(|_| {});
    let mut client = Client::new(&server);
    let answer = client.send(&format!("HEAD /a {HEAD}\r\n")).until("\r\n\r\n");
    assert!(answer.contains("content-length: 4\r\n"), "{answer}");
    client.send(&format!("HEAD /count {HEAD}\r\n")).until("\r\n\r\n");
    assert!(client.send(&format!("GET /b {HEAD}\r\n")).until("/b 0").starts_with("HTTP/1.1 200"));
}

#[test]
fn bodies_are_asked_for_where_the_client_waits_for_that() {
    let server = server(|options| options.body_bytes_max = 10);
    let mut client = Client::new(&server);
    client.send(&format!("POST /a {HEAD}Content-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
    assert_eq!(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(client.send("abc").until("/a 3").starts_with("HTTP/1.1 200"));
    // Who may not, or sends too much, is told at once.
    client.send(&format!("POST /a {HEAD}Content-Length: 11\r\nExpect: 100-continue\r\n\r\n"));
    assert!(client.rest().starts_with("HTTP/1.1 413"));
    let mut stranger = Client::new(&server);
    stranger
        .send("POST /a HTTP/1.1\r\nHost: example.org\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    assert!(stranger.rest().starts_with("HTTP/1.1 401"));
}

#[test]
fn old_clients_get_what_they_know() {
    let server = server(|_| {});
    let answer = ask(&server, "GET /a HTTP/1.0\r\nHost: localhost\r\n\r\n");
    assert!(answer.contains("connection: close") && answer.ends_with("/a 0"), "{answer}");
    let stream = ask(&server, "GET /count HTTP/1.0\r\nHost: localhost\r\n\r\n");
    assert!(stream.ends_with("\r\n\r\ndata: 1\n\ndata: 2\n\ndata: 3\n\n"), "{stream}");
    let mut client = Client::new(&server);
    let staying = "GET /a HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n";
    assert!(client.send(staying).until("/a 0").contains("connection: keep-alive"));
    client.send(staying).until("/a 0");
}

#[test]
fn streams_are_chunked_and_requests_may_follow() {
    let server = server(|_| {});
    let mut client = Client::new(&server);
    let stream = client.send(&format!("GET /count {HEAD}\r\n")).until("\r\n0\r\n\r\n");
    assert!(
        stream.ends_with("\r\n\r\n9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n9\r\ndata: 3\n\n\r\n0\r\n\r\n"),
        "{stream}"
    );
    client.send(&format!("GET /b {HEAD}\r\n")).until("/b 0");
}

#[test]
fn what_is_no_request_is_told_so_and_counted() {
    let server = server(|_| {});
    let before = telemetry::REFUSED_HEADS.get();
    for (text, status) in [
        ("hello\r\n\r\n", 400),
        ("\x16\x03\x01\x02", 400),
        (&*format!("POST / {HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400),
        (&*format!("POST / {HEAD}Transfer-Encoding: gzip\r\n\r\n"), 501),
        (&*format!("GET / {HEAD}{}\r\n", "a: b\r\n".repeat(200)), 431),
    ] {
        let answer = ask(&server, text);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{text:.60} {answer}");
    }
    assert!(telemetry::REFUSED_HEADS.get() >= before + 5);
}

#[test]
fn who_still_sends_hears_why_it_was_refused() {
    let server = server(|options| options.body_bytes_max = 10);
    let mut client = Client::new(&server);
    client.send(&format!("POST / {HEAD}Content-Length: 200000\r\n\r\n"));
    for _ in 0..20 {
        client.send(&"x".repeat(10_000));
    }
    assert!(client.rest().starts_with("HTTP/1.1 413"));
}
