//! What happened, told in words: lines of a log, a part that stopped working, a deploy. Beside it how the parts of a
//! host stand now. The contracts are [`EventSink`] (write) and [`EventSource`] (read).

mod query;

pub use query::{EventPage, EventQuery, HostStandings, Place, Stood, Told};

use crate::{PushError, Standing};
use std::collections::BTreeMap;

/// Longest name of a source, in bytes.
pub const SOURCE_BYTES_MAX: usize = 64;
/// Longest text of an event, in bytes.
pub const TEXT_BYTES_MAX: usize = 16 << 10;
/// Most fields of an event.
pub const FIELDS_MAX: usize = 32;
/// Longest name of a field, in bytes.
pub const FIELD_NAME_BYTES_MAX: usize = 64;
/// Longest value of a field, in bytes.
pub const FIELD_BYTES_MAX: usize = 1024;
/// Longest name of a host, in bytes.
pub const HOST_BYTES_MAX: usize = 255;
/// Most parts of one host.
pub const PARTS_MAX: usize = 1024;
/// Longest name of a part, in bytes.
pub const PART_BYTES_MAX: usize = 200;
/// Longest text of a part's problem, in bytes.
pub const PROBLEM_BYTES_MAX: usize = 1024;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// For whoever follows a program step by step.
    Trace,
    /// For whoever looks for a defect.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something does not work.
    Error,
}

impl Level {
    /// All, the least first.
    pub const ALL: [Self; 5] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The level with this number.
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// In one word.
    pub fn as_str(self) -> &'static str {
        ["trace", "debug", "info", "warn", "error"][self as usize]
    }

    /// The level of this name; those of syslog (RFC 5424, table 2) are understood, too.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "trace" => Self::Trace,
            "debug" => Self::Debug,
            "info" | "informational" | "notice" => Self::Info,
            "warn" | "warning" => Self::Warn,
            "error" | "err" | "crit" | "critical" | "alert" | "emerg" | "emergency" | "fatal" => Self::Error,
            _ => return None,
        })
    }
}

/// What sort of thing an event is. A number without a name here comes from a newer program and is kept as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKind(pub u8);

impl EventKind {
    /// A line of a log.
    pub const LOG: Self = Self(1);
    /// A part's problem came or went.
    pub const STANDING: Self = Self(2);
    /// A note that somebody or some program left: a deploy, a change.
    pub const NOTE: Self = Self(3);
    /// Where a program spent its processor time: the text is what `profile` packs, the fields are what it tells.
    pub const PROFILE: Self = Self(4);

    /// In one word; "" for one that is not known here.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LOG => "log",
            Self::STANDING => "standing",
            Self::NOTE => "note",
            Self::PROFILE => "profile",
            _ => "",
        }
    }

    /// The kind of this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::LOG, Self::STANDING, Self::NOTE, Self::PROFILE].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Something that happened at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, in Unix milliseconds.
    pub time_ms: i64,
    /// What sort of thing.
    pub kind: EventKind,
    /// How much it matters.
    pub level: Level,
    /// Which program or part says so: `agent`, `server`, `collector` …
    pub source: String,
    /// What, in words.
    pub text: String,
    /// Further facts as names and values, in order.
    pub fields: Vec<(String, String)>,
}

impl Event {
    /// A line of a log.
    pub fn log(time_ms: i64, level: Level, source: &str, text: impl Into<String>) -> Self {
        let source = source.to_owned();
        Self { time_ms, kind: EventKind::LOG, level, source, text: text.into(), fields: Vec::new() }
    }

    /// Cuts what is longer than allowed.
    pub fn bound(&mut self) {
        cut(&mut self.source, SOURCE_BYTES_MAX);
        cut(&mut self.text, TEXT_BYTES_MAX);
        self.fields.truncate(FIELDS_MAX);
        for (name, value) in &mut self.fields {
            cut(name, FIELD_NAME_BYTES_MAX);
            cut(value, FIELD_BYTES_MAX);
        }
    }

    /// Memory of its texts, in bytes.
    pub fn text_bytes(&self) -> usize {
        let fields: usize = self.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.source.len() + self.text.len() + fields
    }

    /// What a part says when its problem comes, changes or goes.
    pub fn of_standing(time_ms: i64, stand: &Stand<'_>) -> Self {
        let well = stand.problem.is_empty();
        let text = if well { format!("{} works again", stand.name) } else { stand.problem.to_owned() };
        Self {
            time_ms,
            kind: EventKind::STANDING,
            level: if well { Level::Info } else { Level::Warn },
            source: stand.part.to_owned(),
            text,
            fields: vec![("name".to_owned(), stand.name.to_owned())],
        }
    }
}

/// Whether two problems are the same but for numbers in them, which may be others each time.
pub fn is_same_problem(a: &str, b: &str) -> bool {
    let words = |text| str::chars(text).filter(|c: &char| !c.is_ascii_digit() && *c != '.');
    words(a).eq(words(b))
}

/// Cuts a text between two characters.
fn cut(text: &mut String, bytes_max: usize) {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
    }
}

/// A [`Standing`] whose texts belong to somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand<'a> {
    /// See [`Standing::part`].
    pub part: &'a str,
    /// See [`Standing::name`].
    pub name: &'a str,
    /// See [`Standing::last_ms`].
    pub last_ms: Option<i64>,
    /// See [`Standing::took_us`].
    pub took_us: u64,
    /// See [`Standing::samples`].
    pub samples: u64,
    /// See [`Standing::problem`].
    pub problem: &'a str,
}

impl<'a> From<&'a Standing> for Stand<'a> {
    fn from(standing: &'a Standing) -> Self {
        let Standing { part, name, last_ms, took_us, samples, problem } = standing;
        Self { part, name, last_ms: *last_ms, took_us: *took_us, samples: *samples, problem }
    }
}

/// Where something stood in what an agent sent, so that a repeat is known: a stream's id is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The stream.
    pub stream: u64,
    /// The frame within it.
    pub frame: u64,
}

/// Takes events and standings. When a method returns `Ok`, they are the sink's responsibility: an event log has
/// written them, an outbox has them in its spool.
pub trait EventSink: Send + Sync {
    /// Takes events of one host. With an origin, a repeat is taken and changes nothing.
    fn tell(&self, host: &str, events: &[Event], origin: Option<Origin>) -> Result<(), PushError>;

    /// Takes how all parts of a host stood at `time_ms`; those that are not named are gone. An older statement than the
    /// last one is taken and changes nothing.
    fn stand(&self, host: &str, time_ms: i64, parts: &[Stand<'_>]) -> Result<(), PushError>;
}

/// Gives events and standings back.
pub trait EventSource: Send + Sync {
    /// The newest events that match, newest first.
    fn events(&self, query: &EventQuery) -> Result<EventPage, crate::ReadError>;

    /// How the parts of one host stand, or of all hosts.
    fn standings(&self, host: Option<&str>) -> Vec<HostStandings>;

    /// The profiles of a host that are kept, newest first.
    fn profiles(&self, host: &str) -> Result<Vec<Event>, crate::ReadError>;

    /// How many parts of each host have a problem; hosts without are not in it.
    fn problems(&self) -> BTreeMap<String, usize>;
}

#[cfg(test)]
mod tests;
