//! The parts of a server, started in order and stopped in reverse: store, doors, pages, listener.

mod events;
mod facts;
mod front;
pub(in crate::role) mod guard;
pub mod options;
mod place;
mod reading;
mod refusals;

use super::leases::Leasing;
use super::relay::{Forwarding, tee};
use crate::beat::Beat;
use crate::logging::Ring;
use crate::selfwatch::profile::Profiling;
use crate::selfwatch::{self, Watched};
use crate::settings::Settings;
use crate::settings::aggregation::Usual;
use crate::telling::Telling;
use ::events::EventLog;
use anyhow::Context;
use front::Front;
use model::{EventSink, Sink, Standings};
use place::Place;
use reading::Reading;
use std::path::PathBuf;
use std::sync::Arc;
use stdx::clock::Clock;
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

impl Serving {
    /// Opens the store, binds the address and starts answering.
    pub fn start(settings: &Settings, role: &'static str, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let started_ms = clock.now_ms();
        let place = Place::take(settings)?;
        let store = Arc::new(options::open(settings, &place.data, clock.clone())?);
        let forwarding = Forwarding::start(settings, clock.clone(), Some(store.clone()))?;
        let copied = forwarding.as_ref().map(Forwarding::relay);
        let events = events::open(settings, &place.data, clock.clone())?;
        let looking = events::look_after(events.clone())?;
        let profiling = Profiling::new(settings, role, clock.clone());
        let usual = Arc::new(Usual::of(settings).map_err(anyhow::Error::msg)?);
        let front = {
            let (place, store, events) = (&place, &store, &events);
            let (usual, profiling, clock) = (&usual, &profiling, &clock);
            let reading =
                Reading { settings, role, started_ms, place, store, events, usual, profiling, clock };
            let api = |protocols| reading.api(protocols);
            Arc::new(Front::new(store.clone(), copied.clone(), events.clone(), clock.clone(), api)?)
        };
        let selfwatch = selfwatch::start(Watched {
            every: selfwatch::INTERVAL,
            tables: facts::tables(),
            host: super::host_name(settings),
            role,
            sink: tee(store.clone(), copied.clone()),
            clock: clock.clone(),
            refresh: refresh(&store),
        })?;
        let refusals = refusals::watch(front.clone())?;
        let (scheme, address) = (place.scheme(), place.address);
        let http =
            serve::start(place.listener, front.clone(), options::http(settings, place.access, place.tls))?;
        // Last: whoever reads it there must find a server.
        let leasing = super::leases::start(settings, role, (scheme, address), copied)?;
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
            data: place.data,
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

fn refresh(store: &Arc<Store>) -> Box<dyn Fn() + Send> {
    let store = store.clone();
    Box::new(move || {
        store.stats();
    })
}
