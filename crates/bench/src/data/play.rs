//! Data as scrapes: at one instant, which series had which value.

use super::Feed;
use super::recording::Recording;
use model::Labels;

/// Scrapes, one after the other.
pub trait Play {
    /// All series that will appear.
    fn labels(&self) -> &[Labels];
    /// Fills in the rows (place of the series, value) of the next scrape and gives its time in Unix milliseconds.
    fn next(&mut self, rows: &mut Vec<(u32, f64)>) -> Option<i64>;
}

/// A feed at regular steps.
pub struct Steps<F> {
    feed: F,
    next_ms: i64,
    step_ms: i64,
    left: usize,
}

impl<F: Feed> Steps<F> {
    /// So many steps from a first instant on.
    pub fn new(feed: F, start_ms: i64, step_ms: i64, steps: usize) -> Self {
        Self { feed, next_ms: start_ms, step_ms, left: steps }
    }
}

impl<F: Feed> Play for Steps<F> {
    fn labels(&self) -> &[Labels] {
        self.feed.labels()
    }

    fn next(&mut self, rows: &mut Vec<(u32, f64)>) -> Option<i64> {
        self.left = self.left.checked_sub(1)?;
        rows.clear();
        rows.extend((0..).zip(self.feed.step().iter().copied()));
        self.next_ms += self.step_ms;
        Some(self.next_ms - self.step_ms)
    }
}

/// A recording from its start.
pub struct Replay {
    recording: Recording,
    at: usize,
}

impl Replay {
    /// From the first scrape.
    pub fn new(recording: Recording) -> Self {
        Self { recording, at: 0 }
    }
}

impl Play for Replay {
    fn labels(&self) -> &[Labels] {
        &self.recording.labels
    }

    fn next(&mut self, rows: &mut Vec<(u32, f64)>) -> Option<i64> {
        let (time_ms, scrape) = self.recording.scrapes.get(self.at)?;
        self.at += 1;
        rows.clear();
        rows.extend_from_slice(scrape);
        Some(*time_ms)
    }
}
