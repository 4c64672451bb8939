//! Profiles of the program itself, by schedule and when somebody asks: where its processor time goes.
//!
//! A child of the same program looks (see the crate `profile`): nothing is done in this process, and of the result it
//! holds some kilobytes for a moment. Between two profiles there is no child, no thread and no event.

mod child;

pub use child::{COMMAND, run as run_child};

use crate::settings::Settings;
use child::Child;
use model::{Event, EventKind, EventSink, Level, Standing, Standings};
use profile::Report;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use stdx::clock::Clock;
use stdx::crc::crc32;

/// Shortest and longest profile.
const DURATION: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(600);

/// How the settings want it.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Time between two; zero for never.
    interval: Duration,
    duration: Duration,
    frequency_hz: u64,
}

/// See the module's text.
pub struct Profiling {
    plan: Plan,
    source: &'static str,
    host: String,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Which of the stretches of one interval it is.
    slot: Option<i64>,
    /// Somebody asked for one of this length.
    asked: Option<Duration>,
    child: Option<Child>,
    /// A child that ended, until the sink has taken what it said.
    event: Option<Event>,
    standing: Standing,
    /// Why the system refuses; told once, not every hour.
    refused: String,
}

impl Profiling {
    /// `source` is what the events are called: that of the log.
    pub fn new(settings: &Settings, source: &'static str, clock: Arc<dyn Clock>) -> Arc<Self> {
        let plan = Plan {
            interval: settings.duration("profile.interval"),
            duration: settings.duration("profile.duration").clamp(*DURATION.start(), *DURATION.end()),
            frequency_hz: settings.count("profile.frequency_hz"),
        };
        Arc::new(Self::with(plan, source, crate::role::host_name(settings), clock))
    }

    fn with(plan: Plan, source: &'static str, host: String, clock: Arc<dyn Clock>) -> Self {
        let standing = Standing { part: "profile", name: "profile".to_owned(), ..Standing::default() };
        let state = Mutex::new(State { standing, ..State::default() });
        Self { plan, source, host, clock, state }
    }

    /// Never on its own; for tests of others.
    #[cfg(test)]
    pub fn off(clock: Arc<dyn Clock>) -> Arc<Self> {
        let plan = Plan { interval: Duration::ZERO, duration: *DURATION.start(), frequency_hz: 99 };
        Arc::new(Self::with(plan, "test", "test".to_owned(), clock))
    }

    /// Has one taken soon: as long as this, or as the settings say. While one is taken it is the next.
    pub fn ask(&self, seconds: Option<u64>) {
        let duration = seconds.map_or(self.plan.duration, Duration::from_secs);
        self.lock().asked = Some(duration.clamp(*DURATION.start(), *DURATION.end()));
    }

    /// Begins, ends and tells what is due; called about every second.
    pub fn round(&self, sink: &dyn EventSink) {
        let mut state = self.lock();
        let now_ms = self.clock.now_ms();
        if let Some(done) = state.child.as_mut().and_then(Child::poll) {
            let why = state.child.take().map_or("", |child| child.why);
            self.end(&mut state, done, why, now_ms);
        }
        if let Some(event) = state.event.take()
            && sink.tell(&self.host, std::slice::from_ref(&event), None).is_err()
        {
            state.event = Some(event);
        }
        let is_free = state.child.is_none() && state.event.is_none();
        let is_due = self.is_due(&mut state, now_ms);
        let wanted = match (state.asked, is_due && state.refused.is_empty()) {
            (Some(duration), _) if is_free => Some((duration, "asked")),
            (None, true) if is_free => Some((self.plan.duration, "schedule")),
            _ => None,
        };
        if let Some((duration, why)) = wanted {
            state.asked = None;
            match Child::start(duration, self.plan.frequency_hz, why) {
                Ok(child) => state.child = Some(child),
                Err(e) => {
                    self.end(&mut state, Err(format!("the child that looks cannot start: {e}")), why, now_ms)
                }
            }
        }
    }

    /// Ends the child, if there is one: whoever starts anew under the same number would never hear of its end.
    pub fn stop(&self) {
        self.lock().child = None;
    }

    /// Whether a new stretch began. Hosts begin theirs at different moments, and a start is none: an agent that starts
    /// again and again must not take profiles all the time.
    fn is_due(&self, state: &mut State, now_ms: i64) -> bool {
        let interval_ms = i64::try_from(self.plan.interval.as_millis()).unwrap_or(i64::MAX);
        if interval_ms == 0 {
            return false;
        }
        let offset_ms = i64::from(crc32(self.host.as_bytes())) % interval_ms;
        let slot = now_ms.saturating_add(offset_ms).div_euclid(interval_ms);
        state.slot.replace(slot).is_some_and(|before| before != slot)
    }

    fn end(&self, state: &mut State, done: Result<Report, String>, why: &'static str, now_ms: i64) {
        let mut report = done.unwrap_or_else(|problem| {
            let mut report = Report::default();
            report.tell("problem", problem);
            report
        });
        let number = |name: &str| report.fact(name).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        state.standing.last_ms = Some(now_ms);
        state.standing.took_us = (number("seconds") * 1e6) as u64;
        state.standing.samples = number("samples") as u64;
        let problem = report.fact("problem").unwrap_or("").to_owned();
        match report.fact("refused").map(str::to_owned) {
            // What the system does not allow is told where profiles are looked for, and is no alarm on every host.
            Some(refused) => {
                if why == "schedule" || state.refused != refused {
                    tracing::info!("no profiles of this program: {refused}");
                }
                state.refused = refused;
            }
            None => {
                state.refused.clear();
                state.standing.problem = problem;
            }
        }
        report.tell("why", why);
        let Report { facts, packed } = report;
        let event = Event {
            kind: EventKind::PROFILE,
            fields: facts,
            ..Event::log(now_ms, Level::Info, self.source, packed)
        };
        state.event = Some(event);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standings for Profiling {
    fn standings(&self) -> Vec<Standing> {
        vec![self.lock().standing.clone()]
    }
}

#[cfg(test)]
mod tests;
