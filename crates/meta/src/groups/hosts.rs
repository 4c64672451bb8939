//! What hosts said last of the settings they were given. Kept in memory: they say it again within a minute.

use std::collections::BTreeMap;

/// Hosts that are remembered; more are not, and that is no harm but to what is shown.
pub const HOSTS_MAX: usize = 200_000;

/// How a host got along with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It uses it, and watches itself closely.
    OnTrial,
    /// It uses it.
    InUse,
    /// It went back to what it had before.
    TakenBack,
    /// It uses none.
    None,
}

impl State {
    /// All of them with their words.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::OnTrial, "on-trial"),
        (Self::InUse, "in-use"),
        (Self::TakenBack, "taken-back"),
        (Self::None, "none"),
    ];

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }

    /// Its word.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }
}

/// What a host said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The group whose settings it speaks of; "" for none.
    pub group: String,
    /// Which version.
    pub version: u32,
    /// How it got along.
    pub state: State,
    /// Why it took them back; else "".
    pub why: String,
    /// When it said so, in Unix milliseconds.
    pub time_ms: i64,
}

#[derive(Default)]
pub(super) struct Hosts(BTreeMap<String, Report>);

impl Hosts {
    pub(super) fn note(&mut self, host: &str, report: Report) {
        if self.0.len() < HOSTS_MAX || self.0.contains_key(host) {
            self.0.insert(host.to_owned(), report);
        }
    }

    pub(super) fn list(&self) -> Vec<(String, Report)> {
        self.0.iter().map(|(host, report)| (host.clone(), report.clone())).collect()
    }
}
