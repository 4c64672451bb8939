//! The protocols that can be read: one file each, one row here.

mod http1;
mod mongodb;
mod mysql;
mod postgresql;
mod redis;
pub(crate) mod sql;

use crate::conversation::Protocol;

/// A protocol that can be read.
#[derive(Clone, Copy)]
pub struct Row {
    /// Name in settings and in the label `protocol`.
    pub name: &'static str,
    /// What is read, in one sentence.
    pub summary: &'static str,
    /// What an operation is.
    pub operation: &'static str,
    /// What a target is.
    pub target: &'static str,
    /// What counts as an error, and its code.
    pub error: &'static str,
    /// The port its servers listen on unless told otherwise.
    pub port: u16,
    pub(crate) start: fn() -> Box<dyn Protocol>,
}

/// All protocols, by name.
pub static PROTOCOLS: &[Row] = &[
    Row {
        name: "http",
        summary: "HTTP/1.0 and HTTP/1.1, with pipelining, chunked bodies and upgrades.",
        operation: "the method",
        target: "the path, with ids as `*`",
        error: "a status from 400 on, by the status",
        port: 80,
        start: || Box::<http1::Http1>::default(),
    },
    Row {
        name: "mongodb",
        summary: "MongoDB: OP_MSG, OP_QUERY and what older drivers send; compressed messages are counted.",
        operation: "the command",
        target: "database and collection",
        error: "an answer that is not ok, or has write errors, by its code",
        port: 27017,
        start: || Box::<mongodb::MongoDb>::default(),
    },
    Row {
        name: "mysql",
        summary: "MySQL and MariaDB: text and prepared statements; what is compressed or encrypted is counted.",
        operation: "the command, of statements their first word",
        target: "the first table of the statement",
        error: "an ERR packet, by its number",
        port: 3306,
        start: || Box::<mysql::MySql>::default(),
    },
    Row {
        name: "postgresql",
        summary: "PostgreSQL 3.0: simple and extended queries, pipelining, COPY; what is encrypted is counted.",
        operation: "the first word of the statement",
        target: "the first table of the statement",
        error: "an ErrorResponse, by its SQLSTATE",
        port: 5432,
        start: || Box::<postgresql::PostgreSql>::default(),
    },
    Row {
        name: "redis",
        summary: "Redis, Valkey and what speaks RESP2 or RESP3, with pipelining, transactions and pushes.",
        operation: "the command, with its subcommand where it has one",
        target: "nothing",
        error: "an error reply, by its first word",
        port: 6379,
        start: || Box::<redis::Redis>::default(),
    },
];

/// The protocol of this name.
pub fn named(name: &str) -> Option<&'static Row> {
    PROTOCOLS.iter().find(|row| row.name == name)
}

/// The line at the begin, without its end, and how long it is with it.
#[inline]
pub(crate) fn line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let end = memchr::memchr(b'\n', bytes)?;
    let text = &bytes[..end];
    Some((text.strip_suffix(b"\r").unwrap_or(text), end + 1))
}

/// Digits as a number.
#[inline]
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u64::from(b - b'0')))
}

/// Whether a TLS record begins here.
pub(crate) fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x14..=0x17, 3, 0..=4, ..])
}

#[cfg(test)]
mod tests;
