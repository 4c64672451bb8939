//! etcd: its page for Prometheus.

use super::ask::Ask;
use super::session::Once;
use super::{Error, Metric, Row, http, prometheus};

pub(super) const ROW: Row = Row {
    name: "etcd",
    summary: "etcd: leader, proposals, the disk's fsync, size of the database, requests.",
    port: 2379,
    needs: "Needs nothing where clients speak plain HTTP. With TLS and certificates of clients: a certificate it takes; the \
            agent uses the server's own, or that of kubeadm's health checks, where it may read these. Or give etcd \
            `--listen-metrics-urls=http://127.0.0.1:2381`, which is then the address to ask.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

const fn gauge(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).from(source)
}

const fn counter(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, unit, help).from(source)
}

static METRICS: [Metric; 38] = [
    Metric::gauge("etcd_info", "", "Always 1; the label tells.")
        .by(&["server_version"])
        .from("etcd_server_version"),
    gauge(
        "etcd_has_leader",
        "",
        "etcd_server_has_leader",
        "1 when the member knows a leader; without one nothing can be written.",
    ),
    gauge("etcd_leading", "", "etcd_server_is_leader", "1 when the member leads."),
    gauge("etcd_learning", "", "etcd_server_is_learner", "1 when the member does not vote yet."),
    counter(
        "etcd_leader_changes_total",
        "",
        "etcd_server_leader_changes_seen_total",
        "Changes of the leader the member saw.",
    ),
    counter("etcd_proposals_applied_total", "", "etcd_server_proposals_applied_total", "Proposals applied."),
    counter(
        "etcd_proposals_committed_total",
        "",
        "etcd_server_proposals_committed_total",
        "Proposals committed; far ahead of those applied the member cannot keep up.",
    ),
    counter(
        "etcd_proposals_failed_total",
        "",
        "etcd_server_proposals_failed_total",
        "Proposals that failed.",
    ),
    gauge("etcd_proposals_pending", "", "etcd_server_proposals_pending", "Proposals under way."),
    counter(
        "etcd_slow_applies_total",
        "",
        "etcd_server_slow_apply_total",
        "Applies that took more than 100 ms.",
    ),
    counter(
        "etcd_slow_reads_total",
        "",
        "etcd_server_slow_read_indexes_total",
        "Reads that had to wait long for the leader.",
    ),
    counter(
        "etcd_reads_failed_total",
        "",
        "etcd_server_read_indexes_failed_total",
        "Reads the leader did not confirm.",
    ),
    counter(
        "etcd_heartbeat_failures_total",
        "",
        "etcd_server_heartbeat_send_failures_total",
        "Heartbeats the leader could not send in time: its disk or CPU is too slow.",
    ),
    counter(
        "etcd_health_failures_total",
        "",
        "etcd_server_health_failures",
        "Checks of its health that failed.",
    ),
    counter(
        "etcd_log_syncs_total",
        "",
        "etcd_disk_wal_fsync_duration_seconds_count",
        "Calls of fsync of the log.",
    ),
    counter(
        "etcd_log_sync_seconds_total",
        "seconds",
        "etcd_disk_wal_fsync_duration_seconds_sum",
        "Time they took; a mean beyond 10 ms is a disk too slow.",
    ),
    Metric::counter("etcd_log_sync_seconds_bucket", "", "Those that took at most `le` seconds.")
        .by(&["le"])
        .from("etcd_disk_wal_fsync_duration_seconds_bucket"),
    counter(
        "etcd_backend_commits_total",
        "",
        "etcd_disk_backend_commit_duration_seconds_count",
        "Commits of the database.",
    ),
    counter(
        "etcd_backend_commit_seconds_total",
        "seconds",
        "etcd_disk_backend_commit_duration_seconds_sum",
        "Time they took.",
    ),
    Metric::counter("etcd_backend_commit_seconds_bucket", "", "Those that took at most `le` seconds.")
        .by(&["le"])
        .from("etcd_disk_backend_commit_duration_seconds_bucket"),
    gauge("etcd_database_bytes", "bytes", "etcd_mvcc_db_total_size_in_bytes", "Size of the database."),
    gauge(
        "etcd_database_used_bytes",
        "bytes",
        "etcd_mvcc_db_total_size_in_use_in_bytes",
        "The part of it in use; the rest comes back by defragmentation.",
    ),
    gauge(
        "etcd_database_limit_bytes",
        "bytes",
        "etcd_server_quota_backend_bytes",
        "Size at which it stops taking writes.",
    ),
    gauge("etcd_keys", "", "etcd_debugging_mvcc_keys_total", "Keys."),
    gauge("etcd_watchers", "", "etcd_debugging_mvcc_watcher_total", "Watchers."),
    counter("etcd_puts_total", "", "etcd_mvcc_put_total", "Puts."),
    counter("etcd_deletes_total", "", "etcd_mvcc_delete_total", "Deletes."),
    counter("etcd_ranges_total", "", "etcd_mvcc_range_total", "Reads of ranges."),
    counter("etcd_transactions_total", "", "etcd_mvcc_txn_total", "Transactions."),
    counter(
        "etcd_client_received_bytes_total",
        "bytes",
        "etcd_network_client_grpc_received_bytes_total",
        "Bytes from clients.",
    ),
    counter(
        "etcd_client_sent_bytes_total",
        "bytes",
        "etcd_network_client_grpc_sent_bytes_total",
        "Bytes to clients.",
    ),
    Metric::counter("etcd_peer_received_bytes_total", "bytes", "Bytes from other members.")
        .from("etcd_network_peer_received_bytes_total"),
    Metric::counter("etcd_peer_sent_bytes_total", "bytes", "Bytes to other members.")
        .from("etcd_network_peer_sent_bytes_total"),
    Metric::counter(
        "etcd_peer_round_trip_seconds_total",
        "seconds",
        "Time round trips to another member took.",
    )
    .by(&["To"])
    .from("etcd_network_peer_round_trip_time_seconds_sum"),
    Metric::counter("etcd_peer_round_trips_total", "", "Round trips to another member.")
        .by(&["To"])
        .from("etcd_network_peer_round_trip_time_seconds_count"),
    Metric::counter("etcd_requests_total", "", "Requests answered, by the code of the answer.")
        .by(&["grpc_code"])
        .from("grpc_server_handled_total"),
    gauge("etcd_open_files", "", "process_open_fds", "Files open."),
    gauge("etcd_open_files_limit", "", "process_max_fds", "Most files it may open."),
];

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let path = if ask.target.path.is_empty() { "/metrics".to_owned() } else { ask.target.path.clone() };
    let page = http::get(ask, &path)?;
    prometheus::read(&page, &METRICS, ask)
}
