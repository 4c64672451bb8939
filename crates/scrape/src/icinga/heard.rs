//! What was heard already: from where on something was missed, and what would be told a second time. Pure.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How far back it is remembered what was told, in milliseconds. Icinga does not tell things strictly in the order of their
/// times, so a gap is taken to begin that much earlier.
const REMEMBERED_MS: i64 = 60_000;
/// Most that is remembered; beyond it the oldest is forgotten and may be told twice.
const REMEMBERED_MAX: usize = 1 << 16;

/// See the module's text. Times are by Icinga's clock.
#[derive(Debug, Default)]
pub(super) struct Known {
    newest_ms: Option<i64>,
    /// Times and hashes of keys, in the order they were told.
    told: VecDeque<(i64, u64)>,
    hashes: HashSet<u64>,
}

impl Known {
    /// From where on something may have been missed, in Unix seconds; `None` before anything was heard.
    pub(super) fn since_s(&self) -> Option<f64> {
        self.newest_ms.map(|newest_ms| (newest_ms - REMEMBERED_MS) as f64 / 1e3)
    }

    /// Everything up to here was heard.
    pub(super) fn reach(&mut self, time_ms: i64) {
        self.newest_ms = self.newest_ms.max(Some(time_ms));
    }

    /// Notes that this is told now; false when it was told before. What has no key is always new.
    pub(super) fn is_new(&mut self, key: &str, time_ms: i64) -> bool {
        if key.is_empty() {
            return true;
        }
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.hashes.insert(hash) {
            return false;
        }
        let oldest_ms = self.newest_ms.unwrap_or(i64::MIN).saturating_sub(2 * REMEMBERED_MS);
        while self.told.front().is_some_and(|(at, _)| *at < oldest_ms) || self.told.len() >= REMEMBERED_MAX {
            let forgotten = self.told.pop_front();
            if let Some((_, hash)) = forgotten {
                self.hashes.remove(&hash);
            }
        }
        self.told.push_back((time_ms, hash));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_told_once_as_long_as_it_can_be_asked_for() {
        let mut known = Known::default();
        assert_eq!(known.since_s(), None);
        known.reach(100_000);
        known.reach(90_000);
        assert_eq!(known.since_s(), Some(40.0));
        assert!(known.is_new("a", 41_000) && !known.is_new("a", 41_000) && known.is_new("b", 99_000));
        assert!(known.is_new("", 5) && known.is_new("", 5));
        known.reach(400_000);
        assert!(known.is_new("c", 400_000) && known.is_new("a", 41_000), "long forgotten");
        for n in 0..2 * REMEMBERED_MAX {
            assert!(known.is_new(&n.to_string(), 400_000));
        }
        assert_eq!((known.told.len(), known.hashes.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
    }
}
