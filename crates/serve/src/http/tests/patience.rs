//! Who is slow, and who waits for whom.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Instant;

const SOON: Duration = Duration::from_secs(30);

fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + SOON;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
    }
}

/// Questions that take until they are told to go on.
#[derive(Default)]
struct Slow {
    may_go: Mutex<bool>,
    changed: Condvar,
    begun: AtomicUsize,
}

impl Slow {
    fn go(&self) {
        *self.may_go.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

impl Service for Slow {
    fn call(&self, request: Request) -> Response {
        if request.path.starts_with("/slow") {
            self.begun.fetch_add(1, Ordering::SeqCst);
            let mut may_go = self.may_go.lock().unwrap();
            while !*may_go && !request.gone.is_gone() {
                may_go = self.changed.wait_timeout(may_go, Duration::from_millis(20)).unwrap().0;
            }
        }
        Response::text(StatusCode::OK, format!("{} {}", request.path, request.gone.is_gone()))
    }

    fn is_brief(&self, path: &str, _: usize) -> bool {
        path == "/health"
    }
}

fn slow(calls_max: usize) -> (Arc<Slow>, Server) {
    let service = Arc::new(Slow::default());
    let mut options = Options::new(Access::default());
    options.calls_max = calls_max;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = start(listener, service.clone(), options).unwrap();
    (service, server)
}

const HEAD: &str = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn hundreds_of_slow_questions_hold_up_neither_fast_ones_nor_health() {
    let (service, server) = slow(8);
    let mut asking = Vec::new();
    for at in 0..300 {
        let mut stream = TcpStream::connect(server.addr()).unwrap();
        stream.write_all(format!("GET /slow?at={at} {HEAD}").as_bytes()).unwrap();
        asking.push(stream);
        if at == 0 {
            // Once one of them has taken long, the others are known to do so.
            until("the first to take long", || {
                service.begun.load(Ordering::SeqCst) == 1 && !server.shared.turns().is_called()
            });
            service.go();
            let mut text = String::new();
            asking.pop().unwrap().read_to_string(&mut text).unwrap();
            assert!(text.ends_with("/slow false"), "{text}");
            *service.may_go.lock().unwrap() = false;
        }
    }
    until("as many to be worked on as may", || service.begun.load(Ordering::SeqCst) == 1 + 8);
    for _ in 0..200 {
        assert!(ask(&server, &format!("GET /fast {HEAD}")).ends_with("/fast false"));
        assert!(ask(&server, &format!("GET /health {HEAD}")).ends_with("/health false"));
    }
    assert_eq!(service.begun.load(Ordering::SeqCst), 1 + 8);
    service.go();
    for mut stream in asking {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.ends_with("/slow false"), "{text}");
    }
    server.stop();
}

#[test]
fn questions_of_who_left_are_not_begun() {
    let (service, server) = slow(1);
    let before = telemetry::LONG.get();
    let ask_slow = |at: usize| {
        let mut stream = TcpStream::connect(server.addr()).unwrap();
        stream.write_all(format!("GET /slow/{} {HEAD}", "a".repeat(at)).as_bytes()).unwrap();
        stream
    };
    let asking: Vec<TcpStream> = (0..40).map(ask_slow).collect();
    until("some to begin", || service.begun.load(Ordering::SeqCst) > 4);
    until("the lead to be taken on", || telemetry::LONG.get() > before);
    drop(asking);
    until("all to end", || server.shared.connections().is_empty());
    assert!(service.begun.load(Ordering::SeqCst) < 40);
    assert!(ask(&server, &format!("GET /fast {HEAD}")).ends_with("/fast false"));
}

#[test]
fn silent_clients_are_sent_away_and_those_who_speak_are_not() {
    let server = server(|options| options.head_timeout = Duration::from_millis(200));
    let before = telemetry::IDLE.get();
    let mut silent: Vec<TcpStream> = ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n"]
        .into_iter()
        .map(|text| {
            let mut stream = TcpStream::connect(server.addr()).unwrap();
            stream.write_all(text.as_bytes()).unwrap();
            stream
        })
        .collect();
    for stream in &mut silent {
        assert_eq!(stream.read(&mut [0; 10]).unwrap(), 0);
    }
    assert!(telemetry::IDLE.get() >= before + 3);
    // A body has a time of its own: who began one is still there when somebody silent who came later has been sent away.
    let mut stream = TcpStream::connect(server.addr()).unwrap();
    stream.write_all(b"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n").unwrap();
    let mut later = TcpStream::connect(server.addr()).unwrap();
    assert_eq!(later.read(&mut [0; 10]).unwrap(), 0);
    stream.write_all(b"abc").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("/a 3"), "{text}");
}

/// Answers with much.
struct Much;

const MUCH: usize = 30 << 20;

impl Service for Much {
    fn call(&self, _: Request) -> Response {
        Response::new(StatusCode::OK, "text/plain", (0..MUCH).map(|at| (at % 251) as u8).collect())
    }
}

#[test]
fn large_answers_arrive_whole_and_are_not_held_for_who_does_not_take_them() {
    let mut options = Options::new(Access::default());
    options.body_timeout = Duration::from_secs(1);
    let server = start(TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(Much), options).unwrap();
    let before = telemetry::UNREAD.get();
    let ask = || {
        let mut stream = TcpStream::connect(server.addr()).unwrap();
        stream.write_all(format!("GET / {HEAD}").as_bytes()).unwrap();
        stream
    };
    let mut bytes = Vec::new();
    ask().read_to_end(&mut bytes).unwrap();
    let body = bytes.split_off(bytes.len() - MUCH);
    assert!(body.iter().enumerate().all(|(at, byte)| *byte == (at % 251) as u8));
    let stream = ask();
    until("who takes nothing to be sent away", || telemetry::UNREAD.get() > before);
    drop(stream);
}

#[test]
fn threads_that_are_no_longer_needed_are_few_and_all_end() {
    let (service, server) = slow(64);
    let asking: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(server.addr()).unwrap();
            stream.write_all(format!("GET /slow {HEAD}").as_bytes()).unwrap();
            stream
        })
        .collect();
    until("all to begin", || service.begun.load(Ordering::SeqCst) == 64);
    assert!(server.shared.turns().threads() >= 64);
    service.go();
    for mut stream in asking {
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
    let shared = server.shared.clone();
    server.stop();
    assert_eq!(shared.turns().threads(), 0);
}

#[test]
fn stopping_lets_what_runs_end_and_waits_for_nobody_else() {
    let (service, server) = slow(4);
    let mut asking = TcpStream::connect(server.addr()).unwrap();
    asking.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut idle = TcpStream::connect(server.addr()).unwrap();
    until("it to begin", || service.begun.load(Ordering::SeqCst) == 1);
    let shared = server.shared.clone();
    let stopping = std::thread::spawn(move || server.stop());
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
    assert_eq!(shared.connections().len(), 1);
    service.go();
    let mut text = String::new();
    asking.read_to_string(&mut text).unwrap();
    assert!(text.contains("connection: close") && text.ends_with("/slow false"), "{text}");
    stopping.join().unwrap();
}

#[test]
fn many_clients_get_their_own_answers() {
    let server = server(|_| {});
    std::thread::scope(|scope| {
        for client in 0..16 {
            let addr = server.addr();
            scope.spawn(move || {
                let mut stream = TcpStream::connect(addr).unwrap();
                stream.set_nodelay(true).unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                for at in 0..300 {
                    let body = "x".repeat(at * 37 % 5000);
                    let head = format!(
                        "POST /{client}/{at} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    stream.write_all(head.as_bytes()).unwrap();
                    stream.write_all(body.as_bytes()).unwrap();
                    let wanted = format!("/{client}/{at} {}", body.len());
                    let mut line = String::new();
                    while line != "\r\n" {
                        line.clear();
                        assert!(reader.read_line(&mut line).unwrap() > 0, "{wanted}");
                    }
                    let mut answer = vec![0; wanted.len()];
                    reader.read_exact(&mut answer).unwrap();
                    assert_eq!(String::from_utf8(answer).unwrap(), wanted);
                }
            });
        }
    });
}
