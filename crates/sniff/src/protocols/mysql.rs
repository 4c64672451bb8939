//! MySQL's and MariaDB's protocol. Source: "Client/Server Protocol" in MariaDB's documentation and in MySQL's source.
//!
//! Every answer begins with the packet numbered 1, so that a packet of another number can never be taken for one. Whether
//! an end-of-rows packet follows the columns of a result is seen by its length, whatever was agreed upon at the begin.

mod packet;

use super::sql;
use crate::conversation::{Protocol, Scene, Side, Step};
use crate::exchange::{Answer, Asked};
use crate::limits::STATEMENTS_MAX;
use crate::tally::OperationId;
use hashbrown::HashMap;
use packet::{
    ANSWER_LOOK_BYTES, BINLOG_DUMP, BINLOG_DUMP_GTID, BULK_EXECUTE, CAN_COMPRESS, CAN_TLS, CHANGE_USER,
    COMMAND_MAX, EXECUTE, FETCH, FIELD_LIST, HEAD_BYTES, LOGIN, LONG_DATA, LOOK_BYTES, PACKET_BYTES_MAX,
    PREPARE, PROGRESS, QUERY, QUIT, STATEMENT_CLOSE, STATISTICS, TLS_REQUEST_BYTES, command_name, has_more,
    head, le16, le32, length_encoded, ok_status, rows_len,
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

    fn server(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        let rows = if self.next == (Next::Rows { is_first: false }) { rows_len(bytes) } else { 0 };
        if rows > 0 && !self.continues[1] {
            self.answer_bytes += rows;
            return Step::Pass(rows);
        }
        let Some((len, number)) = head(bytes) else { return more(scene) };
        let whole = (HEAD_BYTES + len) as u64;
        let body = &bytes[HEAD_BYTES..bytes.len().min(HEAD_BYTES + len)];
        if body.len() < len.min(ANSWER_LOOK_BYTES) && !scene.is_cut {
            return Step::More;
        }
        // Without its first byte, or without the status of an end, nobody knows what it was.
        if body.len() < len.min(1) || (len < 9 && body.len() < len) {
            return Step::Lost;
        }
        let goes_on = std::mem::replace(&mut self.continues[1], len == PACKET_BYTES_MAX);
        self.answer_bytes += whole;
        if goes_on {
            return Step::Pass(whole);
        }
        if self.phase != Phase::Ready {
            return self.greeting(body, whole);
        }
        let command = scene.exchanges.first().map_or(QUERY, |asked| asked.tag as u8);
        match self.next {
            // What is left of an answer that was met in its middle, or ended already.
            Next::First if number != 1 => self.answer_bytes = 0,
            Next::First | Next::Further => self.first(command, body, len),
            _ => self.following(body, len),
        }
        Step::Pass(whole)
    }

    fn greeting(&mut self, body: &[u8], whole: u64) -> Step {
        match (self.phase, body.first()) {
            (Phase::Greeting, Some(10)) => {
                self.phase = Phase::Login;
                self.answer_bytes = 0;
            }
            // Refused before anything was asked.
            (Phase::Greeting, Some(0xff)) => return Step::Closed,
            (Phase::Greeting, _) => return Step::Lost,
            (_, Some(0)) => self.is_last = true,
            (_, Some(0xff)) => self.fail(body),
            // Another way to prove, or a step of it.
            _ => {}
        }
        Step::Pass(whole)
    }

    fn fail(&mut self, body: &[u8]) {
        let code = le16(body, 1).unwrap_or(0);
        if code != PROGRESS {
            self.error = Some(code);
            self.is_last = true;
        }
    }

    /// The first packet of an answer, or of a further result.
    fn first(&mut self, command: u8, body: &[u8], len: usize) {
        self.next = Next::Further;
        match (command, body.first()) {
            (_, Some(0xff)) => self.fail(body),
            (STATISTICS, _) => self.is_last = true,
            (PREPARE, Some(0)) => self.prepared(body),
            (FIELD_LIST | FETCH, Some(0xfe)) if len < 9 => self.is_last = true,
            (FIELD_LIST | FETCH, _) => self.next = Next::Rows { is_first: false },
            // Another way to prove who one is.
            (CHANGE_USER, Some(0xfe | 1)) => {}
            (_, Some(0)) => self.is_last = !has_more(ok_status(body)),
            (_, Some(0xfe)) if len < 9 => self.is_last = true,
            // The client is to send a file.
            (_, Some(0xfb)) => {}
            (_, Some(_)) => match length_encoded(body) {
                Some((columns, _)) if columns > 0 => self.next = Next::Columns(columns),
                _ => self.is_last = true,
            },
            (_, None) => self.is_last = true,
        }
    }

    fn prepared(&mut self, body: &[u8]) {
        let (id, columns, parameters) = (le32(body, 1), le16(body, 5), le16(body, 7));
        if let (Some(id), Some(operation)) = (id, self.preparing) {
            if self.statements.len() >= STATEMENTS_MAX {
                self.statements.clear();
            }
            self.statements.insert(id, operation);
        }
        // The packets that end these lists, where they are sent, follow an answer that is complete, and are passed over.
        match u64::from(columns.unwrap_or(0)) + u64::from(parameters.unwrap_or(0)) {
            0 => self.is_last = true,
            count => self.next = Next::Prepared(count),
        }
    }

    /// Any further packet of an answer.
    fn following(&mut self, body: &[u8], len: usize) {
        let first = body.first().copied();
        if first == Some(0xff) {
            return self.fail(body);
        }
        match &mut self.next {
            Next::Prepared(_) if first == Some(0xfe) && len == 5 => {}
            Next::Prepared(left) => {
                *left -= 1;
                self.is_last = *left == 0;
            }
            Next::Columns(left) => {
                *left -= 1;
                if *left == 0 {
                    self.next = Next::Rows { is_first: true };
                }
            }
            Next::Rows { is_first } => {
                let is_first = std::mem::take(is_first);
                if first != Some(0xfe) || len >= PACKET_BYTES_MAX {
                    return;
                }
                if len == 5 && is_first {
                    // The end of the columns, unless rows are fetched with a cursor, which is an end.
                    self.is_last = le16(body, 3).is_some_and(|status| status & 0x40 != 0);
                    return;
                }
                let status = if len == 5 { le16(body, 3) } else { ok_status(body) };
                if has_more(status) {
                    self.next = Next::Further;
                } else {
                    self.is_last = len < 9 || status.is_some();
                }
            }
            Next::First | Next::Further => {}
        }
    }

    fn answered(&mut self, scene: &mut Scene<'_, '_>) {
        self.is_last = false;
        self.next = Next::First;
        let bytes = std::mem::take(&mut self.answer_bytes);
        let code = self.error.take().map(|code| code.to_string());
        let answer = Answer { bytes, error: code.as_ref().map(String::as_bytes) };
        scene.exchanges.answer(answer, scene.now_ns, scene.record);
        self.phase = Phase::Ready;
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
