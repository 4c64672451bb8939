//! The parts of a server, started in order and stopped in reverse: store, doors, pages, listener.

mod events;
mod front;
pub(in crate::role) mod guard;
mod refusals;

use super::leases::Leasing;
use super::relay::{Forwarding, tee};
use crate::beat::Beat;
use crate::logging::{self, Ring};
use crate::selfwatch::profile::Profiling;
use crate::selfwatch::{self, Watched};
use crate::settings::Settings;
use crate::settings::aggregation::Usual;
use crate::telling::Telling;
use ::events::EventLog;
use anyhow::{Context, bail};
use api::agents::Agents;
use api::profiles::Asks;
use api::{Api, Facts, StoreFacts};
use front::Front;
use meta::{Groups, Sheets};
use model::{EventSink, Sink, Standings};
use query::graphite::Naming;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stdx::clock::Clock;
use stdx::disk::RealDisk;
use stdx::telemetry::Item;
use store::Store;

/// A running server.
pub struct Serving {
    store: Arc<Store>,
    usual: Arc<Usual>,
    events: Arc<EventLog>,
    looking: Beat,
    clock: Arc<dyn Clock>,
    front: Arc<Front>,
    selfwatch: Beat,
    refusals: Beat,
    profiling: Arc<Profiling>,
    http: serve::Server,
    forwarding: Option<Forwarding>,
    leasing: Option<Arc<Leasing>>,
    scheme: &'static str,
    data: PathBuf,
}

/// The numbers of every crate of a server.
fn tables() -> Vec<&'static [Item]> {
    vec![
        serve::telemetry::TELEMETRY,
        ingest::TELEMETRY,
        store::TELEMETRY,
        query::telemetry::TELEMETRY,
        api::telemetry::TELEMETRY,
        collect::TELEMETRY,
        checks::TELEMETRY,
        scrape::TELEMETRY,
        doors::TELEMETRY,
        sniff::telemetry::TELEMETRY,
        logparse::TELEMETRY,
        discover::TELEMETRY,
        discover::pull::TELEMETRY,
        plugins::TELEMETRY,
        ::relay::TELEMETRY,
        ::cluster::TELEMETRY,
        net::TELEMETRY,
        ::probe::TELEMETRY,
        selfwatch::TELEMETRY,
        logging::TELEMETRY,
        ::events::TELEMETRY,
    ]
}

impl Serving {
    /// Opens the store, binds the address and starts answering.
    pub fn start(settings: &Settings, role: &'static str, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let started_ms = clock.now_ms();
        let data = settings.path("data").context("`data` is empty")?;
        std::fs::create_dir_all(&data).with_context(|| format!("the data folder {}", data.display()))?;
        let data = data.canonicalize().unwrap_or(data);
        let access = guard::access(settings)?;
        let tls = guard::tls(settings)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        // The address first: a second server must fail on it before it touches the store.
        let address = settings.address("listen");
        let listener =
            TcpListener::bind(address).with_context(|| format!("the address {address} cannot be used"))?;
        let address = listener.local_addr()?;
        let store = Arc::new(open_store(settings, &data, clock.clone())?);
        let forwarding = Forwarding::start(settings, clock.clone(), Some(store.clone()))?;
        let copied = forwarding.as_ref().map(Forwarding::relay);
        let events = events::open(settings, &data, clock.clone())?;
        let looking = events::look_after(events.clone())?;
        let groups = Groups::open(Arc::new(RealDisk), data.join("meta/agent-groups"))?;
        let sheets = Sheets::open(Arc::new(RealDisk), data.join("meta/sheets"))?;
        sheets.problems().iter().for_each(|problem| tracing::warn!("a sheet is left out: {problem}"));
        let profiling = Profiling::new(settings, role, clock.clone());
        let asked = profiling.clone();
        let profiles = Asks::new(move |seconds| asked.ask(Some(seconds)));
        let agents = Agents { groups, check: crate::settings::central::problems };
        let naming = Naming::parse(settings.text("graphite.paths")).context("graphite.paths")?;
        let usual = Arc::new(Usual::of(settings).map_err(anyhow::Error::msg)?);
        let front =
            Arc::new(Front::new(store.clone(), copied.clone(), events.clone(), clock.clone(), |protocols| {
                Api {
                    source: store.clone(),
                    keeper: store.clone(),
                    events: events.clone(),
                    event_sink: events.clone(),
                    naming,
                    find_nodes_max: settings.count("graphite.find_nodes_max").max(1) as usize,
                    usual: {
                        let usual = usual.clone();
                        Arc::new(move |labels: &_, step_ms| usual.way(labels, step_ms))
                    },
                    agents,
                    sheets,
                    profiles,
                    clock: clock.clone(),
                    facts: facts(settings, role, started_ms, (scheme, address), &data, &store, protocols),
                }
            }));
        let selfwatch = selfwatch::start(Watched {
            every: selfwatch::INTERVAL,
            tables: tables(),
            host: super::host_name(settings),
            role,
            sink: tee(store.clone(), copied),
            clock: clock.clone(),
            refresh: refresh(&store),
        })?;
        let refusals = refusals::watch(front.clone())?;
        let http = serve::start(listener, front.clone(), http_options(settings, access, tls))?;
        // Last: whoever reads it there must find a server.
        let relay = forwarding.as_ref().map(Forwarding::relay);
        let leasing = super::leases::start(settings, role, (scheme, address), relay)?;
        Ok(Self {
            store,
            usual,
            events,
            looking,
            clock,
            front,
            selfwatch,
            refusals,
            profiling,
            http,
            forwarding,
            leasing,
            scheme,
            data,
        })
    }

    /// Where samples go.
    pub fn sink(&self) -> Arc<dyn Sink> {
        tee(self.store.clone(), self.forwarding.as_ref().map(Forwarding::relay))
    }

    /// Where events go.
    pub fn events(&self) -> Arc<dyn EventSink> {
        self.events.clone()
    }

    /// Profiles of this program.
    pub fn profiling(&self) -> &Profiling {
        &self.profiling
    }

    /// Keeps what this program logs, and how the parts of this host stand, until dropped.
    pub fn tell(
        &self,
        settings: &Settings,
        ring: Arc<Ring>,
        parts: &[Arc<dyn Standings>],
    ) -> std::io::Result<Beat> {
        let host = super::host_name(settings);
        let profiling = self.profiling.clone();
        let outputs = self.forwarding.as_ref().map(|it| it.relay() as Arc<dyn Standings>);
        let lease = self.leasing.clone().map(|it| it as Arc<dyn Standings>);
        let parts: Vec<Arc<dyn Standings>> = parts.iter().cloned().chain(outputs).chain(lease).collect();
        Telling::new(ring, &parts, profiling, host, self.events.clone(), self.clock.clone()).start()
    }

    /// Says where it can be reached, in the words of the README.
    pub fn announce(&self) {
        let (scheme, address) = (self.scheme, self.http.addr());
        let reach =
            if address.ip().is_loopback() { "this machine only" } else { "every machine that has a token" };
        println!("Windhover {} is watching.", env!("CARGO_PKG_VERSION"));
        println!("  open   {scheme}://{address}/  (reachable from {reach})");
        println!("  data   {}", self.data.display());
        println!("Next:");
        println!("  windhover query '.es(metric=avg:load1)'           ask from the terminal");
        println!(
            "  windhover join {scheme}://{address} --token T   watch another host, typed there (see --listen and --access-token-file)"
        );
        println!("  windhover config show                             every setting and where it comes from");
        tracing::info!(%address, data = %self.data.display(), "ready");
    }

    /// Reads the settings again: what can change while running changes, the rest is told.
    pub fn reload(&self, old: &Settings) {
        guard::reload(old, &self.http, &self.store, &self.usual);
    }

    /// Answers whether the server is alive: for a watchdog.
    pub fn pulse(&self) -> impl Fn() -> bool + Send + 'static {
        let front = self.front.clone();
        move || front.is_alive()
    }

    /// Stops listening, lets requests end, writes everything out.
    pub fn stop(self) -> anyhow::Result<()> {
        drop(self.leasing);
        self.http.stop();
        self.profiling.stop();
        drop(self.refusals);
        drop(self.selfwatch);
        drop(self.looking);
        self.forwarding.into_iter().for_each(Forwarding::stop);
        self.events.close().context("closing the event log")?;
        self.store.close().context("closing the store")?;
        tracing::info!("stopped; everything is written");
        Ok(())
    }
}

fn open_store(settings: &Settings, data: &Path, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    Store::open(store_options(settings, data, clock)?).context("the store cannot be opened")
}

/// How the settings want the store in a data folder to be run.
pub fn store_options(
    settings: &Settings,
    data: &Path,
    clock: Arc<dyn Clock>,
) -> anyhow::Result<store::Options> {
    let mut options = store::Options::new(data.join("store"), Arc::new(RealDisk), clock);
    options.sync = match settings.text("store.sync") {
        "always" => store::Sync::Always,
        text => store::Sync::Interval(
            crate::settings::value::duration(text)
                .map_err(|e| anyhow::anyhow!("store.sync: {e}, and not `always`"))?,
        ),
    };
    options.late_window = settings.duration("store.late");
    options.retention_age = Some(settings.duration("store.retention"));
    options.retention_bytes = Some(settings.bytes("store.retention_bytes"));
    options.free_bytes_min = settings.bytes("store.free_bytes_min");
    options.background_cpu_percent = settings.count("store.background_cpu_percent") as u32;
    options.policies = crate::settings::policy::all(settings).map_err(anyhow::Error::msg)?;
    options.series_max = settings.count("store.series_max") as usize;
    options.tell = Arc::new(|event| tracing::warn!("{event}"));
    Ok(options)
}

pub(in crate::role) fn http_options(
    settings: &Settings,
    access: serve::Access,
    tls: Option<serve::Tls>,
) -> serve::Options {
    let mut options = serve::Options::new(access);
    options.tls = tls;
    options.body_bytes_max = settings.bytes("http.body_bytes_max") as usize;
    options.inflated_bytes_max = settings.bytes("http.inflated_bytes_max") as usize;
    options.calls_max = settings.count("http.calls_max").max(1) as usize;
    options
}

fn refresh(store: &Arc<Store>) -> Box<dyn Fn() + Send> {
    let store = store.clone();
    Box::new(move || {
        store.stats();
    })
}

fn facts(
    settings: &Settings,
    role: &'static str,
    started_ms: i64,
    (scheme, address): (&'static str, SocketAddr),
    data: &Path,
    store: &Arc<Store>,
    protocols: Box<dyn Fn() -> serde_json::Value + Send + Sync>,
) -> Facts {
    let host = super::host_name(settings);
    let reached = if address.ip().is_unspecified() {
        format!("{host}:{}", address.port())
    } else {
        address.to_string()
    };
    let token = if settings.path("access.token_file").is_some() { " --token TOKEN" } else { "" };
    let store = store.clone();
    Facts {
        version: env!("CARGO_PKG_VERSION"),
        host,
        role,
        started_ms,
        listen: address.to_string(),
        loopback_only: address.ip().is_loopback(),
        data: data.display().to_string(),
        join: format!("windhover join {scheme}://{reached}{token}"),
        agent_metrics: collect::collectors::COLLECTORS
            .iter()
            .flat_map(|row| row.metrics)
            .map(|m| m.name)
            .collect(),
        store: Box::new(move || {
            let stats = store.stats();
            StoreFacts {
                series: stats.head_series,
                samples_total: stats.appended,
                disk_bytes: stats.log_bytes + stats.block_bytes,
            }
        }),
        protocols,
        telemetry: tables(),
    }
}

/// Refuses to listen beyond this machine without a lock on the door.
fn check_open(settings: &Settings, access: &serve::Access) -> anyhow::Result<()> {
    let address = settings.address("listen");
    let has_lock = !access.tokens.is_empty() || settings.path("tls.client_ca_file").is_some();
    if !address.ip().is_loopback() && !has_lock && !access.open {
        bail!(
            "{address} can be reached from other machines: name a file with tokens (--access-token-file FILE), \
             or with the authorities of agents' certificates (--tls-client-ca-file FILE), \
             or let everybody in on purpose (--access-open)"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn every_stage_of_the_data_path_tells_numbers_that_exist() {
        let tables = super::tables().into_iter().chain([ship::TELEMETRY]);
        let known: HashSet<&str> = tables.flat_map(|table| table.iter().map(|item| item.name())).collect();
        for stage in api::path::stages::STAGES {
            for name in stage.names() {
                assert!(known.contains(name), "stage {} asks for {name}, which nobody counts", stage.id);
            }
        }
    }
}
