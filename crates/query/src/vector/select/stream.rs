//! Instant selections straight from what a source gives: no sample is copied, and runs that lie between two instants are
//! not read where their last sample is known.

use super::{looked_at, passed};
use crate::QueryError;
use crate::vector::evaluate::Evaluator;
use crate::vector::load::{self, Pieces};
use crate::vector::value::{ABSENT, Column, Matrix, Steps};
use lang::plan::NodeId;
use lang::plan::vector::Select;
use model::{Aspects, Detail, Rolled};

/// The newest sample of every series at all instants; nothing when there are histograms.
pub(super) fn newest(
    evaluator: &mut Evaluator<'_>,
    node: NodeId,
    select: &Select,
    steps: Steps,
) -> Result<Option<Matrix>, QueryError> {
    let lookback_ms = evaluator.lookback_ms;
    let range = load::around(select, steps, lookback_ms, 0);
    let instants_ms: Vec<i64> = steps.iter().map(|instant| looked_at(select, instant)).collect();
    let edges_ms: Vec<i64> = instants_ms.iter().map(|instant| instant + 1).collect();
    let aspects = Aspects::LAST | Aspects::NUMBERS;
    let detail = Detail { edges_ms: &edges_ms, aspects, tier: evaluator.budget.tier() };
    let newest = || Newest {
        instants_ms: &instants_ms,
        lookback_ms,
        values: vec![ABSENT; steps.count],
        step: 0,
        before: None,
    };
    let site = load::Site { node, select, steps, is_nameless: false, fits: load::ALL_FIT };
    let made = load::pieces(evaluator, &site, range, &detail, newest)?;
    Ok(made.map(|(matrix, _)| matrix))
}

/// A sample that counts from its time until it is too old.
#[derive(Debug, Clone, Copy)]
struct Standing {
    value: f64,
    /// The first instant at which it is too old.
    until_ms: i64,
}

/// One series after the other.
struct Newest<'a> {
    instants_ms: &'a [i64],
    lookback_ms: i64,
    values: Vec<f64>,
    /// The first instant of which is not yet known what is newest.
    step: usize,
    /// The newest sample so far.
    before: Option<Standing>,
}

impl Pieces for Newest<'_> {
    fn piece(&mut self, piece: Rolled<'_>) {
        match piece {
            Rolled::Samples { times_ms, values } => self.samples(times_ms, values),
            Rolled::Rows(rows) => rows.iter().filter(|row| row.count > 0).for_each(|row| {
                // Rows of a coarser tier stand for samples that are gone; the last of each is as good until the next row ends.
                let is_of_samples = row.span.start_ms == row.first_ms && row.span.end_ms == row.last_ms + 1;
                self.row(row.last_ms, row.last, if is_of_samples { 0 } else { row.span.len_ms() });
            }),
            Rolled::Table(table) => {
                let row_ms = if table.shift_ms.is_some() { 0 } else { table.row_ms };
                for (at, _) in table.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                    self.row(table.lasts_ms[at], table.lasts[at], row_ms);
                }
            }
        }
    }

    fn finish(&mut self) -> Option<Column> {
        self.stand(i64::MAX);
        self.step = 0;
        self.before = None;
        let count = self.values.len();
        let column = Column::of(std::mem::replace(&mut self.values, vec![ABSENT; count]));
        (!column.is_blank()).then_some(column)
    }
}

impl Newest<'_> {
    // The newest sample so far stands at all instants before `time_ms`, until it is too old.
    fn stand(&mut self, time_ms: i64) {
        let Some(Standing { value, until_ms }) = self.before else {
            self.step += self.instants_ms[self.step..].partition_point(|instant| *instant < time_ms);
            return;
        };
        while let Some(instant_ms) = self.instants_ms.get(self.step).filter(|instant| **instant < time_ms) {
            if *instant_ms < until_ms {
                self.values[self.step] = value;
            }
            self.step += 1;
        }
    }

    // A staleness marker stands as well: as nothing.
    fn samples(&mut self, times_ms: &[i64], values: &[f64]) {
        let (Some(first_ms), Some(last_ms)) = (times_ms.first(), times_ms.last()) else { return };
        self.stand(*first_ms);
        let mut next = 0;
        while let Some(instant_ms) = self.instants_ms.get(self.step).filter(|instant| *instant < last_ms) {
            next = passed(times_ms, next, *instant_ms);
            if times_ms[next - 1] > instant_ms.saturating_sub(self.lookback_ms) {
                self.values[self.step] = values[next - 1];
            }
            self.step += 1;
        }
        let until_ms = last_ms.saturating_add(self.lookback_ms);
        self.before = Some(Standing { value: values[values.len() - 1], until_ms });
    }

    // The last sample of a row, and how much longer it stands than others.
    fn row(&mut self, last_ms: i64, last: f64, row_ms: i64) {
        self.stand(last_ms);
        let until_ms = last_ms.saturating_add(self.lookback_ms).saturating_add(row_ms);
        self.before = Some(Standing { value: last, until_ms });
    }
}
