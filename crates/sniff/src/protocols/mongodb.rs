//! MongoDB's wire protocol. Source: <https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/>.
//!
//! Messages have numbers, and answers name what they answer, so that a loss costs nothing but what was lost.

mod bson;
mod message;

use crate::conversation::{Protocol, Scene, Side, Step};
use crate::exchange::{Answer, Asked};
use crate::names::{self, Name};
use message::{
    COMPRESSED, DELETE, GET_MORE, HEAD_BYTES, Head, INSERT, KILL_CURSORS, LOOK_BYTES, MORE_TO_COME, MSG,
    QUERY, QUERY_FAILURE, REPLY, UPDATE, body, command, error, head, le32, namespace,
};

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct MongoDb {
    /// The server goes on sending answers to one request.
    is_streaming: bool,
    /// The answer that passes by: to what, bytes, error.
    reply: Option<(u32, u64, Option<Name>)>,
}

impl MongoDb {
    fn request(&mut self, head: &Head, bytes: &[u8], scene: &mut Scene<'_, '_>) {
        let content = &bytes[HEAD_BYTES..];
        let flags = le32(content, 0).unwrap_or(0);
        let rest = content.get(4..).unwrap_or_default();
        let legacy = |name: &[u8]| (names::thing(name), names::thing(namespace(rest)));
        let (name, target) = match head.code {
            MSG => match body(rest) {
                Some(document) => command(document, b""),
                None => legacy(b"other"),
            },
            QUERY => {
                let space = namespace(rest);
                match space.strip_suffix(b".$cmd") {
                    Some(database) => command(rest.get(space.len() + 9..).unwrap_or_default(), database),
                    None => legacy(b"query"),
                }
            }
            UPDATE => legacy(b"update"),
            INSERT => legacy(b"insert"),
            DELETE => legacy(b"delete"),
            GET_MORE => legacy(b"getMore"),
            COMPRESSED => {
                scene.record.compressed();
                (names::thing(b"compressed"), Name::default())
            }
            _ => (names::thing(b"killCursors"), Name::default()),
        };
        let operation = scene.record.operation(name.as_bytes(), target.as_bytes());
        let asked = Asked { operation, began_ns: scene.began_ns, bytes: u64::from(head.len), tag: head.id };
        let is_silent = match head.code {
            MSG => flags & MORE_TO_COME != 0,
            code => [UPDATE, INSERT, DELETE, KILL_CURSORS].contains(&code),
        };
        if is_silent {
            scene.exchanges.tell(asked, scene.record);
        } else {
            scene.exchanges.ask(asked, scene.record);
        }
    }

    fn response(&mut self, head: &Head, bytes: &[u8], scene: &mut Scene<'_, '_>) {
        let content = &bytes[HEAD_BYTES..];
        let flags = le32(content, 0).unwrap_or(0);
        let was_streaming = self.is_streaming;
        let error = match head.code {
            MSG => {
                self.is_streaming = flags & MORE_TO_COME != 0;
                content.get(4..).and_then(body).and_then(error)
            }
            REPLY => {
                let failed = (flags & QUERY_FAILURE != 0).then(|| names::thing(b"QueryFailure"));
                failed.or_else(|| content.get(20..).and_then(error))
            }
            COMPRESSED => {
                scene.record.compressed();
                None
            }
            _ => None,
        };
        if was_streaming && !scene.exchanges.has_tag(head.answers) {
            return scene.record.pushed();
        }
        self.reply = Some((head.answers, u64::from(head.len), error));
    }
}

impl Protocol for MongoDb {
    fn step(&mut self, side: Side, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        scene.exchanges.stay_aligned();
        if bytes.len() < HEAD_BYTES {
            return if scene.is_cut { Step::Lost } else { Step::More };
        }
        let Some(head) = head(bytes) else { return Step::Lost };
        let len = head.len as usize;
        if bytes.len() < len.min(LOOK_BYTES) && !scene.is_cut {
            return Step::More;
        }
        let message = &bytes[..bytes.len().min(len)];
        match side {
            Side::Client => self.request(&head, message, scene),
            Side::Server => self.response(&head, message, scene),
        }
        Step::Pass(u64::from(head.len))
    }

    fn end(&mut self, side: Side, scene: &mut Scene<'_, '_>) {
        if side == Side::Client {
            return;
        }
        if let Some((id, bytes, error)) = self.reply.take() {
            let answer = Answer { bytes, error: error.as_ref().map(Name::as_bytes) };
            scene.exchanges.answer_tagged(id, answer, scene.now_ns, scene.record);
        }
    }

    fn begins(&self, _side: Side, bytes: &[u8]) -> bool {
        head(bytes).is_some()
    }

    fn lost(&mut self, side: Side) {
        if side == Side::Server {
            *self = Self::default();
        }
    }
}
