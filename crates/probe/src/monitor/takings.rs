//! What was believed since samples were last handed on, and where they go.

use crate::telemetry;
use model::{Batch, PushError, Sink};
use std::net::IpAddr;
use std::sync::Arc;
use wire::Context;

/// See the module's text.
pub(super) struct Takings {
    sink: Arc<dyn Sink>,
    batch: Batch,
    /// What was wrong last, for people.
    pub(super) problem: String,
}

impl Takings {
    pub(super) fn new(sink: Arc<dyn Sink>) -> Self {
        Self { sink, batch: Batch::new(), problem: String::new() }
    }

    /// Takes the lines of a probe; how many samples they gave.
    pub(super) fn take(&mut self, unix_ms: i64, from: IpAddr, lines: &[u8]) -> u64 {
        let report = wire::protocols::probe::decode(lines, &Context::at(unix_ms), &mut self.batch);
        telemetry::LINES_REFUSED.add(report.rejected);
        self.problem = match report.reasons.first() {
            Some(first) => format!("{from} answered, {}: {}", first.position, first.reason),
            None => String::new(),
        };
        report.accepted
    }

    /// Pushes what was taken.
    pub(super) fn hand_on(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        match self.sink.push(&self.batch) {
            Ok(receipt) => {
                if let Some(first) = receipt.report.reasons.first() {
                    self.problem = format!("a sample was refused: {}", first.reason);
                }
            }
            Err(PushError::Busy(why) | PushError::Failed(why)) => {
                self.problem = format!("samples are lost: {why}")
            }
        }
        self.batch.clear();
    }
}
