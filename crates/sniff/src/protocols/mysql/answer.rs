//! What the server says: packets, of which some end an answer.

use super::packet::{
    ANSWER_LOOK_BYTES, CHANGE_USER, FETCH, FIELD_LIST, HEAD_BYTES, PACKET_BYTES_MAX, PREPARE, PROGRESS,
    QUERY, STATISTICS, has_more, head, le16, le32, length_encoded, ok_status, rows_len,
};
use super::{MySql, Next, Phase, more};
use crate::conversation::{Scene, Step};
use crate::exchange::Answer;
use crate::limits::STATEMENTS_MAX;

impl MySql {
    pub(super) fn server(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
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

    pub(super) fn answered(&mut self, scene: &mut Scene<'_, '_>) {
        self.is_last = false;
        self.next = Next::First;
        let bytes = std::mem::take(&mut self.answer_bytes);
        let code = self.error.take().map(|code| code.to_string());
        let answer = Answer { bytes, error: code.as_ref().map(String::as_bytes) };
        scene.exchanges.answer(answer, scene.now_ns, scene.record);
        self.phase = Phase::Ready;
    }
}
