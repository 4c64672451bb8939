//! This program's lease, and the clusters of its relay whose members have theirs.

use crate::settings::Settings;
use crate::settings::tables::outputs::CLUSTER;
use ::cluster::{Change, Facts, Hear, Hold, Judge, Leases, Nats, NatsOptions, Registration, Watch};
use ::relay::Relay;
use anyhow::Context;
use model::{Standing, Standings};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use stdx::random::Random;

/// Shortest lease: NATS counts in seconds, and a lease is looked at five times.
const TTL_MIN: Duration = Duration::from_secs(2);

/// Held and watched until dropped.
pub struct Leasing {
    watches: Vec<Watch>,
    hold: Hold,
    group: String,
}

/// Says what is wrong with the settings, if anything is.
pub fn check(settings: &Settings) -> Result<(), String> {
    let is_on = !settings.texts("leases.nats").is_empty();
    for section in settings.sections(CLUSTER) {
        let (place, is_leased) = (&section.place, !section.text("leases").is_empty());
        if is_leased == section.is_set("members") {
            return Err(format!("{place}: a cluster has either `members` or `leases`"));
        }
        if is_leased && !is_on {
            return Err(format!("{place}: leases are kept in NATS: say where it is in `leases.nats`"));
        }
    }
    if settings.duration("leases.ttl") < TTL_MIN {
        return Err(format!("leases.ttl: at least {} seconds", TTL_MIN.as_secs()));
    }
    Ok(())
}

/// Registers this program, which can be reached at `address`, and watches what its relay wants to know; `None` when
/// no NATS is named.
pub fn start(
    settings: &Settings,
    role: &'static str,
    (scheme, address): (&str, SocketAddr),
    relay: Option<Arc<Relay>>,
) -> anyhow::Result<Option<Arc<Leasing>>> {
    let servers = settings.texts("leases.nats");
    if servers.is_empty() {
        return Ok(None);
    }
    let options = NatsOptions {
        servers,
        credentials: settings.path("leases.credentials_file"),
        ca: settings.path("leases.ca_file"),
        bucket: settings.text("leases.bucket").to_owned(),
        replicas: settings.count("leases.replicas") as usize,
    };
    let leases: Arc<dyn Leases> = Arc::new(Nats::start(options).context("leases.nats")?);
    let registration = registration(settings, role, scheme, address);
    let ttl = registration.ttl;
    let group = registration.group.clone();
    let place = registration.facts.get("url").cloned().unwrap_or_default();
    let shown = group.clone();
    let tell = move |problem: Option<&str>| match problem {
        None => tracing::info!(group = shown, url = place, "registered"),
        Some(why) => tracing::warn!(group = shown, "not registered: {why}"),
    };
    let hold = Hold::start(leases.clone(), registration, Box::new(tell))?;
    let mut watches = Vec::new();
    for section in settings.sections(CLUSTER).filter(|section| !section.text("leases").is_empty()) {
        let Some(relay) = &relay else { break };
        let cluster = section.text("name").to_owned();
        let known = relay.known(&cluster).into_iter();
        let known = known.map(|(name, url)| (name, Facts::from([("url".to_owned(), url)])));
        let judge = Judge::remembering(known, ttl);
        let hear = Box::new(Listener { relay: relay.clone(), cluster });
        watches.push(Watch::start(leases.clone(), section.text("leases"), ttl, judge, hear)?);
    }
    Ok(Some(Arc::new(Leasing { watches, hold, group })))
}

fn registration(settings: &Settings, role: &str, scheme: &str, address: SocketAddr) -> Registration {
    let host = super::host_name(settings);
    let or = |key: &str, usual: String| match settings.text(key) {
        "" => usual,
        text => text.to_owned(),
    };
    let reached = match address.ip().is_unspecified() {
        true => format!("{scheme}://{host}:{}", address.port()),
        false => format!("{scheme}://{address}"),
    };
    let usual_group = if role == "relay" { "relays" } else { "servers" };
    let facts = [
        ("url", or("leases.url", reached)),
        ("role", role.to_owned()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    Registration {
        group: or("leases.group", usual_group.to_owned()),
        name: or("leases.name", host),
        ttl: settings.duration("leases.ttl"),
        instance: format!("{:016x}", Random::from_entropy().next_u64()),
        facts: facts.map(|(name, text)| (name.to_owned(), text)).into(),
    }
}

/// Takes what a watcher hears to the relay.
struct Listener {
    relay: Arc<Relay>,
    cluster: String,
}

impl Hear for Listener {
    fn change(&mut self, change: Change) {
        match change {
            Change::Joined(name, facts) => {
                let url = facts.get("url").map_or("", String::as_str);
                if let Err(why) = self.relay.join(&self.cluster, &name, url) {
                    tracing::warn!(cluster = self.cluster, member = name, "it registers in vain: {why}");
                }
            }
            Change::Left(name, why) => self.relay.leave(&self.cluster, &name, why.text()),
        }
    }

    fn reach(&mut self, problem: Option<&str>) {
        let cluster = &self.cluster;
        match problem {
            Some(why) => tracing::warn!(%cluster, "membership stays as it was: {why}"),
            None => tracing::info!(%cluster, "its members' leases are watched"),
        }
    }
}

impl Standings for Leasing {
    fn standings(&self) -> Vec<Standing> {
        let problem = self.hold.problem();
        let name = format!("{} ({} watched)", self.group, self.watches.len());
        vec![Standing { part: "lease", name, problem, ..Standing::default() }]
    }
}
