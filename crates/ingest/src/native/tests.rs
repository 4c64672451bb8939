use super::*;
use model::memory::MemoryStore;
use model::{Batch, Kind, Labels, PushError, Receipt, Slot, Source, TimeRange};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use wire::protocols::native::{AgentId, Encoder, frame};

/// Takes nothing for the first pushes, then everything.
struct Stubborn {
    refusals: AtomicUsize,
    error: PushError,
    store: MemoryStore,
}

impl Stubborn {
    fn new(refusals: usize, error: PushError) -> Self {
        Self { refusals: AtomicUsize::new(refusals), error, store: MemoryStore::new() }
    }
}

impl Sink for Stubborn {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let left = self.refusals.load(Ordering::SeqCst);
        if left > 0 {
            self.refusals.store(left - 1, Ordering::SeqCst);
            return Err(self.error.clone());
        }
        self.store.push(batch)
    }
}

/// A stream of `ticks` scrapes of three series: one frame of entries, then one frame a scrape.
struct Stream {
    frames: Vec<Vec<u8>>,
}

impl Stream {
    fn of(ticks: i64) -> Self {
        let (mut encoder, mut batch, mut bytes) = (Encoder::new(), Batch::new(), Vec::new());
        for n in 0..3 {
            let labels = Labels::from_pairs([("__name__", format!("m{n}").as_str()), ("host", "a")]).unwrap();
            batch.dictionary.add(&labels, Kind::Gauge);
        }
        for tick in 0..ticks {
            batch.clear_rows();
            batch.begin(tick);
            (0..3).for_each(|n| batch.push(Slot(n), f64::from(n) + tick as f64));
            encoder.encode(&batch, 0, &mut bytes);
        }
        let (mut rest, mut frames) = (bytes.as_slice(), Vec::new());
        while !rest.is_empty() {
            let (one, others) = rest.split_at(frame::len_bytes(rest).unwrap());
            frames.push(one.to_vec());
            rest = others;
        }
        assert_eq!(frames.len() as i64, ticks + 1);
        Self { frames }
    }

    fn body(&self, stream: u64, from: usize, to: usize) -> Vec<u8> {
        let mut body = Vec::new();
        Header { agent: AgentId([1; 16]), stream, first: from as u64, host: "a" }.encode(&mut body);
        self.frames[from..to].iter().for_each(|f| body.extend_from_slice(f));
        body
    }
}

fn samples(store: &MemoryStore) -> usize {
    let series = store.select(&[], TimeRange::ALL, 100).unwrap().series;
    let ids: Vec<_> = series.iter().map(|s| s.id).collect();
    let mut count = 0;
    let mut visit = |_, chunk: model::Chunk<'_>| {
        let model::Chunk::Samples { values, .. } = chunk;
        count += values.len();
        std::ops::ControlFlow::Continue(())
    };
    store.read(&ids, TimeRange::ALL, &mut visit).unwrap();
    count
}

#[test]
fn repeats_are_skipped_and_gaps_are_asked_for() {
    let (sessions, store, stream) = (Sessions::new(Limits::default()), MemoryStore::new(), Stream::of(10));
    let send = |from, to| sessions.handle(&stream.body(7, from, to), &store, 0);
    let kept = |next: u64, accepted: u64| {
        (200, format!("{{\"next\":{next},\"accepted\":{accepted},\"rejected\":0,\"reasons\":[]}}"))
    };
    let got = |answer: Answer| (answer.status, answer.body);
    let resume = |answer: Answer, from: u64| {
        assert_eq!(answer.status, 409);
        assert!(answer.body.starts_with(&format!("{{\"resume_from\":{from},")), "{}", answer.body);
    };
    resume(send(3, 5), 0);
    assert_eq!(got(send(0, 0)), kept(0, 0));
    assert!(sessions.is_empty(), "nothing said, nothing remembered");
    assert_eq!(got(send(0, 4)), kept(4, 9));
    assert_eq!(got(send(0, 4)), kept(4, 0));
    assert_eq!(got(send(2, 6)), kept(6, 6));
    resume(send(8, 9), 6);
    assert_eq!(got(send(6, 6)), kept(6, 0));
    assert_eq!(got(send(6, 11)), kept(11, 15));
    assert_eq!(samples(&store), 30);
}

#[test]
fn a_frame_damaged_on_the_way_is_asked_for_again_and_what_was_good_is_kept() {
    let (sessions, store, stream) = (Sessions::new(Limits::default()), MemoryStore::new(), Stream::of(4));
    let mut body = stream.body(1, 0, 4);
    let len = body.len();
    body[len - 1] ^= 1;
    let answer = sessions.handle(&body, &store, 0);
    assert_eq!((answer.status, &answer.body[..17]), (409, "{\"resume_from\":3,"));
    assert_eq!(samples(&store), 6);
    assert_eq!(sessions.handle(&stream.body(1, 3, 5), &store, 0).status, 200);
    assert_eq!(samples(&store), 12);
    for damaged in [&stream.body(1, 0, 5)[..20], &[&stream.body(1, 0, 5)[..20], &[0; 80]].concat()] {
        let answer = sessions.handle(damaged, &store, 0);
        assert_eq!(
            (answer.status, &answer.body[..9]),
            (409, "{\"error\":"),
            "nobody can tell which stream it was"
        );
    }
}

#[test]
fn nonsense_is_told_with_its_place_and_forgets_the_stream() {
    let (sessions, store, stream) = (Sessions::new(Limits::default()), MemoryStore::new(), Stream::of(2));
    let mut body = stream.body(1, 0, 2);
    let place = body.len() + 8 + 2;
    let payload = [3, 0, 9];
    body.extend_from_slice(&3u32.to_le_bytes());
    body.extend_from_slice(&stdx::crc::crc32(&payload).to_le_bytes());
    body.extend_from_slice(&payload);
    let answer = sessions.handle(&body, &store, 0);
    let wanted = format!("{{\"frame\":2,\"byte\":{place},\"error\":\"a slot that no entry named\"}}");
    assert_eq!((answer.status, answer.body), (400, wanted));
    assert_eq!((samples(&store), sessions.len()), (3, 0));
    assert_eq!(sessions.handle(b"GET / HTTP/1.1", &store, 0).status, 400);
    assert_eq!(sessions.handle(b"", &store, 0).status, 400);
}

#[test]
fn a_busy_sink_gets_the_same_samples_at_the_next_request_and_nothing_is_said_to_be_kept() {
    for (error, status) in [(PushError::Busy("full".into()), 503), (PushError::Failed("gone".into()), 500)] {
        // A flush that failed is tried once more before the answer, hence two refusals.
        let (sessions, sink, stream) =
            (Sessions::new(Limits::default()), Stubborn::new(2, error), Stream::of(5));
        for _ in 0..2 {
            let answer = sessions.handle(&stream.body(1, 0, 3), &sink, 0);
            assert_eq!(answer.status, status);
            assert!(answer.retry_after_s.is_some());
        }
        assert_eq!(samples(&sink.store), 0);
        let answer = sessions.handle(&stream.body(1, 3, 6), &sink, 0);
        assert_eq!((answer.status, &answer.body[..10]), (200, "{\"next\":6,"));
        assert_eq!(samples(&sink.store), 15);
    }
}

#[test]
fn streams_are_forgotten_by_number_by_memory_and_by_age() {
    let (store, stream) = (MemoryStore::new(), Stream::of(2));
    let limits = Limits { sessions_max: 3, agent_sessions_max: 9, idle_ms_max: 100, ..Limits::default() };
    let sessions = Sessions::new(limits);
    for (id, now_ms) in [(1, 0), (2, 1), (3, 2)] {
        assert_eq!(sessions.handle(&stream.body(id, 0, 2), &store, now_ms).status, 200);
    }
    assert_eq!(sessions.handle(&stream.body(1, 2, 3), &store, 3).status, 200, "used again: the youngest");
    assert_eq!(sessions.handle(&stream.body(4, 0, 1), &store, 4).status, 200);
    assert_eq!(sessions.handle(&stream.body(2, 2, 3), &store, 5).status, 409, "the oldest made room");
    assert_eq!(sessions.handle(&stream.body(1, 3, 3), &store, 6).status, 200);
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.handle(&stream.body(9, 0, 1), &store, 106).status, 200);
    assert_eq!(sessions.len(), 2, "all but the one used 100 ms ago are too old");
    let sessions = Sessions::new(Limits { memory_bytes_max: 1, ..limits });
    for id in 1..5 {
        assert_eq!(sessions.handle(&stream.body(id, 0, 3), &store, 0).status, 200);
        assert_eq!(sessions.len(), 1);
    }
}

#[test]
fn an_agent_that_starts_streams_again_and_again_displaces_its_own_only() {
    let (store, stream) = (MemoryStore::new(), Stream::of(2));
    let sessions = Sessions::new(Limits::default());
    let mut other = stream.body(1, 0, 1);
    other[5] = 77;
    let checksum = stdx::crc::crc32(&other[..39]).to_le_bytes();
    other[39..43].copy_from_slice(&checksum);
    assert_eq!(sessions.handle(&other, &store, 0).status, 200);
    for id in 1..50 {
        assert_eq!(sessions.handle(&stream.body(id, 0, 1), &store, 0).status, 200);
    }
    assert_eq!(sessions.len(), 5);
    assert_eq!(sessions.handle(&stream.body(49, 1, 2), &store, 0).status, 200);
    assert_eq!(sessions.handle(&stream.body(45, 1, 2), &store, 0).status, 409);
}

#[test]
fn a_stream_that_is_used_stays_while_others_come_and_go() {
    let (store, stream) = (MemoryStore::new(), Stream::of(30));
    let sessions = Sessions::new(Limits::default());
    for (turn, backlog) in (0..20).zip(100..) {
        assert_eq!(sessions.handle(&stream.body(1, turn, turn + 1), &store, 0).status, 200, "turn {turn}");
        assert_eq!(sessions.handle(&stream.body(backlog, 0, 3), &store, 0).status, 200);
    }
}

#[test]
fn a_request_with_too_many_samples_is_taken_in_part() {
    let limits = Limits { request_samples_max: 4, ..Limits::default() };
    let (sessions, store, stream) = (Sessions::new(limits), MemoryStore::new(), Stream::of(5));
    let answer = sessions.handle(&stream.body(1, 0, 6), &store, 0);
    assert_eq!(answer.body, "{\"next\":3,\"accepted\":6,\"rejected\":0,\"reasons\":[]}");
    assert_eq!(sessions.handle(&stream.body(1, 3, 6), &store, 0).status, 200);
    assert_eq!(samples(&store), 12);
}

#[test]
fn refusals_are_told_in_json() {
    let report = {
        let mut report = model::Report::default();
        report.reject(model::Position::Item(3), "a \"quoted\"\nreason");
        report
    };
    let wanted = r#"{"next":1,"accepted":0,"rejected":1,"reasons":["item 3: a \"quoted\"\u000areason"]}"#;
    assert_eq!(Answer::kept(1, &report).body, wanted);
}

proptest! {
    #[test]
    fn any_order_of_pieces_and_restarts_ends_complete(steps in prop::collection::vec((0..21usize, 0..21usize, any::<bool>()), 1..30)) {
        let (mut sessions, store, stream) = (Sessions::new(Limits::default()), MemoryStore::new(), Stream::of(20));
        for (a, b, restart) in steps {
            if restart {
                sessions = Sessions::new(Limits::default());
            }
            let answer = sessions.handle(&stream.body(1, a.min(b), a.max(b)), &store, 0);
            prop_assert!(matches!(answer.status, 200 | 409));
        }
        let answer = sessions.handle(&stream.body(1, 0, 21), &store, 0);
        prop_assert_eq!(&answer.body[..11], "{\"next\":21,");
        prop_assert_eq!(samples(&store), 60);
    }

    #[test]
    fn changed_bodies_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        let mut body = Stream::of(3).body(1, 0, 4);
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        body.truncate(cut.index(body.len()) + 1);
        Sessions::new(Limits::default()).handle(&body, &MemoryStore::new(), 0);
    }
}

/// Remembers what it is told, and refuses as asked.
#[derive(Default)]
struct Ears {
    refuse: std::sync::Mutex<Option<PushError>>,
    said: std::sync::Mutex<Vec<String>>,
}

impl Ears {
    fn hear(&self, what: String) -> Result<(), PushError> {
        match self.refuse.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => {
                self.said.lock().unwrap().push(what);
                Ok(())
            }
        }
    }

    fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }
}

impl EventSink for Ears {
    fn tell(
        &self,
        host: &str,
        events: &[model::Event],
        origin: Option<model::Origin>,
    ) -> Result<(), PushError> {
        let origin = origin.expect("a place in the stream");
        events
            .iter()
            .try_for_each(|e| self.hear(format!("{host} {}/{} {}", origin.stream, origin.frame, e.text)))
    }

    fn stand(&self, host: &str, time_ms: i64, parts: &[model::Stand<'_>]) -> Result<(), PushError> {
        self.hear(format!("{host} at {time_ms}: {} parts", parts.len()))
    }
}

/// Samples with events among them: entries, scrape, events, scrape, standings, a kind nobody knows, scrape.
fn mixed() -> Stream {
    use wire::protocols::native::events::{encode_events, encode_standings};
    let mut stream = Stream::of(3);
    let mut bytes = Vec::new();
    let event = |text: &str| model::Event::log(5, model::Level::Warn, "agent", text);
    encode_events("a", &[event("x"), event("y")], &mut bytes);
    stream.frames.insert(2, std::mem::take(&mut bytes));
    encode_standings("a", 9, &[], &mut bytes);
    stream.frames.insert(4, std::mem::take(&mut bytes));
    bytes.extend_from_slice(&2u32.to_le_bytes());
    bytes.extend_from_slice(&stdx::crc::crc32(&[77, 1]).to_le_bytes());
    bytes.extend([77, 1]);
    stream.frames.insert(5, bytes);
    stream
}

#[test]
fn events_go_their_way_in_order_with_their_place_in_the_stream() {
    let (ears, store, stream) = (Arc::new(Ears::default()), MemoryStore::new(), mixed());
    let sessions = Sessions::new(Limits::default()).with_events(ears.clone());
    let answer = sessions.handle(&stream.body(7, 0, 7), &store, 0);
    assert_eq!(answer.body, "{\"next\":7,\"accepted\":9,\"rejected\":0,\"reasons\":[]}");
    assert_eq!(sessions.handle(&stream.body(7, 0, 7), &store, 0).status, 200);
    assert_eq!(ears.said(), ["a 7/2 x", "a 7/2 y", "a at 9: 0 parts"]);
    let deaf = Sessions::new(Limits::default());
    assert_eq!(deaf.handle(&stream.body(7, 0, 7), &store, 0).status, 200, "without a place for events");
}

#[test]
fn a_busy_event_log_is_asked_again_and_a_failed_one_costs_no_samples() {
    let (ears, store, stream) = (Arc::new(Ears::default()), MemoryStore::new(), mixed());
    let sessions = Sessions::new(Limits::default()).with_events(ears.clone());
    *ears.refuse.lock().unwrap() = Some(PushError::Busy("full".into()));
    assert_eq!(sessions.handle(&stream.body(7, 0, 7), &store, 0).status, 503);
    assert_eq!(samples(&store), 3, "what came before is kept");
    *ears.refuse.lock().unwrap() = Some(PushError::Failed("gone".into()));
    let answer = sessions.handle(&stream.body(7, 0, 4), &store, 0);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("events of frame 2: writing failed: gone"), "{}", answer.body);
    *ears.refuse.lock().unwrap() = None;
    assert_eq!(sessions.handle(&stream.body(7, 4, 7), &store, 0).status, 200);
    assert_eq!((samples(&store), ears.said()), (9, vec!["a at 9: 0 parts".to_owned()]));
}

#[test]
fn events_that_no_agent_writes_are_told_with_their_place() {
    let (store, mut stream) = (MemoryStore::new(), Stream::of(1));
    let payload = [4, 1, b'a', 1, 0, 1, 9];
    let mut bytes = (payload.len() as u32).to_le_bytes().to_vec();
    bytes.extend_from_slice(&stdx::crc::crc32(&payload).to_le_bytes());
    bytes.extend(payload);
    stream.frames.push(bytes);
    let body = stream.body(1, 0, 3);
    let answer = Sessions::new(Limits::default()).handle(&body, &store, 0);
    let wanted = format!("{{\"frame\":2,\"byte\":{},\"error\":\"an unknown level\"}}", body.len() - 1);
    assert_eq!((answer.status, answer.body), (400, wanted));
}
