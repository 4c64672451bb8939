//! What MongoDB says.

use super::super::Metric;

/// The metric of this name.
pub(super) fn metric(name: &str) -> &'static Metric {
    METRICS.iter().find(|metric| metric.name == name).expect("a name of the table")
}

const fn gauge(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).from(source)
}

const fn counter(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, unit, help).from(source)
}

const MEMBER: &[&str] = &["member"];
const OPERATION: &[&str] = &["operation"];

pub(super) static METRICS: [Metric; 59] = [
    Metric::gauge("mongodb_info", "", "Always 1; the labels tell.").by(&["version", "process"]),
    gauge("mongodb_uptime_seconds", "seconds", "uptime", "Time since it started."),
    // Connections and network.
    gauge("mongodb_connections", "", "connections.current", "Connections open."),
    gauge("mongodb_connections_available", "", "connections.available", "Connections it would still take."),
    gauge("mongodb_connections_active", "", "connections.active", "Connections with an operation under way."),
    counter("mongodb_connections_total", "", "connections.totalCreated", "Connections taken."),
    counter("mongodb_received_bytes_total", "bytes", "network.bytesIn", "Bytes from clients."),
    counter("mongodb_sent_bytes_total", "bytes", "network.bytesOut", "Bytes to clients."),
    counter("mongodb_requests_total", "", "network.numRequests", "Requests."),
    // Operations.
    Metric::counter("mongodb_operations_total", "", "Operations of clients by kind.")
        .by(OPERATION)
        .from("opcounters.*"),
    Metric::counter(
        "mongodb_replicated_operations_total",
        "",
        "Operations applied from another member, by kind.",
    )
    .by(OPERATION)
    .from("opcountersRepl.*"),
    counter("mongodb_reads_total", "", "opLatencies.reads.ops", "Reads."),
    counter("mongodb_read_seconds_total", "seconds", "opLatencies.reads.latency", "Time they took.")
        .times(1e-6),
    counter("mongodb_writes_total", "", "opLatencies.writes.ops", "Writes."),
    counter("mongodb_write_seconds_total", "seconds", "opLatencies.writes.latency", "Time they took.")
        .times(1e-6),
    counter("mongodb_commands_total", "", "opLatencies.commands.ops", "Commands."),
    counter("mongodb_command_seconds_total", "seconds", "opLatencies.commands.latency", "Time they took.")
        .times(1e-6),
    Metric::counter("mongodb_documents_total", "", "Documents by what was done with them.")
        .by(OPERATION)
        .from("metrics.document.*"),
    counter("mongodb_scanned_keys_total", "", "metrics.queryExecutor.scanned", "Keys of indexes looked at."),
    counter(
        "mongodb_scanned_documents_total",
        "",
        "metrics.queryExecutor.scannedObjects",
        "Documents looked at; far more than are returned is an index that is missing.",
    ),
    counter(
        "mongodb_collection_scans_total",
        "",
        "metrics.queryExecutor.collectionScans.total",
        "Queries that read a whole collection.",
    ),
    counter("mongodb_sorts_total", "", "metrics.operation.scanAndOrder", "Queries sorted without an index."),
    counter(
        "mongodb_write_conflicts_total",
        "",
        "metrics.operation.writeConflicts",
        "Writes that had to be done again because of a conflict.",
    ),
    gauge("mongodb_cursors", "", "metrics.cursor.open.total", "Cursors open."),
    gauge(
        "mongodb_cursors_without_timeout",
        "",
        "metrics.cursor.open.noTimeout",
        "Cursors that never time out.",
    ),
    counter(
        "mongodb_cursors_timed_out_total",
        "",
        "metrics.cursor.timedOut",
        "Cursors closed for being idle.",
    ),
    counter(
        "mongodb_expired_documents_total",
        "",
        "metrics.ttl.deletedDocuments",
        "Documents removed because their time had come.",
    ),
    Metric::counter("mongodb_asserts_total", "", "Asserts by kind; `user` are errors of clients.")
        .by(&["kind"])
        .from("asserts.*"),
    gauge("mongodb_queue_readers", "", "globalLock.currentQueue.readers", "Reads that wait for a lock."),
    gauge("mongodb_queue_writers", "", "globalLock.currentQueue.writers", "Writes that wait for a lock."),
    gauge("mongodb_active_readers", "", "globalLock.activeClients.readers", "Reads under way."),
    gauge("mongodb_active_writers", "", "globalLock.activeClients.writers", "Writes under way."),
    gauge("mongodb_transactions_open", "", "transactions.currentOpen", "Transactions open."),
    counter(
        "mongodb_transactions_committed_total",
        "",
        "transactions.totalCommitted",
        "Transactions committed.",
    ),
    counter("mongodb_transactions_aborted_total", "", "transactions.totalAborted", "Transactions aborted."),
    // Memory and storage.
    gauge("mongodb_memory_resident_bytes", "bytes", "mem.resident", "Memory it has.").times(1_048_576.0),
    gauge("mongodb_memory_virtual_bytes", "bytes", "mem.virtual", "Memory it has addresses for.")
        .times(1_048_576.0),
    counter("mongodb_page_faults_total", "", "extra_info.page_faults", "Page faults."),
    gauge(
        "mongodb_cache_bytes",
        "bytes",
        "wiredTiger.cache.bytes currently in the cache",
        "Size of the cache's content.",
    ),
    gauge(
        "mongodb_cache_limit_bytes",
        "bytes",
        "wiredTiger.cache.maximum bytes configured",
        "Most the cache may hold.",
    ),
    gauge(
        "mongodb_cache_dirty_bytes",
        "bytes",
        "wiredTiger.cache.tracked dirty bytes in the cache",
        "What of it is not yet on disk; beyond a fifth clients have to help.",
    ),
    counter(
        "mongodb_cache_pages_read_total",
        "",
        "wiredTiger.cache.pages read into cache",
        "Pages read into the cache.",
    ),
    counter(
        "mongodb_cache_pages_written_total",
        "",
        "wiredTiger.cache.pages written from cache",
        "Pages written from the cache.",
    ),
    counter(
        "mongodb_cache_pages_evicted_total",
        "",
        "wiredTiger.cache.unmodified pages evicted",
        "Unchanged pages thrown out of the cache.",
    ),
    counter(
        "mongodb_cache_evictions_by_clients_total",
        "",
        "wiredTiger.cache.pages evicted by application threads",
        "Pages that clients' operations had to throw out: the cache is too small.",
    ),
    gauge(
        "mongodb_checkpoint_last_seconds",
        "seconds",
        "wiredTiger.transaction.transaction checkpoint most recent time (msecs)",
        "How long the last checkpoint took.",
    )
    .times(1e-3),
    gauge(
        "mongodb_read_tickets_free",
        "",
        "wiredTiger.concurrentTransactions.read.available",
        "Reads that may still begin at once.",
    ),
    gauge(
        "mongodb_write_tickets_free",
        "",
        "wiredTiger.concurrentTransactions.write.available",
        "Writes that may still begin at once.",
    ),
    Metric::gauge("mongodb_database_size_bytes", "bytes", "Size of a database on disk.")
        .by(&["database"])
        .slow(),
    // Replication.
    Metric::gauge(
        "mongodb_replica_state",
        "",
        "1 primary, 2 secondary, 3 recovering, 5 starting, 7 arbiter, 8 down, 9 rolling back.",
    ),
    Metric::gauge("mongodb_member_state", "", "The same of each member, as this one sees it.").by(MEMBER),
    Metric::gauge("mongodb_member_healthy", "", "1 when a member can be reached.").by(MEMBER),
    Metric::gauge("mongodb_member_lag_seconds", "seconds", "How far behind the primary a member is.")
        .by(MEMBER)
        .times(1e-3),
    Metric::gauge("mongodb_member_ping_seconds", "seconds", "How long a round trip to a member takes.")
        .by(MEMBER)
        .times(1e-3),
    counter("mongodb_oplog_applied_total", "", "metrics.repl.apply.ops", "Operations of the log applied."),
    gauge(
        "mongodb_oplog_buffer_operations",
        "",
        "metrics.repl.buffer.count",
        "Operations of the log that wait to be applied.",
    ),
    counter(
        "mongodb_oplog_received_bytes_total",
        "bytes",
        "metrics.repl.network.bytes",
        "Bytes of the log received.",
    ),
    counter(
        "mongodb_write_concern_timeouts_total",
        "",
        "metrics.getLastError.wtimeouts",
        "Writes that were not confirmed by enough members in time.",
    ),
    gauge(
        "mongodb_flow_control_lagged",
        "",
        "flowControl.isLagged",
        "1 while writes are slowed down for the sake of the secondaries.",
    ),
];
