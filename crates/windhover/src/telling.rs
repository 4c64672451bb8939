//! Telling what happens and how the parts stand: the program's own log, and the standing of everything that watches
//! this host, into an outbox or an event log.

#[cfg(feature = "server")]
use crate::beat::Beat;
use crate::logging::Ring;
use crate::selfwatch::profile::Profiling;
use model::event::is_same_problem;
use model::{EventSink, Stand, Standing, Standings};
use std::sync::{Arc, Mutex, PoisonError, Weak};
#[cfg(feature = "server")]
use std::time::Duration;
use stdx::clock::Clock;

/// Time between two rounds.
#[cfg(feature = "server")]
const EVERY: Duration = Duration::from_secs(1);
/// How often the parts are asked how they stand, in milliseconds.
const ASK_EVERY_MS: i64 = 5000;
/// How often it is told when no part began to work or changed its problem, in milliseconds.
const TELL_EVERY_MS: i64 = 60_000;

/// Who tells what to whom.
pub struct Telling {
    /// Lines of the program's own log.
    ring: Arc<Ring>,
    /// The parts. That they are told of must not keep them at work.
    parts: Vec<Weak<dyn Standings>>,
    /// Name of this host.
    host: String,
    /// Profiles of the program itself.
    profiling: Arc<Profiling>,
    /// Who takes it.
    sink: Arc<dyn EventSink>,
    /// What time it is.
    clock: Arc<dyn Clock>,
    /// What was told of the parts before.
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    asked_ms: Option<i64>,
    told_ms: Option<i64>,
    /// Name and problem of each part that worked or has one.
    known: Vec<(String, String)>,
}

impl Telling {
    /// Nothing is told yet.
    pub fn new(
        ring: Arc<Ring>,
        parts: &[Arc<dyn Standings>],
        profiling: Arc<Profiling>,
        host: String,
        sink: Arc<dyn EventSink>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        let own: Arc<dyn Standings> = profiling.clone();
        let parts = parts.iter().chain([&own]).map(Arc::downgrade).collect();
        Arc::new(Self { ring, parts, profiling, host, sink, clock, told: Mutex::default() })
    }

    /// Tells what waits, and how the parts stand when that is due.
    pub fn round(&self) {
        let now_ms = self.clock.now_ms();
        let events = self.ring.take(now_ms);
        if !events.is_empty() && self.sink.tell(&self.host, &events, None).is_err() {
            self.ring.put_back(events);
        }
        self.profiling.round(self.sink.as_ref());
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.parts.is_empty() && is_due(told.asked_ms, now_ms, ASK_EVERY_MS) {
            told.asked_ms = Some(now_ms);
            let parts: Vec<Standing> =
                self.parts.iter().filter_map(Weak::upgrade).flat_map(|part| part.standings()).collect();
            self.stand(&mut told, &parts, now_ms);
        }
    }

    fn stand(&self, told: &mut Told, parts: &[Standing], now_ms: i64) {
        // What works for the first time is told as soon as what does not.
        let known = parts.iter().filter(|part| part.last_ms.is_some() || !part.problem.is_empty());
        let known: Vec<(String, String)> =
            known.map(|part| (part.name.clone(), part.problem.clone())).collect();
        if is_same(&told.known, &known) && !is_due(told.told_ms, now_ms, TELL_EVERY_MS) {
            return;
        }
        let stands: Vec<Stand<'_>> = parts.iter().map(Stand::from).collect();
        if self.sink.stand(&self.host, now_ms, &stands).is_ok() {
            told.told_ms = Some(now_ms);
            told.known = known;
        }
    }

    /// Tells on a thread of its own until dropped.
    #[cfg(feature = "server")]
    pub fn start(self: &Arc<Self>) -> std::io::Result<Beat> {
        let telling = self.clone();
        Beat::start("tell", EVERY, move || telling.round())
    }
}

fn is_same(a: &[(String, String)], b: &[(String, String)]) -> bool {
    let same = |(a, b): (&(String, String), &(String, String))| a.0 == b.0 && is_same_problem(&a.1, &b.1);
    a.len() == b.len() && a.iter().zip(b).all(same)
}

/// Whether it was long ago; a clock that went back does not put it off.
fn is_due(last_ms: Option<i64>, now_ms: i64, every_ms: i64) -> bool {
    last_ms.is_none_or(|last_ms| !(0..every_ms).contains(&now_ms.saturating_sub(last_ms)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Event, Level, Origin, PushError};
    use stdx::clock::ManualClock;

    #[derive(Default)]
    struct Ears {
        deaf: Mutex<bool>,
        heard: Mutex<Vec<String>>,
    }

    impl Ears {
        fn hear(&self, what: String) -> Result<(), PushError> {
            if *self.deaf.lock().unwrap() {
                return Err(PushError::Busy("deaf".into()));
            }
            self.heard.lock().unwrap().push(what);
            Ok(())
        }
    }

    impl EventSink for Ears {
        fn tell(&self, host: &str, events: &[Event], _: Option<Origin>) -> Result<(), PushError> {
            events.iter().try_for_each(|event| self.hear(format!("{host}: {}", event.text)))
        }

        fn stand(&self, _: &str, time_ms: i64, parts: &[Stand<'_>]) -> Result<(), PushError> {
            self.hear(format!("{time_ms} {}", parts[0].problem))
        }
    }

    struct Part(Mutex<String>);

    impl Standings for Part {
        fn standings(&self) -> Vec<Standing> {
            let problem = self.0.lock().unwrap().clone();
            vec![Standing { part: "collector", name: "cpu".into(), problem, ..Standing::default() }]
        }
    }

    #[test]
    fn lines_at_once_standings_when_they_change_or_are_old_and_nothing_is_lost_on_the_way() {
        let (ears, part) = (Arc::new(Ears::default()), Arc::new(Part(Mutex::default())));
        let clock = Arc::new(ManualClock::at(1000));
        let ring = Arc::new(Ring::new("agent"));
        let parts: [Arc<dyn Standings>; 1] = [part.clone()];
        let profiling = Profiling::off(clock.clone());
        let telling = Telling::new(ring, &parts, profiling, "a".into(), ears.clone(), clock.clone());
        let heard_at = |ms: i64| {
            clock.set_ms(ms);
            telling.round();
            std::mem::take(&mut *ears.heard.lock().unwrap())
        };
        let line = |text: &str| telling.ring.add("m", Event::log(0, Level::Info, "agent", text));
        line("hello");
        assert_eq!(heard_at(1000), ["a: hello", "1000 "]);
        *part.0.lock().unwrap() = "gone".into();
        assert!(heard_at(5999).is_empty(), "not asked yet");
        *ears.deaf.lock().unwrap() = true;
        line("one");
        assert!(heard_at(6000).is_empty());
        *ears.deaf.lock().unwrap() = false;
        line("two");
        assert_eq!(heard_at(11_000), ["a: one", "a: two", "11000 gone"]);
        assert!(heard_at(60_000).is_empty());
        assert_eq!(heard_at(71_000), ["71000 gone"]);
        assert_eq!(heard_at(5), ["5 gone"], "the clock went back");
    }
}
