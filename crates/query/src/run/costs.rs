//! What the parts of a request took.

use crate::request::Cost;
use crate::{Frame, QueryError, Stats};
use lang::Plan;
use std::time::Instant;

/// One for each read and node of a plan; nothing where it was not wanted.
pub(super) struct Costs {
    pub(super) reads: Vec<Cost>,
    pub(super) nodes: Vec<Cost>,
}

impl Costs {
    pub(super) fn of(plan: &Plan) -> Self {
        Self {
            reads: vec![Cost::default(); plan.reads().len()],
            nodes: vec![Cost::default(); plan.nodes().len()],
        }
    }

    pub(super) fn read(
        &mut self,
        at: usize,
        started: Instant,
        before: Stats,
        after: Stats,
        frame: Option<&Result<Frame, QueryError>>,
    ) {
        self.reads[at] = Cost {
            series_read: after.series - before.series,
            samples: after.samples - before.samples,
            ..given(started, frame)
        };
    }

    pub(super) fn node(&mut self, at: usize, started: Instant, frame: &Result<Frame, QueryError>) {
        self.nodes[at] = given(started, Some(frame));
    }
}

fn given(started: Instant, frame: Option<&Result<Frame, QueryError>>) -> Cost {
    let time_us = started.elapsed().as_micros() as u64;
    let Some(Ok(frame)) = frame else { return Cost { time_us, ..Cost::default() } };
    Cost { series: frame.series.len() as u64, values: frame.value_count() as u64, time_us, ..Cost::default() }
}
