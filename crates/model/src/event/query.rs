//! What may be asked of an event log, and how it answers.

use super::{Event, EventKind, Level, Stand};
use crate::TimeRange;

/// Where an event is in the order of answers: by time, and those of one time as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it happened.
    pub time_ms: i64,
    /// Its number in the log: a later one came later, whatever its time.
    pub number: u64,
}

/// Which events are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventQuery {
    /// Of this host only.
    pub host: Option<String>,
    /// Of this level and those that matter more.
    pub level_min: Level,
    /// Of this kind only.
    pub kind: Option<EventKind>,
    /// Of this source only.
    pub source: Option<String>,
    /// With this in the text or the value of a field; small and capital ASCII letters are the same.
    pub text: String,
    /// Of this time.
    pub range: TimeRange,
    /// Before this one in the order of answers.
    pub before: Option<Place>,
    /// With a higher number than this: what came since.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl EventQuery {
    /// The newest of everything.
    pub fn newest(limit: usize) -> Self {
        Self {
            host: None,
            level_min: Level::Trace,
            kind: None,
            source: None,
            text: String::new(),
            range: TimeRange::ALL,
            before: None,
            after: None,
            limit,
        }
    }

    /// Whether an event of the right host is wanted; its place is not looked at.
    pub fn wants(&self, event: &Event) -> bool {
        event.level >= self.level_min
            && self.range.contains(event.time_ms)
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.source.as_ref().is_none_or(|source| *source == event.source)
            && (contains(&event.text, &self.text)
                || event.fields.iter().any(|(_, value)| contains(value, &self.text)))
    }

    /// Whether something at this place is wanted.
    pub fn reaches(&self, place: Place) -> bool {
        self.before.is_none_or(|before| place < before) && self.after.is_none_or(|after| place.number > after)
    }
}

fn contains(text: &str, part: &str) -> bool {
    part.is_empty() || text.as_bytes().windows(part.len()).any(|w| w.eq_ignore_ascii_case(part.as_bytes()))
}

/// An event and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Where it is.
    pub place: Place,
    /// The host.
    pub host: String,
    /// What happened.
    pub event: Event,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventPage {
    /// The events, newest first.
    pub events: Vec<Told>,
    /// Whether there are older ones that match.
    pub more: bool,
    /// The highest number in the log, whether it matches or not: what comes later has a higher one.
    pub last_number: u64,
}

/// A part that stood so when it was last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// See [`crate::Standing::part`].
    pub part: String,
    /// See [`crate::Standing::name`].
    pub name: String,
    /// See [`crate::Standing::last_ms`].
    pub last_ms: Option<i64>,
    /// See [`crate::Standing::took_us`].
    pub took_us: u64,
    /// See [`crate::Standing::samples`].
    pub samples: u64,
    /// See [`crate::Standing::problem`].
    pub problem: String,
    /// Since when it has this problem, or none, as far as is known; Unix milliseconds.
    pub since_ms: i64,
}

impl Stood {
    /// With borrowed texts.
    pub fn view(&self) -> Stand<'_> {
        let Self { part, name, last_ms, took_us, samples, problem, since_ms: _ } = self;
        Stand { part, name, last_ms: *last_ms, took_us: *took_us, samples: *samples, problem }
    }
}

/// All parts of one host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostStandings {
    /// The host.
    pub host: String,
    /// When it said so.
    pub time_ms: i64,
    /// In the order in which it said it.
    pub parts: Vec<Stood>,
}
