use super::*;
use model::{Batch, Event, Origin, PushError, Receipt, Stand};
use net::dns::Resolver;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;
use stdx::clock::SystemClock;

/// Keeps samples and events as lines.
#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl Sink for Kept {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut lines = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                lines.push(format!("{} {} {value}", rows.time_ms, batch.dictionary.labels(*slot)));
            }
        }
        Ok(Receipt::default())
    }
}

impl EventSink for Kept {
    fn tell(&self, host: &str, events: &[Event], _: Option<Origin>) -> Result<(), PushError> {
        let lines = events.iter().map(|event| format!("{host} says {} {}", event.level.as_str(), event.text));
        self.0.lock().unwrap().extend(lines);
        Ok(())
    }

    fn stand(&self, _: &str, _: i64, _: &[Stand<'_>]) -> Result<(), PushError> {
        Ok(())
    }
}

impl Kept {
    fn until(&self, what: &str, is_it: impl Fn(&str) -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.0.lock().unwrap().iter().any(|line| is_it(line)) {
            assert!(Instant::now() < end, "no {what} in\n{}", self.0.lock().unwrap().join("\n"));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn count(&self, part: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|line| line.contains(part)).count()
    }
}

/// An Icinga of the test's own: answers questions with what `say` says to path and body; streams are handed out.
fn icinga(
    say: impl Fn(&str, &str) -> (u16, String) + Send + 'static,
) -> (Icinga, Receiver<TcpStream>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (hand_out, streams): (Sender<TcpStream>, _) = channel();
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (path, body) = asked(&stream);
            if path == "quit" {
                return;
            }
            if path == "/v1/events" {
                (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n").unwrap();
                let _ = hand_out.send(stream);
                continue;
            }
            let (status, answer) = say(&path, &body);
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{answer}", answer.len());
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    let icinga = Icinga {
        name: "i1".into(),
        url,
        login: None,
        tls: Tls::default(),
        server_name: String::new(),
        verify: true,
        types: TYPES.iter().map(|kind| (*kind).to_owned()).collect(),
        filter: "true".into(),
        queue: "q".into(),
        interval: Duration::from_millis(50),
        timeout: Duration::from_secs(10),
        body_bytes_max: 1 << 20,
        labels: vec![("dc".into(), "x".into())],
    };
    (icinga, streams, server)
}

fn asked(stream: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length, mut path) = (String::new(), 0, String::new());
    while reader.read_line(&mut line).is_ok_and(|len| len > 2) {
        if path.is_empty() {
            path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (path, String::from_utf8(body).unwrap())
}

fn start(icinga: &Icinga) -> (Following, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    let around = Surroundings {
        sink: kept.clone(),
        events: kept.clone(),
        clock: Arc::new(SystemClock),
        resolver: Arc::new(Resolver::system()),
    };
    (Following::start(vec![icinga.clone()], &around).unwrap(), kept)
}

fn quit(icinga: &Icinga, server: JoinHandle<()>) {
    let mut last = TcpStream::connect((icinga.url.host.as_str(), icinga.url.port)).unwrap();
    last.write_all(b"GET quit HTTP/1.1\r\n\r\n").unwrap();
    server.join().unwrap();
}

const SOON: Duration = Duration::from_secs(30);

fn result(time_s: f64, state: u8) -> String {
    format!(
        r#"{{"state":{state},"execution_end":{time_s},"output":"o{state}","performance_data":["a={state}"]}}"#
    )
}

fn event(kind: &str, time_s: f64, state: u8) -> String {
    let result = result(time_s, state);
    format!(
        r#"{{"type":"{kind}","timestamp":{time_s},"host":"web1","service":"disk","state":{state},"state_type":1,"check_result":{result}}}"#
    ) + "\n"
}

#[test]
fn a_gap_is_told_and_what_was_missed_is_asked_for_and_nothing_is_told_twice() {
    // What the service's object says: its last result, of which the stream told a part.
    let object = Arc::new(Mutex::new((100.0, 0)));
    let (ours, asked) = (object.clone(), Arc::new(Mutex::new(Vec::new())));
    let questions = asked.clone();
    let (icinga, streams, server) = icinga(move |path, body| {
        questions.lock().unwrap().push(format!("{path} {body}"));
        let (time_s, state) = *ours.lock().unwrap();
        let answer = match path {
            "/v1/objects/services" => {
                let attributes = format!(
                    r#""name":"disk","host_name":"web1","state":{state},"state_type":1,"last_state_change":{time_s},"last_check_result":{}"#,
                    result(time_s, state)
                );
                format!(r#"{{"results":[{{"type":"Service","name":"web1!disk","attrs":{{{attributes}}}}}]}}"#)
            }
            "/v1/status" => r#"{"results":[{"name":"CIB","status":{"uptime":7}}]}"#.to_owned(),
            _ => r#"{"results":[]}"#.to_owned(),
        };
        (200, answer)
    });
    let (following, kept) = start(&icinga);
    let mut stream = streams.recv_timeout(SOON).unwrap();
    kept.until("how it is at the start", |line| {
        line == r#"100000 check_state{check="disk",dc="x",host="web1"} 0"#
    });
    kept.until("status", |line| {
        line.ends_with(r#"icinga_cib_uptime{dc="x",host="127.0.0.1",icinga="i1"} 7"#)
    });
    let both = event("CheckResult", 200.0, 2) + &event("StateChange", 200.0, 2);
    stream.write_all(both.as_bytes()).unwrap();
    kept.until("change", |line| line == "web1 says error disk on web1: CRITICAL (hard): o2");
    assert_eq!(kept.count("200000 check_state{"), 1, "not again from the change");
    // A torn line, and then nobody is there for a while.
    stream.write_all(b"{\"type\":\"Che").unwrap();
    *object.lock().unwrap() = (300.0, 1);
    drop(stream);
    let mut stream = streams.recv_timeout(SOON).unwrap();
    kept.until("gap", |line| {
        line.starts_with("127.0.0.1 says warn the events of Icinga i1 were not heard for ")
    });
    kept.until("what was missed", |line| line == "web1 says warn disk on web1: WARNING (hard): o1");
    kept.until("its result", |line| line == r#"300000 check_state{check="disk",dc="x",host="web1"} 1"#);
    // The stream, which was open already, tells the same once more, and then something new.
    let both = event("StateChange", 300.0, 1) + &event("StateChange", 400.0, 0);
    stream.write_all(both.as_bytes()).unwrap();
    kept.until("news", |line| line == "web1 says info disk on web1: OK (hard): o0");
    assert_eq!((kept.count("WARNING"), kept.count("CRITICAL"), kept.count("not heard")), (1, 1, 1));
    kept.until("down", |line| line.contains("icinga_up{") && line.ends_with(" 0"));
    kept.until("counted", |line| line.contains("type=\"StateChange\"} 3"));
    let asked = asked.lock().unwrap();
    let filter = r#""filter":"service.last_check > 140.000""#;
    assert!(asked.iter().any(|question| question.contains(filter)), "{asked:#?}");
    assert_eq!(following.standings().standings()[0].problem, "");
    drop(following);
    quit(&icinga, server);
}

#[test]
fn what_icinga_does_not_allow_is_told_and_the_rest_goes_on() {
    let (icinga, streams, server) = icinga(|path, _| match path {
        "/v1/objects/hosts" => {
            (403, r#"{"error":403,"status":"Missing permission: objects/query/host"}"#.to_owned())
        }
        "/v1/status" => (200, r#"{"results":[{"name":"CIB","status":{"uptime":7}}]}"#.to_owned()),
        _ => (200, r#"{"results":[]}"#.to_owned()),
    });
    let (following, kept) = start(&icinga);
    let mut stream = streams.recv_timeout(SOON).unwrap();
    stream.write_all(format!("nonsense\n{}", event("CheckResult", 5.0, 3)).as_bytes()).unwrap();
    kept.until("result", |line| line == r#"5000 check_state{check="disk",dc="x",host="web1"} 3"#);
    let end = Instant::now() + SOON;
    let told = |what: &str| following.standings().standings()[0].problem.contains(what);
    while !told("Missing permission") {
        assert!(Instant::now() < end, "{:?}", following.standings().standings());
    }
    drop(following);
    quit(&icinga, server);
}

#[test]
fn an_icinga_that_is_not_there_is_down_and_says_why() {
    let (icinga, streams, server) = icinga(|_, _| (200, String::new()));
    quit(&icinga, server);
    drop(streams);
    let (following, kept) = start(&icinga);
    kept.until("down", |line| line.contains("icinga_up{") && line.ends_with(" 0"));
    let end = Instant::now() + SOON;
    while !following.standings().standings()[0].problem.contains("no connection to 127.0.0.1") {
        assert!(Instant::now() < end, "{:?}", following.standings().standings());
    }
}
