//! What PostgreSQL says.

use super::super::Metric;

const fn gauge(name: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help)
}

const fn bytes(name: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "bytes", help)
}

const fn seconds(name: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "seconds", help)
}

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help)
}

const fn counter_bytes(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "bytes", help)
}

/// Time that the server counts in milliseconds.
const fn counter_ms(name: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "seconds", help).times(1e-3)
}

const DATABASE: &[&str] = &["database"];
const REPLICA: &[&str] = &["replica", "address"];
const SLOT: &[&str] = &["slot"];
const STATEMENT: &[&str] = &["database", "user", "queryid", "query"];
const TABLE: &[&str] = &["database", "schema", "table"];
const IO: &[&str] = &["backend", "context"];

pub(super) static METRICS: [Metric; 121] = [
    gauge("postgresql_info", "Always 1; the label tells.").by(&["version"]),
    seconds("postgresql_uptime_seconds", "Time since the server started."),
    gauge("postgresql_in_recovery", "1 on a standby, 0 on a primary."),
    seconds("postgresql_settings_loaded_time_seconds", "When the settings were read last, as Unix time."),
    gauge("postgresql_settings_pending_restart", "Settings that were changed and wait for a restart.").slow(),
    gauge("postgresql_connections_limit", "Most connections the server takes."),
    gauge("postgresql_connections_reserved", "Those of them that only superusers get."),
    gauge("postgresql_freeze_age_limit", "Age of transactions at which a table is vacuumed in any case."),
    gauge("postgresql_autovacuum_workers_limit", "Most workers of autovacuum."),
    bytes("postgresql_shared_buffers_bytes", "Size of the shared buffers."),
    // Databases.
    gauge("postgresql_database_connections", "Connections to a database.").by(DATABASE),
    gauge("postgresql_database_connections_limit", "Most connections to a database, where that is limited.").by(DATABASE),
    counter("postgresql_commits_total", "Transactions committed.").by(DATABASE),
    counter("postgresql_rollbacks_total", "Transactions rolled back.").by(DATABASE),
    counter("postgresql_blocks_read_total", "Blocks read from disk or the system's cache.").by(DATABASE),
    counter("postgresql_blocks_hit_total", "Blocks found in the shared buffers.").by(DATABASE),
    counter("postgresql_rows_returned_total", "Rows read by scans.").by(DATABASE),
    counter("postgresql_rows_fetched_total", "Rows fetched by way of an index.").by(DATABASE),
    counter("postgresql_rows_inserted_total", "Rows inserted.").by(DATABASE),
    counter("postgresql_rows_updated_total", "Rows updated.").by(DATABASE),
    counter("postgresql_rows_deleted_total", "Rows deleted.").by(DATABASE),
    counter("postgresql_conflicts_total", "Queries cancelled on a standby because they stood in the way of recovery.").by(DATABASE),
    counter("postgresql_temporary_files_total", "Temporary files: sorts and hashes that did not fit into work_mem.").by(DATABASE),
    counter_bytes("postgresql_temporary_bytes_total", "Bytes written to temporary files.").by(DATABASE),
    counter("postgresql_deadlocks_total", "Deadlocks.").by(DATABASE),
    counter("postgresql_checksum_failures_total", "Pages whose checksum was wrong: the storage lies.").by(DATABASE),
    counter_ms("postgresql_block_read_seconds_total", "Time spent reading blocks (with track_io_timing).").by(DATABASE),
    counter_ms("postgresql_block_write_seconds_total", "Time spent writing blocks (with track_io_timing).").by(DATABASE),
    gauge("postgresql_database_transaction_age", "Age of the oldest transaction a database has not frozen; at two thousand million it stops taking writes.").by(DATABASE),
    gauge("postgresql_database_multixact_age", "The same for multixacts.").by(DATABASE),
    counter_ms("postgresql_session_seconds_total", "Time sessions lasted, ended ones and those that changed state.").by(DATABASE),
    counter_ms("postgresql_session_active_seconds_total", "Time sessions ran statements.").by(DATABASE),
    counter_ms("postgresql_session_idle_in_transaction_seconds_total", "Time sessions were idle in a transaction.").by(DATABASE),
    counter("postgresql_sessions_total", "Sessions begun.").by(DATABASE),
    counter("postgresql_sessions_abandoned_total", "Sessions whose client went away without a word.").by(DATABASE),
    counter("postgresql_sessions_failed_total", "Sessions ended by an error.").by(DATABASE),
    counter("postgresql_sessions_killed_total", "Sessions ended by an administrator.").by(DATABASE),
    bytes("postgresql_database_size_bytes", "Size of a database on disk.").by(DATABASE).slow(),
    bytes("postgresql_tablespace_size_bytes", "Size of a tablespace on disk.").by(&["tablespace"]).slow(),
    // Connections and locks.
    gauge("postgresql_connections", "Connections of clients by database and state.").by(&["database", "state"]),
    seconds("postgresql_transaction_longest_seconds", "Age of the oldest transaction among them.").by(&["database", "state"]),
    seconds("postgresql_query_longest_seconds", "How long the slowest statement that runs has run.").by(&["database", "state"]),
    gauge("postgresql_user_connections", "Connections by user; the 30 with most.").by(&["user"]),
    gauge("postgresql_waiting", "Active sessions by what they wait for.").by(&["type", "event"]),
    gauge("postgresql_blocked", "Sessions that wait for a lock."),
    seconds("postgresql_blocked_longest_seconds", "How long the statement of the one that waits longest has run."),
    gauge("postgresql_locks", "Locks by mode, held and wanted.").by(&["mode", "state"]),
    gauge("postgresql_prepared_transactions", "Transactions prepared for a two-phase commit and not finished."),
    seconds("postgresql_prepared_transaction_oldest_seconds", "Age of the oldest of them; forgotten ones hold up vacuum."),
    // Vacuum.
    gauge("postgresql_autovacuum_workers", "Workers of autovacuum that run; at the limit vacuum cannot keep up."),
    gauge("postgresql_vacuums_running", "Vacuums that run, by hand ones included."),
    gauge("postgresql_oldest_needed_transaction_age", "Age of the oldest transaction a session, a slot or a prepared transaction still needs; vacuum cannot clean behind it."),
    // Checkpoints and the background writer.
    counter("postgresql_checkpoints_timed_total", "Checkpoints because the time had come."),
    counter("postgresql_checkpoints_requested_total", "Checkpoints because there was too much WAL, or on demand."),
    counter_ms("postgresql_checkpoint_write_seconds_total", "Time checkpoints spent writing."),
    counter_ms("postgresql_checkpoint_sync_seconds_total", "Time checkpoints spent in fsync."),
    counter("postgresql_checkpoint_buffers_total", "Buffers checkpoints wrote."),
    counter("postgresql_backend_buffers_total", "Buffers sessions had to write themselves (before version 17)."),
    counter("postgresql_backend_syncs_total", "Times sessions had to call fsync themselves (before version 17)."),
    counter("postgresql_writer_buffers_total", "Buffers the background writer wrote."),
    counter("postgresql_writer_capped_total", "Times the background writer stopped because it had written enough for a round."),
    counter("postgresql_buffers_allocated_total", "Buffers allocated."),
    counter("postgresql_io_reads_total", "Reads by kind of process and context (from version 16).").by(IO),
    counter("postgresql_io_writes_total", "Writes by kind of process and context (from version 16).").by(IO),
    counter("postgresql_io_extends_total", "Extensions of relations by kind of process and context (from version 16).").by(IO),
    counter("postgresql_io_hits_total", "Blocks found in buffers by kind of process and context (from version 16).").by(IO),
    counter("postgresql_io_evictions_total", "Blocks thrown out of buffers by kind of process and context (from version 16).").by(IO),
    counter("postgresql_io_syncs_total", "Calls of fsync by kind of process and context (from version 16).").by(IO),
    // WAL and archive.
    counter_bytes("postgresql_wal_bytes_total", "Bytes of WAL written, on a standby received, since the cluster was made."),
    counter("postgresql_wal_records_total", "Records of WAL."),
    counter("postgresql_wal_full_pages_total", "Whole pages in the WAL: the first change after a checkpoint."),
    counter("postgresql_wal_buffers_full_total", "Times WAL was written because its buffers were full."),
    counter_ms("postgresql_wal_write_seconds_total", "Time spent writing WAL (with track_wal_io_timing, before version 18)."),
    counter_ms("postgresql_wal_sync_seconds_total", "Time spent in fsync of WAL (with track_wal_io_timing, before version 18)."),
    gauge("postgresql_wal_files", "Files of WAL on disk.").slow(),
    bytes("postgresql_wal_files_bytes", "Their size.").slow(),
    counter("postgresql_archived_total", "Files of WAL archived."),
    counter("postgresql_archive_failures_total", "Tries to archive that failed."),
    seconds("postgresql_archive_last_time_seconds", "When the last file was archived, as Unix time."),
    gauge("postgresql_archive_failing", "1 when the last try to archive failed."),
    // Replication.
    gauge("postgresql_replica_streaming", "1 when a replica streams, 0 while it catches up.").by(REPLICA),
    bytes("postgresql_replica_send_lag_bytes", "WAL not yet sent to a replica.").by(REPLICA),
    bytes("postgresql_replica_flush_lag_bytes", "WAL a replica has not yet on disk.").by(REPLICA),
    bytes("postgresql_replica_replay_lag_bytes", "WAL a replica has not yet applied.").by(REPLICA),
    seconds("postgresql_replica_write_lag_seconds", "Time until a replica had written what was committed here last.").by(REPLICA),
    seconds("postgresql_replica_flush_lag_seconds", "Time until it was on the replica's disk.").by(REPLICA),
    seconds("postgresql_replica_replay_lag_seconds", "Time until it could be seen there.").by(REPLICA),
    seconds("postgresql_standby_lag_seconds", "On a standby: age of the last transaction applied; 0 when there is nothing to apply."),
    bytes("postgresql_standby_replay_lag_bytes", "On a standby: WAL received and not yet applied."),
    gauge("postgresql_standby_streaming", "On a standby: 1 when it streams from its primary."),
    gauge("postgresql_slot_active", "1 when somebody reads a replication slot.").by(SLOT),
    bytes("postgresql_slot_retained_bytes", "WAL kept for a slot; one that nobody reads fills the disk.").by(SLOT),
    gauge("postgresql_slot_losing", "1 when WAL a slot needs is or will soon be removed.").by(SLOT),
    bytes("postgresql_slot_safe_bytes", "WAL that may still be written before a slot loses some (with max_slot_wal_keep_size).").by(SLOT),
    // Statements.
    counter("postgresql_statement_calls_total", "Calls of one of the 30 statements that took most time; literals are taken out of its text.").by(STATEMENT),
    counter_ms("postgresql_statement_seconds_total", "Time a statement took.").by(STATEMENT),
    counter("postgresql_statement_rows_total", "Rows a statement gave or changed.").by(STATEMENT),
    counter("postgresql_statement_blocks_hit_total", "Blocks a statement found in the shared buffers.").by(STATEMENT),
    counter("postgresql_statement_blocks_read_total", "Blocks a statement read.").by(STATEMENT),
    counter("postgresql_statement_temporary_blocks_total", "Blocks a statement wrote to temporary files.").by(STATEMENT),
    counter_ms("postgresql_statement_io_seconds_total", "Time a statement spent reading and writing blocks (with track_io_timing).").by(STATEMENT),
    // Tables and indexes.
    bytes("postgresql_table_size_bytes", "Size of one of the 20 largest tables of a database, with indexes and TOAST.").by(TABLE).slow(),
    bytes("postgresql_table_indexes_bytes", "Size of a table's indexes.").by(TABLE).slow(),
    gauge("postgresql_table_rows_live", "Rows of a table, estimated.").by(TABLE).slow(),
    gauge("postgresql_table_rows_dead", "Dead rows of a table, estimated: bloat until vacuum comes.").by(TABLE).slow(),
    counter("postgresql_table_sequential_scans_total", "Scans of a whole table.").by(TABLE).slow(),
    counter("postgresql_table_sequential_rows_total", "Rows read by scans of a whole table.").by(TABLE).slow(),
    counter("postgresql_table_index_scans_total", "Scans of a table by way of an index.").by(TABLE).slow(),
    counter("postgresql_table_rows_inserted_total", "Rows inserted into a table.").by(TABLE).slow(),
    counter("postgresql_table_rows_updated_total", "Rows of a table updated.").by(TABLE).slow(),
    counter("postgresql_table_rows_updated_in_page_total", "Those whose new version found room in the same page, so that no index changed.").by(TABLE).slow(),
    counter("postgresql_table_rows_deleted_total", "Rows of a table deleted.").by(TABLE).slow(),
    seconds("postgresql_table_vacuumed_time_seconds", "When a table was vacuumed last, as Unix time.").by(TABLE).slow(),
    seconds("postgresql_table_analyzed_time_seconds", "When a table was analyzed last, as Unix time.").by(TABLE).slow(),
    gauge("postgresql_table_transaction_age", "Age of the oldest transaction a table has not frozen.").by(TABLE).slow(),
    gauge("postgresql_tables", "Tables of a database.").by(DATABASE).slow(),
    gauge("postgresql_rows_live", "Rows of all tables of a database, estimated.").by(DATABASE).slow(),
    gauge("postgresql_rows_dead", "Dead rows of all tables of a database, estimated.").by(DATABASE).slow(),
    gauge("postgresql_indexes_unused", "Indexes of a database no query ever used, unique ones left out.").by(DATABASE).slow(),
    bytes("postgresql_indexes_unused_bytes", "Their size.").by(DATABASE).slow(),
    gauge("postgresql_indexes_invalid", "Indexes that are invalid: a CREATE INDEX CONCURRENTLY that failed leaves one.").by(DATABASE).slow(),
];
