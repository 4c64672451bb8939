use super::*;
use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Reads a request and gives its head and body.
fn read_request(reader: &mut BufReader<TcpStream>) -> (String, Vec<u8>) {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" || line.is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, body)
}

/// What a server was asked: heads and bodies.
type Asked = Vec<(String, Vec<u8>)>;

/// A server that answers each connection's requests with the texts given, then closes it; gives what it was asked.
fn serve(connections: Vec<Vec<&'static str>>) -> (Url, JoinHandle<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/base", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answers in connections {
            let mut reader = BufReader::new(listener.accept().unwrap().0);
            for answer in answers {
                asked.push(read_request(&mut reader));
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        }
        asked
    });
    (url, server)
}

fn post<'a>(url: &'a Url, body: &'a [u8]) -> Request<'a> {
    Request { method: "POST", url, headers: &[("Authorization", "Bearer t")], body }
}

#[test]
fn a_connection_serves_many_requests_and_large_bodies() {
    let (url, server) = serve(vec![vec![OK, OK, OK]]);
    let url = url.below("/api/v1/native");
    let mut client = Client::new(Options::default());
    let large = vec![7; 1 << 20];
    for body in [&b"small"[..], b"", &large] {
        let response = client.send(&post(&url, body)).unwrap();
        assert_eq!((response.status, response.body), (200, &b"ok"[..]));
    }
    let asked = server.join().unwrap();
    let wanted = format!(
        "POST /base/api/v1/native HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer t\r\nContent-Length: 5\r\n",
        url.port
    );
    assert_eq!(asked[0], (wanted, b"small".to_vec()));
    assert_eq!((asked[1].1.len(), asked[2].1.len()), (0, 1 << 20));
}

#[test]
fn a_connection_that_was_closed_meanwhile_is_replaced_once() {
    let (url, server) = serve(vec![vec![OK], vec![OK], vec![]]);
    let mut client = Client::new(Options::default());
    for _ in 0..2 {
        assert_eq!(client.send(&post(&url, b"x")).unwrap().status, 200);
    }
    assert!(matches!(client.send(&post(&url, b"x")), Err(Error::Closed | Error::Broken(_))));
    assert_eq!(server.join().unwrap().len(), 2);
}

#[test]
fn half_an_answer_is_an_error_and_is_not_asked_for_again() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok";
    let (url, server) = serve(vec![vec![OK, half], vec![OK]]);
    let mut client = Client::new(Options::default());
    assert!(client.send(&post(&url, b"1")).is_ok());
    assert!(matches!(client.send(&post(&url, b"2")), Err(Error::Closed)));
    assert!(client.send(&post(&url, b"3")).is_ok());
    let bodies: Vec<_> = server.join().unwrap().into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, [b"1", b"2", b"3"]);
}

#[test]
fn an_answer_given_before_the_body_was_read_counts() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let server = std::thread::spawn(move || {
        let mut socket = listener.accept().unwrap().0;
        socket.write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n").unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        // Keeps the socket until the client lets go, so that no reset overtakes the answer.
        let _ = std::io::copy(&mut socket, &mut std::io::sink());
    });
    let mut client = Client::new(Options::default());
    let body = vec![0; 4 << 20];
    assert_eq!(client.send(&post(&url, &body)).unwrap().status, 413);
    drop(client);
    server.join().unwrap();
}

#[test]
fn another_thread_can_end_a_request_that_nobody_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let mut client = Client::new(Options::default());
    let interrupt = client.interrupt();
    let stopper = std::thread::spawn(move || {
        let mut reader = BufReader::new(listener.accept().unwrap().0);
        read_request(&mut reader);
        interrupt.interrupt();
        reader
    });
    assert!(matches!(client.send(&post(&url, b"x")), Err(Error::Interrupted)));
    drop(stopper.join().unwrap());
    assert!(matches!(client.send(&post(&url, b"x")), Err(Error::Interrupted)));
}

#[test]
fn a_frozen_server_is_given_up_after_the_transfer_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let liveness = Liveness { transfer: Duration::from_millis(20), ..Liveness::default() };
    let mut client = Client::new(Options { liveness, ..Options::default() });
    let error = client.send(&post(&url, b"x")).unwrap_err();
    assert_eq!(error.to_string(), "the server did not answer in time");
}

#[test]
fn a_header_cannot_smuggle_another() {
    let url = Url::parse("http://127.0.0.1:1").unwrap();
    let request = Request { method: "GET", url: &url, headers: &[("A", "b\r\nC: d")], body: b"" };
    assert!(matches!(Client::new(Options::default()).send(&request), Err(Error::Request(_))));
}

#[test]
fn a_name_without_an_address_says_so() {
    struct Nobody;
    impl Resolve for Nobody {
        fn resolve(&self, host: &str, _: u16, _: Patience<'_>) -> Result<Vec<std::net::SocketAddr>, Error> {
            Err(Error::Resolve(format!("no address for `{host}`")))
        }
    }
    let url = Url::parse("http://monitor.example").unwrap();
    let mut client = Client::new(Options { resolver: Arc::new(Nobody), ..Options::default() });
    let error = client.send(&post(&url, b"")).unwrap_err();
    assert_eq!(error.to_string(), "no address for `monitor.example`");
}
