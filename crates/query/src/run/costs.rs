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

impl Costs {
    /// Of a node that evaluated others on its own way: what each took by itself.
    pub(super) fn inner(&mut self, outermost: usize, inner: &[Cost]) {
        for (at, cost) in inner.iter().enumerate() {
            // What the outermost gave is known; the others give values at instants of their own.
            let Cost { series, values, .. } = self.nodes[at];
            self.nodes[at].add(cost);
            if at == outermost {
                self.nodes[at] = Cost { series, values, ..*cost };
            }
        }
    }
}

fn given(started: Instant, frame: Option<&Result<Frame, QueryError>>) -> Cost {
    let time_us = started.elapsed().as_micros() as u64;
    let Some(Ok(frame)) = frame else { return Cost { time_us, ..Cost::default() } };
    Cost { series: frame.series.len() as u64, values: frame.value_count() as u64, time_us, ..Cost::default() }
}
