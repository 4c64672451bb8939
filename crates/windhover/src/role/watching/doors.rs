//! The local doors: statsd, Open-Falcon's agent. Everything that runs has them, the server alone too.

use crate::beat::Beat;
use crate::settings::Settings;
use anyhow::Context;
use doors::{Doors, Options, statsd};
use model::{Sink, Standings};
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::Clock;

/// How often it is looked whether a door has a problem.
const LOOK: Duration = Duration::from_secs(5);

/// Doors that are open. Dropping them closes them.
pub struct Opened {
    doors: Arc<Doors>,
    _watch: Option<Beat>,
}

impl Opened {
    /// How the doors stand.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.doors.clone()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.doors.stop();
    }
}

/// Opens the doors that the settings name; their samples go into `sink`.
pub fn start(settings: &Settings, sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> anyhow::Result<Opened> {
    let host = crate::role::host_name(settings);
    let options = Options {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        folder: std::env::current_dir().unwrap_or_default(),
        statsd: settings.address_if_set("doors.statsd"),
        statsd_socket: settings.path("doors.statsd_socket"),
        aggregation: aggregation(settings, host.clone())?,
        tell: Arc::new(tell),
        falcon_agent: settings.address_if_set("doors.falcon_agent"),
        host,
    };
    let doors = Arc::new(Doors::start(options, sink, clock).context("the local doors cannot be opened")?);
    let watch = (!doors.standings().is_empty()).then(|| watch(doors.clone())).transpose()?;
    Ok(Opened { doors, _watch: watch })
}

fn aggregation(settings: &Settings, host: String) -> anyhow::Result<statsd::Options> {
    let mut options = statsd::Options::for_host(host);
    options.interval = settings.duration("statsd.interval");
    options.series_max = settings.count("statsd.series_max") as usize;
    options.memory_bytes_max = settings.bytes("statsd.memory_bytes_max") as usize;
    options.quantiles = numbers(settings, "statsd.quantiles")?;
    options.bounds = numbers(settings, "statsd.buckets")?;
    options.check().map_err(|why| anyhow::anyhow!("[statsd]: {why}"))?;
    let flushes = settings.duration("statsd.idle").as_millis() / options.interval.as_millis();
    options.idle_flushes = u32::try_from(flushes).unwrap_or(u32::MAX);
    Ok(options)
}

fn numbers(settings: &Settings, key: &str) -> anyhow::Result<Vec<f64>> {
    let number = |text: String| text.parse().with_context(|| format!("{key}: `{text}` is not a number"));
    settings.texts(key).into_iter().map(number).collect()
}

/// Puts an event into the log, which is where events of programs on this host are looked for.
fn tell(event: &statsd::Event<'_>) {
    let words = |bytes| String::from_utf8_lossy(bytes).replace("\\n", "\n");
    let (title, text, host, tags) =
        (words(event.title), words(event.text), words(event.host), words(event.tags));
    match event.alert {
        b"error" => tracing::error!(event = %title, %host, %tags, "{text}"),
        b"warning" => tracing::warn!(event = %title, %host, %tags, "{text}"),
        _ => tracing::info!(event = %title, %host, %tags, "{text}"),
    }
}

/// Tells in the log when a door gets a problem and when it is gone; once each.
fn watch(doors: Arc<Doors>) -> std::io::Result<Beat> {
    let mut last: Vec<String> = Vec::new();
    Beat::start("watch-doors", LOOK, move || {
        let standings = doors.standings();
        last.resize(standings.len(), String::new());
        for (standing, last) in standings.iter().zip(&mut last) {
            if standing.problem.is_empty() && !last.is_empty() {
                tracing::info!("the door {}: all is well again", standing.name);
            } else if !standing.problem.is_empty() && last.is_empty() {
                tracing::warn!("the door {}: {}", standing.name, standing.problem);
            }
            last.clone_from(&standing.problem);
        }
    })
}
