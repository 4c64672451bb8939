//! Icinga 2 followed through its API: its event stream, which never ends, and its status at an interval.
//!
//! ```text
//!           ┌► POST /v1/events ──► what happened since the last time (/v1/objects) ──► events … ──┐
//! connect ──┘                                                    status each interval             │
//!    ▲                                                                                            │
//!    └────────────── wait, longer each time ◄── the stream broke, a status got no answer ◄────────┘
//! ```
//!
//! One thread for each Icinga. Icinga keeps nothing for those who do not listen, so a broken stream is a gap: it is told as
//! an event and counted, and what can still be known of it is asked for afterwards (each object's last result, and the state,
//! comments and downtimes that changed). The stream is open before that question is asked, so that nothing falls between
//! the two; what both tell is told once.

mod hand_on;
mod heard;
mod lines;
mod session;
mod talk;
#[cfg(test)]
mod tests;

use crate::Login;
use model::{Batch, EventSink, Sink, Standing, Standings};
use net::{Interrupt, Resolve, Tls, Url};
use session::Session;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use stdx::clock::Clock;

/// What kind of part a standing is of.
const PART: &str = "icinga";

/// The events that are asked for unless the settings say otherwise: all that tell of checks.
pub const TYPES: &[&str] = &[
    "CheckResult",
    "StateChange",
    "Notification",
    "AcknowledgementSet",
    "AcknowledgementCleared",
    "CommentAdded",
    "CommentRemoved",
    "DowntimeAdded",
    "DowntimeRemoved",
    "DowntimeStarted",
    "DowntimeTriggered",
    "Flapping",
];

/// An Icinga that is followed.
#[derive(Debug, Clone)]
pub struct Icinga {
    /// The label `icinga` of what it says of itself.
    pub name: String,
    /// Where its API is.
    pub url: Url,
    /// Who we are to it.
    pub login: Option<Login>,
    /// Whom to trust.
    pub tls: Tls,
    /// The name its certificate must have; the host's of the address when empty.
    pub server_name: String,
    /// Whether a certificate that is not trusted ends a connection.
    pub verify: bool,
    /// The types of events that are asked for.
    pub types: Vec<String>,
    /// Icinga's own expression for which events; "" for all.
    pub filter: String,
    /// The name of the queue Icinga keeps for us.
    pub queue: String,
    /// Time between two looks at its status.
    pub interval: Duration,
    /// Longest time that connecting and an answer may take.
    pub timeout: Duration,
    /// Longest answer, in bytes; the stream has no end.
    pub body_bytes_max: u64,
    /// Labels of all its series.
    pub labels: Vec<(String, String)>,
}

/// Who takes what it says, and what time it is.
#[derive(Clone)]
pub struct Surroundings {
    /// Takes samples.
    pub sink: Arc<dyn Sink>,
    /// Takes events.
    pub events: Arc<dyn EventSink>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who turns names into addresses.
    pub resolver: Arc<dyn Resolve>,
}

/// Icingas being followed. Dropping it ends that.
pub struct Following {
    workers: Vec<Worker>,
    board: Arc<Board>,
}

struct Worker {
    stop: Stop,
    thread: JoinHandle<()>,
}

/// How a thread is told to stop: the stream and what is asked beside it are connections of their own.
#[derive(Clone, Default)]
struct Stop {
    stream: Interrupt,
    questions: Interrupt,
}

impl Stop {
    fn is_given_up(&self) -> bool {
        self.stream.is_given_up()
    }
}

/// How each stands.
#[derive(Default)]
struct Board(Mutex<Vec<Standing>>);

impl Following {
    /// Starts following. Without any there is no thread.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(all: Vec<Icinga>, around: &Surroundings) -> io::Result<Self> {
        let standing =
            |icinga: &Icinga| Standing { part: PART, name: icinga.name.clone(), ..Standing::default() };
        let board = Arc::new(Board(Mutex::new(all.iter().map(standing).collect())));
        let mut following = Self { workers: Vec::new(), board: board.clone() };
        for (at, icinga) in all.into_iter().enumerate() {
            let stop = Stop::default();
            let (board, theirs, around) = (board.clone(), stop.clone(), around.clone());
            let life = move || {
                let session = Session::new(icinga, around, theirs);
                work(session, &board, at);
            };
            let thread = std::thread::Builder::new().name("icinga".into()).spawn(life)?;
            following.workers.push(Worker { stop, thread });
        }
        Ok(following)
    }

    /// Who can say how each stands.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.board.clone()
    }
}

/// Asks an Icinga once for its status and for events, as following it does; gives the version it says it has.
///
/// # Errors
/// What it did not answer or allow, for people.
pub fn examine(icinga: &Icinga, resolver: &dyn Resolve) -> Result<String, String> {
    let stop = Stop::default();
    let body = talk::ask(icinga, resolver, &stop, "/v1/status", "").map_err(|failure| failure.to_string())?;
    let mut batch = Batch::new();
    wire::protocols::icinga::status(&body, &wire::Context::at(0), &mut batch);
    let slots = batch.groups().flat_map(|rows| rows.slots);
    let version = slots
        .map(|slot| batch.dictionary.labels(*slot))
        .find_map(|labels| labels.get("version").map(str::to_owned));
    for kind in ["hosts", "services", "comments", "downtimes"] {
        // A question that every Icinga answers in little.
        let body = r#"{"attrs":["name"],"filter":"false"}"#;
        talk::ask(icinga, resolver, &stop, &format!("/v1/objects/{kind}"), body)
            .map_err(|failure| failure.to_string())?;
    }
    talk::follow(icinga, resolver, &stop)?;
    Ok(format!("Icinga {}", version.as_deref().unwrap_or("of an unknown version")))
}

/// The life of a thread.
fn work(mut session: Session, board: &Board, at: usize) {
    while !session.is_stopped() {
        let round = AssertUnwindSafe(|| session.follow(&mut |standing| board.set(at, standing)));
        let why = catch_unwind(round).unwrap_or_else(|_| {
            crate::telemetry::PANICS.add(1);
            "following it panicked; this is a defect of ours".to_owned()
        });
        if !session.is_stopped() {
            session.broke(why, &mut |standing| board.set(at, standing));
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        for worker in &self.workers {
            worker.stop.stream.interrupt();
            worker.stop.questions.interrupt();
            worker.thread.thread().unpark();
        }
        for worker in self.workers.drain(..) {
            // A panic there has been reported by the thread itself.
            let _ = worker.thread.join();
        }
    }
}

impl Board {
    fn set(&self, at: usize, standing: Standing) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)[at] = standing;
    }
}

impl Standings for Board {
    fn standings(&self) -> Vec<Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
