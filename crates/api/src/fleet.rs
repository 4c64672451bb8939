//! All hosts at a glance, worst first.

mod spark;
mod state;

use crate::recent::{Ends, Recent};
use crate::{Api, respond};
use model::{HOST, Matcher, NAME, TimeRange};
use serde_json::{Value, json};
use serve::{Request, Response};
use state::{Health, judge};
use std::collections::HashMap;
use std::sync::Arc;

/// How far back values are looked for; older ones are not "now" any more.
const WINDOW_MS: i64 = 30_000;
/// The same for facts that hardly change, which agents tell once a minute.
const FACTS_WINDOW_MS: i64 = 150_000;
/// How long a host is listed after it was last heard of.
const LISTED_MS: i64 = 24 * 3_600_000;
const HOSTS_MAX: usize = 100_000;

/// `GET /api/v1/fleet`.
pub fn get(api: &Arc<Api>, _: &Request) -> Response {
    let now_ms = api.clock.now_ms();
    let listed = TimeRange::new(now_ms - LISTED_MS, now_ms + 1);
    let hosts = match api.source.label_values(HOST, &[], listed, HOSTS_MAX) {
        Ok(hosts) => hosts,
        Err(e) => return respond::error(serve::StatusCode::INTERNAL_SERVER_ERROR, e.to_string(), None),
    };
    let values = Values::read(api, &[], now_ms);
    let problems = api.events.problems();
    let mut rows: Vec<(Health, Value)> =
        hosts.iter().map(|host| describe(api, host, &values, now_ms)).collect();
    let first_ms = rows.iter().filter_map(|(_, row)| row["first_ms"].as_i64()).min().unwrap_or(now_ms);
    let sparks = spark::all(api, first_ms, now_ms);
    for (host, (_, row)) in hosts.iter().zip(&mut rows) {
        row["spark"] = sparks.of(host);
        row["problems"] = problems.get(host).copied().unwrap_or(0).into();
    }
    rows.sort_by(|(a, x), (b, y)| {
        b.state.cmp(&a.state).then_with(|| x["host"].as_str().cmp(&y["host"].as_str()))
    });
    let rows: Vec<Value> = rows.into_iter().map(|(_, row)| row).collect();
    respond::json(&json!({ "now_ms": now_ms, "hosts": rows }))
}

/// One host's row without sparklines.
pub fn row(api: &Api, host: &str, now_ms: i64) -> Value {
    describe(api, host, &Values::read(api, &[Matcher::equal(HOST, host)], now_ms), now_ms).1
}

fn describe(api: &Api, host: &str, values: &Values, now_ms: i64) -> (Health, Value) {
    let seen = last_seen(api, host, now_ms);
    let value = |metric| values.one(host, metric);
    let cores = value("cpu_cores");
    // Waiting for a disk is idle time too: the core could do something else.
    let idle =
        values.rate(host, "cpu_seconds_total", |e| matches!(e.labels.get("mode"), Some("idle" | "iowait")));
    let cpu_ratio = idle.zip(cores).map(|(idle, cores)| (1.0 - idle / cores).clamp(0.0, 1.0));
    let memory_ratio = value("memory_available_bytes")
        .zip(value("memory_total_bytes"))
        .map(|(available, total)| (1.0 - available / total).clamp(0.0, 1.0));
    let disk = values.fullest(host);
    let physical = |e: &Ends| e.labels.get("interface") != Some("lo");
    let received = values.rate(host, "network_receive_bytes_total", physical);
    let sent = values.rate(host, "network_transmit_bytes_total", physical);
    let health = judge(now_ms, seen, cpu_ratio, memory_ratio, disk.as_ref());
    let info = values.of(host, "host_info").next();
    let fact = |name: &str| info.and_then(|e| e.labels.get(name)).map(str::to_owned);
    let row = json!({
        "host": host,
        "state": health.state.as_str(),
        "why": health.why.clone(),
        "last_ms": seen.map(|s| s.last_ms),
        "first_ms": seen.map(|s| s.first_ms),
        "uptime_seconds": value("uptime_seconds"),
        "cores": cores,
        "memory_total_bytes": value("memory_total_bytes"),
        "os": fact("os"),
        "kernel": fact("kernel"),
        "agent_version": fact("agent_version"),
        "cpu_ratio": cpu_ratio,
        "memory_ratio": memory_ratio,
        "disk_ratio": disk.as_ref().map(|d| d.1),
        "disk_mount": disk.as_ref().map(|d| d.0.clone()),
        "network_receive_bytes_per_second": received,
        "network_transmit_bytes_per_second": sent,
        "load1": value("load1"),
    });
    (health, row)
}

/// When a host was first and last heard of within [`LISTED_MS`].
#[derive(Debug, Clone, Copy)]
struct Seen {
    first_ms: i64,
    last_ms: i64,
}

/// Any series will do to see whether a host speaks; this many are looked at.
const SEEN_SERIES_MAX: usize = 50;

fn last_seen(api: &Api, host: &str, now_ms: i64) -> Option<Seen> {
    let listed = TimeRange::new(now_ms - LISTED_MS, now_ms + 1);
    let heartbeat = [Matcher::equal(NAME, "uptime_seconds"), Matcher::equal(HOST, host)];
    let any = [Matcher::equal(HOST, host)];
    let mut selection = api.source.select(&heartbeat, listed, SEEN_SERIES_MAX).ok()?;
    if selection.series.is_empty() {
        selection = api.source.select(&any, listed, SEEN_SERIES_MAX).ok()?;
    }
    let ids: Vec<_> = selection.series.iter().map(|s| s.id).collect();
    let last_ms = api.source.last(&ids, listed).ok()?.into_iter().flatten().map(|s| s.time_ms).max()?;
    let mut first_ms = last_ms;
    let _ = api.source.read(&ids, listed, &mut |_, model::Chunk::Samples { times_ms, .. }| {
        first_ms = first_ms.min(times_ms.first().copied().unwrap_or(first_ms));
        std::ops::ControlFlow::Break(())
    });
    Some(Seen { first_ms, last_ms })
}

/// The newest values of the metrics a row shows, by host.
struct Values(HashMap<(String, &'static str), Vec<Ends>>);

const METRICS: &[&str] = &[
    "cpu_cores",
    "cpu_seconds_total",
    "memory_available_bytes",
    "memory_total_bytes",
    "filesystem_used_ratio",
    "network_receive_bytes_total",
    "network_transmit_bytes_total",
    "load1",
    "uptime_seconds",
    "host_info",
];

impl Values {
    fn read(api: &Api, further: &[Matcher], now_ms: i64) -> Self {
        let recent = Recent::new(api.source.as_ref(), now_ms, WINDOW_MS);
        let mut found: HashMap<(String, &'static str), Vec<Ends>> = HashMap::new();
        let facts = Recent::new(api.source.as_ref(), now_ms, FACTS_WINDOW_MS);
        for &metric in METRICS {
            let mut matchers = vec![Matcher::equal(NAME, metric)];
            matchers.extend_from_slice(further);
            let window = if metric == "host_info" { &facts } else { &recent };
            for ends in window.ends(&matchers) {
                found.entry((ends.labels.host().to_owned(), metric)).or_default().push(ends);
            }
        }
        Self(found)
    }

    fn of(&self, host: &str, metric: &'static str) -> impl Iterator<Item = &Ends> {
        self.0.get(&(host.to_owned(), metric)).into_iter().flatten()
    }

    fn one(&self, host: &str, metric: &'static str) -> Option<f64> {
        self.of(host, metric).next().map(|e| e.last.1)
    }

    fn rate(&self, host: &str, metric: &'static str, keep: impl Fn(&Ends) -> bool) -> Option<f64> {
        let rates: Vec<f64> =
            self.of(host, metric).filter(|e| keep(e)).filter_map(Ends::per_second).collect();
        (!rates.is_empty()).then(|| rates.iter().sum())
    }

    /// The file system with the largest share used: mount point and share.
    fn fullest(&self, host: &str) -> Option<(String, f64)> {
        let shares = self.of(host, "filesystem_used_ratio");
        let named = shares.map(|e| (e.labels.get("mount").unwrap_or("").to_owned(), e.last.1));
        named.max_by(|a, b| a.1.total_cmp(&b.1))
    }
}
