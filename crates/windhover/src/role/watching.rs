//! What `windhover agent` and `windhover up` both do for this host: one file per part in `watching/`, one line here.

mod checks;
pub mod collecting;
pub mod doors;
pub mod icinga;
mod logs;
pub mod monitoring;
mod plugins;
pub mod probing;
pub mod scraping;
mod services;
mod sniffing;

use crate::settings::Settings;
use checks::Checking;
use collecting::Collecting;
use doors::Opened;
use logs::Logs;
use model::{EventSink, Sink, Standings};
use monitoring::Monitoring;
use plugins::Plugins;
use probing::Probing;
use scrape::icinga::Following;
use scraping::Scraping;
use sniffing::Sniffing;
use std::sync::Arc;
use stdx::clock::Clock;

/// All parts at work. Dropping it stops them, in the order of the fields.
pub struct Watching {
    monitoring: Option<Monitoring>,
    probing: Option<Probing>,
    doors: Opened,
    logs: Logs,
    plugins: Option<Plugins>,
    collecting: Collecting,
    /// How what discovery found stands; it works within `collecting`.
    services: Option<Arc<dyn Standings>>,
    checking: Option<Checking>,
    scraping: Option<Scraping>,
    icinga: Option<Following>,
    sniffing: Sniffing,
}

impl Watching {
    /// Starts every part; their samples go into `sink`, what they have to tell into `events`.
    pub fn start(
        settings: &Settings,
        sink: &Arc<dyn Sink>,
        events: &Arc<dyn EventSink>,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let logs = logs::start(settings, sink.clone(), clock.clone())?;
        let sniffing = sniffing::start(settings, sink.clone(), clock.clone())?;
        let services = services::prepare(settings, sink.clone(), logs.tailer(), &sniffing)?;
        let (observer, services) = services.map(|it| (it.observer, it.board)).unzip();
        let (probing, measured) = probing::start(settings, sink, clock)?;
        Ok(Self {
            monitoring: monitoring::start(settings, sink, clock)?,
            probing,
            doors: doors::start(settings, sink.clone(), clock.clone())?,
            logs,
            plugins: plugins::start(settings, sink.clone(), clock.clone())?,
            collecting: Collecting::start(settings, measured, clock.clone(), observer)?,
            services,
            checking: checks::start(settings, sink.clone(), clock.clone())?,
            scraping: scraping::start(settings, sink.clone(), clock.clone())?,
            icinga: icinga::start(settings, sink.clone(), events.clone(), clock.clone())?,
            sniffing,
        })
    }

    /// Who can say how the parts stand.
    pub fn standings(&self) -> Vec<Arc<dyn Standings>> {
        let mut all =
            vec![self.collectors(), self.doors.standings(), self.logs.standings(), self.sniffing.clone()];
        all.extend(self.monitoring.iter().map(Monitoring::standings));
        all.extend(self.probing.iter().map(Probing::standings));
        all.extend(self.plugins.as_ref().map(Plugins::board));
        all.extend(self.services.clone());
        all.extend(self.checking.iter().map(Checking::standings));
        all.extend(self.scraping.iter().map(Scraping::standings));
        all.extend(self.icinga.iter().map(Following::standings));
        all
    }

    /// How the collectors stand.
    pub fn collectors(&self) -> Arc<dyn Standings> {
        self.collecting.standings()
    }
}
