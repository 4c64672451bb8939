//! What Redis, Valkey and their kin write to `logfile`.

use super::phrases::{Phrase, find, phrase};
use super::{Family, Format, FormatError};
use crate::messages::{Dialect, Heard, Open};

pub(super) const FAMILY: Family = Family {
    name: "redis",
    summary: "The `logfile` of Redis, Valkey, KeyDB and Sentinel: messages by severity, saves, replication, failovers",
    default: "",
    example: "913:M 22 Nov 2026 08:14:03.123 * Background saving started by pid 914",
    example_format: "",
    needs_text: false,
    compile,
};

const PHRASES: &[Phrase] = &[
    phrase("Background saving started", "save_started"),
    phrase("Background saving error", "save_failed"),
    phrase("Background saving terminated by signal", "save_failed"),
    phrase("Can't save in background", "save_failed"),
    phrase("Failed opening the ", "save_failed"),
    phrase("DB saved on disk", "saved"),
    phrase("Background AOF rewrite finished", "aof_rewritten"),
    phrase("Background AOF rewrite terminated", "aof_rewrite_failed"),
    phrase("Asynchronous AOF fsync is taking too long", "fsync_slow"),
    phrase("Connection with master lost", "master_lost"),
    phrase("MASTER <-> REPLICA sync: Finished", "synchronised"),
    phrase("Full resync from", "full_resync"),
    phrase("Replica * asks for synchronization", "replica_attached"),
    phrase("Connection with replica * lost", "replica_lost"),
    phrase("*closed for overcoming of output buffer limits", "client_over_limit"),
    phrase("*scheduled to be closed ASAP for overcoming of output buffer limits", "client_over_limit"),
    phrase("Error accepting a client connection", "accept_failed"),
    phrase("Possible SECURITY ATTACK", "attack"),
    phrase("Cluster state changed: fail", "cluster_failed"),
    phrase("+sdown", "seems_down"),
    phrase("+odown", "is_down"),
    phrase("+switch-master", "failover"),
    phrase("Failover auth granted", "failover"),
    phrase("Ready to accept connections", "started"),
    phrase("The server is now ready to accept connections", "started"),
    phrase("*is now ready to exit, bye bye", "stopped"),
    phrase("*crashed by signal", "crashed"),
];

#[derive(Debug)]
struct Redis;

fn compile(text: &str) -> Result<Format, FormatError> {
    super::no_text(text)?;
    Ok(Format::messages(Redis))
}

impl Dialect for Redis {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        let Some((severity, message)) = split(line) else { return open.is_entry || line.is_empty() };
        open.begin();
        heard.message(severity, b"");
        if let Some((event, amount)) = find(PHRASES, message) {
            heard.event(event, amount);
        }
        true
    }
}

/// `913:M 22 Nov 2026 08:14:03.123 * message`; the year is left out by old ones, which write `[913] `.
fn split(line: &[u8]) -> Option<(&'static [u8], &[u8])> {
    let digits = line.strip_prefix(b"[").unwrap_or(line);
    digits.first().filter(|byte| byte.is_ascii_digit())?;
    let mut rest = line;
    for word in 0..7 {
        let end = memchr::memchr(b' ', &rest[..rest.len().min(24)])?;
        let severity: &[u8] = match &rest[..end] {
            b"." => b"debug",
            b"-" => b"verbose",
            b"*" => b"notice",
            b"#" => b"warning",
            _ => b"",
        };
        if word >= 3 && !severity.is_empty() {
            return Some((severity, &rest[end + 1..]));
        }
        rest = &rest[end + 1..];
    }
    None
}
