//! memcached: `stats`, and sums over its slabs.

use super::ask::{Ask, number};
use super::link::Link;
use super::session::{Kept, Session};
use super::{Error, Metric, Row};

pub(super) const ROW: Row = Row {
    name: "memcached",
    summary: "memcached: items, memory, commands with hits and misses, evictions, connections.",
    port: 11211,
    needs: "Needs nothing. One that was started with SASL (`-S`) refuses the text protocol and is not asked.",
    metrics: &METRICS,
    open: || Box::<Kept<Memcached>>::default(),
};

const fn gauge(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).from(source)
}

const fn counter(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, unit, help).from(source)
}

const fn lookup(source: &'static str) -> Metric {
    Metric::counter(
        "memcached_lookups_total",
        "",
        "Commands on a key, by command and by whether the key was there.",
    )
    .by(&["command", "outcome"])
    .from(source)
}

static METRICS: [Metric; 46] = [
    gauge("memcached_uptime_seconds", "seconds", "uptime", "Time since it started."),
    gauge("memcached_items", "", "curr_items", "Items stored now, expired ones not yet removed included."),
    counter("memcached_items_stored_total", "", "total_items", "Items stored since it started."),
    gauge("memcached_memory_bytes", "bytes", "bytes", "Bytes of items stored now."),
    gauge("memcached_memory_limit_bytes", "bytes", "limit_maxbytes", "Most bytes of items it may store."),
    gauge("memcached_slabs_bytes", "bytes", "total_malloced", "Memory its slabs take."),
    Metric::gauge(
        "memcached_slabs_requested_bytes",
        "bytes",
        "Bytes items asked for within the slabs; the rest is lost to the sizes of chunks or free.",
    ),
    gauge("memcached_slab_classes", "", "active_slabs", "Sizes of chunks in use."),
    gauge("memcached_hash_table_bytes", "bytes", "hash_bytes", "Memory of the table of keys."),
    gauge("memcached_connections", "", "curr_connections", "Connections open."),
    gauge("memcached_connections_limit", "", "max_connections", "Most connections it takes."),
    counter("memcached_connections_total", "", "total_connections", "Connections taken."),
    counter(
        "memcached_connections_rejected_total",
        "",
        "rejected_connections",
        "Connections refused because there were too many.",
    ),
    counter(
        "memcached_listen_disabled_total",
        "",
        "listen_disabled_num",
        "Times it stopped taking connections because there were too many.",
    ),
    Metric::counter("memcached_listen_disabled_seconds_total", "seconds", "Time it took no connections.")
        .from("time_in_listen_disabled_us")
        .times(1e-6),
    counter(
        "memcached_connection_yields_total",
        "",
        "conn_yields",
        "Times a connection had to let others go first.",
    ),
    gauge("memcached_threads", "", "threads", "Worker threads."),
    Metric::counter("memcached_commands_total", "", "Commands of a kind, whether or not the key was there.")
        .by(&["command"])
        .from("cmd_"),
    lookup("get_hits"),
    lookup("get_misses"),
    lookup("delete_hits"),
    lookup("delete_misses"),
    lookup("incr_hits"),
    lookup("incr_misses"),
    lookup("decr_hits"),
    lookup("decr_misses"),
    lookup("cas_hits"),
    lookup("cas_misses"),
    lookup("cas_badval"),
    lookup("touch_hits"),
    lookup("touch_misses"),
    counter(
        "memcached_get_expired_total",
        "",
        "get_expired",
        "Gets of a key that had expired; they count as misses, too.",
    ),
    counter(
        "memcached_evictions_total",
        "",
        "evictions",
        "Items removed before their time because memory was short.",
    ),
    counter(
        "memcached_evicted_unfetched_total",
        "",
        "evicted_unfetched",
        "Items removed before their time that nobody ever got.",
    ),
    counter(
        "memcached_expired_unfetched_total",
        "",
        "expired_unfetched",
        "Items expired that nobody ever got.",
    ),
    counter("memcached_reclaimed_total", "", "reclaimed", "Items stored in the place of an expired one."),
    counter(
        "memcached_out_of_memory_total",
        "",
        "outofmemory",
        "Items refused because there was no memory for them.",
    ),
    gauge(
        "memcached_evicted_age_seconds",
        "seconds",
        "evicted_time",
        "Time since the item evicted last was used, of the slab class where that is shortest; small is too little memory.",
    ),
    counter("memcached_allocation_failures_total", "", "malloc_fails", "Times the system gave no memory."),
    counter("memcached_received_bytes_total", "bytes", "bytes_read", "Bytes read from the network."),
    counter("memcached_sent_bytes_total", "bytes", "bytes_written", "Bytes written to the network."),
    counter("memcached_cpu_user_seconds_total", "seconds", "rusage_user", "CPU time in user mode."),
    counter("memcached_cpu_system_seconds_total", "seconds", "rusage_system", "CPU time in the kernel."),
    counter("memcached_auth_errors_total", "", "auth_errors", "Authentications that failed."),
    counter("memcached_slabs_moved_total", "", "slabs_moved", "Pages moved from one slab class to another."),
    Metric::gauge("memcached_info", "", "Always 1; the labels tell.").by(&["version"]),
];
/// Sums and minima over the slab classes of which `stats items` and `stats slabs` tell.
const REQUESTED: &str = "memcached_slabs_requested_bytes";

pub(super) struct Memcached(Link);

impl Session for Memcached {
    fn open(ask: &mut Ask<'_>) -> Result<Self, Error> {
        Ok(Self(ask.connect()?))
    }

    fn link(&mut self) -> &mut Link {
        &mut self.0
    }

    fn pull(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        stats(&mut self.0, "stats", |name, value| general(ask, name, value))?;
        let mut requested = 0.0;
        stats(&mut self.0, "stats slabs", |name, value| match name.split_once(':') {
            Some((_, "mem_requested")) => requested += number(value).unwrap_or(0.0),
            Some(_) => {}
            None => ask.tell_text(&METRICS, name, &[], value),
        })?;
        if let Some(metric) = METRICS.iter().find(|metric| metric.name == REQUESTED) {
            ask.push(metric, &[], requested);
        }
        items(&mut self.0, ask)
    }
}

fn general(ask: &mut Ask<'_>, name: &str, value: &str) {
    if name == "version" {
        return ask.push(&METRICS[METRICS.len() - 1], &[value], 1.0);
    }
    if let Some(command) = name.strip_prefix("cmd_") {
        return ask.tell_text(&METRICS, "cmd_", &[command], value);
    }
    let Some(metric) = METRICS.iter().find(|metric| metric.source == name) else { return };
    match name.split_once('_') {
        Some((command, outcome)) if !metric.labels.is_empty() => {
            let outcome = outcome.strip_suffix("es").or(outcome.strip_suffix('s')).unwrap_or(outcome);
            ask.push_some(metric, &[command, outcome], number(value));
        }
        _ => ask.push_some(metric, &[], number(value)),
    }
}

/// `items:CLASS:NAME`: refusals are summed up, of the ages the smallest counts.
fn items(link: &mut Link, ask: &mut Ask<'_>) -> Result<(), Error> {
    let (mut refused, mut evicted, mut age) = (0.0, std::collections::BTreeSet::new(), f64::INFINITY);
    let mut ages = Vec::new();
    stats(link, "stats items", |name, value| {
        let mut words = name.splitn(3, ':').skip(1);
        let (Some(class), Some(name), Some(value)) = (words.next(), words.next(), number(value)) else {
            return;
        };
        match name {
            "outofmemory" => refused += value,
            "evicted" if value > 0.0 => _ = evicted.insert(class.to_owned()),
            "evicted_time" => ages.push((class.to_owned(), value)),
            _ => {}
        }
    })?;
    // A class that never evicted says 0.
    for (_, value) in ages.iter().filter(|(class, _)| evicted.contains(class)) {
        age = age.min(*value);
    }
    ask.tell(&METRICS, "outofmemory", &[], refused);
    ask.tell(&METRICS, "evicted_time", &[], age);
    Ok(())
}

/// Asks for lines `STAT name value` up to `END` and visits them.
fn stats(link: &mut Link, command: &str, mut each: impl FnMut(&str, &str)) -> Result<(), Error> {
    link.send(format!("{command}\r\n").as_bytes())?;
    loop {
        let line = link.text_line()?;
        if let Some((name, value)) = line.strip_prefix("STAT ").and_then(|rest| rest.split_once(' ')) {
            each(name, value);
        } else if line == "END" {
            return Ok(());
        } else if line == "ERROR" || line.contains("unauthenticated") {
            return Err(Error::Refused("it wants authentication: that is not spoken here".into()));
        } else {
            return Err(Error::malformed(format!("`{}`", line.escape_debug())));
        }
    }
}
