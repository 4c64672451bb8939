//! Our store in this process, with a clock turned by hand.

use crate::data::play::Play;
use model::{Batch, Kind, Labels, Sink, Slot};
use std::path::Path;
use std::sync::Arc;
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use store::{Options, Policy, Store};

/// After so much of the data's time the store gets to do what it does by and by.
const TICK_MS: i64 = 3_600_000;
/// Everything is due this long after the last sample.
pub const SEALED_AFTER_MS: i64 = 40 * 86_400_000;

/// A store and its clock.
pub struct Local {
    /// The store.
    pub store: Store,
    /// What it takes for the time.
    pub clock: Arc<ManualClock>,
    tick_ms: i64,
}

impl Local {
    /// Opens a folder at an instant.
    pub fn open(data: &Path, now_ms: i64) -> Result<Self, String> {
        let clock = Arc::new(ManualClock::at(now_ms));
        let mut options = Options::new(data, Arc::new(RealDisk), Arc::clone(&clock) as _);
        options.background = false;
        let store = Store::open(options).map_err(|e| e.to_string())?;
        Ok(Self { store, clock, tick_ms: TICK_MS })
    }

    /// The same with other policies than the usual, and with so much time between ticks.
    pub fn with(self, policies: Vec<Policy>, tick_ms: i64) -> Result<Self, String> {
        self.store.set_policies(policies).map_err(|e| e.to_string())?;
        Ok(Self { tick_ms, ..self })
    }

    /// Does what is due at an instant.
    pub fn tick(&self, now_ms: i64) -> Result<(), String> {
        self.clock.set_ms(now_ms);
        self.store.tick(now_ms).map_err(|e| e.to_string())
    }

    /// Pushes everything as time goes by. Gives the number of samples and the time of the last.
    pub fn load(&self, play: &mut dyn Play) -> Result<(u64, i64), String> {
        let mut batch = Batch::new();
        for labels in play.labels() {
            batch.dictionary.add(labels, Kind::Unknown);
        }
        let (mut rows, mut samples, mut ticked, mut last_ms) = (Vec::new(), 0, i64::MIN, 0);
        while let Some(time_ms) = play.next(&mut rows) {
            self.clock.set_ms(time_ms);
            batch.clear_rows();
            batch.begin(time_ms);
            rows.iter().for_each(|&(slot, value)| batch.push(Slot(slot), value));
            samples += self.store.push(&batch).map_err(|e| e.to_string())?.report.accepted;
            if time_ms.div_euclid(self.tick_ms) > ticked {
                ticked = time_ms.div_euclid(self.tick_ms);
                self.tick(time_ms)?;
            }
            last_ms = time_ms;
        }
        Ok((samples, last_ms))
    }

    /// Brings everything into blocks, joined as far as they ever are, and closes. One sample long after lets go of the
    /// log's last segment, which is kept while samples of its time may still come.
    pub fn seal(self, last_ms: i64) -> Result<(), String> {
        let now_ms = last_ms + SEALED_AFTER_MS;
        self.clock.set_ms(now_ms);
        let mut batch = Batch::new();
        let later = Labels::from_pairs([(model::NAME, "later")]).map_err(|e| e.to_string())?;
        let slot = batch.dictionary.add(&later, Kind::Unknown);
        batch.sample(slot, now_ms, 0.0);
        self.store.push(&batch).map_err(|e| e.to_string())?;
        self.tick(now_ms)?;
        self.store.close().map_err(|e| e.to_string())
    }
}
