//! Who is there, as one watcher sees it. Pure: lists and the watcher's own time go in, changes come out.
//!
//! A member is alive while its revision grows. It is renewed every fifth of its lease, looked at every fifth of it, and
//! believed dead when a look finds it unchanged for three fifths: a dead member is out within its lease after its last
//! renewal or hardly later, and one renewal may fail. Three rules keep what is not a death from looking like one:
//!
//! * No clock of another machine counts, only when this watcher saw a revision for the first time.
//! * Whoever is first seen is admitted when its lease is renewed, so that what a dead member left behind is not believed.
//! * When no list was to be had for long, because the leases' keeper was away or this watcher was stopped, nobody could
//!   renew or be seen to: all have a whole lease from there on. Until then membership stays as it was.

use crate::leases::{Entry, Facts};
use std::collections::BTreeMap;
use std::time::Duration;

/// Why a member is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It said so.
    Released,
    /// It has not renewed its lease.
    Silent,
}

impl Why {
    /// For people.
    pub fn text(self) -> &'static str {
        match self {
            Self::Released => "it gave up its lease",
            Self::Silent => "it has not renewed its lease",
        }
    }
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A member is there, or has other facts than before.
    Joined(String, Facts),
    /// A member is gone.
    Left(String, Why),
}

/// What is known of a name.
#[derive(Debug)]
struct Known {
    revision: u64,
    /// When this revision was first seen, or when hearing was restored.
    since: Duration,
    ttl: Duration,
    facts: Facts,
    is_in: bool,
}

/// See the module's text.
#[derive(Debug, Default)]
pub struct Judge {
    known: BTreeMap<String, Known>,
    looked: Option<Duration>,
}

impl Judge {
    /// One who believes that these are there, as it was when the program last ran; they have a whole lease to show it.
    pub fn remembering(members: impl IntoIterator<Item = (String, Facts)>, ttl: Duration) -> Self {
        let known = |facts| Known { revision: 0, since: Duration::ZERO, ttl, facts, is_in: true };
        let known = members.into_iter().map(|(name, facts)| (name, known(facts))).collect();
        Self { known, looked: None }
    }

    /// Those who are in, and what they tell of themselves.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Facts)> {
        self.known.iter().filter(|(_, known)| known.is_in).map(|(name, known)| (name.as_str(), &known.facts))
    }

    /// Takes a whole list, fetched at `now` by the watcher's monotonic clock.
    pub fn look(&mut self, now: Duration, entries: &[Entry]) -> Vec<Change> {
        let mut changes = Vec::new();
        let gap = self.looked.map(|looked| now.saturating_sub(looked));
        let is_first = self.looked.is_none();
        self.looked = Some(now);
        for known in self.known.values_mut() {
            if gap.is_none_or(|gap| gap > known.ttl * 3 / 5) {
                known.since = now;
            }
        }
        for entry in entries {
            changes.extend(self.meet(now, entry, is_first));
        }
        for (name, known) in &mut self.known {
            if known.is_in && now.saturating_sub(known.since) >= known.ttl * 3 / 5 {
                known.is_in = false;
                changes.push(Change::Left(name.clone(), Why::Silent));
            }
        }
        // Whoever is out and no longer on the list is news when it comes again.
        self.known.retain(|name, known| known.is_in || entries.iter().any(|entry| entry.name == *name));
        changes
    }

    fn meet(&mut self, now: Duration, entry: &Entry, is_first: bool) -> Option<Change> {
        let before = self.known.get(&entry.name);
        if before.is_some_and(|known| entry.revision == known.revision) {
            return None;
        }
        let was_in = before.is_some_and(|known| known.is_in);
        let Some(value) = &entry.value else {
            let ttl = before.map_or(Duration::ZERO, |known| known.ttl);
            let gone = Known { revision: entry.revision, since: now, ttl, facts: Facts::new(), is_in: false };
            self.known.insert(entry.name.clone(), gone);
            return was_in.then(|| Change::Left(entry.name.clone(), Why::Released));
        };
        // What stands on the first list may be of one who is dead; what changes later is of one who lives.
        let is_in = was_in || !is_first;
        let is_news = is_in && before.is_none_or(|known| !known.is_in || known.facts != value.facts);
        let known = Known {
            revision: entry.revision,
            since: now,
            ttl: Duration::from_millis(value.ttl_ms),
            facts: value.facts.clone(),
            is_in,
        };
        self.known.insert(entry.name.clone(), known);
        is_news.then(|| Change::Joined(entry.name.clone(), value.facts.clone()))
    }
}

#[cfg(test)]
mod tests;
