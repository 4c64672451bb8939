//! The whole outbox over real loopback connections, against a server that misbehaves as a script says.

use super::*;
use crate::{Server, SpoolOptions};
use ingest::native::{Limits, Sessions};
use model::memory::MemoryStore;
use model::{Chunk, Kind, Labels, Matcher, Slot, Source, TimeRange};
use net::Url;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use stdx::clock::{ManualClock, SystemClock};
use stdx::disk::RealDisk;

/// Long enough for any machine; nothing waits for it when all goes well.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server does to the next request.
#[derive(Debug, Clone, Copy)]
enum Turn {
    /// Applies it and answers.
    Good,
    /// Applies it and closes without an answer.
    AnswerLost,
    /// Applies it and sends half of the answer.
    HalfAnswer,
    /// Applies it, answers, and forgets every stream.
    Forgets,
    /// Answers in single bytes, after the request was read in small pieces.
    Slow,
    /// Closes at once.
    Closes,
    /// Reads the request and answers this.
    Status(u16, &'static str),
    /// Says something that is not HTTP.
    Nonsense,
}

struct State {
    turns: VecDeque<Turn>,
    sessions: Sessions,
    store: MemoryStore,
    authorized: bool,
}

/// An HTTP server for the native door, one connection at a time.
struct TestServer {
    url: Url,
    state: Arc<Mutex<State>>,
    stop: Arc<AtomicU32>,
    thread: Option<JoinHandle<()>>,
}

impl TestServer {
    fn start(turns: impl IntoIterator<Item = Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let state = Arc::new(Mutex::new(State {
            turns: turns.into_iter().collect(),
            sessions: Sessions::new(Limits::default()),
            store: MemoryStore::new(),
            authorized: true,
        }));
        let stop = Arc::new(AtomicU32::new(0));
        let (theirs, stopped) = (Arc::clone(&state), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for socket in listener.incoming() {
                if stopped.load(Ordering::SeqCst) > 0 {
                    return;
                }
                // A client that went away is no concern of a server.
                let _ = serve(socket.unwrap(), &theirs);
            }
        });
        Self { url, state, stop, thread: Some(thread) }
    }

    /// (time, value) of every sample of a series.
    fn samples(&self, labels: &Labels) -> Vec<(i64, f64)> {
        let state = self.state.lock().unwrap();
        let matchers: Vec<_> = labels.iter().map(|(n, v)| Matcher::equal(n, v)).collect();
        let ids: Vec<_> =
            state.store.select(&matchers, TimeRange::ALL, 9).unwrap().series.iter().map(|s| s.id).collect();
        let mut samples = Vec::new();
        let mut visit = |_, Chunk::Samples { times_ms, values }: Chunk<'_>| {
            samples.extend(times_ms.iter().copied().zip(values.iter().copied()));
            ControlFlow::Continue(())
        };
        state.store.read(&ids, TimeRange::ALL, &mut visit).unwrap();
        samples
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop.store(1, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect((self.url.host.as_str(), self.url.port));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(socket: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(64, socket);
    loop {
        if matches!(state.lock().unwrap().turns.front(), Some(Turn::Closes)) {
            state.lock().unwrap().turns.pop_front();
            return Ok(());
        }
        let Some(body) = read_request(&mut reader, state)? else { return Ok(()) };
        let turn = state.lock().unwrap().turns.pop_front().unwrap_or(Turn::Good);
        if !answer(reader.get_mut(), &body, turn, state)? {
            return Ok(());
        }
    }
}

fn read_request(reader: &mut BufReader<TcpStream>, state: &Mutex<State>) -> io::Result<Option<Vec<u8>>> {
    let (mut len, mut first, mut authorized) = (0, true, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if first {
            assert_eq!(line, "POST /api/v1/native HTTP/1.1\r\n");
        }
        first = false;
        authorized |= line == "Authorization: Bearer secret\r\n";
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            len = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    state.lock().unwrap().authorized &= authorized;
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    Ok(Some(body))
}

/// Answers as the turn says; `false` when the connection is to be closed.
fn answer(socket: &mut TcpStream, body: &[u8], turn: Turn, state: &Mutex<State>) -> io::Result<bool> {
    let mut state = state.lock().unwrap();
    let text = match turn {
        Turn::Status(status, headers) => {
            format!("HTTP/1.1 {status} x\r\n{headers}Content-Length: 2\r\n\r\n{{}}")
        }
        Turn::Nonsense => "220 smtp.example ESMTP\r\n".to_owned(),
        _ => {
            let answer = state.sessions.handle(body, &state.store, 0);
            let (status, body) = (answer.status, answer.body);
            format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        }
    };
    match turn {
        Turn::AnswerLost => return Ok(false),
        Turn::HalfAnswer => {
            socket.write_all(&text.as_bytes()[..text.len() / 2])?;
            return Ok(false);
        }
        Turn::Forgets => state.sessions = Sessions::new(Limits::default()),
        Turn::Slow => {
            for byte in text.as_bytes() {
                socket.write_all(&[*byte])?;
            }
            return Ok(true);
        }
        _ => {}
    }
    socket.write_all(text.as_bytes())?;
    Ok(!matches!(turn, Turn::Nonsense))
}

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("windhover-ship-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn outbox(folder: &Folder, urls: &[&Url]) -> Outbox {
    outbox_by(folder, urls, Arc::new(SystemClock))
}

fn outbox_by(folder: &Folder, urls: &[&Url], clock: Arc<dyn Clock>) -> Outbox {
    let server = |url: &&Url| Server { url: (*url).clone(), token: Some("secret".into()) };
    let spool = SpoolOptions { segment_bytes_max: 1500, ..SpoolOptions::new(&folder.0, "web1") };
    let options = Options {
        retry_base: Duration::from_millis(1),
        retry_cap: Duration::from_millis(5),
        body_bytes_max: 600,
        ..Options::new(urls.iter().map(server).collect(), spool)
    };
    Outbox::start(options, Arc::new(RealDisk), clock, Random::from_entropy()).unwrap()
}

fn labels() -> Labels {
    Labels::from_pairs([("__name__", "load1"), ("host", "web1")]).unwrap()
}

/// Pushes one sample at each of these times.
fn push(outbox: &Outbox, batch: &mut Batch, times: std::ops::Range<i64>) {
    if batch.dictionary.is_empty() {
        batch.dictionary.add(&labels(), Kind::Gauge);
    }
    for time_ms in times {
        batch.clear_rows();
        batch.sample(Slot(0), time_ms, time_ms as f64 / 7.0);
        assert_eq!(outbox.push(batch).unwrap().report.accepted, 1);
    }
}

fn wanted(times: std::ops::Range<i64>) -> Vec<(i64, f64)> {
    times.map(|t| (t, t as f64 / 7.0)).collect()
}

#[test]
fn every_misbehaviour_of_a_server_costs_time_only() {
    let turns = [
        Turn::Good,
        Turn::AnswerLost,
        Turn::Closes,
        Turn::HalfAnswer,
        Turn::Forgets,
        Turn::Slow,
        Turn::Nonsense,
        Turn::Status(408, ""),
        Turn::Status(409, ""),
        Turn::Status(429, "Retry-After: 0\r\n"),
        Turn::Status(500, "Connection: close\r\n"),
        Turn::Status(503, ""),
        Turn::Status(302, ""),
        Turn::Status(200, ""),
    ];
    let rounds = 4;
    let server = TestServer::start(turns.iter().cycle().take(turns.len() * rounds).copied());
    let folder = Folder::new("misbehaviour");
    let outbox = outbox(&folder, &[&server.url]);
    let mut batch = Batch::new();
    push(&outbox, &mut batch, 0..400);
    assert!(outbox.flush(PATIENCE), "{:?}", outbox.stats());
    // One by one, so that every turn comes.
    for time_ms in 400..500 {
        push(&outbox, &mut batch, time_ms..time_ms + 1);
        assert!(outbox.flush(PATIENCE), "{:?}", outbox.stats());
    }
    outbox.close(PATIENCE);
    let got = server.samples(&labels());
    let missing: Vec<_> = wanted(0..500).into_iter().filter(|w| !got.contains(w)).map(|w| w.0).collect();
    assert!(missing.is_empty(), "{missing:?} {:?}", outbox.stats());
    let state = server.state.lock().unwrap();
    assert!(state.turns.is_empty() && state.authorized, "{:?}", state.turns);
    let stats = outbox.stats();
    assert_eq!((stats.dropped_bytes, stats.queue_bytes, stats.network_error.as_str()), (0, 0, ""));
}

#[test]
fn a_refused_segment_is_put_aside_and_the_rest_arrives() {
    let server = TestServer::start([Turn::Status(400, "")]);
    let folder = Folder::new("refused");
    let outbox = outbox(&folder, &[&server.url]);
    let mut batch = Batch::new();
    push(&outbox, &mut batch, 0..1);
    assert!(outbox.flush(PATIENCE));
    push(&outbox, &mut batch, 1..20);
    assert!(outbox.flush(PATIENCE));
    assert_eq!(server.samples(&labels()), wanted(1..20));
    assert_eq!(std::fs::read_dir(folder.0.join("quarantine")).unwrap().count(), 2);
}

#[test]
fn what_could_not_be_sent_waits_on_disk_for_the_next_start() {
    let folder = Folder::new("restart");
    let nobody = {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap();
        Url::parse(&format!("http://{}", gone.local_addr().unwrap())).unwrap()
    };
    let mut batch = Batch::new();
    let first = outbox(&folder, &[&nobody]);
    push(&first, &mut batch, 0..300);
    first.close(PATIENCE);
    assert!(first.stats().network_error.contains("refused"), "{:?}", first.stats());
    assert!(matches!(first.push(&batch), Err(PushError::Failed(_))));
    let server = TestServer::start([]);
    let second = outbox(&folder, &[&nobody, &server.url]);
    push(&second, &mut Batch::new(), 300..310);
    assert!(second.flush(PATIENCE));
    second.close(PATIENCE);
    assert_eq!(server.samples(&labels()), wanted(0..310));
}

#[test]
fn closing_sends_what_is_left_and_does_not_wait_for_a_frozen_server() {
    let server = TestServer::start([]);
    let folder = Folder::new("closing");
    let open = outbox(&folder, &[&server.url]);
    push(&open, &mut Batch::new(), 0..50);
    open.close(PATIENCE);
    assert_eq!(server.samples(&labels()), wanted(0..50));
    let frozen = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", frozen.local_addr().unwrap())).unwrap();
    let stuck = outbox(&folder, &[&url]);
    push(&stuck, &mut Batch::new(), 50..60);
    let unanswered = frozen.accept().unwrap();
    stuck.close(Duration::ZERO);
    drop(unanswered);
    let last = outbox(&folder, &[&server.url]);
    assert!(last.flush(PATIENCE));
    assert!(server.samples(&labels()) == wanted(0..60));
}

#[test]
fn a_server_that_takes_minutes_is_waited_for_and_told_to_be_late() {
    let (server, slow) = (TestServer::start([]), TcpListener::bind("127.0.0.1:0").unwrap());
    let url = Url::parse(&format!("http://{}", slow.local_addr().unwrap())).unwrap();
    let (folder, clock) = (Folder::new("slow"), Arc::new(ManualClock::at(1_000_000)));
    let outbox = outbox_by(&folder, &[&url], clock.clone());
    push(&outbox, &mut Batch::new(), 0..5);
    let socket = slow.accept().unwrap().0;
    assert_eq!(outbox.stats().network_error, "");
    clock.advance_ms(3 * 60_000);
    assert_eq!(outbox.stats().network_error, ANSWER_LATE);
    let state = server.state.clone();
    std::thread::spawn(move || serve(socket, &state));
    assert!(outbox.flush(PATIENCE), "{:?}", outbox.stats());
    assert_eq!((outbox.stats().network_error.as_str(), server.samples(&labels())), ("", wanted(0..5)));
}

#[test]
fn an_outbox_needs_a_server() {
    let options = Options::new(Vec::new(), SpoolOptions::new("/nonexistent", ""));
    let started = Outbox::start(options, Arc::new(RealDisk), Arc::new(SystemClock), Random::from_seed(1));
    assert!(matches!(started.err(), Some(Error::NoServer)));
}

#[test]
fn telemetry_names_are_unique_and_explained() {
    let mut seen = std::collections::BTreeSet::new();
    for item in crate::TELEMETRY {
        assert!(seen.insert((item.name(), item.labels())), "{} twice", item.name());
        assert!(item.name().starts_with("windhover_ship_") && item.help().ends_with('.'));
        assert_eq!(item.is_counter(), item.name().ends_with("_total"));
    }
}
