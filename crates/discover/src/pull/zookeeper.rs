//! ZooKeeper: the four letters `mntr`, or the same page of the AdminServer where they are not allowed.

use super::ask::{Ask, number};
use super::json::{self, Leaf};
use super::session::Once;
use super::{Error, Metric, Row, http};

pub(super) const ROW: Row = Row {
    name: "zookeeper",
    summary: "ZooKeeper: role, latencies, connections, nodes, watches, what waits, syncs and snapshots.",
    port: 2181,
    needs: "Needs `4lw.commands.whitelist=mntr` in `zoo.cfg`. Without it the AdminServer is asked: \
            `http://host:8080/commands/monitor` says where.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

const fn gauge(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).from(source)
}

const fn ms(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "seconds", help).from(source).times(1e-3)
}

const fn counter(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

const fn counter_ms(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "seconds", help).from(source).times(1e-3)
}

static METRICS: [Metric; 37] = [
    Metric::gauge("zookeeper_info", "", "Always 1; the labels tell.").by(&["version", "state"]),
    Metric::gauge("zookeeper_leading", "", "1 when it leads, or stands alone.").from("is_leading"),
    ms("zookeeper_uptime_seconds", "uptime", "Time since it started."),
    ms("zookeeper_latency_average_seconds", "avg_latency", "Mean time requests took since it started."),
    ms(
        "zookeeper_latency_longest_seconds",
        "max_latency",
        "The longest time a request took since it started.",
    ),
    counter("zookeeper_packets_received_total", "packets_received", "Packets received."),
    counter("zookeeper_packets_sent_total", "packets_sent", "Packets sent."),
    gauge("zookeeper_connections", "", "num_alive_connections", "Connections open."),
    counter(
        "zookeeper_connections_rejected_total",
        "connection_rejected",
        "Connections refused because there were too many.",
    ),
    counter(
        "zookeeper_connections_dropped_total",
        "connection_drop_count",
        "Connections closed by the server.",
    ),
    counter("zookeeper_authentication_failures_total", "auth_failed_count", "Authentications that failed."),
    gauge(
        "zookeeper_requests_outstanding",
        "",
        "outstanding_requests",
        "Requests that wait; when this grows it cannot keep up.",
    ),
    counter("zookeeper_requests_throttled_total", "throttled_ops", "Requests throttled."),
    gauge("zookeeper_sessions", "", "global_sessions", "Sessions."),
    gauge("zookeeper_nodes", "", "znode_count", "Nodes of the tree."),
    gauge("zookeeper_nodes_ephemeral", "", "ephemerals_count", "Nodes that go with their session."),
    gauge("zookeeper_watches", "", "watch_count", "Watches set."),
    gauge("zookeeper_data_bytes", "bytes", "approximate_data_size", "Size of the data, estimated."),
    gauge("zookeeper_open_files", "", "open_file_descriptor_count", "Files open."),
    gauge("zookeeper_open_files_limit", "", "max_file_descriptor_count", "Most files it may open."),
    gauge("zookeeper_quorum_members", "", "quorum_size", "Members that vote."),
    gauge("zookeeper_followers", "", "learners", "On the leader: members that follow, observers included."),
    gauge("zookeeper_followers_synced", "", "synced_followers", "On the leader: members that are in step."),
    gauge("zookeeper_syncs_pending", "", "pending_syncs", "On the leader: syncs that wait."),
    counter("zookeeper_elections_total", "looking_count", "Times it looked for a leader."),
    counter("zookeeper_commits_total", "commit_count", "Changes committed."),
    counter("zookeeper_snapshots_total", "snap_count", "Snapshots sent to members that were far behind."),
    counter("zookeeper_log_syncs_total", "cnt_fsynctime", "Calls of fsync of the log."),
    counter_ms("zookeeper_log_sync_seconds_total", "sum_fsynctime", "Time they took: the disk of the log."),
    counter("zookeeper_reads_total", "cnt_readlatency", "Reads."),
    counter_ms("zookeeper_read_seconds_total", "sum_readlatency", "Time they took."),
    counter("zookeeper_updates_total", "cnt_updatelatency", "Writes."),
    counter_ms("zookeeper_update_seconds_total", "sum_updatelatency", "Time they took."),
    counter("zookeeper_jvm_pauses_total", "cnt_jvm_pause_time_ms", "Pauses of the JVM."),
    counter_ms("zookeeper_jvm_pause_seconds_total", "sum_jvm_pause_time_ms", "Time they took."),
    counter(
        "zookeeper_errors_unrecoverable_total",
        "unrecoverable_error_count",
        "Errors after which it gave up.",
    ),
    counter(
        "zookeeper_digest_mismatches_total",
        "digest_mismatches_count",
        "Times its data turned out to differ from that of the others.",
    ),
];
fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let path = ask.target.path.clone();
    if !path.is_empty() {
        let body = http::get(ask, &path)?;
        return page(&body, ask);
    }
    let mut link = ask.connect()?;
    link.send(b"mntr")?;
    let answer = String::from_utf8_lossy(&link.rest()?).into_owned();
    if answer.contains("not in the whitelist") {
        return Err(Error::Refused(
            "it may not be asked: add 4lw.commands.whitelist=mntr to zoo.cfg (and restart), or give the address of its \
             AdminServer, http://host:8080/commands/monitor"
                .into(),
        ));
    }
    if answer.contains("not currently serving requests") {
        return Err(Error::Unready(
            "it serves no requests: it has no quorum, or is looking for its leader".into(),
        ));
    }
    let pairs = answer.lines().filter_map(|line| line.strip_prefix("zk_")?.split_once('\t'));
    tell(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), ask)
}

fn page(body: &[u8], ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut pairs = Vec::new();
    json::leaves(body, &mut |path, leaf| {
        if let [name] = path {
            let value = match leaf {
                Leaf::Number(number) => number.to_string(),
                Leaf::Text(text) => text,
            };
            pairs.push((name.clone(), value));
        }
    })?;
    tell(pairs, ask)
}

fn tell(pairs: Vec<(String, String)>, ask: &mut Ask<'_>) -> Result<(), Error> {
    let field = |name: &str| pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
    let state = field("server_state");
    if state.is_empty() {
        return Err(Error::malformed("no server_state; the page of the AdminServer is /commands/monitor"));
    }
    // With the build's hash and date behind a comma.
    let version = field("version").split([',', '-']).next().unwrap_or_default();
    ask.push(&METRICS[0], &[version, state], 1.0);
    let is_leading = matches!(state, "leader" | "standalone");
    ask.tell(&METRICS, "is_leading", &[], f64::from(u8::from(is_leading)));
    for (name, value) in &pairs {
        // Where a number is not known it is -1.
        if let Some(value) = number(value).filter(|value| *value >= 0.0) {
            ask.tell(&METRICS, name, &[], value);
        }
    }
    Ok(())
}
