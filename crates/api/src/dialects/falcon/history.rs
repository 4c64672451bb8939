//! Histories: a full grid of rows, consolidated, with NaN where nothing was measured.
//!
//! A sample belongs to the step that starts at or before it, as Open-Falcon floors times. A row at time T holds the
//! steps after the row before it up to T itself. How many steps make a row follows from the age of the start, by the
//! table of Open-Falcon's files, so that old dashboards get as many points as ever.

use super::Found;
use super::newest::per_second;
use model::{Chunk, ReadError, Source, TimeRange};
use std::ops::ControlFlow;

/// Open-Falcon's archives: steps per row, rows (its graph component's file layout).
const ARCHIVES: [(i64, i64); 5] = [(1, 720), (5, 576), (20, 504), (180, 766), (720, 730)];
/// Most rows of one series; above it more steps make a row.
const ROWS_MAX: i64 = 20_000;

/// What becomes of several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cf {
    Average,
    Max,
    Min,
}

impl Cf {
    /// `AVERAGE`, `MAX`, `MIN`, or nothing for the first.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_uppercase().as_str() {
            "" | "AVERAGE" => Self::Average,
            "MAX" => Self::Max,
            "MIN" => Self::Min,
            _ => return None,
        })
    }
}

/// The rows of an answer.
#[derive(Debug, PartialEq)]
pub(super) struct Grid {
    step_s: i64,
    /// Seconds between rows, a multiple of the step.
    row_s: i64,
    /// Time of the first row, a multiple of `row_s`.
    first_s: i64,
    pub(super) count: usize,
}

impl Grid {
    /// The rows from `start_s` to `end_s`, both included.
    pub(super) fn new(start_s: i64, end_s: i64, step_s: i64, now_s: i64) -> Self {
        // Beyond these times there is nothing, and sums of them stay within 64 bits.
        const FAR_S: i64 = i64::MAX / 1_000_000;
        let (start_s, end_s) = (start_s.clamp(-FAR_S, FAR_S), end_s.clamp(-FAR_S, FAR_S));
        let age_steps = now_s.div_euclid(step_s) - start_s.div_euclid(step_s);
        let archive = ARCHIVES.iter().find(|(steps, rows)| age_steps <= steps * rows);
        let steps = archive.unwrap_or(&ARCHIVES[ARCHIVES.len() - 1]).0;
        let row_s = step_s * steps.max((end_s - start_s) / step_s / ROWS_MAX + 1);
        let first_row = (start_s + row_s - 1).div_euclid(row_s);
        let count = (end_s.div_euclid(row_s) - first_row + 1).max(0) as usize;
        Self { step_s, row_s, first_s: first_row * row_s, count }
    }

    pub(super) fn times_s(&self) -> impl Iterator<Item = i64> {
        (0..self.count as i64).map(|row| self.first_s + row * self.row_s)
    }

    /// The value of every row.
    pub(super) fn read(&self, source: &dyn Source, found: &Found, cf: Cf) -> Result<Vec<f64>, ReadError> {
        let mut rows = vec![Row::default(); self.count];
        let mut before = None;
        source.read(&[found.id], self.range(), &mut |_, Chunk::Samples { times_ms, values }| {
            let samples = times_ms.iter().copied().zip(values.iter().copied());
            for sample in samples.filter(|(_, value)| value.is_finite()) {
                let value = match found.is_rate {
                    true => before.and_then(|before| per_second(before, sample, self.step_s)),
                    false => Some(sample.1),
                };
                before = Some(sample);
                // After a reset nobody knows how much was counted.
                let value = value.filter(|value| !(found.is_rate && *value < 0.0));
                if let (Some(value), Some(row)) =
                    (value, self.row_of(sample.0).and_then(|row| rows.get_mut(row)))
                {
                    row.add(value, cf);
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok(rows.iter().map(|row| row.value(cf)).collect())
    }

    /// The samples of all rows, and those before from which the first has its rate.
    fn range(&self) -> TimeRange {
        if self.count == 0 {
            return TimeRange::new(0, 0);
        }
        let start_s = self.first_s - self.row_s - self.step_s;
        let end_s = self.first_s + (self.count as i64 - 1) * self.row_s + self.step_s;
        TimeRange::new(start_s * 1000, end_s * 1000)
    }

    fn row_of(&self, time_ms: i64) -> Option<usize> {
        let slot_s = time_ms.div_euclid(self.step_s * 1000) * self.step_s;
        let after_s = slot_s - (self.first_s - self.row_s);
        (after_s > 0).then(|| ((after_s - 1) / self.row_s) as usize)
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    count: u32,
    /// Sum or extreme.
    value: f64,
}

impl Row {
    fn add(&mut self, value: f64, cf: Cf) {
        self.value = match cf {
            _ if self.count == 0 => value,
            Cf::Average => self.value + value,
            Cf::Max => self.value.max(value),
            Cf::Min => self.value.min(value),
        };
        self.count += 1;
    }

    fn value(self, cf: Cf) -> f64 {
        match cf {
            _ if self.count == 0 => f64::NAN,
            Cf::Average => self.value / f64::from(self.count),
            Cf::Max | Cf::Min => self.value,
        }
    }
}
