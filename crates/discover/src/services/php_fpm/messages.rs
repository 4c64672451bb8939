//! What PHP-FPM and its scripts have to say: `error_log`, the `slowlog` of a pool, and what PHP is told in a pool.

use super::Pool;
use super::access::located;
use crate::Inspection;
use crate::plan::Part;

/// The log of the master.
pub(super) fn plan(inspection: &mut Inspection<'_>, global: Option<&Pool>) {
    let Some(log) = global.and_then(|global| global.get("error_log")).filter(|log| !log.is_empty()) else {
        return;
    };
    if log.starts_with('/') {
        inspection.messages(log, "php-fpm", "error_log", "");
    } else {
        inspection
            .fact("messages not read", format!("they go to {log}, which is no file that the agent can find"));
    }
}

/// The logs of a pool.
pub(super) fn plan_pool(inspection: &mut Inspection<'_>, pool: &Pool, part: &mut Part) {
    let is_slow_told = pool
        .get("request_slowlog_timeout")
        .is_some_and(|time| !time.trim_end_matches(['s', 'm', 'h', 'd']).chars().all(|c| c == '0'));
    if is_slow_told && let Some(log) = pool.get("slowlog") {
        add(inspection, pool, part, log, "php-fpm-slow", "slowlog");
    }
    let told = ["php_admin_value[error_log]", "php_value[error_log]"].iter().find_map(|name| pool.get(*name));
    if let Some(log) = told.filter(|log| log.starts_with('/')) {
        add(inspection, pool, part, log, "php-fpm", "error_log");
    }
}

fn add(
    inspection: &mut Inspection<'_>,
    pool: &Pool,
    part: &mut Part,
    log: &str,
    family: &'static str,
    name: &str,
) {
    let found = located(inspection.process, pool, log)
        .ok_or_else(|| format!("{log} is below the folder that was compiled into PHP-FPM"))
        .and_then(|path| inspection.message_log(&path, family, name, ""));
    match found {
        Ok(log) => part.parts.extend(log),
        Err(why) => part.facts.push(("messages not read", why)),
    }
}
