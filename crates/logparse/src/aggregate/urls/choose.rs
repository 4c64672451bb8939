//! Which URLs are told.

use super::{Entry, Options, REST, Shown, Urls};
use crate::aggregate::told::Told;
use crate::telemetry;
use std::cmp::Ordering;

/// What each flush leaves of the weight: half of it is gone after six to seven flushes.
const KEPT: f32 = 0.9;
/// Below this nobody has asked for it for a long time (22 flushes after a single request).
const WEIGHT_MIN: f32 = 0.1;
/// Most that are replaced at one flush.
const SWAPS_MAX: usize = 4;

impl Urls {
    /// Chooses anew; those that are told no more end.
    pub(super) fn choose(&mut self, options: &Options, told: &mut Told) {
        let mut watched = Vec::new();
        let mut shown = Vec::new();
        for (at, entry) in self.entries.iter_mut().enumerate().skip(REST + 1) {
            entry.weight = entry.weight * KEPT + entry.now as f32;
            if entry.shown.is_some() && entry.weight < WEIGHT_MIN {
                entry.hide(told);
            }
            match entry.shown {
                Some(_) => shown.push(at),
                None if entry.now > 0 => watched.push(at),
                None => {}
            }
        }
        if watched.is_empty() {
            return;
        }
        watched.sort_by(|a, b| self.heavier(*a, *b));
        let mut watched = watched.into_iter();
        for at in watched.by_ref().take(self.told_max.saturating_sub(shown.len())) {
            self.entries[at].shown = Some(Shown::new(options));
        }
        self.swap(watched, shown, options, told);
    }

    /// The heaviest of the watched take the places of the lightest that are told.
    fn swap(
        &mut self,
        watched: impl Iterator<Item = usize>,
        mut shown: Vec<usize>,
        options: &Options,
        told: &mut Told,
    ) {
        shown.sort_by(|a, b| self.heavier(*b, *a));
        for (new, old) in watched.zip(shown).take(SWAPS_MAX) {
            if self.entries[new].weight <= 2.0 * self.entries[old].weight + 1.0 {
                break;
            }
            telemetry::URLS_REPLACED.add(1);
            self.entries[old].hide(told);
            self.entries[new].shown = Some(Shown::new(options));
        }
    }

    fn heavier(&self, a: usize, b: usize) -> Ordering {
        let (a, b) = (&self.entries[a], &self.entries[b]);
        b.weight.total_cmp(&a.weight).then_with(|| a.text.cmp(&b.text))
    }
}

impl Entry {
    /// Ends the series. What was counted since the last flush stays, for all others.
    fn hide(&mut self, told: &mut Told) {
        let Some(mut shown) = self.shown.take() else { return };
        for row in &mut self.rows {
            told.end(&mut row.series);
            row.total = 0;
        }
        shown.times.end(told);
        [&mut shown.bytes, &mut shown.upstream_sum, &mut shown.upstream_count]
            .into_iter()
            .for_each(|series| told.end(series));
        self.bytes = 0;
        self.upstream_total = Default::default();
    }
}
