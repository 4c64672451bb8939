//! From the options somebody wrote to checks that can be run.

use crate::builtin::find;
use crate::options::{COMMON, OPTIONS, SCHEDULE};
use crate::{Check, Given, Row};
use model::limits::LABEL_VALUE_BYTES_MAX;
use model::{HOST, NAME};
use std::fmt;

/// Shortest interval, in milliseconds.
pub const INTERVAL_MS_MIN: u64 = 1000;
/// Longest interval, in milliseconds: a week.
pub const INTERVAL_MS_MAX: u64 = 7 * 86_400_000;
/// Labels that checks give their series themselves.
const OWN_LABELS: [&str; 8] = [NAME, HOST, "check", "kind", "target", "phase", "reason", "stat"];

/// A check of one target, ready to run.
pub struct Configured {
    /// Which kind.
    pub row: &'static Row,
    /// Its name: the label `check`.
    pub name: String,
    /// What it looks at: the label `target`.
    pub target: String,
    /// Time between two runs, in milliseconds.
    pub interval_ms: u64,
    /// The labels of its series besides the host's and the metrics' own.
    pub labels: Vec<(String, String)>,
    /// The check itself.
    pub check: Box<dyn Check>,
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.row.name, self.name, self.target)
    }
}

impl Configured {
    /// Reads the checks that one set of options means: one for each target. `host` is the name of this host. The error is
    /// for people.
    pub fn read(kind: &str, given: &dyn Given, host: &str) -> Result<Vec<Self>, String> {
        let row = find(kind).ok_or_else(|| format!("no check is called `{kind}`"))?;
        let takes = |name: &str| COMMON.contains(&name) || row.options.contains(&name);
        if let Some(option) = OPTIONS.iter().find(|option| given.is_set(option.name) && !takes(option.name)) {
            let mut all: Vec<&str> = COMMON.iter().chain(row.options).copied().collect();
            all.sort_unstable();
            return Err(format!("`{}` is not for {kind}, which takes {}", option.name, all.join(", ")));
        }
        let targets = targets(given);
        if targets.is_empty() {
            return Err(format!("`target` or `targets` is needed: {}", row.target));
        }
        targets.into_iter().map(|target| Self::one(row, target, given, host)).collect()
    }

    fn one(row: &'static Row, target: String, given: &dyn Given, host: &str) -> Result<Self, String> {
        if target.len() > LABEL_VALUE_BYTES_MAX {
            return Err(format!("a target longer than {LABEL_VALUE_BYTES_MAX} bytes"));
        }
        let interval_ms = given.duration("interval").map_or(0, |time| time.as_millis() as u64);
        if !(INTERVAL_MS_MIN..=INTERVAL_MS_MAX).contains(&interval_ms) {
            return Err("`interval` must be 1 s to 1 week".into());
        }
        let own = given.pairs("labels");
        if let Some((name, _)) = own.iter().find(|(name, _)| OWN_LABELS.contains(&name.as_str())) {
            return Err(format!("`labels`: `{name}` is a label that the check gives itself"));
        }
        let name = match given.text("name") {
            "" => target.clone(),
            name => name.to_owned(),
        };
        let check = (row.open)(&target, given)?;
        let labels = match row.labels {
            Some(labels) => labels(&target, given, host),
            None => vec![
                ("check".to_owned(), name.clone()),
                ("kind".to_owned(), row.name.to_owned()),
                ("target".to_owned(), target.clone()),
            ],
        };
        let labels = labels.into_iter().chain(own).collect();
        Ok(Self { row, name, target, interval_ms, labels, check })
    }

    /// How people call it: its name, and its target where that says more.
    pub fn title(&self) -> String {
        if self.name == self.target { self.name.clone() } else { format!("{} {}", self.name, self.target) }
    }
}

/// Whether an option is about when a check runs and what its series are called, not about the check.
pub fn is_schedule(name: &str) -> bool {
    SCHEDULE.contains(&name)
}

/// The first two that cannot be told apart.
pub fn twins(checks: &[Configured]) -> Option<(usize, usize)> {
    let mut seen = std::collections::HashMap::new();
    checks.iter().enumerate().find_map(|(at, check)| {
        // Open-Falcon's series have no name in them, but no two checks of a kind with one name and target differ otherwise.
        seen.insert((check.row.name, &check.name, &check.target), at).map(|before| (before, at))
    })
}

fn targets(given: &dyn Given) -> Vec<String> {
    let one = ["target", "url"].map(|name| given.text(name).to_owned());
    let mut all: Vec<String> = one.into_iter().chain(given.texts("targets")).collect();
    all.iter_mut().for_each(|target| *target = target.trim().to_owned());
    all.retain(|target| !target.is_empty());
    all
}
