//! Which rows are computed from what. Each tier is computed from the next finer one, and where that one would be
//! forgotten at once, from a finer one still: years of old samples make rows of the tiers that still keep that age and
//! no others.

use super::levels::{Level, PolicyLevels, unseen};
use super::spans::Spans;
use crate::block::meta::Part;
use crate::compact::plan;
use crate::policy::{self, Policy};
use model::TimeRange;
use std::time::Duration;

/// The tiers of a policy at one moment.
pub(crate) struct Chain<'a> {
    /// Finest first; the first has the samples.
    links: Vec<Link<'a>>,
}

struct Link<'a> {
    tier_ms: u32,
    level: Option<&'a Level>,
    /// Where it is not computed, as it is kept no longer and has nothing.
    skipped: Spans,
}

/// Rows that are to be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) from_tier_ms: u32,
    pub(crate) tier_ms: u32,
    /// The window of a block of the tier, in milliseconds.
    pub(crate) window_ms: i64,
    /// Starts of windows, ascending.
    pub(crate) starts_ms: Vec<i64>,
}

impl<'a> Chain<'a> {
    /// The tiers of `policy`, whose blocks have `levels`, at `now_ms`.
    pub(crate) fn new(policy: &Policy, levels: &'a PolicyLevels, block_span: Duration, now_ms: i64) -> Self {
        let tiers = || policy.levels().map(|(tier_ms, _)| tier_ms);
        // Tiers are skipped in windows that all their windows divide, so that a window has one source.
        let grid_ms =
            tiers().skip(1).filter_map(|tier_ms| plan::row_window_ms(block_span, tier_ms)).max().unwrap_or(1);
        let link = |(tier_ms, keep_ms)| {
            let level = levels.levels.get(&tier_ms);
            let end_ms = policy::oldest_ms(now_ms, keep_ms).div_euclid(grid_ms).saturating_mul(grid_ms);
            let old = Spans::new([TimeRange::new(i64::MIN, if tier_ms == 0 { i64::MIN } else { end_ms })]);
            let had = level.map_or_else(Spans::default, |level| level.windows.outward(grid_ms));
            Link { tier_ms, level, skipped: old.subtract(&had) }
        };
        Self { links: policy.levels().map(link).collect() }
    }

    /// Whether rows have seen all that a block of `parts` of a tier has, as far as there are to be any.
    pub(crate) fn has_rolled(&self, tier_ms: u32, parts: &[Part]) -> bool {
        let Some(at) = self.links.iter().position(|link| link.tier_ms == tier_ms) else { return true };
        let is_seen = |part: &Part| (at + 1..self.links.len()).all(|to| self.needed(at, to, part).is_empty());
        parts.iter().all(is_seen)
    }

    /// All windows in which rows are to be computed and that are over at `closed_ms`; finer rows first.
    pub(crate) fn due(&self, block_span: Duration, closed_ms: i64) -> Vec<Due> {
        let mut all = Vec::new();
        for (to, link) in self.links.iter().enumerate().skip(1) {
            let Some(window_ms) = plan::row_window_ms(block_span, link.tier_ms) else { continue };
            for (from, source) in self.links[..to].iter().enumerate() {
                let parts = source.level.map_or(&[][..], |level| &level.parts);
                let needed = parts.iter().flat_map(|part| self.needed(from, to, part).ranges().to_vec());
                let starts_ms = starts_ms(&Spans::new(needed).outward(window_ms), window_ms, closed_ms);
                if !starts_ms.is_empty() {
                    all.push(Due {
                        from_tier_ms: source.tier_ms,
                        tier_ms: link.tier_ms,
                        window_ms,
                        starts_ms,
                    });
                }
            }
        }
        all
    }

    /// Where a part of one tier has what the rows of another, which are computed from it there, have not seen.
    fn needed(&self, from: usize, to: usize, part: &Part) -> Spans {
        let rows = self.links[to].level.map_or(&[][..], |level| &level.parts);
        let unseen = unseen(rows, part).subtract(&self.links[to].skipped);
        self.links[from + 1..to].iter().fold(unseen, |spans, link| spans.intersect(&link.skipped))
    }
}

fn starts_ms(spans: &Spans, window_ms: i64, closed_ms: i64) -> Vec<i64> {
    let mut starts = Vec::new();
    for range in spans.ranges() {
        let mut start_ms = range.start_ms;
        while start_ms < range.end_ms && start_ms.saturating_add(window_ms) <= closed_ms {
            starts.push(start_ms);
            start_ms += window_ms;
        }
    }
    starts
}

impl Due {
    /// The windows that are computed at once, as one range: from the first, those inside the same window of the widest
    /// of `spans`, up to where there are rows already that are not to be computed anew.
    pub(crate) fn run(&self, spans: &[i64], rows: &Spans) -> Option<TimeRange> {
        let &start_ms = self.starts_ms.first()?;
        let widest_ms = spans.last().copied().unwrap_or(0).max(self.window_ms);
        let wide = super::spans::outward(TimeRange::new(start_ms, start_ms.saturating_add(1)), widest_ms);
        let mut end_ms = start_ms.saturating_add(self.window_ms);
        for &next_ms in &self.starts_ms[1..] {
            let gap = Spans::new([TimeRange::new(end_ms, next_ms)]);
            if next_ms >= wide.end_ms || !gap.intersect(rows).is_empty() {
                break;
            }
            end_ms = next_ms.saturating_add(self.window_ms);
        }
        Some(TimeRange::new(start_ms, end_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const HOUR_MS: i64 = 3_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;
    const SPAN: Duration = Duration::from_secs(7200);
    const NOW_MS: i64 = 20_000 * DAY_MS;

    fn levels(levels: &[(u32, i64, i64, u64)]) -> PolicyLevels {
        let level = |&(tier_ms, from_days, to_days, sequence): &(u32, i64, i64, u64)| {
            let window = TimeRange::new(NOW_MS - from_days * DAY_MS, NOW_MS - to_days * DAY_MS);
            let (parts, windows) = (vec![Part { window, sequence }], Spans::new([window]));
            (tier_ms, Level { parts, windows, ..Level::default() })
        };
        PolicyLevels { levels: levels.iter().map(level).collect::<BTreeMap<_, _>>() }
    }

    fn due(levels: &PolicyLevels) -> Vec<(u32, u32, i64, i64)> {
        let chain = Chain::new(&Policy::default(), levels, SPAN, NOW_MS);
        let days_ago = |time_ms: i64| (NOW_MS - time_ms) / DAY_MS;
        let ends = |due: Due| {
            let (first, last) = (due.starts_ms[0], due.starts_ms[due.starts_ms.len() - 1] + due.window_ms);
            (due.from_tier_ms, due.tier_ms, days_ago(first), days_ago(last))
        };
        chain.due(SPAN, NOW_MS).into_iter().map(ends).collect()
    }

    #[test]
    fn old_samples_become_rows_of_the_tiers_that_still_keep_them() {
        let raw = (0, 4000, 0, 9);
        // 90 days, 18 months (547 days) and 10 years (3652), each a little more to the start of a window of ten days.
        let found = due(&levels(&[raw]));
        assert_eq!(found, [(0, 60_000, 90, 0), (0, 3_600_000, 550, 90), (0, 86_400_000, 3660, 550)]);
        let rows = (60_000, 90, 0, 9);
        assert_eq!(due(&levels(&[raw, rows]))[0], (0, 3_600_000, 550, 90));
        assert_eq!(due(&levels(&[raw, rows]))[1], (60_000, 3_600_000, 90, 0));
    }

    #[test]
    fn rows_that_are_there_are_a_source_however_old() {
        let found = due(&levels(&[(0, 300, 290, 9), (60_000, 300, 290, 8)]));
        assert_eq!(found, [(0, 60_000, 300, 290), (60_000, 3_600_000, 300, 290)]);
    }

    #[test]
    fn a_part_is_done_with_when_the_rows_it_makes_are_there() {
        let has_rolled = |all: &[(u32, i64, i64, u64)]| {
            let levels = levels(all);
            let parts = &levels.levels[&0].parts;
            Chain::new(&Policy::default(), &levels, SPAN, NOW_MS).has_rolled(0, parts)
        };
        assert!(!has_rolled(&[(0, 400, 100, 9)]));
        assert!(!has_rolled(&[(0, 400, 100, 9), (3_600_000, 400, 110, 9)]));
        assert!(!has_rolled(&[(0, 400, 100, 9), (3_600_000, 400, 100, 8)]));
        assert!(has_rolled(&[(0, 400, 100, 9), (3_600_000, 400, 100, 9)]));
        assert!(has_rolled(&[(0, 9000, 8000, 9)]), "older than anything is kept");
    }

    #[test]
    fn windows_are_computed_together() {
        let due = Due {
            from_tier_ms: 0,
            tier_ms: 60_000,
            window_ms: 2 * HOUR_MS,
            starts_ms: [0, 2, 4, 12, 22, 24, 26].iter().map(|hour| hour * HOUR_MS).collect(),
        };
        let hours = |from: i64, to: i64| TimeRange::new(from * HOUR_MS, to * HOUR_MS);
        let spans = [2 * HOUR_MS, 24 * HOUR_MS];
        assert_eq!(due.run(&spans, &Spans::default()), Some(hours(0, 24)));
        assert_eq!(due.run(&spans, &Spans::new([hours(6, 8)])), Some(hours(0, 6)));
        assert_eq!(due.run(&spans, &Spans::new([hours(0, 6)])), Some(hours(0, 24)));
        assert_eq!(due.run(&spans[..1], &Spans::default()), Some(hours(0, 2)));
    }
}
