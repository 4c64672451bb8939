//! The monitor of this host's networks: pings the probes there, or lurks while another monitor does.

use super::probing;
use crate::settings::Settings;
use anyhow::{Context, bail};
use model::{Sink, Standings};
use probe::links;
use probe::monitor::{Look, Monitor, Options};
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;
use stdx::random::Random;

/// Shortest time between two pings: a probe runs a command for each.
const PERIOD_MIN: Duration = Duration::from_millis(100);
/// Longest.
const PERIOD_MAX: Duration = Duration::from_millis(probe::message::PERIOD_MS_MAX);

/// A monitor at work. Dropping it stops it.
pub struct Monitoring {
    monitor: Arc<Monitor>,
    /// Where it pings.
    pub targets: Vec<String>,
}

impl Monitoring {
    /// How it stands in each network.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.monitor.clone()
    }
}

impl Drop for Monitoring {
    fn drop(&mut self) {
        self.monitor.stop();
    }
}

/// Starts the monitor if the settings want one.
pub fn start(
    settings: &Settings,
    sink: &Arc<dyn Sink>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Option<Monitoring>> {
    settings.switch("monitor.on").then(|| open(settings, sink, clock)).transpose()
}

/// Starts the monitor.
pub fn open(settings: &Settings, sink: &Arc<dyn Sink>, clock: &Arc<dyn Clock>) -> anyhow::Result<Monitoring> {
    let options = options(settings)?;
    let targets = options.targets.iter().map(|target| target.name.clone()).collect();
    let monitor = Monitor::start(options, sink.clone(), clock.clone(), Random::from_entropy());
    Ok(Monitoring { monitor: Arc::new(monitor.context("the monitor cannot start")?), targets })
}

/// How the settings want it to be.
pub fn options(settings: &Settings) -> anyhow::Result<Options> {
    let period = settings.duration("monitor.period");
    if !(PERIOD_MIN..=PERIOD_MAX).contains(&period) {
        bail!("monitor.period: a time from 100ms to 1d is needed");
    }
    let word = settings.text("monitor.ping");
    if word.is_empty() || word.len() > 200 || word.chars().any(char::is_control) {
        bail!("monitor.ping: a text of 1 to 200 bytes without line ends is needed");
    }
    let (to, ranges) = (settings.texts("monitor.to"), probing::ranges(settings)?);
    let look = move || links::targets(&to, &ranges, &links::links()?);
    Ok(Options {
        targets: look().map_err(|why| anyhow::anyhow!("monitor.to: {why}"))?,
        look: Look(Arc::new(look)),
        port: probing::port(settings)?,
        period,
        word: word.to_owned(),
        hears_foreign: settings.switch("monitor.foreign_clocks"),
    })
}
