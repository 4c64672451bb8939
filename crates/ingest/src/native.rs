//! The native door: remembers every agent's streams, applies each frame once, and says how far it got.
//!
//! | situation | answer |
//! |---|---|
//! | every frame is the sink's | 200 `{"next":N,"accepted":A,"rejected":R,"reasons":[…]}`: all before frame N is kept |
//! | the stream is not known (restart, forgotten), or frames are missing or damaged on the way | 409 `{"resume_from":N,"error":…}` |
//! | the header is damaged on the way | 409 `{"error":…}`: the same again |
//! | the sink is busy | 503 with a retry time; nothing is lost, the same body may come again |
//! | the sink failed | 500 |
//! | frames that no agent writes | 400 `{"frame":N,"byte":B,"error":…}` |
//!
//! A frame that was applied before is skipped, so a body may be repeated as often as one likes. Sessions are memory
//! only: an agent that meets a 409 rewinds in its segment, and the store ignores samples that it has already.

mod answer;
mod apart;
mod session;
mod table;

pub use answer::Answer;

use model::{EventSink, Sink};
use session::{Body, Session, Sinks};
use std::sync::{Arc, PoisonError};
use stdx::telemetry::{Counter, Gauge, Item};
use table::{Key, Table};
use wire::protocols::native::Header;

static REQUESTS: Counter =
    Counter::new("windhover_ingest_native_requests_total", "Requests at the native door.");
static FRAMES: Counter = Counter::new("windhover_ingest_native_frames_total", "Frames applied.");
static REPEATED: Counter = Counter::new(
    "windhover_ingest_native_frames_repeated_total",
    "Frames skipped because they were applied before.",
);
static SAMPLES: Counter =
    Counter::new("windhover_ingest_native_samples_total", "Samples that the sink accepted.");
static REJECTED: Counter = Counter::new(
    "windhover_ingest_native_rejected_total",
    "Samples and series refused, with a reason in the answer.",
);
static RESUMED: Counter = Counter::new(
    "windhover_ingest_native_resumed_total",
    "Requests answered by asking for an earlier frame.",
);
static MALFORMED: Counter = Counter::new(
    "windhover_ingest_native_malformed_total",
    "Requests refused because no agent writes such bytes.",
);
static DEFERRED: Counter = Counter::new(
    "windhover_ingest_native_deferred_total",
    "Requests put off because the sink was busy or failed.",
);
static FORGOTTEN: Counter = Counter::new(
    "windhover_ingest_native_sessions_forgotten_total",
    "Streams forgotten to stay within limits.",
);
static SESSIONS: Gauge = Gauge::new("windhover_ingest_native_sessions", "Streams remembered now.");
static MEMORY: Gauge =
    Gauge::new("windhover_ingest_native_memory_bytes", "Memory of the streams remembered now.");

/// What this door counts.
pub static TELEMETRY: &[Item] = &[
    Item::Counter(&REQUESTS),
    Item::Counter(&FRAMES),
    Item::Counter(&REPEATED),
    Item::Counter(&SAMPLES),
    Item::Counter(&REJECTED),
    Item::Counter(&RESUMED),
    Item::Counter(&MALFORMED),
    Item::Counter(&DEFERRED),
    Item::Counter(&FORGOTTEN),
    Item::Counter(&apart::EVENTS),
    Item::Counter(&apart::EVENTS_LOST),
    Item::Counter(&apart::FRAMES_UNKNOWN),
    Item::Gauge(&SESSIONS),
    Item::Gauge(&MEMORY),
];

/// How much may be remembered. Whoever is forgotten is asked to repeat its stream, and loses nothing.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most streams; the one unused for longest is forgotten first.
    pub sessions_max: usize,
    /// Most streams of one agent. It speaks on one in each of its two lanes, and for a moment on the next of each.
    pub agent_sessions_max: usize,
    /// Most memory of all streams together, roughly, in bytes.
    pub memory_bytes_max: usize,
    /// How long a stream may be silent before it is forgotten, in milliseconds.
    pub idle_ms_max: i64,
    /// After how many samples a request is answered, its other frames unread: the sender goes on from there.
    pub request_samples_max: usize,
}

impl Default for Limits {
    /// For a server of some thousand agents.
    fn default() -> Self {
        Self {
            sessions_max: 20_000,
            agent_sessions_max: 4,
            memory_bytes_max: 512 << 20,
            idle_ms_max: 15 * 60 * 1000,
            request_samples_max: 1 << 20,
        }
    }
}

/// The streams that agents are speaking on.
pub struct Sessions {
    limits: Limits,
    table: Table,
    events: Option<Arc<dyn EventSink>>,
}

impl Sessions {
    /// No streams yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, table: Table::new(limits), events: None }
    }

    /// The same, with a place for events and standings; without one they are passed over.
    pub fn with_events(self, events: Arc<dyn EventSink>) -> Self {
        Self { events: Some(events), ..self }
    }

    /// Applies a request body (already decompressed) and says what to answer. `now_ms` is Unix milliseconds.
    ///
    /// Never panics on any body; what it allocates is bounded by the limits of the protocol and of [`Limits`].
    pub fn handle(&self, body: &[u8], sink: &dyn Sink, now_ms: i64) -> Answer {
        REQUESTS.add(1);
        let (header, frames) = match Header::decode(body) {
            Ok(decoded) => decoded,
            Err(e) if Header::is_announced(body) => return Answer::repeat(e.reason),
            Err(e) => return Answer::malformed(None, e.byte, e.reason),
        };
        let key = Key { agent: header.agent, stream: header.stream };
        let Some(shared) = self.table.enter(key, header.first == 0 && !frames.is_empty(), now_ms) else {
            return if header.first == 0 && frames.is_empty() {
                Answer::nothing()
            } else {
                Answer::unknown_stream()
            };
        };
        let mut session = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let frames = Body { stream: header.stream, first: header.first, frames, len_bytes: body.len() };
        let sinks = Sinks { samples: sink, events: self.events.as_deref() };
        let answer = session.apply(&frames, sinks, self.limits.request_samples_max);
        let memory_bytes = session.memory_bytes();
        drop(session);
        if answer.status == 400 {
            self.table.remove(key)
        } else {
            self.table.leave(key, memory_bytes)
        }
        answer
    }

    /// Streams remembered now.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether no stream is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests;
