//! An agent, a network and a server in one thread.

use super::disk::TestDisk;
use crate::outbox::Shared;
use crate::pace::Pace;
use crate::sender::{Post, Sender, Step};
use crate::spool::Spool;
use crate::verdict::Reply;
use crate::{SpoolOptions, Stats};
use ingest::native::{Limits, Sessions};
use model::{Batch, Kind, Labels, PushError, Receipt, Report, Sink, Slot};
use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stdx::backoff::Backoff;
use stdx::random::Random;

/// What the network or the server does to the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Nobody takes the connection.
    Away,
    /// The request is applied, the answer is lost.
    AnswerLost,
    /// A bit of the body is changed on the way.
    BitFlipped(usize),
    /// Only the first part arrives.
    Halved,
    /// The server answers this without looking.
    Status(u16),
}

/// Every sample that came, and how often.
#[derive(Default)]
pub(super) struct Store(Mutex<BTreeMap<(String, i64), (u64, u32)>>);

impl Sink for Store {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut samples = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (&slot, value) in rows.slots.iter().zip(rows.values) {
                let key = (batch.dictionary.labels(slot).to_string(), rows.time_ms);
                let seen = samples.entry(key).or_insert((value.to_bits(), 0));
                assert_eq!(seen.0, value.to_bits(), "one sample, one value");
                seen.1 += 1;
            }
        }
        let report = Report { accepted: batch.len() as u64, ..Report::default() };
        Ok(Receipt { report, duplicates: 0 })
    }
}

pub(super) struct Server {
    pub(super) sessions: Sessions,
    pub(super) store: Arc<Store>,
    pub(super) mishaps: VecDeque<Mishap>,
    /// While set, every request meets this.
    pub(super) always: Option<Mishap>,
    pub(super) bodies: usize,
    pub(super) refuses_gzip: bool,
    /// Bytes of all bodies.
    pub(super) bytes: usize,
    /// Longest body that is taken.
    pub(super) body_bytes_max: usize,
}

/// A network whose far end is in the same thread; clones lead to the same servers.
#[derive(Clone)]
pub(super) struct TestPost(pub(super) Vec<Arc<Mutex<Server>>>);

impl Post for TestPost {
    fn post(&mut self, server: usize, body: &[u8], gzip: bool) -> Result<Reply, String> {
        let mut server = self.0[server].lock().unwrap();
        server.bodies += 1;
        server.bytes += body.len();
        let mut body = body.to_vec();
        if gzip && server.refuses_gzip {
            return Ok(Reply { status: 415, retry_after: None, body: "plain bodies only".into() });
        }
        if gzip {
            let mut unpacked = Vec::new();
            flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut unpacked).unwrap();
            body = unpacked;
        }
        let mishap = server.always.clone().or_else(|| server.mishaps.pop_front());
        match &mishap {
            Some(Mishap::Away) => return Err("no connection".into()),
            Some(Mishap::BitFlipped(bit)) => {
                let bit = bit % (body.len() * 8);
                body[bit / 8] ^= 1 << (bit % 8);
            }
            Some(Mishap::Halved) => body.truncate(body.len() / 2),
            Some(Mishap::Status(status)) => {
                return Ok(Reply { status: *status, retry_after: None, body: "{}".into() });
            }
            Some(Mishap::AnswerLost) | None => {}
        }
        if body.len() > server.body_bytes_max {
            return Ok(Reply { status: 413, retry_after: None, body: String::new() });
        }
        let answer = server.sessions.handle(&body, server.store.as_ref(), 0);
        let retry_after = answer.retry_after_s.map(|s| s.to_string());
        match mishap {
            Some(Mishap::AnswerLost) => Err("the connection broke".into()),
            _ => Ok(Reply { status: answer.status, retry_after, body: answer.body }),
        }
    }

    fn servers(&self) -> usize {
        self.0.len()
    }
}

/// See the module's text. Whoever pushes gets a new value for each series each time, so that a wrong delta shows.
pub(super) struct World {
    pub(super) disk: TestDisk,
    pub(super) net: TestPost,
    pub(super) now_ms: i64,
    pub(super) options: SpoolOptions,
    pub(super) body_bytes_max: usize,
    pub(super) backlog_bytes_per_second: u64,
    shared: Arc<Shared>,
    sender: Sender<TestPost>,
    batches: Vec<Batch>,
    pushed: BTreeMap<(String, i64), u64>,
    seed: u64,
}

/// The folder of the spool.
pub(super) const FOLDER: &str = "/spool";

impl World {
    pub(super) fn new(servers: usize) -> Self {
        let server = |_| {
            Arc::new(Mutex::new(Server {
                sessions: Sessions::new(unforgetting()),
                store: Arc::default(),
                mishaps: VecDeque::new(),
                always: None,
                bodies: 0,
                refuses_gzip: false,
                bytes: 0,
                body_bytes_max: usize::MAX,
            }))
        };
        let net = TestPost((0..servers).map(server).collect());
        let disk = TestDisk::default();
        let options = SpoolOptions {
            segment_bytes_max: 2000,
            segment_age_ms_max: 60_000,
            ..SpoolOptions::new(FOLDER, "web1")
        };
        let body_bytes_max = 700;
        let (shared, sender) = start(&options, &disk, &net, body_bytes_max, 0, 1, 1_000_000);
        let batches = (0..2).map(|_| Batch::new()).collect();
        let pushed = BTreeMap::new();
        Self {
            disk,
            net,
            now_ms: 1_000_000,
            options,
            body_bytes_max,
            backlog_bytes_per_second: 0,
            shared,
            sender,
            batches,
            pushed,
            seed: 1,
        }
    }

    pub(super) fn server(&self) -> std::sync::MutexGuard<'_, Server> {
        self.net.0[0].lock().unwrap()
    }

    /// Ends the agent as a crash would, and starts it again on the same disk.
    pub(super) fn restart_agent(&mut self) {
        self.seed += 1;
        let Self { options, disk, net, body_bytes_max, backlog_bytes_per_second: pace, .. } = self;
        let parts = start(options, disk, net, *body_bytes_max, *pace, self.seed, self.now_ms);
        (self.shared, self.sender) = parts;
        self.batches = (0..2).map(|_| Batch::new()).collect();
    }

    /// The server comes back with an empty memory and a full store.
    pub(super) fn restart_server(&self) {
        self.server().sessions = Sessions::new(unforgetting());
    }

    /// One producer's tick: its first `series` series, a second after the last.
    pub(super) fn push(&mut self, producer: usize, series: usize) {
        self.now_ms += 1000;
        let batch = &mut self.batches[producer];
        batch.clear_rows();
        while batch.dictionary.len() < series {
            let n = batch.dictionary.len().to_string();
            let name = ["cpu_seconds", "memory_bytes"][producer];
            let labels = Labels::from_pairs([("__name__", name), ("host", "web1"), ("n", n.as_str())]);
            batch.dictionary.add(&labels.unwrap(), Kind::Gauge);
        }
        batch.begin(self.now_ms);
        let mut random = Random::from_seed(self.now_ms as u64);
        for n in 0..series {
            let value = if n % 2 == 0 { random.unit() } else { random.below(50) as f64 };
            batch.push(Slot(n as u32), value);
            let labels = batch.dictionary.labels(Slot(n as u32)).to_string();
            self.pushed.insert((labels, self.now_ms), value.to_bits());
        }
        self.shared.lock().spool.push(batch, self.now_ms);
    }

    pub(super) fn step(&mut self) -> Step {
        self.sender.step(self.now_ms)
    }

    /// Steps until everything is acknowledged, waiting as long as it is told.
    pub(super) fn drain(&mut self) {
        for _ in 0..10_000 {
            match self.step() {
                Step::Done => {}
                Step::Idle => return,
                Step::Wait(wait) | Step::Pause(wait) => self.now_ms += wait.as_millis() as i64,
            }
        }
        panic!("it never becomes idle: {:?}", self.stats());
    }

    pub(super) fn stats(&self) -> Stats {
        self.shared.lock().spool.stats(self.now_ms)
    }

    /// Fails unless every sample is in the stores with its value; gives how often the most frequent came.
    pub(super) fn assert_complete(&self) -> u32 {
        let (missing, most) = self.missing();
        assert_eq!(missing, 0, "of {} samples", self.pushed.len());
        most
    }

    /// Samples that are in no store, and how often the most frequent one came.
    pub(super) fn missing(&self) -> (usize, u32) {
        let mut seen = BTreeMap::new();
        for server in &self.net.0 {
            let server = server.lock().unwrap();
            for (key, (bits, times)) in server.store.0.lock().unwrap().iter() {
                assert_eq!(self.pushed.get(key), Some(bits), "{key:?} was never pushed like this");
                *seen.entry(key.clone()).or_insert(0) += times;
            }
        }
        let missing = self.pushed.keys().filter(|key| !seen.contains_key(*key)).count();
        (missing, seen.values().copied().max().unwrap_or(0))
    }

    /// The time of the newest sample that came.
    pub(super) fn newest_ms(&self) -> i64 {
        let server = self.server();
        let samples = server.store.0.lock().unwrap();
        samples.keys().map(|(_, time_ms)| *time_ms).max().unwrap_or(0)
    }

    /// Says something in words.
    pub(super) fn tell(&mut self, text: &str) {
        let event = model::Event::log(self.now_ms, model::Level::Info, "agent", text);
        let write = |out: &mut Vec<u8>| wire::protocols::native::events::encode_events("web1", &[event], out);
        self.shared.lock().spool.push_apart(self.now_ms, write);
    }

    /// The first copies of the segments on disk.
    pub(super) fn segments(&self) -> Vec<(PathBuf, Vec<u8>)> {
        self.files_that_end_in("whs")
    }

    /// Their second copies.
    pub(super) fn mirrors(&self) -> Vec<(PathBuf, Vec<u8>)> {
        self.files_that_end_in("whm")
    }

    fn files_that_end_in(&self, end: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let files = self.disk.files(FOLDER).into_iter();
        files.filter(|(path, _)| path.extension().is_some_and(|e| e == end)).collect()
    }
}

fn start(
    options: &SpoolOptions,
    disk: &TestDisk,
    net: &TestPost,
    body_bytes_max: usize,
    pace: u64,
    seed: u64,
    now_ms: i64,
) -> (Arc<Shared>, Sender<TestPost>) {
    let random = Random::from_seed(seed);
    let backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30), random.clone());
    let spool = Spool::open(options.clone(), Arc::new(disk.clone()), random, now_ms);
    let shared = Shared::new(spool);
    let pace = Pace::new(pace);
    let sender = Sender::new(Arc::clone(&shared), net.clone(), backoff, pace, body_bytes_max);
    (shared, sender)
}

/// Restarts and outages begin streams, more than a server keeps in mind of one agent by default; what it forgot comes
/// again. Here it forgets only when it is restarted, so that each repeat is a mistake of the sender.
fn unforgetting() -> Limits {
    Limits { agent_sessions_max: 1000, ..Limits::default() }
}
