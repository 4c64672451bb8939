//! PostgreSQL's protocol 3.0 and later. Source: chapter "Frontend/Backend Protocol" of PostgreSQL's manual.
//!
//! A simple query is answered when the server is ready again. In the extended protocol each `Execute` is a request,
//! answered when its command is complete, so that pipelines are read too; `Sync` is not one.

mod message;

use super::sql;
use crate::conversation::{Protocol, Scene, Side, Step};
use crate::exchange::{Answer, Asked};
use crate::limits::STATEMENTS_MAX;
use crate::tally::OperationId;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use message::{
    CANCEL_REQUEST, CLIENT_TYPES, GSS_REQUEST, HEAD_BYTES, LOOK_BYTES, SERVER_TYPES, SSL_REQUEST,
    STARTUP_BYTES_MAX, VERSION_3, be32, message, rows_len, state, text,
};
use std::collections::VecDeque;
use std::hash::BuildHasher;

/// What a request waits for, as its tag.
const SIMPLE: u32 = 0;
const EXECUTE: u32 = 1;
const LOGIN: u32 = 2;
const FUNCTION: u32 = 3;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The client has not said who it is.
    Startup,
    /// It asked whether it may encrypt; the server answers with one byte.
    Asked,
    #[default]
    Ready,
}

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct PostgreSql {
    phase: Phase,
    /// Prepared statements by a hash of their name.
    statements: HashMap<u64, OperationId>,
    portals: HashMap<u64, OperationId>,
    /// Bytes of messages that prepare the next request (parse, bind, describe).
    prepared_bytes: u64,
    prepared_ns: Option<u64>,
    /// Bytes of the answer so far.
    answer_bytes: u64,
    /// SQLSTATE of the answer so far.
    error: Option<[u8; 5]>,
    /// How many requests were asked since each `Sync` that is not answered.
    syncs: VecDeque<u32>,
    since_sync: u32,
    /// Requests answered since the last word that the server is ready.
    answered: u32,
    /// What the message that is passing by will do at its end.
    ends: Ends,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Ends {
    #[default]
    Nothing,
    /// A request is answered.
    Answer,
    /// The server is ready for the next.
    Ready,
}

/// Remembers what a name stands for; a client that has too many names loses the old ones.
fn remember(map: &mut HashMap<u64, OperationId>, name: &[u8], operation: OperationId) {
    let key = map.hasher().hash_one(name);
    if map.len() >= STATEMENTS_MAX && !map.contains_key(&key) {
        map.clear();
    }
    match map.entry(key) {
        Entry::Occupied(mut known) => _ = known.insert(operation),
        Entry::Vacant(room) => _ = room.insert(operation),
    }
}

fn recall(map: &HashMap<u64, OperationId>, name: &[u8]) -> Option<OperationId> {
    map.get(&map.hasher().hash_one(name)).copied()
}

impl PostgreSql {
    fn startup(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        let (Some(len), Some(code)) = (be32(bytes, 0), be32(bytes, 4)) else { return Step::More };
        if !(8..=STARTUP_BYTES_MAX).contains(&len) {
            return Step::Lost;
        }
        match code {
            SSL_REQUEST | GSS_REQUEST if len == 8 => {
                self.phase = Phase::Asked;
                return Step::Pass(8);
            }
            CANCEL_REQUEST => return Step::Closed,
            _ if code >> 16 == VERSION_3 => {}
            _ => return Step::Lost,
        }
        self.phase = Phase::Ready;
        let operation = scene.record.operation(b"LOGIN", b"");
        self.ask(operation, u64::from(len), LOGIN, scene);
        Step::Pass(u64::from(len))
    }

    fn ask(&mut self, operation: OperationId, bytes: u64, tag: u32, scene: &mut Scene<'_, '_>) {
        let began_ns = self.prepared_ns.take().unwrap_or(scene.began_ns);
        let bytes = bytes + std::mem::take(&mut self.prepared_bytes);
        scene.exchanges.ask(Asked { operation, began_ns, bytes, tag }, scene.record);
        self.since_sync = self.since_sync.saturating_add(1);
        if tag != EXECUTE {
            self.sync();
        }
    }

    fn sync(&mut self) {
        if self.syncs.len() < crate::limits::PENDING_MAX {
            self.syncs.push_back(std::mem::take(&mut self.since_sync));
        }
    }

    fn client(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        if bytes.len() < HEAD_BYTES {
            return if scene.is_cut || !CLIENT_TYPES.contains(&bytes[0]) { Step::Lost } else { Step::More };
        }
        let Some((kind, len, body)) = message(bytes, CLIENT_TYPES) else { return Step::Lost };
        let wanted = len.min(LOOK_BYTES);
        if b"QPBE".contains(&kind) && (bytes.len() as u64) < wanted && !scene.is_cut {
            return Step::More;
        }
        match kind {
            b'Q' => {
                let operation = statement(text(body).0, scene);
                self.ask(operation, len, SIMPLE, scene);
            }
            b'P' => {
                let (name, rest) = text(body);
                let operation = statement(text(rest).0, scene);
                remember(&mut self.statements, name, operation);
                self.prepare(len, scene);
            }
            b'B' => {
                let (portal, rest) = text(body);
                let known = recall(&self.statements, text(rest).0);
                let operation = known.unwrap_or_else(|| scene.record.operation(b"EXECUTE", b""));
                remember(&mut self.portals, portal, operation);
                self.prepare(len, scene);
            }
            b'E' => {
                let known = recall(&self.portals, text(body).0);
                let operation = known.unwrap_or_else(|| scene.record.operation(b"EXECUTE", b""));
                self.ask(operation, len, EXECUTE, scene);
            }
            b'F' => {
                let operation = scene.record.operation(b"FUNCTION", b"");
                self.ask(operation, len, FUNCTION, scene);
            }
            b'S' => {
                self.sync();
                (self.prepared_bytes, self.prepared_ns) = (0, None);
            }
            b'D' | b'C' => self.prepare(len, scene),
            // Rows that the client copies in, and passwords, belong to the request before.
            b'd' | b'c' | b'f' | b'p' => {
                if let Some(asked) = scene.exchanges.last_mut() {
                    asked.bytes += len;
                }
            }
            _ => {}
        }
        Step::Pass(len)
    }

    fn prepare(&mut self, len: u64, scene: &Scene<'_, '_>) {
        self.prepared_bytes += len;
        self.prepared_ns.get_or_insert(scene.began_ns);
    }

    fn server(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        if self.phase == Phase::Asked {
            return match bytes[0] {
                b'N' => {
                    self.phase = Phase::Startup;
                    Step::Pass(1)
                }
                // An old server that knows no encryption sends an error.
                b'E' => Step::Closed,
                _ => {
                    scene.record.encrypted();
                    Step::Closed
                }
            };
        }
        let rows = rows_len(bytes);
        if rows > 0 {
            self.answer_bytes += rows;
            return Step::Pass(rows);
        }
        if bytes.len() < HEAD_BYTES {
            return if scene.is_cut || !SERVER_TYPES.contains(&bytes[0]) { Step::Lost } else { Step::More };
        }
        let Some((kind, len, body)) = message(bytes, SERVER_TYPES) else { return Step::Lost };
        self.answer_bytes += len;
        match kind {
            b'E' => {
                if (bytes.len() as u64) < len.min(LOOK_BYTES) && !scene.is_cut {
                    self.answer_bytes -= len;
                    return Step::More;
                }
                self.error = Some(state(body));
            }
            b'A' => {
                self.answer_bytes -= len;
                scene.record.pushed();
            }
            // Complete, empty, or suspended as the client wanted only so many rows.
            b'C' | b'I' | b's' if is_execute(scene) => self.ends = Ends::Answer,
            b'Z' => self.ends = Ends::Ready,
            _ => {}
        }
        Step::Pass(len)
    }

    fn answer(&mut self, scene: &mut Scene<'_, '_>) {
        let bytes = std::mem::take(&mut self.answer_bytes);
        let error = self.error.take();
        let answer = Answer { bytes, error: error.as_ref().map(<[u8; 5]>::as_slice) };
        scene.exchanges.answer(answer, scene.now_ns, scene.record);
        self.answered = self.answered.saturating_add(1);
    }

    /// What was asked before the last `Sync` and is not answered yet is answered by this: after an error the server
    /// passes over everything up to the `Sync`, and only the first is the one that failed.
    fn ready(&mut self, scene: &mut Scene<'_, '_>) {
        let asked = self.syncs.pop_front();
        let left = asked.unwrap_or(1).saturating_sub(self.answered);
        if scene.exchanges.count() == 0 && left > 0 {
            // The end of something that was met in its middle.
            self.answer(scene);
        }
        for _ in 0..left.min(scene.exchanges.count() as u32) {
            self.answer(scene);
        }
        (self.answered, self.answer_bytes, self.error) = (0, 0, None);
    }
}

fn is_execute(scene: &Scene<'_, '_>) -> bool {
    scene.exchanges.first().is_some_and(|asked| asked.tag == EXECUTE)
}

fn statement(statement: &[u8], scene: &mut Scene<'_, '_>) -> OperationId {
    let class = sql::class(statement);
    scene.record.operation(class.verb.as_bytes(), class.table.as_bytes())
}

impl Protocol for PostgreSql {
    fn step(&mut self, side: Side, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        match side {
            Side::Client if self.phase != Phase::Ready => self.startup(bytes, scene),
            Side::Client => self.client(bytes, scene),
            Side::Server => self.server(bytes, scene),
        }
    }

    fn end(&mut self, side: Side, scene: &mut Scene<'_, '_>) {
        if side == Side::Server {
            match std::mem::take(&mut self.ends) {
                Ends::Nothing => {}
                Ends::Answer => self.answer(scene),
                Ends::Ready => self.ready(scene),
            }
        }
    }

    fn begins(&self, side: Side, bytes: &[u8]) -> bool {
        let types = if side == Side::Client { CLIENT_TYPES } else { SERVER_TYPES };
        // The message after must look like one too, where it is there.
        let Some((_, len, _)) = (bytes.len() >= HEAD_BYTES).then(|| message(bytes, types)).flatten() else {
            return false;
        };
        match usize::try_from(len).ok().and_then(|len| bytes.get(len..)) {
            Some(rest) if rest.len() >= HEAD_BYTES => message(rest, types).is_some(),
            _ => true,
        }
    }

    fn lost(&mut self, _side: Side) {
        let statements = std::mem::take(&mut self.statements);
        *self = Self { statements, ..Self::default() };
    }

    /// A login that was refused ends with the connection.
    fn over(&mut self, scene: &mut Scene<'_, '_>) {
        if self.error.is_some() && scene.exchanges.count() > 0 {
            self.answer(scene);
        }
    }

    fn opened(&mut self) {
        self.phase = Phase::Startup;
    }
}
