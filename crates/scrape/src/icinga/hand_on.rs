//! What was heard, gathered until it is handed on as a whole.

use super::Surroundings;
use super::heard::Known;
use crate::telemetry;
use model::{Batch, Event};
use std::collections::BTreeMap;
use wire::protocols::icinga::Heard;

/// Samples and events on their way, and how far they reach.
#[derive(Default)]
pub(super) struct Load {
    pub(super) batch: Batch,
    /// Events by host.
    events: BTreeMap<String, Vec<Event>>,
    newest_ms: Option<i64>,
}

impl Load {
    /// Takes what was heard, unless it was told before; gives whether there is an event.
    pub(super) fn add(&mut self, heard: Heard, known: &mut Known) -> bool {
        self.newest_ms = self.newest_ms.max(Some(heard.time_ms));
        match heard.event {
            Some(event) if known.is_new(&heard.key, event.time_ms) => {
                self.tell(heard.host, event);
                true
            }
            _ => false,
        }
    }

    /// Takes an event of a host.
    pub(super) fn tell(&mut self, host: String, event: Event) {
        self.events.entry(host).or_default().push(event);
    }

    /// Hands everything on; what was heard up to then need not be asked for any more. Gives how many samples were taken.
    ///
    /// # Errors
    /// Who does not take it, and why. Then it is lost here, and asked for again as after a gap.
    pub(super) fn hand_on(&mut self, around: &Surroundings, known: &mut Known) -> Result<u64, String> {
        let mut samples = 0;
        if !self.batch.is_empty() {
            let receipt = around.sink.push(&self.batch).map_err(|e| {
                telemetry::SAMPLES_LOST.add(self.batch.len() as u64);
                e.to_string()
            })?;
            samples = receipt.report.accepted;
            telemetry::SAMPLES.add(samples);
        }
        for (host, events) in std::mem::take(&mut self.events) {
            around.events.tell(&host, &events, None).map_err(|e| e.to_string())?;
        }
        if let Some(newest_ms) = self.newest_ms.take() {
            known.reach(newest_ms);
        }
        self.clear();
        Ok(samples)
    }

    /// Forgets what was not handed on.
    pub(super) fn clear(&mut self) {
        self.batch.clear();
        self.events.clear();
        self.newest_ms = None;
    }
}
