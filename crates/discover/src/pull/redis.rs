//! Redis and its kin (Valkey, KeyDB, Sentinel): `INFO`, the slow log, latency spikes, the cluster's state.

mod info;
mod metrics;
mod resp;

use super::ask::{Ask, number};
use super::link::Link;
use super::session::{Kept, Session};
use super::{Error, Row};
use metrics::{METRICS, metric};
use resp::{Reply, command};

pub(super) const ROW: Row = Row {
    name: "redis",
    summary: "Redis, Valkey, KeyDB and Sentinel: memory, keys, commands, persistence, replication, slow log, cluster.",
    port: 6379,
    needs: "Needs nothing where there is no password; else a password, or a user made by `ACL SETUSER windhover on \
            >PASSWORD resetkeys resetchannels -@all +info +slowlog|len +slowlog|get +latency|latest +cluster|info`.",
    metrics: &METRICS,
    open: || Box::<Kept<Redis>>::default(),
};

struct Redis {
    link: Link,
    commands: info::Commands,
}

impl Session for Redis {
    fn open(ask: &mut Ask<'_>) -> Result<Self, Error> {
        let mut link = ask.connect()?;
        let (user, password) = (&ask.target.user, &ask.target.password);
        match (user.as_str(), password.as_str()) {
            ("", "") => {}
            ("", password) => _ = command(&mut link, &["AUTH", password])?,
            (user, password) => _ = command(&mut link, &["AUTH", user, password])?,
        }
        Ok(Self { link, commands: info::Commands::default() })
    }

    fn link(&mut self) -> &mut Link {
        &mut self.link
    }

    fn pull(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        let told = command(&mut self.link, &["INFO", "all"])?;
        let text = told.text().ok_or_else(|| Error::malformed("INFO is no text"))?;
        let mode = info::read(text, &mut self.commands, ask);
        if mode.is_sentinel {
            return Ok(());
        }
        let slow = slow_log(&mut self.link, ask);
        ask.tolerate(slow)?;
        let spikes = latency(&mut self.link, ask);
        ask.tolerate(spikes)?;
        if mode.is_cluster {
            let cluster = cluster(&mut self.link, ask);
            ask.tolerate(cluster)?;
        }
        Ok(())
    }
}

/// Entries of the slow log are numbered, so that the newest tells how many there ever were.
fn slow_log(link: &mut Link, ask: &mut Ask<'_>) -> Result<(), Error> {
    let len = command(link, &["SLOWLOG", "LEN"])?.number();
    ask.push_some(metric("redis_slow_log_entries"), &[], len);
    let newest = command(link, &["SLOWLOG", "GET", "1"])?;
    let number = newest.list().first().and_then(|entry| entry.list().first()?.number());
    let is_empty = matches!(&newest, Reply::List(entries) if entries.is_empty());
    ask.push_some(
        metric("redis_slow_commands_total"),
        &[],
        number.map(|n| n + 1.0).or(is_empty.then_some(0.0)),
    );
    Ok(())
}

/// `[event, when, last in ms, longest in ms]` of each; empty unless `latency-monitor-threshold` is set.
fn latency(link: &mut Link, ask: &mut Ask<'_>) -> Result<(), Error> {
    for event in command(link, &["LATENCY", "LATEST"])?.list() {
        let [name, _, last, longest, ..] = event.list() else { continue };
        let Some(name) = name.text() else { continue };
        ask.push_some(metric("redis_latency_spike_last_seconds"), &[name], last.number());
        ask.push_some(metric("redis_latency_spike_longest_seconds"), &[name], longest.number());
    }
    Ok(())
}

/// Lines `cluster_name:value`.
fn cluster(link: &mut Link, ask: &mut Ask<'_>) -> Result<(), Error> {
    let told = command(link, &["CLUSTER", "INFO"])?;
    for (name, value) in told.text().unwrap_or_default().lines().filter_map(|line| line.split_once(':')) {
        match name {
            "cluster_state" => _ = ask.tell(&METRICS, name, &[], f64::from(u8::from(value == "ok"))),
            _ => ask.tell_text(&METRICS, name, &[], value),
        }
    }
    Ok(())
}
