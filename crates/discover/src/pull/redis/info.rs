//! The text of `INFO`: lines `name:value`, and `name:field=value,…` for what there is several of.

use super::metrics::{METRICS, metric};
use super::{Ask, number};

/// Most commands with series of their own; the others are added up as `other`.
const COMMANDS_MAX: usize = 48;

/// The commands that have series of their own. A command that has them keeps them: were it to move, the sum of the others
/// would shrink.
#[derive(Debug, Default)]
pub(super) struct Commands(Vec<String>);

impl Commands {
    /// Takes in the commands that took most time, as far as there is room.
    fn admit(&mut self, mut met: Vec<(&str, f64)>) {
        met.retain(|(name, _)| !self.has(name));
        met.sort_by(|a, b| b.1.total_cmp(&a.1));
        let room = COMMANDS_MAX.saturating_sub(self.0.len());
        self.0.extend(met.into_iter().take(room).map(|(name, _)| name.to_owned()));
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }
}

/// What kind of server it is.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Mode {
    pub(super) is_sentinel: bool,
    pub(super) is_cluster: bool,
}

/// Reads all of it.
pub(super) fn read(text: &str, commands: &mut Commands, ask: &mut Ask<'_>) -> Mode {
    let pairs = || text.lines().filter_map(|line| line.trim_end().split_once(':'));
    let field = |name: &str| pairs().find(|(known, _)| *known == name).map(|(_, value)| value);
    let mut ours = None;
    for (name, value) in pairs() {
        line(name, value, ask);
        if name == "master_repl_offset" {
            ours = number(value);
        }
    }
    for (name, value) in pairs() {
        replica(name, value, ours, ask);
    }
    let version = field("redis_version").or(field("valkey_version")).unwrap_or_default();
    let mode = field("redis_mode").or(field("server_mode")).unwrap_or("standalone");
    let role = field("role").unwrap_or_default();
    ask.push(metric("redis_info"), &[version, mode, role], 1.0);
    commands.admit(pairs().filter_map(|(name, value)| Some((call(name)?, part(value, "usec")?))).collect());
    command_stats(pairs(), commands, ask);
    Mode { is_sentinel: mode == "sentinel", is_cluster: field("cluster_enabled") == Some("1") }
}

fn line(name: &str, value: &str, ask: &mut Ask<'_>) {
    match (name, value) {
        // States are words.
        (_, "ok" | "up") if metric_is(name) => _ = ask.tell(&METRICS, name, &[], 1.0),
        (_, "err" | "down") if metric_is(name) => _ = ask.tell(&METRICS, name, &[], 0.0),
        // It did not happen, or there is none.
        (_, "-1") => {}
        _ if metric_is(name) => ask.tell_text(&METRICS, name, &[], value),
        _ => of_several(name, value, ask),
    }
}

fn metric_is(source: &str) -> bool {
    METRICS.iter().any(|metric| metric.source == source)
}

fn of_several(name: &str, value: &str, ask: &mut Ask<'_>) {
    if let Some(database) = name.strip_prefix("db").filter(|rest| rest.bytes().all(|b| b.is_ascii_digit())) {
        ask.push_some(metric("redis_keys"), &[database], part(value, "keys"));
        ask.push_some(metric("redis_keys_expiring"), &[database], part(value, "expires"));
        let ttl = part(value, "avg_ttl").filter(|ttl| *ttl > 0.0);
        ask.push_some(metric("redis_keys_ttl_average_seconds"), &[database], ttl);
    } else if let Some(mode) = name.strip_prefix("used_cpu_").filter(|mode| !mode.contains("main_thread")) {
        ask.push_some(metric("redis_cpu_seconds_total"), &[mode], number(value));
    } else if let Some(error) = name.strip_prefix("errorstat_") {
        ask.push_some(metric("redis_errors_by_kind_total"), &[error], part(value, "count"));
    } else if name.starts_with("master") && value.starts_with("name=") {
        sentinel(value, ask);
    }
}

/// `name=mymaster,status=ok,address=127.0.0.1:6379,slaves=1,sentinels=3`
fn sentinel(value: &str, ask: &mut Ask<'_>) {
    let Some(name) = text_part(value, "name") else { return };
    let is_ok = f64::from(u8::from(text_part(value, "status") == Some("ok")));
    ask.push(metric("redis_sentinel_master_ok"), &[name], is_ok);
    ask.push_some(metric("redis_sentinel_master_replicas"), &[name], part(value, "slaves"));
    ask.push_some(metric("redis_sentinel_master_sentinels"), &[name], part(value, "sentinels"));
}

/// `slave0:ip=10.0.0.2,port=6379,state=online,offset=100,lag=0`
fn replica(name: &str, value: &str, ours: Option<f64>, ask: &mut Ask<'_>) {
    let number = name.strip_prefix("slave").filter(|rest| !rest.is_empty());
    if !number.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit())) {
        return;
    }
    let (Some(ip), Some(port)) = (text_part(value, "ip"), text_part(value, "port")) else { return };
    let replica = &*format!("{ip}:{port}");
    let is_online = f64::from(u8::from(text_part(value, "state") == Some("online")));
    ask.push(metric("redis_replica_online"), &[replica], is_online);
    ask.push_some(
        metric("redis_replica_lag_seconds"),
        &[replica],
        part(value, "lag").filter(|lag| *lag >= 0.0),
    );
    let behind = ours.zip(part(value, "offset")).map(|(ours, theirs)| (ours - theirs).max(0.0));
    ask.push_some(metric("redis_replica_lag_bytes"), &[replica], behind);
}

fn call(name: &str) -> Option<&str> {
    name.strip_prefix("cmdstat_")
}

fn command_stats<'t>(
    pairs: impl Iterator<Item = (&'t str, &'t str)>,
    commands: &Commands,
    ask: &mut Ask<'_>,
) {
    const PARTS: [(&str, &str); 4] = [
        ("calls", "redis_command_calls_total"),
        ("usec", "redis_command_seconds_total"),
        ("failed_calls", "redis_command_failures_total"),
        ("rejected_calls", "redis_command_rejections_total"),
    ];
    let mut others = [0.0; PARTS.len()];
    let mut has_others = false;
    for (command, value) in pairs.filter_map(|(name, value)| Some((call(name)?, value))) {
        let is_own = commands.has(command);
        has_others |= !is_own;
        for ((name, of), other) in PARTS.iter().zip(&mut others) {
            match part(value, name) {
                Some(number) if is_own => ask.push(metric(of), &[command], number),
                Some(number) => *other += number,
                None => {}
            }
        }
    }
    for ((_, of), other) in PARTS.iter().zip(others).filter(|_| has_others) {
        ask.push(metric(of), &["other"], other);
    }
}

/// The value of a field of `a=1,b=2`.
fn text_part<'t>(value: &'t str, name: &str) -> Option<&'t str> {
    value
        .split(',')
        .find_map(|field| field.split_once('=').filter(|(known, _)| *known == name))
        .map(|(_, v)| v)
}

fn part(value: &str, name: &str) -> Option<f64> {
    number(text_part(value, name)?)
}
