//! The file `state`: lines of words, so that a person can read them.

use super::trial::Cost;
use std::fmt;

/// A version of a group's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// Name of the group.
    pub group: String,
    /// Number of the version.
    pub version: u32,
}

/// A version that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub which: Which,
    /// Why; one line.
    pub why: String,
}

/// A version that is not trusted yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// Since when, in Unix milliseconds.
    pub since_ms: i64,
    /// How often the agent was started with it.
    pub starts: u32,
    /// What the agent cost before.
    pub cost: Cost,
}

/// What is in use and what was.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// In use; `None` when only the host's own settings are.
    pub current: Option<Which>,
    /// To go back to.
    pub before: Option<Which>,
    /// While `current` is on trial.
    pub trial: Option<Trial>,
    /// The last one that was taken back; it is not tried again.
    pub refused: Option<Refused>,
}

impl State {
    /// Reads it. Lines that make no sense are passed over.
    pub fn parse(text: &str) -> Self {
        let mut state = Self::default();
        for line in text.lines() {
            let Some((name, rest)) = line.split_once(' ') else { continue };
            match name {
                "current" => state.current = which(rest).map(|(which, _)| which),
                "before" => state.before = which(rest).map(|(which, _)| which),
                "trial" => state.trial = trial(rest),
                "refused" => {
                    state.refused = which(rest).map(|(which, why)| Refused { which, why: why.to_owned() });
                }
                _ => {}
            }
        }
        state
    }
}

fn which(text: &str) -> Option<(Which, &str)> {
    let (group, rest) = text.split_once(' ')?;
    let (version, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((Which { group: group.to_owned(), version: version.parse().ok()? }, rest))
}

fn trial(text: &str) -> Option<Trial> {
    let mut words = text.split(' ');
    Some(Trial {
        since_ms: words.next()?.parse().ok()?,
        starts: words.next()?.parse().ok()?,
        cost: Cost {
            anonymous_bytes: words.next()?.parse().ok()?,
            cpu_share: words.next()?.parse().ok()?,
            failing: words.next()?.parse().ok()?,
        },
    })
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.group, self.version)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(which) = &self.current {
            writeln!(f, "current {which}")?;
        }
        if let Some(which) = &self.before {
            writeln!(f, "before {which}")?;
        }
        if let Some(Trial { since_ms, starts, cost }) = &self.trial {
            let Cost { anonymous_bytes, cpu_share, failing } = cost;
            writeln!(f, "trial {since_ms} {starts} {anonymous_bytes} {cpu_share} {failing}")?;
        }
        if let Some(Refused { which, why }) = &self.refused {
            writeln!(f, "refused {which} {why}")?;
        }
        Ok(())
    }
}
