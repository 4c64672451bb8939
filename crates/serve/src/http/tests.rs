use super::*;
use crate::exchange::{Events, Request, Response};
use crate::telemetry;
use http::StatusCode;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

struct Echo;

impl Service for Echo {
    fn call(&self, request: Request) -> Response {
        match request.path.as_str() {
            "/panic" => panic!("asked for"),
            "/count" => {
                let mut n = 0;
                let next = move || {
                    n += 1;
                    (n <= 3).then(|| format!("data: {n}\n\n").into_bytes())
                };
                Response::events(Events { every: Duration::from_millis(1), next: Box::new(next) })
            }
            _ => Response::text(StatusCode::OK, format!("{} {}", request.path, request.body.len())),
        }
    }
}

fn server(change: impl FnOnce(&mut Options)) -> Server {
    let mut options = Options::new(Access::default());
    change(&mut options);
    start(TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(Echo), options).unwrap()
}

fn ask(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn answers_and_survives_a_panicking_service() {
    let server = server(|_| {});
    let head = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    assert!(ask(&server, &format!("GET /panic {head}\r\n")).starts_with("HTTP/1.1 500"));
    let answer = ask(&server, &format!("POST /a {head}Content-Length: 3\r\n\r\nxyz"));
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("/a 3"), "{answer}");
    assert!(ask(&server, &format!("GET /count {head}\r\n")).contains("data: 3"));
    server.stop();
}

#[test]
fn refuses_strangers_and_large_bodies() {
    let server = server(|options| options.body_bytes_max = 10);
    let answer = ask(&server, "GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("www-authenticate"), "{answer}");
    let head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 11\r\n\r\n12345678901";
    assert!(ask(&server, head).starts_with("HTTP/1.1 413"));
}

#[test]
fn slow_broken_and_too_many_bodies_are_told_why() {
    let server = server(|options| {
        options.bodies_bytes_max = 10;
        options.body_timeout = Duration::from_millis(50);
    });
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let late = ask(&server, &format!("{head}Content-Length: 5\r\n\r\n123"));
    assert!(late.starts_with("HTTP/1.1 408") && late.ends_with("took too long to arrive\n"), "{late}");
    let full = ask(&server, &format!("{head}Content-Length: 11\r\n\r\n12345678901"));
    assert!(full.starts_with("HTTP/1.1 503") && full.contains("retry-after: 5"), "{full}");
    let pieces =
        ask(&server, &format!("{head}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
    assert!(pieces.ends_with("/ 3"), "{pieces}");
    let broken = ask(&server, &format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n"));
    assert!(broken.starts_with("HTTP/1.1 400"), "{broken}");
    assert!(telemetry::REFUSED_SLOW.get() > 0 && telemetry::REFUSED_BROKEN.get() > 0);
    assert!(telemetry::REFUSED_ROOM.get() > 0);
}

#[test]
fn stopping_ends_endless_streams() {
    struct Endless;
    impl Service for Endless {
        fn call(&self, _: Request) -> Response {
            let next = || Some(b"data: x\n\n".to_vec());
            Response::events(Events { every: Duration::from_millis(1), next: Box::new(next) })
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = start(listener, Arc::new(Endless), Options::new(Access::default())).unwrap();
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert!(lines.any(|line| line.is_ok_and(|l| l.contains("data: x"))));
    server.stop();
    assert!(lines.map_while(Result::ok).count() < 100_000);
}

/// Its brief calls wait until they are told to go on.
struct Stuck {
    go_on: (std::sync::Mutex<bool>, std::sync::Condvar),
}

impl Service for Stuck {
    fn call(&self, request: Request) -> Response {
        match request.path.as_str() {
            "/brief/panic" => panic!("asked for"),
            "/brief/stuck" => {
                let mut go_on = self.go_on.0.lock().unwrap();
                while !*go_on {
                    go_on = self.go_on.1.wait(go_on).unwrap();
                }
            }
            "/go" => {
                *self.go_on.0.lock().unwrap() = true;
                self.go_on.1.notify_all();
            }
            _ => {}
        }
        Response::text(StatusCode::OK, request.path)
    }

    fn is_brief(&self, path: &str, _: usize) -> bool {
        path.starts_with("/brief")
    }
}

#[test]
fn brief_calls_that_get_stuck_hold_up_nobody() {
    let service = Stuck { go_on: Default::default() };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = start(listener, Arc::new(service), Options::new(Access::default())).unwrap();
    let head = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert!(ask(&server, &format!("POST /brief/panic {head}")).starts_with("HTTP/1.1 500"));
    std::thread::scope(|scope| {
        let stuck: Vec<_> =
            (0..3).map(|_| scope.spawn(|| ask(&server, &format!("POST /brief/stuck {head}")))).collect();
        for _ in 0..20 {
            assert!(ask(&server, &format!("POST /brief {head}")).ends_with("/brief"));
            assert!(ask(&server, &format!("GET /other {head}")).ends_with("/other"));
        }
        assert!(ask(&server, &format!("GET /go {head}")).ends_with("/go"));
        assert!(stuck.into_iter().all(|answer| answer.join().unwrap().ends_with("/brief/stuck")));
    });
    server.stop();
}

/// Tells when it begins, and at its end whether it was told that its client left.
struct Patient(std::sync::Mutex<std::sync::mpsc::Sender<bool>>);

impl Service for Patient {
    fn call(&self, request: Request) -> Response {
        let tell = |gone| self.0.lock().unwrap().send(gone).unwrap();
        tell(false);
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        while !request.gone.is_gone() && std::time::Instant::now() < deadline {
            std::thread::yield_now();
        }
        tell(request.gone.is_gone());
        Response::text(StatusCode::OK, "")
    }
}

#[test]
fn work_is_told_when_its_client_left() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let service = Arc::new(Patient(sender.into()));
    let server = start(listener, service, Options::new(Access::default())).unwrap();
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert_eq!(receiver.recv_timeout(Duration::from_secs(30)), Ok(false));
    drop(stream);
    assert_eq!(receiver.recv_timeout(Duration::from_secs(30)), Ok(true));
    server.stop();
}

mod manners;
mod patience;
