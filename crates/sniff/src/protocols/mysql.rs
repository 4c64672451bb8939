//! MySQL's and MariaDB's protocol. Source: "Client/Server Protocol" in MariaDB's documentation and in MySQL's source.
//!
//! Every answer begins with the packet numbered 1, so that a packet of another number can never be taken for one. Whether
//! an end-of-rows packet follows the columns of a result is seen by its length, whatever was agreed upon at the begin.

mod answer;
mod packet;

use super::sql;
use crate::conversation::{Protocol, Scene, Side, Step};
use crate::exchange::Asked;
use crate::tally::OperationId;
use hashbrown::HashMap;
use packet::{
    BINLOG_DUMP, BINLOG_DUMP_GTID, BULK_EXECUTE, CAN_COMPRESS, CAN_TLS, COMMAND_MAX, EXECUTE, FETCH,
    HEAD_BYTES, LOGIN, LONG_DATA, LOOK_BYTES, PACKET_BYTES_MAX, PREPARE, QUERY, QUIT, STATEMENT_CLOSE,
    TLS_REQUEST_BYTES, command_name, head, le32,
};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The server has not greeted yet.
    Greeting,
    /// The client says who it is, and proves it.
    Login,
    #[default]
    Ready,
}

/// What comes next of an answer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Nothing: an answer begins.
    #[default]
    First,
    /// A further result, or what became of a file that was loaded.
    Further,
    /// So many descriptions of columns.
    Columns(u64),
    /// Rows, and then their end; at first perhaps the end of the columns.
    Rows { is_first: bool },
    /// So many descriptions of parameters and columns of what was prepared.
    Prepared(u64),
}

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct MySql {
    phase: Phase,
    next: Next,
    /// The packet before goes on in the next, of each side.
    continues: [bool; 2],
    statements: HashMap<u32, OperationId>,
    /// What the next answer to `PREPARE` gives a number to.
    preparing: Option<OperationId>,
    /// Bytes of the answer so far.
    answer_bytes: u64,
    error: Option<u16>,
    /// The answer is complete when the packet that passes by is.
    is_last: bool,
    /// From the end of the login on nothing can be read.
    compresses: bool,
}

impl MySql {
    fn client(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        let Some((len, number)) = head(bytes) else { return more(scene) };
        let whole = (HEAD_BYTES + len) as u64;
        let body = &bytes[HEAD_BYTES..bytes.len().min(HEAD_BYTES + len)];
        let goes_on = std::mem::replace(&mut self.continues[0], len == PACKET_BYTES_MAX);
        if goes_on || (number != 0 && self.phase == Phase::Ready) {
            // The rest of a long statement, or a file that is loaded.
            if let Some(asked) = scene.exchanges.last_mut() {
                asked.bytes += whole;
            }
            return Step::Pass(whole);
        }
        if body.len() < len.min(LOOK_BYTES) && !scene.is_cut {
            self.continues[0] = false;
            return Step::More;
        }
        if self.phase != Phase::Ready {
            return self.login(body, len, whole, scene);
        }
        let Some((&command, rest)) = body.split_first() else {
            return if len == 0 { Step::Pass(whole) } else { Step::Lost };
        };
        if command > COMMAND_MAX && command != BULK_EXECUTE {
            return Step::Lost;
        }
        self.command(command, rest, whole, scene)
    }

    fn login(&mut self, body: &[u8], len: usize, whole: u64, scene: &mut Scene<'_, '_>) -> Step {
        if self.phase == Phase::Greeting {
            // The client cannot speak first: what the server said was lost.
            self.phase = Phase::Login;
        }
        if scene.exchanges.count() > 0 {
            // Passwords and the like.
            return Step::Pass(whole);
        }
        let abilities = le32(body, 0).unwrap_or(0);
        if abilities & CAN_TLS != 0 && len <= TLS_REQUEST_BYTES {
            scene.record.encrypted();
            return Step::Closed;
        }
        self.compresses = abilities & CAN_COMPRESS != 0;
        let operation = scene.record.operation(b"LOGIN", b"");
        ask(operation, LOGIN, whole, scene);
        Step::Pass(whole)
    }

    fn command(&mut self, command: u8, rest: &[u8], whole: u64, scene: &mut Scene<'_, '_>) -> Step {
        let operation = match command {
            QUIT => return Step::Pass(whole),
            BINLOG_DUMP | BINLOG_DUMP_GTID => return Step::Closed,
            LONG_DATA | STATEMENT_CLOSE => {
                if let (STATEMENT_CLOSE, Some(id)) = (command, le32(rest, 0)) {
                    self.statements.remove(&id);
                }
                return Step::Pass(whole);
            }
            QUERY => statement(rest, scene),
            PREPARE => {
                self.preparing = Some(statement(rest, scene));
                scene.record.operation(b"PREPARE", sql::class(rest).table.as_bytes())
            }
            EXECUTE | BULK_EXECUTE | FETCH => {
                let id = le32(rest, 0).unwrap_or(0);
                // MariaDB's clients may send ahead what refers to the statement that is being prepared.
                let known = if id == u32::MAX { self.preparing.as_ref() } else { self.statements.get(&id) };
                match known.filter(|_| command != FETCH) {
                    Some(known) => *known,
                    None => scene.record.operation(command_name(command), b""),
                }
            }
            _ => scene.record.operation(command_name(command), b""),
        };
        ask(operation, command, whole, scene);
        Step::Pass(whole)
    }
}

fn more(scene: &Scene<'_, '_>) -> Step {
    if scene.is_cut { Step::Lost } else { Step::More }
}

fn ask(operation: OperationId, tag: u8, bytes: u64, scene: &mut Scene<'_, '_>) {
    let began_ns = scene.began_ns;
    scene.exchanges.ask(Asked { operation, began_ns, bytes, tag: u32::from(tag) }, scene.record);
}

fn statement(statement: &[u8], scene: &mut Scene<'_, '_>) -> OperationId {
    let class = sql::class(statement);
    scene.record.operation(class.verb.as_bytes(), class.table.as_bytes())
}

impl Protocol for MySql {
    fn step(&mut self, side: Side, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        match side {
            Side::Client => self.client(bytes, scene),
            Side::Server => self.server(bytes, scene),
        }
    }

    fn end(&mut self, side: Side, scene: &mut Scene<'_, '_>) {
        if side == Side::Server && self.is_last {
            self.answered(scene);
            if std::mem::take(&mut self.compresses) {
                // What follows is wrapped in packets of another kind.
                self.phase = Phase::Greeting;
                scene.record.encrypted();
                scene.close();
            }
        }
    }

    fn begins(&self, side: Side, bytes: &[u8]) -> bool {
        let Some((len, number)) = head(bytes) else { return false };
        let follows =
            |wanted| bytes.get(HEAD_BYTES + len..).and_then(head).is_none_or(|(_, next)| next == wanted);
        match (side, bytes.get(HEAD_BYTES)) {
            (Side::Client, Some(command)) => {
                number == 0
                    && len > 0
                    && (1..=COMMAND_MAX).contains(command)
                    && bytes.len() <= HEAD_BYTES + len
            }
            (Side::Server, Some(_)) => number == 1 && len > 0 && follows(2),
            _ => false,
        }
    }

    fn lost(&mut self, _side: Side) {
        let statements = std::mem::take(&mut self.statements);
        *self = Self { statements, ..Self::default() };
    }

    fn opened(&mut self) {
        self.phase = Phase::Greeting;
    }
}
