//! One plugin of a runner: when it runs, what it did last.

use crate::errand::Errand;
use crate::formats::Format;
use crate::plugin::{Mode, Plugin};
use crate::run::Run;
use crate::spawn::Started;
use model::Standing;
use std::time::{Duration, Instant};
use stdx::backoff::Backoff;
use stdx::random::Random;

/// How long a program that should stay and ended is left alone at first and at most.
const RESTART_BASE: Duration = Duration::from_secs(1);
const RESTART_CAP: Duration = Duration::from_secs(300);
/// A program that stayed this long is started again as if for the first time.
const STAYED: Duration = Duration::from_secs(60);

/// A plugin and its state.
pub(crate) struct Instance {
    pub(crate) plugin: Plugin,
    /// The folder it was found in.
    pub(crate) folder: Option<usize>,
    /// A start under way.
    pub(crate) start: Option<Errand<Result<Started, String>>>,
    pub(crate) run: Option<Run>,
    /// When it is to be started.
    pub(crate) next: Instant,
    /// What takes its place when the present run has ended.
    pub(crate) replacement: Option<Plugin>,
    /// It is to go when the present run has ended.
    pub(crate) unwanted: bool,
    /// Its start was put off because too many ran.
    pub(crate) delayed: bool,
    /// What of its limits could not be set.
    pub(crate) complaint: String,
    /// What a program that stays was seen to print.
    pub(crate) format: Option<&'static Format>,
    pub(crate) standing: Standing,
    backoff: Backoff,
}

impl Instance {
    pub(crate) fn new(plugin: Plugin, folder: Option<usize>, next: Instant, random: Random) -> Self {
        let standing = Standing { part: "plugin", name: plugin.name.clone(), ..Standing::default() };
        Self {
            plugin,
            folder,
            start: None,
            run: None,
            next,
            replacement: None,
            unwanted: false,
            delayed: false,
            complaint: String::new(),
            format: None,
            standing,
            backoff: Backoff::new(RESTART_BASE, RESTART_CAP, random),
        }
    }

    /// Whether it runs or is being started.
    pub(crate) fn is_busy(&self) -> bool {
        self.run.is_some() || self.start.is_some()
    }

    /// Whether what runs or is being started is to end.
    pub(crate) fn is_going(&self) -> bool {
        self.unwanted || self.replacement.is_some()
    }

    /// Sets when the next start after one at `now` is, on whole periods from the start that was due; gives the number
    /// of starts that are left out because their time has passed.
    pub(crate) fn schedule(&mut self, now: Instant) -> u64 {
        let Mode::Once { period } = self.plugin.mode else { return 0 };
        let (next, skipped) = next_start(self.next, period, now);
        self.next = next;
        skipped
    }

    /// Sets when a program that should stay and did not, or could not be started, is tried again.
    pub(crate) fn back_off(&mut self, stayed: Duration, now: Instant) {
        if stayed >= STAYED {
            self.backoff.succeed();
        }
        self.next = now + self.backoff.fail();
    }

    /// Puts `plugin` in its place, once nothing of the old one runs.
    pub(crate) fn replace(&mut self, plugin: Plugin, now: Instant) {
        self.plugin = plugin;
        self.format = None;
        self.complaint.clear();
        self.backoff.succeed();
        self.next = now;
    }
}

/// The next start after `due` on whole periods that is after `now`, and how many before it have passed.
fn next_start(due: Instant, period: Duration, now: Instant) -> (Instant, u64) {
    let period_ns = period.as_nanos().max(1);
    let passed = now.saturating_duration_since(due).as_nanos() / period_ns;
    let ahead = u64::try_from(period_ns * (passed + 1)).unwrap_or(u64::MAX);
    (due + Duration::from_nanos(ahead), passed as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_stay_on_their_beat() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        for (late_ms, next_ms, skipped) in [(0, 1000, 0), (300, 1000, 0), (1000, 2000, 1), (3500, 4000, 3)] {
            let next = next_start(start, ms(1000), start + ms(late_ms));
            assert_eq!(next, (start + ms(next_ms), skipped), "{late_ms} ms late");
        }
    }
}
