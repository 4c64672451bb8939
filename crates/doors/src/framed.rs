//! Doors whose messages say how long they are, or are of a known length.

use crate::intake::Intake;
use crate::service::{Limits, Next, Peer, Service, Told};
use std::time::Duration;

/// Most that the half messages of all connections may hold together, in bytes.
const HELD_BYTES_MAX: usize = 64 << 20;

/// What messages look like and mean.
pub(crate) trait Messages {
    /// What is remembered of a connection.
    type Memory;

    /// How long a connection may be silent.
    const IDLE: Duration;

    /// A connection was made; what is to be said first is appended to `out`.
    fn greet(&mut self, intake: &Intake, out: &mut Vec<u8>) -> Self::Memory;

    /// How long the message at the start of `bytes` is with its head, `None` when more must come to know it; it is asked
    /// again then, with the same start. An error ends the connection.
    fn measure(&self, memory: &mut Self::Memory, bytes: &[u8]) -> Result<Option<usize>, String>;

    /// Takes a message with its head and appends the answer to `out`; `false` ends the connection.
    fn message(
        &mut self,
        memory: &mut Self::Memory,
        message: &[u8],
        peer: Peer,
        intake: &mut Intake,
        out: &mut Vec<u8>,
    ) -> bool;
}

/// A door that takes messages.
pub(crate) struct Framed<M> {
    messages: M,
    intake: Intake,
    /// Bytes of half messages.
    held_bytes: usize,
}

impl<M: Messages> Framed<M> {
    pub(crate) fn new(messages: M, intake: Intake) -> Self {
        Self { messages, intake, held_bytes: 0 }
    }

    /// Takes the whole messages at the start of `bytes`; how many bytes they were, `None` when the connection is to end.
    fn take(&mut self, session: &mut Session<M::Memory>, bytes: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let mut done = 0;
        loop {
            let rest = &bytes[done..];
            let len = match self.messages.measure(&mut session.memory, rest) {
                Ok(Some(len)) if len <= rest.len() => len,
                Ok(_) => return Some(done),
                Err(why) => {
                    self.intake.refuse(session.peer, &why);
                    return None;
                }
            };
            let (message, peer) = (&rest[..len], session.peer);
            if !self.messages.message(&mut session.memory, message, peer, &mut self.intake, out) {
                return None;
            }
            done += len;
        }
    }
}

/// What is remembered of a connection.
pub(crate) struct Session<T> {
    half: Vec<u8>,
    memory: T,
    peer: Peer,
}

impl<M: Messages> Service for Framed<M> {
    type Session = Session<M::Memory>;

    const LIMITS: Limits =
        Limits { connections_max: 32_768, idle: M::IDLE, partial: Duration::from_secs(60) };

    fn open(&mut self, peer: Peer, out: &mut Vec<u8>) -> Self::Session {
        Session { half: Vec::new(), memory: self.messages.greet(&self.intake, out), peer }
    }

    fn input(&mut self, session: &mut Self::Session, bytes: &[u8], out: &mut Vec<u8>) -> Next {
        self.held_bytes -= session.half.capacity();
        let mut half = std::mem::take(&mut session.half);
        let done = if half.is_empty() {
            let done = self.take(session, bytes, out);
            half.extend_from_slice(&bytes[done.unwrap_or(bytes.len())..]);
            done
        } else {
            half.extend_from_slice(bytes);
            let done = self.take(session, &half, out);
            half.drain(..done.unwrap_or(half.len()));
            done
        };
        if half.is_empty() {
            half = Vec::new();
        }
        session.half = half;
        self.held_bytes += session.half.capacity();
        if done.is_some() && self.held_bytes > HELD_BYTES_MAX {
            let why = format_args!("half messages of all connections hold more than {HELD_BYTES_MAX} bytes");
            self.intake.refuse(session.peer, &why);
            return Next::Close;
        }
        match (done, session.half.is_empty()) {
            (None, _) => Next::Close,
            (Some(_), true) => Next::Idle,
            (Some(_), false) => Next::Partial,
        }
    }

    fn close(&mut self, session: Self::Session) {
        self.held_bytes -= session.half.capacity();
        if !session.half.is_empty() {
            let why = format_args!("a message that ends after {} bytes", session.half.len());
            self.intake.refuse(session.peer, &why);
        }
    }

    fn datagram(&mut self, _bytes: &[u8], _peer: Peer) {}

    fn rest(&mut self, _now_ms: i64) {}

    fn tick(&mut self, now_ms: i64) -> Option<i64> {
        self.intake.tick(now_ms)
    }

    fn is_full(&self) -> bool {
        self.intake.is_full()
    }

    fn stop(&mut self, now_ms: i64) {
        self.intake.stop(now_ms);
    }

    fn told(&self) -> Told {
        self.intake.told()
    }
}
