//! Logs whose lines become series: those of the settings, those that discovery finds, and the journal of systemd. There is no
//! thread before the first one.

use crate::settings::Settings;
use crate::settings::tables::logs;
use anyhow::Context;
use logparse::{Spec, Tailer};
use model::{Sink, Standings};
use std::path::Path;
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::disk::RealDisk;

/// Logs that are followed. Dropping it hands on what was counted and keeps the positions.
pub struct Logs {
    tailer: Arc<Tailer>,
}

impl Logs {
    /// Who follows them, for others who have logs to be followed.
    pub fn tailer(&self) -> &Arc<Tailer> {
        &self.tailer
    }

    /// How the logs stand.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.tailer.clone()
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        self.tailer.stop();
    }
}

/// Follows what the settings name.
pub fn start(settings: &Settings, sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> anyhow::Result<Logs> {
    let specs = logs::all(settings).map_err(|problems| anyhow::anyhow!(problems.join("\n")))?;
    let options = logparse::Settings {
        host: crate::role::host_name(settings),
        positions: settings.path("data").map(|data| data.join("log-positions")),
        interval_ms: settings.duration("logs.interval").as_millis().max(1) as i64,
        tell: Arc::new(tell),
    };
    let tailer = Arc::new(Tailer::new(options, sink, clock, Arc::new(RealDisk)));
    for (id, spec) in specs {
        tailer.put(id, spec).context("logs cannot be followed")?;
    }
    if settings.switch("logs.journal") && logparse::journal::is_there(Path::new("/")) {
        let spec = Spec::of_journal("/").map_err(|why| anyhow::anyhow!("{why}"))?;
        tailer.put("journal", spec).context("the journal cannot be followed")?;
    }
    Ok(Logs { tailer })
}

fn tell(name: &str, problem: &str) {
    match problem {
        "" => tracing::info!("the log {name}: all is well again"),
        problem => tracing::warn!("the log {name}: {problem}"),
    }
}
