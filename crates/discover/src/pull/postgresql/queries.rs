//! What PostgreSQL is asked. Columns are called as the metrics are, after those of the labels.

/// A query for a range of versions.
#[derive(Debug)]
pub(super) struct Query {
    /// From this `server_version_num` on.
    since: u32,
    /// And before this one.
    before: u32,
    is_slow: bool,
    /// Whether it is asked in every database.
    pub(super) is_per_database: bool,
    sql: &'static str,
}

impl Query {
    /// The text for a server; `None` when it is not to be asked. `statements` are version and schema of the extension.
    pub(super) fn sql(
        &self,
        version: u32,
        statements: Option<&(u32, String)>,
        is_full: bool,
    ) -> Option<String> {
        let is_its = (self.since..self.before).contains(&version) && (is_full || !self.is_slow);
        if !is_its {
            return None;
        }
        if !self.sql.contains("{statements}") {
            return Some(self.sql.to_owned());
        }
        let (extension, schema) = statements?;
        // The columns were renamed when planning got times of its own, and those of blocks when local ones did.
        let time = if *extension >= 108 { "total_exec_time" } else { "total_time" };
        let [read, write] = if *extension >= 111 {
            ["shared_blk_read_time", "shared_blk_write_time"]
        } else {
            ["blk_read_time", "blk_write_time"]
        };
        let sql = self.sql.replace("{statements}", &format!("{schema}.pg_stat_statements"));
        Some(sql.replace("{time}", time).replace("{read}", read).replace("{write}", write))
    }
}

const ALL: u32 = u32::MAX;

const fn query(since: u32, before: u32, sql: &'static str) -> Query {
    Query { since, before, is_slow: false, is_per_database: false, sql }
}

const fn slow(since: u32, before: u32, sql: &'static str) -> Query {
    Query { is_slow: true, ..query(since, before, sql) }
}

const fn per_database(since: u32, before: u32, sql: &'static str) -> Query {
    Query { is_per_database: true, ..slow(since, before, sql) }
}

/// All queries.
pub(super) static QUERIES: &[Query] = &[
    // The server.
    query(0, ALL, "SELECT current_setting('server_version') AS version, 1 AS postgresql_info"),
    query(
        0,
        ALL,
        "SELECT extract(epoch FROM now() - pg_postmaster_start_time()) AS postgresql_uptime_seconds, \
         pg_is_in_recovery() AS postgresql_in_recovery, \
         extract(epoch FROM pg_conf_load_time()) AS postgresql_settings_loaded_time_seconds, \
         current_setting('max_connections') AS postgresql_connections_limit, \
         current_setting('superuser_reserved_connections') AS postgresql_connections_reserved, \
         current_setting('autovacuum_freeze_max_age') AS postgresql_freeze_age_limit, \
         current_setting('autovacuum_max_workers') AS postgresql_autovacuum_workers_limit",
    ),
    query(
        0,
        ALL,
        "SELECT setting::float8 * 8192 AS postgresql_shared_buffers_bytes FROM pg_settings WHERE name = 'shared_buffers'",
    ),
    slow(
        90_500,
        ALL,
        "SELECT count(*) AS postgresql_settings_pending_restart FROM pg_settings WHERE pending_restart",
    ),
    // Databases.
    query(
        0,
        ALL,
        "SELECT s.datname AS database, numbackends AS postgresql_database_connections, \
         CASE WHEN datconnlimit >= 0 THEN datconnlimit END AS postgresql_database_connections_limit, \
         xact_commit AS postgresql_commits_total, xact_rollback AS postgresql_rollbacks_total, \
         blks_read AS postgresql_blocks_read_total, blks_hit AS postgresql_blocks_hit_total, \
         tup_returned AS postgresql_rows_returned_total, tup_fetched AS postgresql_rows_fetched_total, \
         tup_inserted AS postgresql_rows_inserted_total, tup_updated AS postgresql_rows_updated_total, \
         tup_deleted AS postgresql_rows_deleted_total, s.conflicts AS postgresql_conflicts_total, \
         temp_files AS postgresql_temporary_files_total, temp_bytes AS postgresql_temporary_bytes_total, \
         deadlocks AS postgresql_deadlocks_total, blk_read_time AS postgresql_block_read_seconds_total, \
         blk_write_time AS postgresql_block_write_seconds_total, \
         age(datfrozenxid) AS postgresql_database_transaction_age, mxid_age(datminmxid) AS postgresql_database_multixact_age \
         FROM pg_stat_database s JOIN pg_database d ON d.oid = s.datid WHERE datallowconn",
    ),
    query(
        120_000,
        ALL,
        "SELECT s.datname AS database, checksum_failures AS postgresql_checksum_failures_total \
         FROM pg_stat_database s JOIN pg_database d ON d.oid = s.datid WHERE datallowconn",
    ),
    query(
        140_000,
        ALL,
        "SELECT s.datname AS database, session_time AS postgresql_session_seconds_total, \
         active_time AS postgresql_session_active_seconds_total, \
         idle_in_transaction_time AS postgresql_session_idle_in_transaction_seconds_total, \
         sessions AS postgresql_sessions_total, sessions_abandoned AS postgresql_sessions_abandoned_total, \
         sessions_fatal AS postgresql_sessions_failed_total, sessions_killed AS postgresql_sessions_killed_total \
         FROM pg_stat_database s JOIN pg_database d ON d.oid = s.datid WHERE datallowconn",
    ),
    slow(
        0,
        ALL,
        "SELECT datname AS database, pg_database_size(oid) AS postgresql_database_size_bytes FROM pg_database \
         WHERE datallowconn AND (has_database_privilege(oid, 'CONNECT') OR pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'))",
    ),
    slow(
        0,
        ALL,
        "SELECT spcname AS tablespace, pg_tablespace_size(oid) AS postgresql_tablespace_size_bytes FROM pg_tablespace \
         WHERE spcname <> 'pg_global' AND (has_tablespace_privilege(oid, 'CREATE') OR pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') \
         OR spcname = 'pg_default')",
    ),
    // Connections: by state, and what they wait for.
    query(
        0,
        ALL,
        "SELECT coalesce(datname, '') AS database, coalesce(state, 'unknown') AS state, \
         count(*) AS postgresql_connections, \
         max(extract(epoch FROM clock_timestamp() - xact_start)) AS postgresql_transaction_longest_seconds, \
         max(CASE WHEN state = 'active' THEN extract(epoch FROM clock_timestamp() - query_start) END) AS postgresql_query_longest_seconds \
         FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL GROUP BY 1, 2",
    ),
    query(
        0,
        ALL,
        "SELECT coalesce(usename, '') AS user, count(*) AS postgresql_user_connections FROM pg_stat_activity \
         WHERE datname IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 30",
    ),
    query(
        90_600,
        ALL,
        "SELECT wait_event_type AS type, wait_event AS event, count(*) AS postgresql_waiting FROM pg_stat_activity \
         WHERE wait_event IS NOT NULL AND state = 'active' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 50",
    ),
    query(
        90_600,
        ALL,
        "SELECT count(*) AS postgresql_blocked, \
         coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0) AS postgresql_blocked_longest_seconds \
         FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    ),
    query(
        0,
        ALL,
        "SELECT mode, CASE WHEN granted THEN 'held' ELSE 'wanted' END AS state, count(*) AS postgresql_locks FROM pg_locks \
         WHERE pid IS DISTINCT FROM pg_backend_pid() GROUP BY 1, 2",
    ),
    query(
        0,
        ALL,
        "SELECT count(*) AS postgresql_prepared_transactions, \
         coalesce(max(extract(epoch FROM clock_timestamp() - prepared)), 0) AS postgresql_prepared_transaction_oldest_seconds \
         FROM pg_prepared_xacts",
    ),
    // Vacuum.
    query(
        100_000,
        ALL,
        "SELECT count(*) AS postgresql_autovacuum_workers FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'",
    ),
    query(
        0,
        100_000,
        "SELECT count(*) AS postgresql_autovacuum_workers FROM pg_stat_activity WHERE query LIKE 'autovacuum: %'",
    ),
    query(
        90_600,
        ALL,
        "SELECT coalesce(max(age), 0) AS postgresql_oldest_needed_transaction_age FROM (\
         SELECT age(backend_xmin) AS age FROM pg_stat_activity WHERE pid <> pg_backend_pid() UNION ALL \
         SELECT greatest(age(xmin), age(catalog_xmin)) FROM pg_replication_slots UNION ALL \
         SELECT age(transaction) FROM pg_prepared_xacts) AS holders",
    ),
    query(90_600, ALL, "SELECT count(*) AS postgresql_vacuums_running FROM pg_stat_progress_vacuum"),
    // Checkpoints and the background writer.
    query(
        0,
        170_000,
        "SELECT checkpoints_timed AS postgresql_checkpoints_timed_total, checkpoints_req AS postgresql_checkpoints_requested_total, \
         checkpoint_write_time AS postgresql_checkpoint_write_seconds_total, \
         checkpoint_sync_time AS postgresql_checkpoint_sync_seconds_total, \
         buffers_checkpoint AS postgresql_checkpoint_buffers_total, \
         buffers_backend AS postgresql_backend_buffers_total, buffers_backend_fsync AS postgresql_backend_syncs_total \
         FROM pg_stat_bgwriter",
    ),
    query(
        170_000,
        ALL,
        "SELECT num_timed AS postgresql_checkpoints_timed_total, num_requested AS postgresql_checkpoints_requested_total, \
         write_time AS postgresql_checkpoint_write_seconds_total, sync_time AS postgresql_checkpoint_sync_seconds_total, \
         buffers_written AS postgresql_checkpoint_buffers_total FROM pg_stat_checkpointer",
    ),
    query(
        0,
        ALL,
        "SELECT buffers_clean AS postgresql_writer_buffers_total, maxwritten_clean AS postgresql_writer_capped_total, \
         buffers_alloc AS postgresql_buffers_allocated_total FROM pg_stat_bgwriter",
    ),
    query(
        160_000,
        ALL,
        "SELECT backend_type AS backend, context, sum(reads) AS postgresql_io_reads_total, \
         sum(writes) AS postgresql_io_writes_total, sum(extends) AS postgresql_io_extends_total, \
         sum(hits) AS postgresql_io_hits_total, sum(evictions) AS postgresql_io_evictions_total, \
         sum(fsyncs) AS postgresql_io_syncs_total FROM pg_stat_io GROUP BY 1, 2 \
         HAVING coalesce(sum(reads), 0) + coalesce(sum(writes), 0) + coalesce(sum(extends), 0) + coalesce(sum(hits), 0) > 0",
    ),
    // WAL and archive.
    query(
        90_600,
        100_000,
        "SELECT CASE WHEN pg_is_in_recovery() THEN pg_xlog_location_diff(pg_last_xlog_receive_location(), '0/0') \
         ELSE pg_xlog_location_diff(pg_current_xlog_location(), '0/0') END AS postgresql_wal_bytes_total",
    ),
    query(
        100_000,
        ALL,
        "SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0') \
         ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') END AS postgresql_wal_bytes_total",
    ),
    query(
        140_000,
        ALL,
        "SELECT wal_records AS postgresql_wal_records_total, wal_fpi AS postgresql_wal_full_pages_total, \
         wal_buffers_full AS postgresql_wal_buffers_full_total FROM pg_stat_wal",
    ),
    query(
        140_000,
        180_000,
        "SELECT wal_write_time AS postgresql_wal_write_seconds_total, wal_sync_time AS postgresql_wal_sync_seconds_total \
         FROM pg_stat_wal",
    ),
    slow(
        100_000,
        ALL,
        "SELECT count(*) AS postgresql_wal_files, sum(size) AS postgresql_wal_files_bytes FROM pg_ls_waldir()",
    ),
    query(
        0,
        ALL,
        "SELECT archived_count AS postgresql_archived_total, failed_count AS postgresql_archive_failures_total, \
         extract(epoch FROM last_archived_time) AS postgresql_archive_last_time_seconds, \
         last_failed_time > coalesce(last_archived_time, '-infinity') AS postgresql_archive_failing FROM pg_stat_archiver \
         WHERE current_setting('archive_mode') <> 'off'",
    ),
    // Replication, as the one who sends sees it.
    query(
        90_600,
        100_000,
        "SELECT application_name AS replica, coalesce(host(client_addr), 'local') AS address, \
         max((state = 'streaming')::int) AS postgresql_replica_streaming, \
         max(pg_xlog_location_diff(pg_current_xlog_location(), sent_location)) AS postgresql_replica_send_lag_bytes, \
         max(pg_xlog_location_diff(pg_current_xlog_location(), flush_location)) AS postgresql_replica_flush_lag_bytes, \
         max(pg_xlog_location_diff(pg_current_xlog_location(), replay_location)) AS postgresql_replica_replay_lag_bytes \
         FROM pg_stat_replication WHERE NOT pg_is_in_recovery() GROUP BY 1, 2",
    ),
    query(
        100_000,
        ALL,
        "SELECT application_name AS replica, coalesce(host(client_addr), 'local') AS address, \
         max((state = 'streaming')::int) AS postgresql_replica_streaming, \
         max(pg_wal_lsn_diff(lsn, sent_lsn)) AS postgresql_replica_send_lag_bytes, \
         max(pg_wal_lsn_diff(lsn, flush_lsn)) AS postgresql_replica_flush_lag_bytes, \
         max(pg_wal_lsn_diff(lsn, replay_lsn)) AS postgresql_replica_replay_lag_bytes, \
         max(extract(epoch FROM write_lag)) AS postgresql_replica_write_lag_seconds, \
         max(extract(epoch FROM flush_lag)) AS postgresql_replica_flush_lag_seconds, \
         max(extract(epoch FROM replay_lag)) AS postgresql_replica_replay_lag_seconds \
         FROM pg_stat_replication, (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() \
         ELSE pg_current_wal_lsn() END AS lsn) AS here GROUP BY 1, 2",
    ),
    // And as the one who receives does.
    query(
        90_600,
        100_000,
        "SELECT CASE WHEN pg_last_xlog_receive_location() = pg_last_xlog_replay_location() THEN 0 \
         ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END AS postgresql_standby_lag_seconds, \
         pg_xlog_location_diff(pg_last_xlog_receive_location(), pg_last_xlog_replay_location()) AS postgresql_standby_replay_lag_bytes, \
         (SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming') AS postgresql_standby_streaming \
         WHERE pg_is_in_recovery()",
    ),
    query(
        100_000,
        ALL,
        "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 \
         ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END AS postgresql_standby_lag_seconds, \
         pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) AS postgresql_standby_replay_lag_bytes, \
         (SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming') AS postgresql_standby_streaming \
         WHERE pg_is_in_recovery()",
    ),
    query(
        90_600,
        100_000,
        "SELECT slot_name AS slot, active AS postgresql_slot_active, \
         pg_xlog_location_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_xlog_receive_location() \
         ELSE pg_current_xlog_location() END, restart_lsn) AS postgresql_slot_retained_bytes FROM pg_replication_slots",
    ),
    query(
        100_000,
        ALL,
        "SELECT slot_name AS slot, active AS postgresql_slot_active, \
         pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() \
         ELSE pg_current_wal_lsn() END, restart_lsn) AS postgresql_slot_retained_bytes FROM pg_replication_slots",
    ),
    query(
        130_000,
        ALL,
        "SELECT slot_name AS slot, (wal_status IN ('unreserved', 'lost'))::int AS postgresql_slot_losing, \
         safe_wal_size AS postgresql_slot_safe_bytes FROM pg_replication_slots",
    ),
    // Statements. Passwords stand in the text of those that set them, so these are left out; so are ours.
    query(
        0,
        ALL,
        "SELECT coalesce(d.datname, '') AS database, coalesce(r.rolname, '') AS user, s.queryid AS queryid, \
         left(regexp_replace(min(s.query), '\\s+', ' ', 'g'), 200) AS query, \
         sum(s.calls) AS postgresql_statement_calls_total, sum(s.{time}) AS postgresql_statement_seconds_total, \
         sum(s.rows) AS postgresql_statement_rows_total, sum(s.shared_blks_hit) AS postgresql_statement_blocks_hit_total, \
         sum(s.shared_blks_read) AS postgresql_statement_blocks_read_total, \
         sum(s.temp_blks_written) AS postgresql_statement_temporary_blocks_total, \
         sum(s.{read} + s.{write}) AS postgresql_statement_io_seconds_total \
         FROM {statements} s LEFT JOIN pg_database d ON d.oid = s.dbid LEFT JOIN pg_roles r ON r.oid = s.userid \
         WHERE s.queryid IS NOT NULL AND s.query NOT LIKE '%/* windhover */%' \
         AND s.query !~* '^\\s*set\\M|(create|alter)\\s+(role|user|group|server|subscription)' GROUP BY 1, 2, 3 ORDER BY sum(s.{time}) DESC LIMIT 30",
    ),
    // Tables and indexes of every database. Asking for the size of a table that is locked would wait for the lock.
    per_database(
        0,
        ALL,
        "SELECT current_database() AS database, s.schemaname AS schema, s.relname AS table, \
         pg_total_relation_size(relid) AS postgresql_table_size_bytes, \
         pg_indexes_size(relid) AS postgresql_table_indexes_bytes, \
         n_live_tup AS postgresql_table_rows_live, n_dead_tup AS postgresql_table_rows_dead, \
         seq_scan AS postgresql_table_sequential_scans_total, seq_tup_read AS postgresql_table_sequential_rows_total, \
         idx_scan AS postgresql_table_index_scans_total, \
         n_tup_ins AS postgresql_table_rows_inserted_total, n_tup_upd AS postgresql_table_rows_updated_total, \
         n_tup_hot_upd AS postgresql_table_rows_updated_in_page_total, n_tup_del AS postgresql_table_rows_deleted_total, \
         extract(epoch FROM greatest(last_vacuum, last_autovacuum)) AS postgresql_table_vacuumed_time_seconds, \
         extract(epoch FROM greatest(last_analyze, last_autoanalyze)) AS postgresql_table_analyzed_time_seconds, \
         age(c.relfrozenxid) AS postgresql_table_transaction_age \
         FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid \
         WHERE NOT EXISTS (SELECT 1 FROM pg_locks l WHERE l.relation = s.relid AND l.mode = 'AccessExclusiveLock' AND l.granted) \
         ORDER BY c.relpages DESC LIMIT 20",
    ),
    per_database(
        0,
        ALL,
        "SELECT current_database() AS database, coalesce(sum(n_dead_tup), 0) AS postgresql_rows_dead, \
         coalesce(sum(n_live_tup), 0) AS postgresql_rows_live, count(*) AS postgresql_tables FROM pg_stat_user_tables",
    ),
    per_database(
        0,
        ALL,
        "SELECT current_database() AS database, count(*) AS postgresql_indexes_unused, \
         coalesce(sum(pg_relation_size(s.indexrelid)), 0) AS postgresql_indexes_unused_bytes \
         FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid) WHERE idx_scan = 0 AND NOT indisunique \
         AND NOT EXISTS (SELECT 1 FROM pg_locks l WHERE l.relation IN (s.indexrelid, s.relid) AND l.mode = 'AccessExclusiveLock' AND l.granted)",
    ),
    per_database(
        0,
        ALL,
        "SELECT current_database() AS database, count(*) AS postgresql_indexes_invalid FROM pg_index WHERE NOT indisvalid",
    ),
];
