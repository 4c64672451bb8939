//! Lines of the program's own log that wait to be shipped, as far as there is room.

use super::thinning::Thinning;
use model::{Event, Level};
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use stdx::telemetry::{Counter, Item};
use tracing::field::{Field, Visit};

static LINES: Counter = Counter::new(
    "windhover_log_lines_total",
    "Lines of the program's own log that were taken to be shipped or kept.",
);
static FOLDED: Counter =
    Counter::new("windhover_log_folded_total", "Lines that repeated one just before and were only counted.");
static THINNED: Counter = Counter::new(
    "windhover_log_thinned_total",
    "Lines left out of what is shipped because there were too many at a time.",
);
static DROPPED: Counter = Counter::new(
    "windhover_log_dropped_total",
    "Lines that waited to be shipped and had to make room for later ones.",
);

/// The numbers of this file.
pub static TELEMETRY: &[Item] =
    &[Item::Counter(&LINES), Item::Counter(&FOLDED), Item::Counter(&THINNED), Item::Counter(&DROPPED)];

/// Most lines that wait.
const LINES_MAX: usize = 512;
/// Most bytes of lines that wait.
const BYTES_MAX: usize = 64 << 10;
/// Longest text of a line, in bytes.
const LINE_BYTES_MAX: usize = 2048;

/// See the module's text.
pub struct Ring {
    source: &'static str,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Event>,
    bytes: usize,
    thinning: Thinning,
}

impl Ring {
    /// An empty one; `source` is the name of its events.
    pub fn new(source: &'static str) -> Self {
        Self { source, waiting: Mutex::default() }
    }

    /// Takes a line that `module` wrote.
    pub fn add(&self, module: &str, mut event: Event) {
        event.text.truncate(event.text.floor_char_boundary(LINE_BYTES_MAX));
        let mut waiting = self.lock();
        match waiting.thinning.admit(module, &event) {
            super::thinning::Verdict::Take => {
                LINES.add(1);
                event.fields.push(("module".to_owned(), module.to_owned()));
                event.bound();
                waiting.add(event);
            }
            super::thinning::Verdict::Fold => FOLDED.add(1),
            super::thinning::Verdict::LeaveOut => THINNED.add(1),
        }
    }

    /// Everything that waits, oldest first.
    pub fn take(&self, now_ms: i64) -> Vec<Event> {
        let mut waiting = self.lock();
        let summaries = waiting.thinning.summaries(now_ms, self.source);
        summaries.into_iter().for_each(|event| waiting.add(event));
        waiting.bytes = 0;
        std::mem::take(&mut waiting.events).into()
    }

    /// Puts back what could not be shipped.
    pub fn put_back(&self, events: Vec<Event>) {
        let mut waiting = self.lock();
        let later = std::mem::take(&mut waiting.events);
        waiting.bytes = 0;
        events.into_iter().chain(later).for_each(|event| waiting.add(event));
    }

    /// Takes what the program logs at a time.
    pub fn hear(&self, now_ms: i64, event: &tracing::Event<'_>) {
        let meta = event.metadata();
        let mut line = Event::log(now_ms, level(*meta.level()), self.source, "");
        event.record(&mut Reader(&mut line));
        self.add(meta.target(), line);
    }

    // Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, event: Event) {
        self.bytes += event.text_bytes();
        self.events.push_back(event);
        while self.events.len() > LINES_MAX || self.bytes > BYTES_MAX {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.text_bytes();
            DROPPED.add(1);
        }
    }
}

fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warn,
        tracing::Level::INFO => Level::Info,
        tracing::Level::DEBUG => Level::Debug,
        tracing::Level::TRACE => Level::Trace,
    }
}

/// Puts the message and the fields of a line where they belong.
struct Reader<'a>(&'a mut Event);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let mut text = String::new();
        let _infallible = write!(text, "{value:?}");
        self.put(field, text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.to_owned());
    }
}

impl Reader<'_> {
    fn put(&mut self, field: &Field, text: String) {
        if field.name() == "message" {
            self.0.text = text;
        } else {
            self.0.fields.push((field.name().to_owned(), text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::Journal;
    use std::sync::Arc;
    use tracing::level_filters::LevelFilter;

    fn texts(events: &[Event]) -> Vec<&str> {
        events.iter().map(|event| event.text.as_str()).collect()
    }

    #[test]
    fn lines_come_with_their_fields_and_module() {
        let ring = Arc::new(Ring::new("agent"));
        let journal = Journal { printed: LevelFilter::OFF, ..Journal::of(ring.clone()) };
        tracing::subscriber::with_default(journal, || {
            tracing::warn!(refused = 3, who = "a", "{} of {}", 3, 4);
        });
        let events = ring.take(0);
        assert_eq!((texts(&events), events[0].level), (vec!["3 of 4"], Level::Warn));
        let fields: Vec<&str> = events[0].fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((fields, events[0].source.as_str()), (vec!["refused", "who", "module"], "agent"));
        assert!(ring.take(0).is_empty());
    }

    #[test]
    fn what_waits_is_bounded_and_what_is_put_back_stays_first() {
        let ring = Ring::new("agent");
        let line =
            |n: usize| Event::log(1000 * n as i64, Level::Info, "agent", format!("{n} {}", "x".repeat(400)));
        (0..1000).for_each(|n| ring.add("m", line(n)));
        let events = ring.take(1_000_000);
        let bytes: usize = events.iter().map(Event::text_bytes).sum();
        assert!(bytes <= BYTES_MAX && events.len() > 100);
        assert!(events.last().is_some_and(|event| event.text.starts_with("999 ")), "the newest stay");
        ring.put_back(events[..2].to_vec());
        ring.add("m", line(2000));
        ring.put_back(vec![line(1)]);
        let again = ring.take(2_000_000);
        assert_eq!((again.len(), &again[0].text[..2]), (4, "1 "));
    }
}
