//! The doors with sockets of their own: statsd, Open-Falcon's agent, Graphite and others. Everything that runs has them, the server alone too.

use crate::settings::Settings;
use anyhow::Context;
#[cfg(feature = "server")]
use doors::collectd::{Security, Types};
use doors::{DOORS, Doors, Options, statsd};
use model::{Sink, Standings};
use std::net::SocketAddr;
use std::sync::Arc;
use stdx::clock::Clock;

/// Doors that are open. Dropping them closes them.
pub struct Opened {
    doors: Arc<Doors>,
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
        listen: listen(settings),
        statsd_socket: settings.path("doors.statsd_socket"),
        aggregation: aggregation(settings, host.clone())?,
        tell: Arc::new(tell),
        #[cfg(feature = "server")]
        heartbeat: Arc::new(heartbeat(settings)),
        #[cfg(feature = "server")]
        collectd: collectd(settings)?,
        #[cfg(feature = "server")]
        nsca: nsca(settings)?,
        #[cfg(feature = "server")]
        zabbix: Arc::new(zabbix(settings)?),
        host,
        watcher: Arc::new(watch),
    };
    let doors = Arc::new(Doors::start(options, sink, clock).context("the local doors cannot be opened")?);
    Ok(Opened { doors })
}

/// Where doors listen: each has a setting of its name.
fn listen(settings: &Settings) -> Vec<(&'static str, SocketAddr)> {
    let address = |door: &doors::Door| settings.address_if_set(&format!("doors.{}", door.name));
    DOORS.iter().filter_map(|door| Some((door.name, address(door)?))).collect()
}

/// What Open-Falcon's agents are told.
#[cfg(feature = "server")]
fn heartbeat(settings: &Settings) -> doors::Heartbeat {
    // Lists are parted by commas, so tags are parted by something else.
    let metrics = settings.texts("falcon_rpc.metrics");
    doors::Heartbeat {
        plugins: settings.texts("falcon_rpc.plugins"),
        metrics: metrics.into_iter().map(|metric| metric.replace(';', ",")).collect(),
        trustable_ips: settings.texts("falcon_rpc.trustable_ips"),
    }
}

/// What is to be known of collectd's packets. A file of types that cannot be read is an error; a bad line in it is told.
#[cfg(feature = "server")]
fn collectd(settings: &Settings) -> anyhow::Result<doors::collectd::Collectd> {
    let security = match settings.text("collectd.security") {
        "encrypt" => Security::Encrypt,
        "sign" => Security::Sign,
        _ => Security::None,
    };
    let auth_file = settings.path("collectd.auth_file");
    anyhow::ensure!(
        security == Security::None || auth_file.is_some(),
        "collectd.security: without collectd.auth_file no packet can be proved or read"
    );
    let mut types = Types::default();
    if let Some(path) = settings.path("collectd.types_db") {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("collectd.types_db: {}", path.display()))?;
        let (read, report) = Types::read(&text);
        for bad in &report.reasons {
            tracing::warn!("{}: {}: {}", path.display(), bad.position, bad.reason);
        }
        types = read;
    }
    Ok(doors::collectd::Collectd { security, auth_file, types })
}

/// What Zabbix' active agents are told to look at.
#[cfg(feature = "server")]
fn zabbix(settings: &Settings) -> anyhow::Result<doors::zabbix::Items> {
    let Some(path) = settings.path("zabbix.items_file") else { return Ok(Default::default()) };
    let named = || format!("zabbix.items_file: {}", path.display());
    let text = std::fs::read_to_string(&path).with_context(named)?;
    doors::zabbix::Items::read(&text).map_err(anyhow::Error::msg).with_context(named)
}

/// How results of passive checks are enciphered.
#[cfg(feature = "server")]
fn nsca(settings: &Settings) -> anyhow::Result<doors::nsca::Nsca> {
    let password = match settings.path("nsca.password_file") {
        Some(path) => std::fs::read_to_string(&path)
            .with_context(|| format!("nsca.password_file: {}", path.display()))?
            .trim_end_matches(['\r', '\n'])
            .to_owned(),
        None => String::new(),
    };
    let method = doors::nsca::Method::of_number(settings.text("nsca.method")).unwrap_or_default();
    Ok(doors::nsca::Nsca { method, password })
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

/// Tells in the log when a door gets a problem and when it is gone.
fn watch(door: &str, problem: &str) {
    match problem {
        "" => tracing::info!("the door {door}: all is well again"),
        problem => tracing::warn!("the door {door}: {problem}"),
    }
}
