//! `windhover relay`: every door, a log on disk, and outputs. Also what a server with outputs does beside its store.

mod front;
pub mod outputs;
mod tee;

pub use tee::tee;

use super::link;
use super::serving::{guard, options};
use crate::beat::Beat;
use crate::selfwatch::profile::Profiling;
use crate::selfwatch::{self, Watched};
use crate::settings::Settings;
use crate::signals::Wishes;
use crate::{logging, notify};
use ::relay::telling::{self, Carbon};
use ::relay::{OutputStats, Relay};
use anyhow::{Context, bail};
use front::Front;
use model::{Batch, Sink};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use stdx::clock::{Clock, SystemClock};
use stdx::disk::{Disk, RealDisk};
use stdx::random::Random;
use stdx::telemetry::Item;

/// How long a stopping relay tries to send what is left; the rest stays on disk for its next start.
const LAST_SENDING: Duration = Duration::from_secs(3);
/// How often outputs are looked at, for the log.
const LOOK: Duration = Duration::from_secs(1);
/// How often the numbers of each output are told.
const TELL: Duration = Duration::from_secs(10);
/// How often they are told under carbon's names.
const TELL_CARBON: Duration = Duration::from_secs(60);

/// The numbers of every crate of a relay.
fn tables() -> Vec<&'static [Item]> {
    vec![
        serve::telemetry::TELEMETRY,
        ingest::TELEMETRY,
        doors::TELEMETRY,
        ::relay::TELEMETRY,
        ::cluster::TELEMETRY,
        net::TELEMETRY,
        selfwatch::TELEMETRY,
        logging::TELEMETRY,
    ]
}

/// Runs until told to stop.
pub fn run(settings: &Settings) -> anyhow::Result<()> {
    let mut wishes = Wishes::listen()?;
    // What it logs goes to its standard error only: there is no store beside it.
    let _ring = logging::start(settings, "relay");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let data = settings.path("data").context("`data` is empty")?;
    std::fs::create_dir_all(&data).with_context(|| format!("the data folder {}", data.display()))?;
    let access = guard::access(settings)?;
    let tls = guard::tls(settings)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = settings.address("listen");
    let listener =
        TcpListener::bind(address).with_context(|| format!("the address {address} cannot be used"))?;
    let address = listener.local_addr()?;
    let Some(forwarding) = Forwarding::start(settings, clock.clone(), None)? else {
        bail!(
            "where to? name an output in the file: [[output]] with kind and url, or a [[cluster]] whose members register (see docs/manual/relay.md)"
        );
    };
    let front = Arc::new(Front::new(forwarding.relay.clone(), clock.clone(), tables()));
    let profiling = Profiling::new(settings, "relay", clock.clone());
    let sink: Arc<dyn Sink> = forwarding.relay.clone();
    let watched = forwarding.relay.clone();
    let selfwatch = selfwatch::start(Watched {
        every: selfwatch::INTERVAL,
        tables: tables(),
        host: super::host_name(settings),
        role: "relay",
        sink: sink.clone(),
        clock: clock.clone(),
        refresh: Box::new(move || _ = watched.stats()),
    })?;
    let http = serve::start(listener, front, options::http(settings, access, tls))?;
    let doors = super::watching::doors::start(settings, sink, clock)?;
    let relay = Some(forwarding.relay.clone());
    let leasing = super::leases::start(settings, "relay", (scheme, address), relay)?;
    println!("Windhover relay {} listens at {scheme}://{address}/", env!("CARGO_PKG_VERSION"));
    for output in forwarding.relay.stats() {
        println!("  passes on to {} ({}), {} bytes wait", output.name, output.kind, output.queue_bytes);
    }
    notify::send("READY=1");
    let watchdog = notify::watchdog(|| true);
    super::wait(&mut wishes, &profiling, || {
        tracing::warn!("a relay takes new settings after a restart only")
    });
    drop(watchdog);
    drop(leasing);
    drop(doors);
    http.stop();
    drop(selfwatch);
    profiling.stop();
    forwarding.stop();
    Ok(())
}

/// A relay at work, and those who look at it.
pub struct Forwarding {
    relay: Arc<Relay>,
    beats: Vec<Beat>,
    _lock: Box<dyn stdx::disk::Lock>,
}

impl Forwarding {
    /// Starts what the settings say; `None` when they name no output. Its numbers go to the store, too, where there is
    /// one.
    pub fn start(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        store: Option<Arc<dyn Sink>>,
    ) -> anyhow::Result<Option<Self>> {
        let net = link::options(settings, &clock)?;
        let Some(options) = outputs::options(settings, &net).map_err(anyhow::Error::msg)? else {
            return Ok(None);
        };
        let folder = options.log.folder.clone();
        RealDisk.create_dir_all(&folder)?;
        let lock = RealDisk.lock(&folder.join("lock"));
        let lock = lock.with_context(|| format!("{}: another relay uses this folder", folder.display()))?;
        let relay = Relay::start(options, Arc::new(RealDisk), clock.clone(), Random::from_entropy())?;
        let relay = Arc::new(relay);
        let host = super::host_name(settings);
        let sink: Arc<dyn Sink> = match store {
            Some(store) => tee(store, Some(relay.clone())),
            None => relay.clone(),
        };
        let mut beats = vec![watch(relay.clone())?, tell(relay.clone(), sink, host.clone(), clock.clone())?];
        if settings.switch("relay.carbon_numbers") {
            beats.push(tell_carbon(relay.clone(), host, clock)?);
        }
        Ok(Some(Self { relay, beats, _lock: lock }))
    }

    /// Where samples go.
    pub fn relay(&self) -> Arc<Relay> {
        self.relay.clone()
    }

    /// Sends what is left, for a while, and ends.
    pub fn stop(self) {
        drop(self.beats);
        self.relay.close(LAST_SENDING);
        let waiting: u64 = self.relay.stats().iter().map(|output| output.held).max().unwrap_or(0);
        tracing::info!("the relay has stopped; {waiting} samples wait on disk");
    }
}

/// Tells in the log when an output stops working and when it works again, once each.
fn watch(relay: Arc<Relay>) -> std::io::Result<Beat> {
    let mut told: HashMap<String, (String, u64)> = HashMap::new();
    Beat::start("watch-outputs", LOOK, move || {
        for output in relay.stats() {
            let (problem, dropped) = told.entry(output.name.clone()).or_default();
            note(&output, problem);
            if output.dropped() > *dropped {
                let lost = output.dropped() - *dropped;
                tracing::warn!(output = output.name, lost, "samples are lost: {}", loss(&output));
                *dropped = output.dropped();
            }
        }
    })
}

fn note(output: &OutputStats, last: &mut String) {
    if output.problem.is_empty() && !last.is_empty() {
        tracing::info!(output = output.name, "the output works again");
    } else if !output.problem.is_empty() && output.problem != *last {
        tracing::warn!(output = output.name, "the output does not work: {}", output.problem);
    }
    last.clone_from(&output.problem);
}

fn loss(output: &OutputStats) -> String {
    match &output.refusal {
        why if !why.is_empty() => why.clone(),
        _ => format!(
            "{} because the queue was full, {} damaged, {} that the protocol cannot say",
            output.dropped_full, output.dropped_damaged, output.dropped_unsayable
        ),
    }
}

fn tell(
    relay: Arc<Relay>,
    sink: Arc<dyn Sink>,
    host: String,
    clock: Arc<dyn Clock>,
) -> std::io::Result<Beat> {
    Beat::start("tell-outputs", TELL, move || {
        let mut batch = Batch::new();
        telling::tell(&relay.stats(), &host, clock.now_ms() / 1000 * 1000, &mut batch);
        // A disk that is full is told by everything else, too.
        let _ = sink.push(&batch);
    })
}

fn tell_carbon(relay: Arc<Relay>, host: String, clock: Arc<dyn Clock>) -> std::io::Result<Beat> {
    let mut carbon = Carbon::default();
    Beat::start("tell-carbon", TELL_CARBON, move || {
        let mut batch = Batch::new();
        let own = (selfwatch::cpu_seconds(), selfwatch::anonymous_bytes() as f64);
        carbon.tell(&relay.stats(), &host, own, clock.now_ms() / 1000 * 1000, &mut batch);
        let _ = relay.push(&batch);
    })
}
