//! What MySQL shows: `SHOW GLOBAL STATUS`, `SHOW GLOBAL VARIABLES`, replication, binary logs.

use super::super::ask::{Ask, number};
use super::super::sql::Table;
use super::metrics::{METRICS, metric};

/// Settings that are numbers next to those of the status.
pub(super) const VARIABLES: [&str; 14] = [
    "version",
    "version_comment",
    "max_connections",
    "open_files_limit",
    "table_open_cache",
    "thread_cache_size",
    "max_prepared_stmt_count",
    "innodb_buffer_pool_size",
    "innodb_redo_log_capacity",
    "innodb_log_file_size",
    "key_buffer_size",
    "read_only",
    "log_bin",
    "long_query_time",
];

/// Families of the status whose rest of the name is a label: what it begins with, and the metric.
const FAMILIES: [(&str, &str); 3] = [
    ("Com_", "mysql_commands_total"),
    ("Handler_", "mysql_handler_calls_total"),
    ("Connection_errors_", "mysql_connection_errors_total"),
];

/// Rows of name and value.
fn pairs(table: &Table) -> impl Iterator<Item = (&str, &str)> {
    table.rows.iter().filter_map(|row| match row.as_slice() {
        [Some(name), Some(value), ..] => Some((name.as_str(), value.as_str())),
        _ => None,
    })
}

/// The status. Commands and handlers never used are left out: there are a hundred and fifty.
pub(super) fn read(table: &Table, ask: &mut Ask<'_>) {
    for (name, value) in pairs(table) {
        if let Some((prefix, of)) = FAMILIES.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            let value = number(value).filter(|value| *value > 0.0);
            ask.push_some(metric(of), &[&name[prefix.len()..].to_lowercase()], value);
            continue;
        }
        let value = match value {
            "ON" | "Yes" | "Primary" | "Connected" => Some(1.0),
            "OFF" | "No" | "non-Primary" | "Disconnected" => Some(0.0),
            value => number(value),
        };
        if let Some(value) = value {
            ask.tell(&METRICS, name, &[], value);
        }
    }
}

/// The settings; gives whether a binary log is written.
pub(super) fn variables(table: &Table, ask: &mut Ask<'_>) -> bool {
    let field = |name: &str| pairs(table).find(|(known, _)| *known == name).map(|(_, value)| value);
    for (name, value) in pairs(table) {
        match value {
            "ON" => _ = ask.tell(&METRICS, name, &[], 1.0),
            "OFF" => _ = ask.tell(&METRICS, name, &[], 0.0),
            value => ask.tell_text(&METRICS, name, &[], value),
        }
    }
    let info = [field("version").unwrap_or_default(), field("version_comment").unwrap_or_default()];
    ask.push(metric("mysql_info"), &info, 1.0);
    field("log_bin") == Some("ON")
}

/// A row for each connection to a master. Columns were renamed from slave to replica, and from master to source.
pub(super) fn replication(table: &Table, ask: &mut Ask<'_>) {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|c| c.to_lowercase().replace("slave", "replica").replace("master", "source"))
        .collect();
    for row in &table.rows {
        let field = |name: &str| {
            let at = columns.iter().position(|column| column == name)?;
            row.get(at)?.as_deref()
        };
        let channel = &[field("channel_name").or(field("connection_name")).unwrap_or_default()];
        let is_yes = |name: &str| field(name).map(|value| f64::from(u8::from(value == "Yes")));
        ask.push_some(metric("mysql_replica_receiving"), channel, is_yes("replica_io_running"));
        ask.push_some(metric("mysql_replica_applying"), channel, is_yes("replica_sql_running"));
        let numbers = [
            ("mysql_replica_lag_seconds", "seconds_behind_source"),
            ("mysql_replica_delay_seconds", "sql_delay"),
            ("mysql_replica_relay_log_bytes", "relay_log_space"),
            ("mysql_replica_receive_error", "last_io_errno"),
            ("mysql_replica_apply_error", "last_sql_errno"),
        ];
        for (of, name) in numbers {
            ask.push_some(metric(of), channel, field(name).and_then(number));
        }
        let same_file =
            field("source_log_file").is_some() && field("source_log_file") == field("relay_source_log_file");
        let behind =
            field("read_source_log_pos").and_then(number).zip(field("exec_source_log_pos").and_then(number));
        let behind = behind.filter(|_| same_file).map(|(read, applied)| (read - applied).max(0.0));
        ask.push_some(metric("mysql_replica_lag_bytes"), channel, behind);
    }
}

/// Rows of name and size.
pub(super) fn binary_logs(table: &Table, ask: &mut Ask<'_>) {
    ask.push(metric("mysql_binary_logs"), &[], table.rows.len() as f64);
    ask.push(metric("mysql_binary_logs_bytes"), &[], pairs(table).filter_map(|(_, size)| number(size)).sum());
}
