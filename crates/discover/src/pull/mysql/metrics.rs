//! What MySQL says.

use super::super::Metric;

/// The metric of this name.
pub(super) fn metric(name: &str) -> &'static Metric {
    METRICS.iter().find(|metric| metric.name == name).expect("a name of the table")
}

const fn gauge(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help).from(source)
}

const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "bytes", help).from(source)
}

const fn seconds(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "seconds", help).from(source)
}

const fn counter(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

const fn counter_bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help).from(source)
}

const CHANNEL: &[&str] = &["channel"];
const DATABASE: &[&str] = &["database"];
const TABLE: &[&str] = &["database", "table"];
const STATEMENT: &[&str] = &["database", "digest", "query"];
/// The server counts time in 10⁻¹² s.
const PICO: f64 = 1e-12;

pub(super) static METRICS: [Metric; 125] = [
    Metric::gauge("mysql_info", "", "Always 1; the labels tell.").by(&["version", "kind"]),
    seconds("mysql_uptime_seconds", "Uptime", "Time since the server started."),
    gauge("mysql_read_only", "read_only", "1 when only privileged users may write: a replica usually."),
    // Connections.
    gauge("mysql_connections", "Threads_connected", "Connections open."),
    gauge("mysql_connections_running", "Threads_running", "Connections that run a statement."),
    gauge("mysql_connections_limit", "max_connections", "Most connections it takes."),
    gauge("mysql_connections_peak", "Max_used_connections", "Most connections there were at once."),
    counter("mysql_connections_total", "Connections", "Connections tried, those that failed included."),
    counter(
        "mysql_connections_aborted_total",
        "Aborted_connects",
        "Connections that failed before they were let in.",
    ),
    counter(
        "mysql_clients_aborted_total",
        "Aborted_clients",
        "Connections whose client went away without a word.",
    ),
    Metric::counter(
        "mysql_connection_errors_total",
        "",
        "Connections refused by reason, those with none left out.",
    )
    .by(&["reason"]),
    counter(
        "mysql_access_denied_total",
        "Access_denied_errors",
        "Refusals because a user may not (MariaDB).",
    ),
    gauge("mysql_threads_cached", "Threads_cached", "Threads kept for new connections."),
    counter(
        "mysql_threads_created_total",
        "Threads_created",
        "Threads made for connections; when this grows the cache of threads is too small.",
    ),
    // What it does.
    counter("mysql_queries_total", "Queries", "Statements, those within procedures included."),
    counter("mysql_questions_total", "Questions", "Statements sent by clients."),
    counter("mysql_slow_queries_total", "Slow_queries", "Statements that took longer than long_query_time."),
    seconds("mysql_slow_query_seconds", "long_query_time", "From when on a statement is slow."),
    Metric::counter("mysql_commands_total", "", "Statements by kind, those never used left out.")
        .by(&["command"]),
    Metric::counter(
        "mysql_handler_calls_total",
        "",
        "Calls into the storage engines by kind, those never made left out.",
    )
    .by(&["handler"]),
    counter_bytes("mysql_received_bytes_total", "Bytes_received", "Bytes from clients."),
    counter_bytes("mysql_sent_bytes_total", "Bytes_sent", "Bytes to clients."),
    counter("mysql_select_full_joins_total", "Select_full_join", "Joins without an index."),
    counter("mysql_select_scans_total", "Select_scan", "Joins that read the first table whole."),
    counter(
        "mysql_sort_merge_passes_total",
        "Sort_merge_passes",
        "Merges of sorts that did not fit into memory.",
    ),
    counter("mysql_sort_rows_total", "Sort_rows", "Rows sorted."),
    counter("mysql_temporary_tables_total", "Created_tmp_tables", "Temporary tables in memory."),
    counter("mysql_temporary_disk_tables_total", "Created_tmp_disk_tables", "Temporary tables on disk."),
    counter("mysql_temporary_files_total", "Created_tmp_files", "Temporary files."),
    counter("mysql_table_locks_immediate_total", "Table_locks_immediate", "Locks of tables had at once."),
    counter("mysql_table_locks_waited_total", "Table_locks_waited", "Locks of tables waited for."),
    gauge("mysql_open_tables", "Open_tables", "Tables open."),
    gauge("mysql_open_tables_limit", "table_open_cache", "Most tables kept open."),
    counter(
        "mysql_tables_opened_total",
        "Opened_tables",
        "Tables opened; when this grows the cache of tables is too small.",
    ),
    gauge("mysql_open_files", "Open_files", "Files open."),
    gauge("mysql_open_files_limit", "open_files_limit", "Most files it may open."),
    gauge("mysql_prepared_statements", "Prepared_stmt_count", "Prepared statements there are."),
    gauge(
        "mysql_prepared_statements_limit",
        "max_prepared_stmt_count",
        "Most prepared statements there may be.",
    ),
    counter("mysql_query_cache_hits_total", "Qcache_hits", "Answers from the query cache."),
    bytes("mysql_memory_bytes", "Memory_used", "Memory it uses (MariaDB)."),
    // InnoDB.
    bytes("mysql_innodb_buffer_pool_bytes", "innodb_buffer_pool_size", "Size of the buffer pool."),
    bytes("mysql_innodb_buffer_pool_data_bytes", "Innodb_buffer_pool_bytes_data", "Data in the buffer pool."),
    bytes(
        "mysql_innodb_buffer_pool_dirty_bytes",
        "Innodb_buffer_pool_bytes_dirty",
        "Data in the buffer pool that is not yet on disk.",
    ),
    gauge("mysql_innodb_buffer_pool_pages", "Innodb_buffer_pool_pages_total", "Pages of the buffer pool."),
    gauge("mysql_innodb_buffer_pool_pages_free", "Innodb_buffer_pool_pages_free", "Those that are free."),
    counter(
        "mysql_innodb_buffer_pool_lookups_total",
        "Innodb_buffer_pool_read_requests",
        "Pages looked for in the buffer pool.",
    ),
    counter(
        "mysql_innodb_buffer_pool_misses_total",
        "Innodb_buffer_pool_reads",
        "Pages that were not there and had to be read.",
    ),
    counter(
        "mysql_innodb_buffer_pool_waits_total",
        "Innodb_buffer_pool_wait_free",
        "Times a free page had to be waited for.",
    ),
    counter("mysql_innodb_pages_flushed_total", "Innodb_buffer_pool_pages_flushed", "Pages flushed."),
    counter_bytes("mysql_innodb_read_bytes_total", "Innodb_data_read", "Bytes read."),
    counter_bytes("mysql_innodb_written_bytes_total", "Innodb_data_written", "Bytes written."),
    counter("mysql_innodb_reads_total", "Innodb_data_reads", "Reads."),
    counter("mysql_innodb_writes_total", "Innodb_data_writes", "Writes."),
    counter("mysql_innodb_syncs_total", "Innodb_data_fsyncs", "Calls of fsync."),
    gauge("mysql_innodb_reads_pending", "Innodb_data_pending_reads", "Reads under way."),
    gauge("mysql_innodb_writes_pending", "Innodb_data_pending_writes", "Writes under way."),
    gauge("mysql_innodb_syncs_pending", "Innodb_data_pending_fsyncs", "Calls of fsync under way."),
    counter_bytes(
        "mysql_innodb_log_written_bytes_total",
        "Innodb_os_log_written",
        "Bytes written to the redo log.",
    ),
    counter(
        "mysql_innodb_log_waits_total",
        "Innodb_log_waits",
        "Times the log buffer was too small and had to be flushed first.",
    ),
    bytes("mysql_innodb_log_capacity_bytes", "innodb_redo_log_capacity", "Size of the redo log."),
    bytes("mysql_innodb_log_file_bytes", "innodb_log_file_size", "Size of a file of the redo log."),
    bytes(
        "mysql_innodb_checkpoint_age_bytes",
        "Innodb_checkpoint_age",
        "Redo log that is still needed; near its size writes stall.",
    ),
    gauge(
        "mysql_innodb_history_length",
        "Innodb_history_list_length",
        "Old versions of rows that wait to be purged.",
    ),
    counter("mysql_innodb_deadlocks_total", "Innodb_deadlocks", "Deadlocks."),
    counter(
        "mysql_innodb_row_lock_waits_total",
        "Innodb_row_lock_waits",
        "Times a row's lock had to be waited for.",
    ),
    Metric::counter("mysql_innodb_row_lock_seconds_total", "seconds", "Time rows' locks were waited for.")
        .from("Innodb_row_lock_time")
        .times(1e-3),
    gauge("mysql_innodb_row_locks_waited", "Innodb_row_lock_current_waits", "Locks of rows waited for now."),
    counter("mysql_innodb_rows_read_total", "Innodb_rows_read", "Rows read."),
    counter("mysql_innodb_rows_inserted_total", "Innodb_rows_inserted", "Rows inserted."),
    counter("mysql_innodb_rows_updated_total", "Innodb_rows_updated", "Rows updated."),
    counter("mysql_innodb_rows_deleted_total", "Innodb_rows_deleted", "Rows deleted."),
    // MyISAM and Aria.
    bytes("mysql_key_buffer_bytes", "key_buffer_size", "Size of the buffer of MyISAM's keys."),
    counter("mysql_key_lookups_total", "Key_read_requests", "Blocks of keys looked for in it."),
    counter("mysql_key_misses_total", "Key_reads", "Blocks that were not there."),
    // Sessions and transactions.
    Metric::gauge("mysql_sessions", "", "Sessions by what they do.").by(&["command"]),
    Metric::gauge(
        "mysql_session_longest_seconds",
        "seconds",
        "How long the one of them that does it longest has done so.",
    )
    .by(&["command"]),
    Metric::gauge(
        "mysql_session_states",
        "",
        "Sessions that do something, by the step they are at; the 30 with most.",
    )
    .by(&["state"]),
    Metric::gauge("mysql_user_connections", "", "Connections by user; the 30 with most.").by(&["user"]),
    gauge("mysql_transactions", "", "Transactions of InnoDB that are open."),
    seconds("mysql_transaction_longest_seconds", "", "Age of the oldest of them."),
    gauge("mysql_blocked", "", "Those that wait for a lock."),
    seconds("mysql_blocked_longest_seconds", "", "How long the one that waits longest has waited."),
    gauge("mysql_rows_locked", "", "Rows they have locked."),
    // Replication.
    Metric::gauge("mysql_replica_receiving", "", "1 when the thread that receives runs and is connected.")
        .by(CHANNEL),
    Metric::gauge("mysql_replica_applying", "", "1 when the thread that applies runs.").by(CHANNEL),
    Metric::gauge(
        "mysql_replica_lag_seconds",
        "seconds",
        "How far behind its master it is; left out when that is not known.",
    )
    .by(CHANNEL),
    Metric::gauge(
        "mysql_replica_lag_bytes",
        "bytes",
        "What is received and not yet applied, while both are at the same file.",
    )
    .by(CHANNEL),
    Metric::gauge("mysql_replica_delay_seconds", "seconds", "How far behind it is to be.").by(CHANNEL),
    Metric::gauge("mysql_replica_relay_log_bytes", "bytes", "Size of all relay logs.").by(CHANNEL),
    Metric::gauge("mysql_replica_receive_error", "", "Number of the last error while receiving; 0 for none.")
        .by(CHANNEL),
    Metric::gauge("mysql_replica_apply_error", "", "Number of the last error while applying; 0 for none.")
        .by(CHANNEL),
    gauge("mysql_replicas", "Slaves_connected", "Replicas connected (MariaDB)."),
    Metric::gauge("mysql_group_members", "", "Members of the replication group by state.").by(&["state"]),
    gauge("mysql_binary_log", "log_bin", "1 when a binary log is written."),
    gauge("mysql_binary_logs", "", "Files of the binary log.").slow(),
    bytes("mysql_binary_logs_bytes", "", "Their size.").slow(),
    counter(
        "mysql_binary_log_cache_spills_total",
        "Binlog_cache_disk_use",
        "Transactions that did not fit into the cache of the binary log.",
    ),
    // Galera.
    gauge("mysql_galera_ready", "wsrep_ready", "1 when the node takes statements."),
    gauge("mysql_galera_connected", "wsrep_connected", "1 when the node is connected to the cluster."),
    gauge(
        "mysql_galera_primary",
        "wsrep_cluster_status",
        "1 when the node is in the part of the cluster that may write.",
    ),
    gauge("mysql_galera_nodes", "wsrep_cluster_size", "Nodes of the cluster."),
    gauge("mysql_galera_state", "wsrep_local_state", "1 joining, 2 donor, 3 joined, 4 synced."),
    gauge("mysql_galera_receive_queue", "wsrep_local_recv_queue", "Write sets that wait to be applied."),
    gauge("mysql_galera_send_queue", "wsrep_local_send_queue", "Write sets that wait to be sent."),
    Metric::counter(
        "mysql_galera_flow_control_paused_seconds_total",
        "seconds",
        "Time replication stood still because a node could not keep up.",
    )
    .from("wsrep_flow_control_paused_ns")
    .times(1e-9),
    counter(
        "mysql_galera_certification_failures_total",
        "wsrep_local_cert_failures",
        "Transactions rolled back because another node was faster.",
    ),
    counter(
        "mysql_galera_forced_aborts_total",
        "wsrep_local_bf_aborts",
        "Transactions ended because one from another node came.",
    ),
    // Statements.
    Metric::counter(
        "mysql_statement_calls_total",
        "",
        "Calls of one of the 30 statements that took most time; literals are taken out of its text.",
    )
    .by(STATEMENT),
    Metric::counter("mysql_statement_seconds_total", "seconds", "Time a statement took.")
        .by(STATEMENT)
        .times(PICO),
    Metric::counter(
        "mysql_statement_lock_seconds_total",
        "seconds",
        "Time a statement waited for locks of tables.",
    )
    .by(STATEMENT)
    .times(PICO),
    Metric::counter("mysql_statement_errors_total", "", "Calls of a statement that failed.").by(STATEMENT),
    Metric::counter("mysql_statement_rows_total", "", "Rows a statement gave.").by(STATEMENT),
    Metric::counter("mysql_statement_rows_affected_total", "", "Rows a statement changed.").by(STATEMENT),
    Metric::counter("mysql_statement_rows_examined_total", "", "Rows a statement looked at.").by(STATEMENT),
    Metric::counter("mysql_statement_disk_tables_total", "", "Temporary tables on disk a statement made.")
        .by(STATEMENT),
    Metric::counter("mysql_statement_no_index_total", "", "Calls of a statement that used no index.")
        .by(STATEMENT),
    // Sizes.
    Metric::gauge("mysql_database_tables", "", "Tables of a database; the 50 largest.").by(DATABASE).slow(),
    Metric::gauge("mysql_database_data_bytes", "bytes", "Size of its data.").by(DATABASE).slow(),
    Metric::gauge("mysql_database_index_bytes", "bytes", "Size of its indexes.").by(DATABASE).slow(),
    Metric::gauge("mysql_database_free_bytes", "bytes", "Space within its files that is free.")
        .by(DATABASE)
        .slow(),
    Metric::gauge("mysql_table_data_bytes", "bytes", "Size of the data of one of the 20 largest tables.")
        .by(TABLE)
        .slow(),
    Metric::gauge("mysql_table_index_bytes", "bytes", "Size of its indexes.").by(TABLE).slow(),
    Metric::gauge("mysql_table_free_bytes", "bytes", "Space within its file that is free.").by(TABLE).slow(),
    Metric::gauge("mysql_table_rows", "", "Its rows, estimated.").by(TABLE).slow(),
    Metric::gauge("mysql_tables_crashed", "", "Tables marked as crashed (MariaDB).").slow(),
];
