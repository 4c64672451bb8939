//! The event log of a server, and the thread that looks after it.

use crate::beat::Beat;
use crate::settings::Settings;
use anyhow::Context;
use events::{EventLog, Options, Sync};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::disk::RealDisk;

/// Opens the log in the data folder as the settings want it.
pub fn open(settings: &Settings, data: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<EventLog>> {
    let mut options = Options::new(data.join("events"), Arc::new(RealDisk), clock);
    options.retention = settings.duration("events.retention");
    options.retention_bytes = settings.bytes("events.retention_bytes");
    options.sync = if settings.text("store.sync") == "always" { Sync::Always } else { Sync::Tick };
    Ok(Arc::new(EventLog::open(options).context("the event log cannot be opened")?))
}

/// Syncs, seals and forgets until dropped. A disk that fails is told once, not every time.
pub fn look_after(log: Arc<EventLog>) -> std::io::Result<Beat> {
    const EVERY: Duration = Duration::from_millis(200);
    let mut told = String::new();
    Beat::start("events", EVERY, move || {
        let problem = log.tick().err().map(|e| e.to_string()).unwrap_or_default();
        if problem.is_empty() && !told.is_empty() {
            tracing::info!("the event log can be written again");
        } else if !problem.is_empty() && problem != told {
            tracing::warn!("the event log: {problem}");
        }
        told = problem;
    })
}
