//! Thinning a storm of lines: repeats are counted, and what is too much at a time is left out, counted and said.

use model::{Event, EventKind, Level};
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Lines a second over a longer time, and at once, of one module.
const MODULE: Allowance = Allowance { per_second: 10.0, at_once: 50.0 };
/// The same of all modules together.
const ALL: Allowance = Allowance { per_second: 25.0, at_once: 150.0 };
/// Most modules that have an allowance of their own; those beyond share one.
const MODULES_MAX: usize = 64;
/// Lines whose repeats are known.
const KNOWN_MAX: usize = 16;
/// How long a repeat is only counted, in milliseconds.
const FOLD_MS: i64 = 10_000;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is shipped.
    Take,
    /// It repeats one that was shipped a moment ago.
    Fold,
    /// There are too many.
    LeaveOut,
}

#[derive(Debug, Clone, Copy)]
struct Allowance {
    per_second: f64,
    at_once: f64,
}

/// An allowance in use: a bucket that fills with time (a token bucket).
#[derive(Debug, Clone)]
struct Bucket {
    allowance: Allowance,
    tokens: f64,
    filled_ms: i64,
}

/// A line that was shipped, and how often it came again since.
#[derive(Debug)]
struct Known {
    hash: u64,
    first_ms: i64,
    event: Event,
    repeats: u64,
}

/// See the module's text.
#[derive(Debug)]
pub struct Thinning {
    all: Bucket,
    modules: Vec<(u64, Bucket)>,
    known: VecDeque<Known>,
    left_out: u64,
}

impl Default for Thinning {
    fn default() -> Self {
        Self { all: Bucket::new(ALL), modules: Vec::new(), known: VecDeque::new(), left_out: 0 }
    }
}

impl Thinning {
    /// Decides on a line of `module`.
    pub fn admit(&mut self, module: &str, event: &Event) -> Verdict {
        let hash = hash(&(module, event.level, &event.text, &event.fields));
        let repeated = self.known.iter_mut().find(|known| known.hash == hash);
        // A clock that went back must not fold for ever.
        if let Some(known) = repeated.filter(|k| (0..FOLD_MS).contains(&(event.time_ms - k.first_ms))) {
            known.repeats += 1;
            return Verdict::Fold;
        }
        if !self.bucket(module).is_open(event.time_ms) || !self.all.is_open(event.time_ms) {
            self.left_out += 1;
            return Verdict::LeaveOut;
        }
        self.bucket(module).spend();
        self.all.spend();
        if self.known.len() < KNOWN_MAX && self.known.iter().all(|known| known.hash != hash) {
            let (first_ms, event) = (event.time_ms, event.clone());
            self.known.push_back(Known { hash, first_ms, event, repeats: 0 });
        }
        Verdict::Take
    }

    /// What there is to say of lines that were counted only, once their time is over.
    pub fn summaries(&mut self, now_ms: i64, source: &'static str) -> Vec<Event> {
        let mut events = Vec::new();
        self.known.retain(|known| {
            let is_over = !(0..FOLD_MS).contains(&(now_ms - known.first_ms));
            if is_over && known.repeats > 0 {
                let times =
                    if known.repeats == 1 { "once".to_owned() } else { format!("{} times", known.repeats) };
                let text = format!("{} … {times} more", known.event.text);
                events.push(Event { time_ms: now_ms, text, ..known.event.clone() });
            }
            !is_over
        });
        let left_out = std::mem::take(&mut self.left_out);
        if left_out > 0 {
            events.push(Event {
                time_ms: now_ms,
                kind: EventKind::LOG,
                level: Level::Warn,
                source: source.to_owned(),
                text: format!("{left_out} lines were left out here: too many at a time. The log on the host itself has them."),
                fields: Vec::new(),
            });
        }
        events
    }

    fn bucket(&mut self, module: &str) -> &mut Bucket {
        let hash = hash(&module);
        let found = self.modules.iter().position(|(known, _)| *known == hash);
        let at = found.unwrap_or_else(|| {
            if self.modules.len() < MODULES_MAX {
                self.modules.push((hash, Bucket::new(MODULE)));
            }
            self.modules.len() - 1
        });
        &mut self.modules[at].1
    }
}

impl Bucket {
    fn new(allowance: Allowance) -> Self {
        Self { allowance, tokens: allowance.at_once, filled_ms: i64::MIN }
    }

    /// Whether there is room for a line now.
    fn is_open(&mut self, now_ms: i64) -> bool {
        let passed_ms = now_ms.saturating_sub(self.filled_ms).clamp(0, 3_600_000);
        self.filled_ms = now_ms;
        let filled = self.tokens + passed_ms as f64 / 1000.0 * self.allowance.per_second;
        self.tokens = filled.min(self.allowance.at_once);
        self.tokens >= 1.0
    }

    fn spend(&mut self) {
        self.tokens -= 1.0;
    }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(time_ms: i64, text: &str) -> Event {
        Event::log(time_ms, Level::Warn, "agent", text)
    }

    #[test]
    fn repeats_are_counted_and_said_once() {
        let mut thinning = Thinning::default();
        assert_eq!(thinning.admit("m", &line(0, "disk full")), Verdict::Take);
        for n in 1..=812 {
            assert_eq!(thinning.admit("m", &line(n, "disk full")), Verdict::Fold);
        }
        assert!(thinning.summaries(9999, "agent").is_empty());
        let said = thinning.summaries(10_000, "agent");
        assert_eq!((said.len(), said[0].text.as_str()), (1, "disk full … 812 times more"));
        assert_eq!(thinning.admit("m", &line(10_001, "disk full")), Verdict::Take);
        assert_eq!(thinning.admit("m", &line(10_002, "disk full")), Verdict::Fold);
        assert_eq!(thinning.admit("m", &line(-10_002, "disk full")), Verdict::Take, "the clock went back");
        assert_eq!(thinning.admit("n", &line(10_003, "disk full")), Verdict::Take, "another module");
    }

    #[test]
    fn a_storm_is_thinned_and_does_not_silence_the_others() {
        let mut thinning = Thinning::default();
        let taken = |thinning: &mut Thinning, module: &str, at_ms: i64| {
            let lines = (0..1000).map(|n| line(at_ms, &format!("{module} {at_ms} {n}")));
            lines.filter(|line| thinning.admit(module, line) == Verdict::Take).count()
        };
        assert_eq!(taken(&mut thinning, "storm", 0), 50);
        assert_eq!(taken(&mut thinning, "other", 0), 50);
        assert_eq!((taken(&mut thinning, "storm", 1000), taken(&mut thinning, "third", 1000)), (10, 50));
        let said = thinning.summaries(1000, "agent");
        assert_eq!(said.len(), 1);
        assert!(said[0].text.starts_with("3840 lines were left out"), "{}", said[0].text);
        assert!(thinning.summaries(1001, "agent").is_empty());
        for module in 0..1000 {
            thinning.admit(&module.to_string(), &line(0, "x"));
        }
        assert!(thinning.modules.len() <= MODULES_MAX && thinning.known.len() <= KNOWN_MAX);
    }
}
