//! The same data into both stores.

use super::web::Web;
use crate::data::Feed;
use crate::data::cpu::{Cpu, METRICS};
use crate::sender::{Protocol, Sender};
use crate::servers::Server;
use crate::victoria::{Victoria, import_line};
use crate::write;
use model::{Batch, Kind, Sink};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use stdx::clock::ManualClock;
use stdx::disk::RealDisk;
use store::{Options, Policy, Store};

/// 2026-01-01T00:00:00Z: a start of a day, and long past, as no store takes samples of days to come.
pub const START_MS: i64 = 1_767_225_600_000;
const STEP_MS: i64 = 10_000;
/// Samples lie within their step and not at its edge: then buckets closed on the left (ours) and windows closed on
/// the right (PromQL's) hold the same ones.
const PHASE_MS: i64 = 5_000;
const SEED: u64 = 1;
const TICK_STEPS: usize = 720;
const IMPORT_BYTES: usize = 4 << 20;

/// How much data.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub hosts: usize,
    /// Steps of 10 s.
    pub steps: usize,
}

impl Size {
    /// From the first step to the end of the last.
    pub fn length_ms(&self) -> i64 {
        self.steps as i64 * STEP_MS
    }

    fn time_ms(step: usize) -> i64 {
        START_MS + PHASE_MS + step as i64 * STEP_MS
    }
}

/// Our store, filled as time goes by: what is past is in blocks, the last hours are in memory.
pub fn ours(size: &Size, data: &Path) -> Result<Store, String> {
    let is_loaded = data.exists();
    let end_ms = START_MS + size.length_ms();
    let clock = Arc::new(ManualClock::at(if is_loaded { end_ms } else { START_MS }));
    let mut options = Options::new(data, Arc::new(RealDisk), Arc::clone(&clock) as _);
    options.background = false;
    let store = Store::open(options).map_err(|e| e.to_string())?;
    if is_loaded {
        return Ok(store);
    }
    let mut feed = Cpu::new(size.hosts, SEED);
    let mut batch = Batch::new();
    let slots: Vec<_> = feed.labels().iter().map(|l| batch.dictionary.add(l, Kind::Gauge)).collect();
    for step in 0..size.steps {
        let now_ms = Size::time_ms(step);
        clock.set_ms(now_ms);
        batch.clear_rows();
        batch.begin(now_ms);
        slots.iter().zip(feed.step()).for_each(|(slot, value)| batch.push(*slot, *value));
        store.push(&batch).map_err(|e| e.to_string())?;
        if (step + 1) % TICK_STEPS == 0 && step + 1 < size.steps {
            store.tick(now_ms).map_err(|e| e.to_string())?;
        }
    }
    // Not sealed at the end: as on a server, the newest samples are in memory.
    clock.set_ms(end_ms);
    store.flush().map_err(|e| e.to_string())?;
    Ok(store)
}

/// A copy of our store that has rows of hours and the like as well, as a server has: what a user asks.
pub fn with_tiers(size: &Size, original: &Path, data: &Path) -> Result<Store, String> {
    copy(original, data)?;
    let end_ms = START_MS + size.length_ms();
    let mut options = Options::new(data, Arc::new(RealDisk), Arc::new(ManualClock::at(end_ms)));
    options.background = false;
    options.policies = vec![Policy::default()];
    let store = Store::open(options).map_err(|e| e.to_string())?;
    store.tick(end_ms).map_err(|e| e.to_string())?;
    Ok(store)
}

/// Copies a folder in place of another.
pub fn copy(original: &Path, copy: &Path) -> Result<(), String> {
    let _ = std::fs::remove_dir_all(copy);
    let copied = Command::new("cp").arg("-r").arg(original).arg(copy).status();
    if copied.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(format!("{} could not be copied", original.display()))
}

/// prometheus with the same samples, sent as time goes by; data that were loaded before stay.
pub fn prometheus(size: &Size, data: &Path) -> Result<Web, String> {
    let is_loaded = data.exists();
    let (peer, port) = Server::Prometheus.start(data)?;
    let web = Web::new(peer, format!("http://127.0.0.1:{port}"));
    if is_loaded {
        return Ok(web);
    }
    let mut feed = Cpu::new(size.hosts, SEED);
    let encoded: Vec<Vec<u8>> = feed.labels().iter().map(write::labels).collect();
    let mut sender = Sender::open(port, Protocol::RemoteWrite)?;
    for step in 0..size.steps {
        let rows = encoded.iter().zip(feed.step().iter().copied());
        sender.send(&write::request(rows, Size::time_ms(step)))?;
    }
    web.peer.settle();
    Ok(web)
}

/// victoria-metrics with the same samples.
pub fn victoria(size: &Size, data: &Path) -> Result<Victoria, String> {
    let is_loaded = data.exists();
    let victoria = Victoria::start(data)?;
    if is_loaded {
        return Ok(victoria);
    }
    let feed = Cpu::new(size.hosts, SEED);
    let mut body = String::new();
    for (number, labels) in feed.labels().iter().enumerate() {
        let values = Cpu::column(SEED, number, size.steps);
        import_line(labels, (0..size.steps).map(Size::time_ms), &values, &mut body);
        if body.len() >= IMPORT_BYTES || number + 1 == size.hosts * METRICS.len() {
            victoria.import(&body)?;
            body.clear();
        }
    }
    victoria.settle()?;
    Ok(victoria)
}
