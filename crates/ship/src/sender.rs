//! What to send next, to whom, and what an answer means: one step at a time, without a thread or a clock of its own.

use crate::outbox::Shared;
use crate::pace::Pace;
use crate::pack::Packer;
use crate::spool::{Cargo, Lane, Load};
use crate::stats::{CONNECTED, REQUESTS, RESENT_FRAMES, RETRIES, SENT_BYTES, SENT_FRAMES};
use crate::verdict::{Reply, Verdict};
use std::sync::Arc;
use std::time::Duration;
use stdx::backoff::Backoff;

/// Wait after a server did not let us in, at least.
const BARRED_WAIT: Duration = Duration::from_secs(10);
/// Wait after the disk did not give what is to be sent.
const UNREADABLE_WAIT: Duration = Duration::from_secs(1);
/// How long another server is used before the first is tried again, in milliseconds.
const PREFER_FIRST_AFTER_MS: i64 = 60_000;
/// Memory that the body's buffer keeps while nothing waits, in bytes.
const BODY_BYTES_KEPT: usize = 8 << 10;

/// Carries a body to a server.
pub(crate) trait Post {
    /// Sends `body`, in gzip or not, to the server with this place in the list and waits for its answer; the error is
    /// for people.
    fn post(&mut self, server: usize, body: &[u8], gzip: bool) -> Result<Reply, String>;
    /// Number of servers, at least one.
    fn servers(&self) -> usize;
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Something was settled; there may be more to do.
    Done,
    /// Everything is acknowledged.
    Idle,
    /// Only backlog is left, and its turn comes after this time, unless something fresh comes before.
    Pause(Duration),
    /// It failed; try again after this time.
    Wait(Duration),
}

/// See the module's text.
pub(crate) struct Sender<P> {
    shared: Arc<Shared>,
    post: P,
    backoff: Backoff,
    pace: Pace,
    packer: Packer,
    body: Vec<u8>,
    body_bytes_max: usize,
    /// As `body_bytes_max`, less where a server found a body too large.
    body_bytes_limit: usize,
    /// The server in use, and since when.
    server: usize,
    since_ms: i64,
}

impl<P: Post> Sender<P> {
    pub(crate) fn new(
        shared: Arc<Shared>,
        post: P,
        backoff: Backoff,
        pace: Pace,
        body_bytes_max: usize,
    ) -> Self {
        Self {
            shared,
            post,
            backoff,
            pace,
            packer: Packer::default(),
            body: Vec::new(),
            body_bytes_max,
            body_bytes_limit: body_bytes_max,
            server: 0,
            since_ms: 0,
        }
    }

    /// Sends one request, if there is anything to send.
    pub(crate) fn step(&mut self, now_ms: i64) -> Step {
        let pause = self.pace.pause(now_ms);
        let loaded = self.shared.lock().spool.load(&mut self.body, self.body_bytes_limit, pause.is_zero());
        let cargo = match loaded {
            Load::Ready(cargo) => cargo,
            Load::Held => return Step::Pause(pause),
            Load::Later => return Step::Wait(UNREADABLE_WAIT),
            Load::Nothing => {
                self.body.clear();
                self.body.shrink_to(BODY_BYTES_KEPT);
                self.packer.rest();
                return Step::Idle;
            }
        };
        let verdict = self.send(&cargo, now_ms);
        self.settle(&cargo, verdict, now_ms)
    }

    /// Sends the body that was loaded.
    fn send(&mut self, cargo: &Cargo, now_ms: i64) -> Verdict {
        if self.server > 0 && now_ms.saturating_sub(self.since_ms) >= PREFER_FIRST_AFTER_MS {
            self.use_server(0, now_ms);
        }
        let is_backlog = cargo.lane == Lane::Backlog;
        let packed = if is_backlog { self.packer.pack(&self.body) } else { None };
        let (gzip, body) = (packed.is_some(), packed.unwrap_or(&self.body));
        if is_backlog {
            self.pace.spend(body.len(), now_ms);
        }
        REQUESTS.add(1);
        SENT_BYTES.add(body.len() as u64);
        SENT_FRAMES.add(cargo.frames());
        RESENT_FRAMES.add(cargo.repeated);
        self.shared.lock().note_asked(Some(now_ms));
        let reply = self.post.post(self.server, body, gzip);
        self.shared.lock().note_asked(None);
        match reply {
            Ok(reply) => match Verdict::of(&reply) {
                // Something on the way may not know gzip: the frames are asked about once more, as they are.
                Verdict::Refused(why) if gzip => {
                    self.packer.turn_off();
                    Verdict::Plain(why)
                }
                verdict => verdict,
            },
            Err(why) => Verdict::Later(why, None),
        }
    }

    fn settle(&mut self, cargo: &Cargo, verdict: Verdict, now_ms: i64) -> Step {
        match verdict {
            Verdict::Kept(next) => {
                self.backoff.succeed();
                CONNECTED.set(1.0);
                let mut state = self.shared.lock();
                state.spool.keep(cargo, next, now_ms);
                state.spool.part_lanes();
                state.note_network(0, String::new());
                return Step::Done;
            }
            Verdict::Plain(why) => self.shared.lock().note_network(self.backoff.failures(), why),
            Verdict::Barred(why) => return self.fail(why, Some(BARRED_WAIT), now_ms),
            Verdict::Later(why, wait) => return self.fail(why, wait, now_ms),
            Verdict::Resume(frame) => self.shared.lock().spool.resume(cargo, frame, now_ms),
            Verdict::TooLarge if cargo.frames() > 1 => self.body_bytes_limit = self.body.len() / 2,
            Verdict::TooLarge => {
                self.body_bytes_limit = self.body_bytes_max;
                self.refuse(cargo, "the server finds a single frame too large".into(), now_ms);
            }
            Verdict::Refused(why) => self.refuse(cargo, why, now_ms),
        }
        RETRIES.add(1);
        Step::Done
    }

    fn refuse(&mut self, cargo: &Cargo, why: String, now_ms: i64) {
        let mut state = self.shared.lock();
        state.spool.refuse(cargo, &why, now_ms);
        state.note_network(self.backoff.failures(), why);
    }

    /// Notes a failure: the next server is tried at once, and when it was the last one's turn there is a pause.
    fn fail(&mut self, why: String, wait_min: Option<Duration>, now_ms: i64) -> Step {
        RETRIES.add(1);
        CONNECTED.set(0.0);
        if self.server + 1 < self.post.servers() {
            self.shared.lock().note_network(self.backoff.failures() + 1, why);
            self.use_server(self.server + 1, now_ms);
            return Step::Done;
        }
        self.use_server(0, now_ms);
        let wait = self.backoff.fail();
        self.shared.lock().note_network(self.backoff.failures(), why);
        Step::Wait(wait.max(wait_min.unwrap_or_default()))
    }

    fn use_server(&mut self, server: usize, now_ms: i64) {
        self.server = server;
        self.since_ms = now_ms;
    }
}
