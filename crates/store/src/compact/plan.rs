//! Which windows blocks have, and which blocks are to be joined.

use model::TimeRange;
use std::time::Duration;

use crate::block::meta::REPLACES_MAX;
use crate::options::millis;

/// Each span is this many times the one before: with 2 h that is a day, then ten days.
const STEPS: [i64; 2] = [12, 10];
/// A block must not span more than this part of what is kept, as whole blocks are forgotten.
const RETENTION_PART: i64 = 5;
/// For rows there are steps more: a year's rows of a day are a few KiB, and opening takes its time for each block.
const ROWS_STEPS: [i64; 2] = [10, 5];
/// A block of rows has at least so many of each series, as far as there is a window for it.
const ROWS_MIN: i64 = 10;
/// Blocks of one window are joined when the smaller ones together have this part of the largest …
const WORTH_PART: u64 = 4;
/// … or when they are so many.
const MANY: usize = 4;

/// The spans of windows, in milliseconds, smallest first; each divides the next.
pub(crate) fn spans(block_span: Duration, retention_age: Option<Duration>) -> Vec<i64> {
    let mut spans = vec![millis(block_span)];
    let most = retention_age.map_or(i64::MAX, |age| millis(age) / RETENTION_PART);
    for step in STEPS {
        let next = spans[spans.len() - 1].saturating_mul(step);
        if next <= most && next < i64::MAX {
            spans.push(next);
        }
    }
    spans
}

/// The spans of blocks of a tier, which is kept so long.
pub(crate) fn spans_of(block_span: Duration, keep_ms: i64, tier_ms: u32) -> Vec<i64> {
    let keep = (keep_ms < i64::MAX).then(|| Duration::from_millis(keep_ms.unsigned_abs()));
    let mut spans = spans(block_span, keep);
    // Rows take little space, and of long ones it takes much time to fill a block.
    if tier_ms > 0 && spans.len() > STEPS.len() {
        let mut next = spans[spans.len() - 1];
        for step in ROWS_STEPS {
            next = next.saturating_mul(step);
            if next <= keep_ms / RETENTION_PART {
                spans.push(next);
            }
        }
    }
    spans
}

/// The spans of blocks of samples that are kept no longer than until their rows are there.
pub(crate) fn spans_expired(block_span: Duration) -> Vec<i64> {
    let mut spans = spans(block_span, None);
    spans.push(spans[spans.len() - 1].saturating_mul(ROWS_STEPS[0]));
    spans
}

/// The last instant up to a given one at which windows of all spans end.
pub(crate) fn floor_ms(time_ms: i64, spans: &[i64]) -> i64 {
    let widest_ms = spans.last().copied().unwrap_or(1);
    time_ms.div_euclid(widest_ms).saturating_mul(widest_ms)
}

/// How much time a block of rows covers as it is first written: as little as gives it some rows. `None` when no window
/// is whole rows long.
pub(crate) fn row_window_ms(block_span: Duration, tier_ms: u32) -> Option<i64> {
    let tier_ms = i64::from(tier_ms);
    let spans = spans(block_span, None);
    let fits = |span: &&i64| **span >= ROWS_MIN * tier_ms && **span % tier_ms == 0;
    spans.iter().find(fits).or_else(|| spans.iter().rev().find(|span| **span % tier_ms == 0)).copied()
}

/// The window of a span that holds an instant. Windows start at multiples of their span.
fn window(time_ms: i64, span_ms: i64) -> TimeRange {
    let start_ms = time_ms.div_euclid(span_ms).saturating_mul(span_ms);
    TimeRange::new(start_ms, start_ms.saturating_add(span_ms))
}

/// The start of the smallest window that holds an instant.
pub(crate) fn window_start_ms(time_ms: i64, block_span: Duration) -> i64 {
    window(time_ms, millis(block_span)).start_ms
}

/// Late samples do not lie before this instant when they are sealed with the window that starts at `home_start_ms`.
pub(crate) fn before_late_ms(home_start_ms: i64, late_window: Duration, block_span: Duration) -> i64 {
    window_start_ms(home_start_ms.saturating_sub(millis(late_window)), block_span)
}

/// Samples before this instant are from long ago, and not of the block that is written next.
pub(crate) fn old_before_ms(now_ms: i64, late_window: Duration, block_span: Duration) -> i64 {
    let ended_ms = window_start_ms(now_ms, block_span).saturating_sub(millis(block_span));
    before_late_ms(ended_ms, late_window, block_span)
}

/// Windows that end by this instant get no more samples, except from imports.
pub(crate) fn closed_ms(now_ms: i64, late_window: Duration, block_span: Duration) -> i64 {
    window_start_ms(now_ms.saturating_sub(millis(late_window)), block_span)
}

/// The widest window that holds an instant and ends by `closed_ms`.
pub(crate) fn closed_window(time_ms: i64, spans: &[i64], closed_ms: i64) -> TimeRange {
    let widest = spans.iter().rev().map(|&span| window(time_ms, span)).find(|w| w.end_ms <= closed_ms);
    widest.unwrap_or_else(|| window(time_ms, spans[0]))
}

/// What is asked about a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) sequence: u64,
    pub(crate) window: TimeRange,
    pub(crate) len_bytes: u64,
    /// Rows of the next tier have seen it: only until then is it known what is new in it.
    pub(crate) is_ready: bool,
}

/// Blocks to join next, and the window of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) sequences: Vec<u64>,
    pub(crate) window: TimeRange,
}

/// The next blocks to join: those of the widest window that is closed and worth it.
pub(crate) fn next_group(blocks: &[Candidate], spans: &[i64], closed_ms: i64) -> Option<Group> {
    spans.iter().rev().find_map(|&span| {
        let windows = blocks.iter().map(|block| window(block.window.start_ms, span));
        windows.filter(|w| w.end_ms <= closed_ms).find_map(|window| group_in(blocks, window))
    })
}

fn group_in(blocks: &[Candidate], window: TimeRange) -> Option<Group> {
    let inside =
        |block: &&Candidate| window.start_ms <= block.window.start_ms && block.window.end_ms <= window.end_ms;
    let (members, others): (Vec<&Candidate>, Vec<&Candidate>) = blocks.iter().partition(inside);
    // A block that reaches over the edge could be newer than one member and older than another; whose samples are
    // right could not be said of the result. It happens only after the span was changed.
    if others.iter().any(|block| block.window.overlaps(window)) {
        return None;
    }
    let total: u64 = members.iter().map(|m| m.len_bytes).sum();
    let largest = members.iter().map(|m| m.len_bytes).max()?;
    let worth = members.len() >= MANY || (total - largest) >= largest / WORTH_PART;
    let mut sequences: Vec<u64> = members.iter().map(|m| m.sequence).collect();
    sequences.sort_unstable();
    let fits = (2..=REPLACES_MAX).contains(&sequences.len());
    let ready = members.iter().all(|member| member.is_ready);
    (worth && fits && ready).then_some(Group { sequences, window })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn block(sequence: u64, start_h: i64, end_h: i64, len_bytes: u64) -> Candidate {
        Candidate {
            sequence,
            window: TimeRange::new(start_h * HOUR, end_h * HOUR),
            len_bytes,
            is_ready: true,
        }
    }

    fn two_hours() -> Vec<i64> {
        spans(Duration::from_secs(7200), None)
    }

    #[test]
    fn spans_grow_as_far_as_retention_allows() {
        let day = Duration::from_secs(86_400);
        let hours = |age| spans(Duration::from_secs(7200), age).iter().map(|s| s / HOUR).collect::<Vec<_>>();
        assert_eq!(hours(None), [2, 24, 240]);
        assert_eq!(hours(Some(30 * day)), [2, 24]);
        assert_eq!(hours(Some(2 * day)), [2]);
    }

    #[test]
    fn rows_that_are_kept_for_years_lie_in_few_blocks() {
        let (span, day_ms) = (Duration::from_secs(7200), 24 * HOUR);
        let days = |keep_days: i64, tier_ms| {
            let spans = spans_of(span, keep_days * day_ms, tier_ms);
            spans.into_iter().skip(1).map(|span| span / day_ms).collect::<Vec<_>>()
        };
        assert_eq!(days(10, 0), [1]);
        assert_eq!(days(90, 60_000), [1, 10]);
        assert_eq!(days(547, 3_600_000), [1, 10, 100]);
        assert_eq!(days(3652, 86_400_000), [1, 10, 100, 500]);
        assert_eq!(spans_expired(span).last(), Some(&(100 * day_ms)));
        // Ten years in blocks of a hundred days.
        let spans = spans_of(span, 3652 * day_ms, 86_400_000);
        let mut blocks: Vec<Candidate> =
            (0..36).map(|i| block(i + 1, 2400 * i as i64, 2400 * (i as i64 + 1), 9)).collect();
        let mut next = 100;
        while let Some(group) = next_group(&blocks, &spans, 36 * 2400 * HOUR) {
            blocks.retain(|block| !group.sequences.contains(&block.sequence));
            blocks.push(Candidate { sequence: next, window: group.window, len_bytes: 45, is_ready: true });
            next += 1;
        }
        assert_eq!(blocks.len(), 8, "seven of 500 days, and the newest");
    }

    #[test]
    fn windows_close_behind_the_late_window() {
        let (late, span) = (Duration::from_secs(3600), Duration::from_secs(7200));
        assert_eq!(closed_ms(10 * HOUR, late, span), 8 * HOUR);
        assert_eq!(closed_ms(11 * HOUR - 1, late, span), 8 * HOUR);
        assert_eq!(closed_ms(11 * HOUR, late, span), 10 * HOUR);
        assert_eq!(closed_ms(-HOUR, late, span), -2 * HOUR);
        // What is sealed at 14:01 and at 15:59 belongs to windows from 10:00 and 12:00 on.
        assert_eq!(before_late_ms(12 * HOUR, late, span), 10 * HOUR);
        assert_eq!(old_before_ms(14 * HOUR, late, span), 10 * HOUR);
        assert_eq!(old_before_ms(16 * HOUR - 1, late, span), 10 * HOUR);
        let spans = two_hours();
        assert_eq!(closed_window(25 * HOUR, &spans, 48 * HOUR), TimeRange::new(24 * HOUR, 48 * HOUR));
        assert_eq!(closed_window(25 * HOUR, &spans, 47 * HOUR), TimeRange::new(24 * HOUR, 26 * HOUR));
    }

    #[test]
    fn blocks_are_joined_when_their_window_is_over() {
        let spans = two_hours();
        let day: Vec<Candidate> =
            (0..12).map(|i| block(i + 1, 2 * i as i64, 2 * i as i64 + 2, 100)).collect();
        let all = Group { sequences: (1..=12).collect(), window: TimeRange::new(0, 24 * HOUR) };
        assert_eq!(next_group(&day, &spans, 24 * HOUR), Some(all));
        assert_eq!(next_group(&day, &spans, 22 * HOUR), None);
        assert_eq!(next_group(&[block(13, 0, 24, 1200)], &spans, 1000 * HOUR), None);
    }

    #[test]
    fn small_additions_wait_until_they_are_worth_it() {
        let spans = two_hours();
        let mut blocks = vec![block(1, 0, 24, 1000), block(2, 4, 6, 10)];
        assert_eq!(next_group(&blocks, &spans, 24 * HOUR), None);
        blocks.push(block(3, 4, 6, 10));
        let small = Group { sequences: vec![2, 3], window: TimeRange::new(4 * HOUR, 6 * HOUR) };
        // The two small ones lie inside the large one, whose age is between; they must wait for it.
        assert_ne!(next_group(&blocks, &spans, 24 * HOUR), Some(small));
        blocks.push(block(4, 0, 24, 10));
        let all = Group { sequences: vec![1, 2, 3, 4], window: TimeRange::new(0, 24 * HOUR) };
        assert_eq!(next_group(&blocks, &spans, 24 * HOUR), Some(all));
    }

    #[test]
    fn blocks_over_an_edge_are_left_alone() {
        let blocks = [block(1, 0, 2, 10), block(2, 0, 2, 10), block(3, 1, 3, 10)];
        assert_eq!(next_group(&blocks, &two_hours(), 24 * HOUR).map(|g| g.sequences), Some(vec![1, 2, 3]));
        assert_eq!(next_group(&blocks, &two_hours(), 4 * HOUR), None);
    }
}
