//! What MySQL is asked in SQL. Columns are called as the metrics are, after those of the labels.

use super::Server;

/// Whom a query is for.
#[derive(Debug, PartialEq, Eq)]
enum For {
    All,
    Mariadb,
    Mysql,
}

/// A query.
#[derive(Debug)]
pub(super) struct Query {
    of: For,
    is_slow: bool,
    pub(super) sql: &'static str,
}

impl Query {
    pub(super) fn is_for(&self, server: Server, is_full: bool) -> bool {
        let is_its = match self.of {
            For::All => true,
            For::Mariadb => server.is_mariadb,
            For::Mysql => !server.is_mariadb,
        };
        is_its && (is_full || !self.is_slow)
    }
}

pub(super) static QUERIES: &[Query] = &[
    // Sessions.
    Query {
        of: For::All,
        is_slow: false,
        sql: "SELECT /* windhover */ LOWER(command) AS command, COUNT(*) AS mysql_sessions, \
              MAX(time) AS mysql_session_longest_seconds FROM information_schema.processlist \
              WHERE id <> CONNECTION_ID() GROUP BY 1",
    },
    Query {
        of: For::All,
        is_slow: false,
        sql: "SELECT /* windhover */ COALESCE(NULLIF(state, ''), 'none') AS state, COUNT(*) AS mysql_session_states \
              FROM information_schema.processlist WHERE command NOT IN ('Sleep', 'Daemon') AND id <> CONNECTION_ID() \
              GROUP BY 1 ORDER BY 2 DESC LIMIT 30",
    },
    Query {
        of: For::All,
        is_slow: false,
        sql: "SELECT /* windhover */ user AS user, COUNT(*) AS mysql_user_connections FROM information_schema.processlist \
              GROUP BY 1 ORDER BY 2 DESC LIMIT 30",
    },
    // Transactions.
    Query {
        of: For::All,
        is_slow: false,
        sql: "SELECT /* windhover */ COUNT(*) AS mysql_transactions, COALESCE(SUM(trx_state = 'LOCK WAIT'), 0) AS mysql_blocked, \
              COALESCE(MAX(TIMESTAMPDIFF(SECOND, trx_wait_started, NOW())), 0) AS mysql_blocked_longest_seconds, \
              COALESCE(MAX(TIMESTAMPDIFF(SECOND, trx_started, NOW())), 0) AS mysql_transaction_longest_seconds, \
              COALESCE(SUM(trx_rows_locked), 0) AS mysql_rows_locked FROM information_schema.innodb_trx",
    },
    Query {
        of: For::Mysql,
        is_slow: false,
        sql: "SELECT /* windhover */ MAX(IF(name = 'trx_rseg_history_len', count, NULL)) AS mysql_innodb_history_length, \
              MAX(IF(name = 'log_lsn_checkpoint_age', count, NULL)) AS mysql_innodb_checkpoint_age_bytes, \
              MAX(IF(name = 'lock_deadlocks' AND status = 'enabled', count, NULL)) AS mysql_innodb_deadlocks_total \
              FROM information_schema.innodb_metrics WHERE name IN ('trx_rseg_history_len', 'log_lsn_checkpoint_age', 'lock_deadlocks')",
    },
    Query {
        of: For::Mysql,
        is_slow: false,
        sql: "SELECT /* windhover */ LOWER(member_state) AS state, COUNT(*) AS mysql_group_members \
              FROM performance_schema.replication_group_members WHERE member_id <> '' GROUP BY 1",
    },
    // Statements.
    Query {
        of: For::All,
        is_slow: false,
        sql: "SELECT /* windhover */ COALESCE(schema_name, '') AS `database`, digest AS digest, \
              LEFT(MIN(digest_text), 200) AS query, SUM(count_star) AS mysql_statement_calls_total, \
              SUM(sum_timer_wait) AS mysql_statement_seconds_total, SUM(sum_lock_time) AS mysql_statement_lock_seconds_total, \
              SUM(sum_errors) AS mysql_statement_errors_total, SUM(sum_rows_sent) AS mysql_statement_rows_total, \
              SUM(sum_rows_affected) AS mysql_statement_rows_affected_total, \
              SUM(sum_rows_examined) AS mysql_statement_rows_examined_total, \
              SUM(sum_created_tmp_disk_tables) AS mysql_statement_disk_tables_total, \
              SUM(sum_no_index_used) AS mysql_statement_no_index_total \
              FROM performance_schema.events_statements_summary_by_digest WHERE digest IS NOT NULL \
              AND digest_text NOT LIKE '%AS `mysql\\_%' GROUP BY 1, 2 ORDER BY SUM(sum_timer_wait) DESC LIMIT 30",
    },
    // Sizes.
    Query {
        of: For::All,
        is_slow: true,
        sql: "SELECT /* windhover */ table_schema AS `database`, COUNT(*) AS mysql_database_tables, \
              SUM(data_length) AS mysql_database_data_bytes, SUM(index_length) AS mysql_database_index_bytes, \
              SUM(data_free) AS mysql_database_free_bytes FROM information_schema.tables WHERE table_type = 'BASE TABLE' \
              AND table_schema NOT IN ('information_schema', 'performance_schema', 'sys') GROUP BY 1 \
              ORDER BY SUM(data_length + index_length) DESC LIMIT 50",
    },
    Query {
        of: For::All,
        is_slow: true,
        sql: "SELECT /* windhover */ table_schema AS `database`, table_name AS `table`, \
              data_length AS mysql_table_data_bytes, index_length AS mysql_table_index_bytes, \
              data_free AS mysql_table_free_bytes, table_rows AS mysql_table_rows FROM information_schema.tables \
              WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('information_schema', 'performance_schema', 'sys', 'mysql') \
              ORDER BY data_length + index_length DESC LIMIT 20",
    },
    Query {
        of: For::Mariadb,
        is_slow: true,
        sql: "SELECT /* windhover */ COUNT(*) AS mysql_tables_crashed FROM information_schema.tables \
              WHERE table_comment LIKE '%marked as crashed%'",
    },
];
