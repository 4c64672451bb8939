//! What `windhover agent` and `windhover up` both do for this host: one file per part in `watching/`, one line here.

mod checks;
pub mod collecting;
pub mod doors;
mod logs;
mod plugins;
mod sniffing;

use crate::settings::Settings;
use checks::Checking;
use collecting::Collecting;
use doors::Opened;
use logs::Logs;
use model::{Sink, Standings};
use plugins::Plugins;
use sniffing::Sniffing;
use std::sync::Arc;
use stdx::clock::Clock;

/// All parts at work. Dropping it stops them, in the order of the fields.
pub struct Watching {
    doors: Opened,
    logs: Logs,
    plugins: Option<Plugins>,
    collecting: Collecting,
    checking: Option<Checking>,
    sniffing: Option<Sniffing>,
}

impl Watching {
    /// Starts every part; their samples go into `sink`.
    pub fn start(settings: &Settings, sink: &Arc<dyn Sink>, clock: &Arc<dyn Clock>) -> anyhow::Result<Self> {
        Ok(Self {
            doors: doors::start(settings, sink.clone(), clock.clone())?,
            logs: logs::start(settings, sink.clone(), clock.clone())?,
            plugins: plugins::start(settings, sink.clone(), clock.clone())?,
            collecting: Collecting::start(settings, sink.clone(), clock.clone())?,
            checking: checks::start(settings, sink.clone(), clock.clone())?,
            sniffing: sniffing::start(settings, sink.clone(), clock.clone())?,
        })
    }

    /// Who can say how the parts stand.
    pub fn standings(&self) -> Vec<Arc<dyn Standings>> {
        let mut all = vec![self.collectors(), self.doors.standings(), self.logs.standings()];
        all.extend(self.plugins.as_ref().map(Plugins::board));
        all.extend(self.checking.iter().map(Checking::standings));
        all.extend(self.sniffing.iter().map(|sniffer| sniffer.clone() as Arc<dyn Standings>));
        all
    }

    /// How the collectors stand.
    pub fn collectors(&self) -> Arc<dyn Standings> {
        self.collecting.standings()
    }
}
