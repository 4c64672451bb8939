//! What a protocol is to a conversation: it looks at bytes and says what they are.

use crate::exchange::{Exchanges, Record};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Client = 0,
    Server = 1,
}

/// What the bytes at hand are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A message, or a part that can be passed over, of so many bytes, of which some may be yet to come.
    Pass(u64),
    /// Its head is not complete.
    More,
    /// None of the protocol's messages.
    Lost,
    /// Nothing more can be read on this connection: it is encrypted, or speaks something else from here on.
    Closed,
}

/// What a protocol is told besides the bytes.
pub(crate) struct Scene<'a, 'r> {
    /// When the message began, in nanoseconds since 1970.
    pub(crate) began_ns: u64,
    /// When the last byte at hand was captured.
    pub(crate) now_ns: u64,
    /// The head is as complete as it will ever be: the next bytes are not in the capture.
    pub(crate) is_cut: bool,
    /// Requests and their answers.
    pub(crate) exchanges: &'a mut Exchanges,
    /// Where the finished ones go.
    pub(crate) record: &'a mut Record<'r>,
    pub(super) is_closed: bool,
}

impl Scene<'_, '_> {
    /// Nothing more can be read on this connection.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
    }
}

/// One connection of a protocol, as it is read.
pub(crate) trait Protocol: Send {
    /// Reads the head of a message. It is asked again with more bytes after [`Step::More`], so it changes nothing then.
    fn step(&mut self, side: Side, bytes: &[u8], scene: &mut Scene<'_, '_>) -> Step;
    /// The last byte of what was passed over went by.
    fn end(&mut self, side: Side, scene: &mut Scene<'_, '_>) {
        let _ = (side, scene);
    }
    /// Whether a message may begin so. Asked after a loss for the begin of each segment.
    fn begins(&self, side: Side, bytes: &[u8]) -> bool;
    /// Messages were lost in this direction: forget what depends on them.
    fn lost(&mut self, side: Side);
    /// The connection is watched from its first byte.
    fn opened(&mut self) {}
    /// The connection is over.
    fn over(&mut self, scene: &mut Scene<'_, '_>) {
        let _ = scene;
    }
}
