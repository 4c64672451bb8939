//! Redis: RESP2 and RESP3, inline commands too. Source: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.

mod reply;
mod resp;

use super::{line, number};
use crate::conversation::{Protocol, Scene, Side, Step};
use crate::exchange::Asked;
use crate::names::{self, Name};
use crate::tally::OperationId;
use reply::Reply;
use resp::{ELEMENTS_MAX, Found, LINE_BYTES_MAX, bulk, word};

/// Commands that say nothing without their next word.
const CONTAINERS: [&[u8]; 17] = [
    b"ACL",
    b"CLIENT",
    b"CLUSTER",
    b"COMMAND",
    b"CONFIG",
    b"DEBUG",
    b"FUNCTION",
    b"LATENCY",
    b"MEMORY",
    b"MODULE",
    b"OBJECT",
    b"PUBSUB",
    b"SCRIPT",
    b"SENTINEL",
    b"SLOWLOG",
    b"XGROUP",
    b"XINFO",
];

/// A command of which some arguments are still to be passed over.
#[derive(Debug, Clone, Copy)]
struct Command {
    operation: OperationId,
    began_ns: u64,
    bytes: u64,
    args_left: u64,
    effect: Effect,
}

/// What a command does to the way answers come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    None,
    /// Answers come as pushes.
    Subscribe,
    /// The connection becomes a stream of commands.
    Replicate,
    /// Pushes are marked as such from now on.
    Resp3,
}

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Redis {
    command: Option<Command>,
    reply: Option<Reply>,
    is_resp3: bool,
    is_subscribed: bool,
    is_over: bool,
}

impl Redis {
    fn command(&mut self, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        let Some((text, head_len)) = line(bytes) else { return self.unfinished(bytes) };
        if bytes[0] != b'*' {
            return self.inline(text, head_len, scene);
        }
        let Some(count) = number(&text[1..]).filter(|count| *count <= ELEMENTS_MAX) else {
            return Step::Lost;
        };
        if count == 0 {
            return Step::Pass(head_len as u64);
        }
        let (verb, mut used) = match word(&bytes[head_len..]) {
            Found::There((verb, len)) => (verb, head_len + len),
            Found::More => return Step::More,
            Found::Lost => return Step::Lost,
        };
        let mut name = names::verb(verb);
        let mut args_left = count - 1;
        let mut first: &[u8] = b"";
        if args_left > 0 && (CONTAINERS.contains(&name.as_bytes()) || name.as_bytes() == b"HELLO") {
            match word(&bytes[used..]) {
                Found::There((text, len)) => {
                    used += len;
                    args_left -= 1;
                    first = text;
                }
                Found::More => return Step::More,
                Found::Lost => return Step::Lost,
            }
        }
        let effect = effect(&name, first);
        if effect != Effect::Resp3 && !first.is_empty() && name.as_bytes() != b"HELLO" {
            name.push(b"|");
            name.push(names::verb(first).as_bytes());
        }
        let operation = scene.record.operation(name.as_bytes(), b"");
        self.command = Some(Command { operation, began_ns: scene.began_ns, bytes: 0, args_left, effect });
        self.arguments(bytes, used)
    }

    /// Passes over as many arguments as begin in `bytes`, from `used` on.
    fn arguments(&mut self, bytes: &[u8], mut used: usize) -> Step {
        let Some(command) = &mut self.command else { return Step::Lost };
        let start = used;
        while command.args_left > 0 {
            match bulk(&bytes[used..]) {
                Found::There((_, len)) => {
                    command.args_left -= 1;
                    let end = used as u64 + len;
                    if end > bytes.len() as u64 {
                        command.bytes += end;
                        return Step::Pass(end);
                    }
                    used = end as usize;
                }
                Found::More if used > 0 => break,
                Found::More => return Step::More,
                Found::Lost if used > start => break,
                Found::Lost => return Step::Lost,
            }
        }
        command.bytes += used as u64;
        Step::Pass(used as u64)
    }

    fn inline(&mut self, text: &[u8], used: usize, scene: &mut Scene<'_, '_>) -> Step {
        let Some(verb) = text.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()) else {
            return Step::Pass(used as u64);
        };
        if !verb.iter().all(u8::is_ascii_alphanumeric) {
            return Step::Lost;
        }
        let name = names::verb(verb);
        let operation = scene.record.operation(name.as_bytes(), b"");
        let effect = effect(&name, b"");
        self.command =
            Some(Command { operation, began_ns: scene.began_ns, bytes: used as u64, args_left: 0, effect });
        Step::Pass(used as u64)
    }

    fn unfinished(&self, bytes: &[u8]) -> Step {
        if bytes.len() > LINE_BYTES_MAX { Step::Lost } else { Step::More }
    }

    fn commanded(&mut self, command: &Command, scene: &mut Scene<'_, '_>) {
        let &Command { operation, began_ns, bytes, effect, .. } = command;
        let asked = Asked { operation, began_ns, bytes, tag: 0 };
        match effect {
            Effect::None => return scene.exchanges.ask(asked, scene.record),
            Effect::Resp3 => {
                self.is_resp3 = true;
                return scene.exchanges.ask(asked, scene.record);
            }
            Effect::Subscribe => self.is_subscribed = true,
            Effect::Replicate => self.is_over = true,
        }
        scene.exchanges.tell(asked, scene.record);
    }
}

fn effect(name: &Name, first: &[u8]) -> Effect {
    match name.as_bytes() {
        b"SUBSCRIBE" | b"PSUBSCRIBE" | b"SSUBSCRIBE" | b"MONITOR" => Effect::Subscribe,
        b"UNSUBSCRIBE" | b"PUNSUBSCRIBE" | b"SUNSUBSCRIBE" => Effect::Subscribe,
        b"PSYNC" | b"SYNC" => Effect::Replicate,
        b"HELLO" if first == b"3" => Effect::Resp3,
        _ => Effect::None,
    }
}

impl Protocol for Redis {
    fn step(&mut self, side: Side, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step {
        match side {
            _ if self.is_over => Step::Closed,
            Side::Client if self.command.is_some() => self.arguments(bytes, 0),
            Side::Client => self.command(bytes, scene),
            Side::Server => self.reply(bytes),
        }
    }

    fn end(&mut self, side: Side, scene: &mut Scene<'_, '_>) {
        match side {
            Side::Client => {
                if let Some(command) = self.command.take_if(|command| command.args_left == 0) {
                    self.commanded(&command, scene);
                }
            }
            Side::Server => {
                if let Some(reply) = self.reply.take_if(|reply| reply.elements_left == 0) {
                    self.replied(&reply, scene);
                }
            }
        }
    }

    fn begins(&self, side: Side, bytes: &[u8]) -> bool {
        let Some((text, used)) = line(bytes) else { return false };
        let is_number = || text.get(1..).and_then(number).is_some() || text.get(1..) == Some(b"-1");
        match (side, bytes.first()) {
            (Side::Client, Some(b'*')) => is_number() && bytes.get(used).is_none_or(|b| *b == b'$'),
            (Side::Server, Some(b'+' | b'-' | b'_' | b',' | b'#' | b'(')) => bytes[..used].ends_with(b"\r\n"),
            (Side::Server, Some(b'$' | b'*' | b':' | b'=' | b'!' | b'%' | b'~' | b'|' | b'>')) => is_number(),
            _ => false,
        }
    }

    fn lost(&mut self, side: Side) {
        match side {
            Side::Client => self.command = None,
            Side::Server => self.reply = None,
        }
    }
}
