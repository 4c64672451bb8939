//! One message, however it is written down.

use crate::formats::phrases::{Given, Phrase, find, number, number_behind, phrase};
use crate::formats::statement::operation;
use crate::messages::{Amount, Heard, Open};
use memchr::memmem;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A message of this severity.
    Message(&'a [u8]),
    /// More about the message before.
    More,
}

const SEVERITIES: [&[u8]; 12] = [
    b"LOG", b"ERROR", b"FATAL", b"WARNING", b"PANIC", b"NOTICE", b"INFO", b"DEBUG1", b"DEBUG2", b"DEBUG3",
    b"DEBUG4", b"DEBUG5",
];
const MORE: [&[u8]; 7] = [b"STATEMENT", b"DETAIL", b"HINT", b"CONTEXT", b"QUERY", b"LOCATION", b"BACKTRACE"];

impl<'a> Kind<'a> {
    pub(super) fn of(word: &'a [u8]) -> Option<Self> {
        if SEVERITIES.contains(&word) {
            return Some(Self::Message(word));
        }
        MORE.contains(&word).then_some(Self::More)
    }
}

/// What there is to know of a message; what is not known is empty.
#[derive(Debug)]
pub(super) struct Message<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) code: &'a [u8],
    pub(super) database: &'a [u8],
    pub(super) text: &'a [u8],
}

const PHRASES: &[Phrase] = &[
    phrase("checkpoint starting:", "checkpoint_started"),
    Phrase { text: "checkpoint complete:", event: "checkpoint", amount: Given::Seconds(" total=") },
    phrase("restartpoint starting:", "checkpoint_started"),
    Phrase { text: "restartpoint complete:", event: "checkpoint", amount: Given::Seconds(" total=") },
    phrase("checkpoints are occurring too frequently", "checkpoints_too_frequent"),
    Phrase { text: "temporary file: path", event: "temporary_file", amount: Given::Bytes(", size ") },
    phrase("process * still waiting for", "lock_wait"),
    Phrase { text: "process * acquired", event: "lock_acquired", amount: Given::Milliseconds(" after ") },
    phrase("deadlock detected", "deadlock"),
    phrase(AUTOVACUUM, "autovacuum"),
    phrase("automatic aggressive vacuum of table", "autovacuum"),
    phrase("automatic analyze of table", "autoanalyze"),
    phrase("canceling statement due to statement timeout", "statement_timeout"),
    phrase("canceling statement due to lock timeout", "lock_timeout"),
    phrase("canceling statement due to user request", "statement_cancelled"),
    phrase("canceling statement due to conflict with recovery", "recovery_conflict"),
    phrase("canceling autovacuum task", "autovacuum_cancelled"),
    phrase("connection received:", "connection"),
    Phrase { text: "disconnection: session time:", event: "disconnection", amount: Given::Nothing },
    phrase("sorry, too many clients already", "connections_exhausted"),
    phrase("remaining connection slots are reserved", "connections_exhausted"),
    phrase("too many connections for", "connections_exhausted"),
    phrase("password authentication failed", "access_denied"),
    phrase("no pg_hba.conf entry", "access_denied"),
    phrase("terminating connection due to idle-in-transaction timeout", "idle_in_transaction_timeout"),
    phrase("unexpected EOF on client connection", "client_lost"),
    phrase("could not receive data from client", "client_lost"),
    phrase("could not send data to client", "client_lost"),
    phrase("archive command failed", "archive_failed"),
    phrase("server process * was terminated by signal", "crashed"),
    phrase("could not extend file", "disk_full"),
    phrase("database system is ready to accept", "started"),
    phrase("database system is shut down", "stopped"),
    phrase("parameter * changed to", "setting_changed"),
];
const AUTOVACUUM: &str = "automatic vacuum of table";

/// Counts a message, which begins an entry.
pub(super) fn take(message: &Message<'_>, open: &mut Open, heard: &mut Heard) {
    open.begin();
    let Kind::Message(severity) = message.kind else { return };
    let database = if message.database == b"[unknown]" { b"" } else { message.database };
    heard.message(severity, database);
    // Success has a code, too.
    if !message.code.is_empty() && message.code != b"00000" {
        heard.code(message.code);
    }
    if severity == b"LOG" && statement(message.text, database, heard) {
        return;
    }
    if let Some((event, amount)) = find(PHRASES, message.text) {
        heard.event(event, amount);
        open.event = event.starts_with("auto").then_some(event);
    }
}

/// Takes more text of the entry: how long a vacuum took stands on one of its last lines.
pub(super) fn more(text: &[u8], open: &mut Open, heard: &mut Heard) {
    if let Some(event) = open.event
        && let Some(seconds) = number_behind(text, "elapsed: ")
    {
        heard.more(event, Amount::Seconds(seconds));
        open.event = None;
    }
}

/// `duration: 5.1 ms  statement: SELECT 1`, the one without the other, and what drivers make of them.
fn statement(text: &[u8], database: &[u8], heard: &mut Heard) -> bool {
    let Some(rest) = text.strip_prefix(b"duration: ") else { return shown(text, database, heard) };
    let Some(ms) = number(rest) else { return false };
    let rest = memmem::find(rest, b" ms").map_or(&b""[..], |at| rest[at + 3..].trim_ascii_start());
    if [&b"parse "[..], b"bind "].iter().any(|step| rest.starts_with(step)) {
        // A part of what takes the time of the statement.
        return true;
    }
    if rest.starts_with(b"plan:") {
        // By auto_explain; the time is told beside, where it is asked for.
        heard.event("plan_explained", Amount::None);
        return true;
    }
    heard.statement(ms / 1e3);
    shown(rest, database, heard);
    true
}

/// `statement: …`, `execute name: …`
fn shown(text: &[u8], database: &[u8], heard: &mut Heard) -> bool {
    let text = match text.strip_prefix(b"statement: ") {
        Some(statement) => Some(statement),
        None if text.starts_with(b"execute ") => memmem::find(text, b": ").map(|at| &text[at + 2..]),
        None if text.starts_with(b"fastpath function call: ") => Some(&b"CALL"[..]),
        None => None,
    };
    text.is_some_and(|statement| {
        heard.operation(operation(statement), database);
        true
    })
}
