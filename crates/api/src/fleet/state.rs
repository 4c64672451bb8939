//! How a host is doing, in one word and one sentence, until rules say it better.

use super::Seen;

/// No sample for this long: the host is silent.
const SILENT_MS: i64 = 30_000;
const DISK_WARNING: f64 = 0.85;
const DISK_CRITICAL: f64 = 0.95;
const MEMORY_WARNING: f64 = 0.90;
const MEMORY_CRITICAL: f64 = 0.97;
const CPU_WARNING: f64 = 0.95;

/// From best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Ok,
    Warning,
    Silent,
    Critical,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Silent => "silent",
            Self::Critical => "critical",
        }
    }
}

/// State and reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) state: State,
    pub(super) why: String,
}

pub(super) fn judge(
    now_ms: i64,
    seen: Option<Seen>,
    cpu_ratio: Option<f64>,
    memory_ratio: Option<f64>,
    disk: Option<&(String, f64)>,
) -> Health {
    let health = |state, why: String| Health { state, why };
    let age_ms = seen.map(|s| now_ms - s.last_ms);
    match age_ms {
        Some(age_ms) if age_ms <= SILENT_MS => {}
        Some(age_ms) => {
            return health(State::Silent, format!("nothing heard for {}", in_words(age_ms / 1000)));
        }
        None => return health(State::Silent, "nothing heard for a day".into()),
    }
    let percent = |ratio: f64| format!("{:.0} %", ratio * 100.0);
    let mut found = vec![health(State::Ok, String::new())];
    if let Some((mount, ratio)) = disk.filter(|d| d.1 >= DISK_WARNING) {
        let state = if *ratio >= DISK_CRITICAL { State::Critical } else { State::Warning };
        found.push(health(state, format!("disk {mount} is {} full", percent(*ratio))));
    }
    if let Some(ratio) = memory_ratio.filter(|r| *r >= MEMORY_WARNING) {
        let state = if ratio >= MEMORY_CRITICAL { State::Critical } else { State::Warning };
        found.push(health(state, format!("memory is {} used", percent(ratio))));
    }
    if let Some(ratio) = cpu_ratio.filter(|r| *r >= CPU_WARNING) {
        found.push(health(State::Warning, format!("all cores are {} busy", percent(ratio))));
    }
    // The first of the worst: disks before memory before processors, as they take longest to mend.
    found
        .into_iter()
        .reduce(|worst, next| if next.state > worst.state { next } else { worst })
        .expect("never empty")
}

fn in_words(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_thing_is_named() {
        let now = Some(Seen { first_ms: 0, last_ms: 100_000 });
        let root = |r| ("/".to_owned(), r);
        let cases = [
            (judge(100_500, now, Some(0.1), Some(0.5), Some(&root(0.5))), State::Ok, ""),
            (
                judge(100_500, now, Some(0.99), Some(0.5), Some(&root(0.92))),
                State::Warning,
                "disk / is 92 % full",
            ),
            (
                judge(100_500, now, Some(0.99), Some(0.98), Some(&root(0.9))),
                State::Critical,
                "memory is 98 % used",
            ),
            (judge(400_000, now, Some(0.99), None, None), State::Silent, "nothing heard for 5 min"),
            (judge(0, None, None, None, None), State::Silent, "nothing heard for a day"),
        ];
        for (got, state, why) in cases {
            assert_eq!((got.state, got.why.as_str()), (state, why));
        }
    }
}
