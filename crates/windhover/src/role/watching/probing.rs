//! The probe of this host: answers the pings of monitors with a command's lines or with what the collectors measured
//! last.

use crate::role::tee::Tee;
use crate::settings::Settings;
use anyhow::{Context, anyhow};
use collect::options::pattern::Pattern;
use model::{Sink, Standings};
use probe::answerer::{Answerer, Options, Says};
use probe::{Numbers, Range, links};
use std::sync::Arc;
use stdx::clock::Clock;

/// A probe at work. Dropping it stops it.
pub struct Probing {
    answerer: Arc<Answerer>,
}

impl Probing {
    /// How it stands.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.answerer.clone()
    }
}

impl Drop for Probing {
    fn drop(&mut self) {
        self.answerer.stop();
    }
}

/// Starts the probe if the settings want one; also where the collectors' samples are to go so that it knows them.
pub fn start(
    settings: &Settings,
    sink: &Arc<dyn Sink>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<(Option<Probing>, Arc<dyn Sink>)> {
    let listen = settings.texts("probe.listen");
    if listen.is_empty() {
        return Ok((None, sink.clone()));
    }
    let says = says(settings)?;
    let measured: Arc<dyn Sink> = match &says {
        Says::Numbers(numbers) => Arc::new(Tee(vec![sink.clone(), numbers.clone()])),
        Says::Command(..) => sink.clone(),
    };
    Ok((Some(open(settings, listen, says, clock)?), measured))
}

/// Opens the probe.
pub fn open(
    settings: &Settings,
    listen: Vec<String>,
    says: Says,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Probing> {
    let options = Options { listen, port: port(settings)?, ranges: ranges_here(settings)?, says };
    let answerer = Answerer::start(options, clock.clone()).context("the probe cannot start")?;
    Ok(Probing { answerer: Arc::new(answerer) })
}

/// What answers a ping.
pub fn says(settings: &Settings) -> anyhow::Result<Says> {
    let line = settings.text("probe.exec");
    if !line.is_empty() {
        return Ok(Says::Command(line.to_owned(), settings.duration("probe.timeout")));
    }
    let patterns = settings.texts("probe.metrics");
    let patterns: Result<Vec<Pattern>, String> = patterns.iter().map(|text| Pattern::parse(text)).collect();
    let patterns = patterns.map_err(|why| anyhow!("probe.metrics: {why}"))?;
    let wanted = move |name: &str| patterns.iter().any(|pattern| pattern.matches(name.as_bytes()));
    Ok(Says::Numbers(Arc::new(Numbers::new(Box::new(wanted)))))
}

/// The port of probes.
pub fn port(settings: &Settings) -> anyhow::Result<u16> {
    let port = settings.count("probe.port");
    let port = u16::try_from(port).ok().filter(|port| (1..u16::MAX).contains(port));
    port.ok_or_else(|| anyhow!("probe.port: a port from 1 to 65534 is needed"))
}

/// The networks that the settings name.
pub fn ranges(settings: &Settings) -> anyhow::Result<Vec<Range>> {
    let all = settings.texts("probe.range");
    all.iter().map(|text| text.parse().map_err(|why| anyhow!("probe.range: {why}"))).collect()
}

/// The networks that the settings name, or all that this host is on.
fn ranges_here(settings: &Settings) -> anyhow::Result<Vec<Range>> {
    let mut ranges = ranges(settings)?;
    if ranges.is_empty() {
        let links = links::links().map_err(anyhow::Error::msg)?;
        ranges = links.into_iter().map(|link| link.range).collect();
        ranges.push(Range::LINK_LOCAL);
    }
    Ok(ranges)
}
