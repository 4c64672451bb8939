//! What is said on one connection: the bytes of both directions, cut into messages by a protocol.
//!
//! A protocol looks at the head of a message and says how long the whole is; the rest passes by unseen, be it in the
//! capture or not. So a body that was cut off or lost does no harm as long as the heads are there. When a head is
//! lost, requests that wait for answers are forgotten, and reading goes on at the next segment that looks like the
//! begin of a message.

mod protocol;

use crate::exchange::{Exchanges, Record};
use crate::limits::HEAD_BYTES_MAX;
use crate::protocols::is_tls;
use crate::stream::Piece;
pub(crate) use protocol::{Protocol, Scene, Side, Step};

/// How far one direction was read.
#[derive(Debug, Default)]
struct Reader {
    /// Bytes that are still to be passed over.
    skip: u64,
    /// The head of a message that is not complete.
    head: Vec<u8>,
    head_ns: u64,
    is_lost: bool,
    /// A message was read.
    has_read: bool,
}

/// See the module's text.
pub(crate) struct Conversation {
    protocol: Box<dyn Protocol>,
    readers: [Reader; 2],
    pub(crate) exchanges: Exchanges,
    is_closed: bool,
}

impl Conversation {
    pub(crate) fn new(protocol: Box<dyn Protocol>, exchanges: Exchanges) -> Self {
        Self { protocol, readers: Default::default(), exchanges, is_closed: false }
    }

    /// The connection was seen from its begin.
    pub(crate) fn opened(&mut self) {
        self.exchanges.align();
        self.protocol.opened();
    }

    /// Takes what comes out of a stream.
    #[inline]
    pub(crate) fn take(&mut self, side: Side, piece: Piece<'_>, record: &mut Record<'_>) {
        if self.is_closed {
            return;
        }
        match piece {
            Piece::Bytes(time_ns, bytes) => self.bytes(side, time_ns, bytes, record),
            Piece::Unseen(len) => self.unseen(side, len, record),
            Piece::Torn => self.lose(side, record),
            Piece::Met => self.readers[side as usize].is_lost = true,
        }
    }

    #[inline]
    fn bytes(&mut self, side: Side, time_ns: u64, mut bytes: &[u8], record: &mut Record<'_>) {
        let reader = &mut self.readers[side as usize];
        if reader.skip > 0 {
            let passed = reader.skip.min(bytes.len() as u64);
            reader.skip -= passed;
            bytes = &bytes[passed as usize..];
            if reader.skip == 0 {
                self.ended(side, time_ns, record);
            }
            if bytes.is_empty() {
                return;
            }
        }
        let reader = &mut self.readers[side as usize];
        if reader.is_lost {
            if !self.protocol.begins(side, bytes) {
                return self.unread(side, bytes, record);
            }
            reader.is_lost = false;
        }
        if reader.head.is_empty() {
            self.read(side, time_ns, time_ns, bytes, record);
        } else {
            let mut head = std::mem::take(&mut reader.head);
            let began_ns = reader.head_ns;
            head.extend_from_slice(bytes);
            self.read(side, began_ns, time_ns, &head, record);
            self.put_back(side, head);
        }
    }

    /// Keeps the memory of a head for the next, unless it is much.
    fn put_back(&mut self, side: Side, mut head: Vec<u8>) {
        let reader = &mut self.readers[side as usize];
        if reader.head.capacity() == 0 && head.capacity() <= 1024 {
            head.clear();
            reader.head = head;
        }
    }

    /// Cuts bytes that begin with a message into messages.
    fn read(
        &mut self,
        side: Side,
        mut began_ns: u64,
        now_ns: u64,
        mut bytes: &[u8],
        record: &mut Record<'_>,
    ) {
        while !bytes.is_empty() && !self.is_closed {
            let step = self.step(side, began_ns, now_ns, bytes, false, record);
            match step {
                Step::Pass(len) => {
                    self.readers[side as usize].has_read = true;
                    bytes = self.pass(side, len, bytes, now_ns, record);
                    began_ns = now_ns;
                }
                Step::More if bytes.len() < HEAD_BYTES_MAX => {
                    if side == Side::Client && !self.readers[0].has_read && is_tls(bytes) {
                        return self.unread(side, bytes, record);
                    }
                    let reader = &mut self.readers[side as usize];
                    reader.head.clear();
                    reader.head.extend_from_slice(bytes);
                    reader.head_ns = began_ns;
                    return;
                }
                Step::More | Step::Lost => {
                    self.lose(side, record);
                    return self.unread(side, bytes, record);
                }
                Step::Closed => return self.close(record),
            }
        }
    }

    /// No message could be made of these bytes. On a connection that is encrypted, none ever will.
    #[cold]
    fn unread(&mut self, side: Side, bytes: &[u8], record: &mut Record<'_>) {
        if side == Side::Client && is_tls(bytes) {
            record.encrypted();
            return self.close(record);
        }
        record.lost(bytes.len() as u64);
    }

    /// What is left of `bytes` after a message; when that is longer, its rest is passed over later.
    fn pass<'b>(
        &mut self,
        side: Side,
        len: u64,
        bytes: &'b [u8],
        now_ns: u64,
        record: &mut Record<'_>,
    ) -> &'b [u8] {
        debug_assert!(len > 0, "a message has a length");
        match bytes.get(usize::try_from(len).unwrap_or(usize::MAX)..) {
            Some(rest) => {
                self.ended(side, now_ns, record);
                rest
            }
            None => {
                self.readers[side as usize].skip = len - bytes.len() as u64;
                &[]
            }
        }
    }

    fn step(
        &mut self,
        side: Side,
        began_ns: u64,
        now_ns: u64,
        bytes: &[u8],
        is_cut: bool,
        record: &mut Record<'_>,
    ) -> Step {
        let exchanges = &mut self.exchanges;
        let mut scene = Scene { began_ns, now_ns, is_cut, exchanges, record, is_closed: false };
        self.protocol.step(side, bytes, &mut scene)
    }

    fn ended(&mut self, side: Side, now_ns: u64, record: &mut Record<'_>) {
        let exchanges = &mut self.exchanges;
        let mut scene =
            Scene { began_ns: now_ns, now_ns, is_cut: false, exchanges, record, is_closed: false };
        self.protocol.end(side, &mut scene);
        if scene.is_closed {
            self.close(record);
        }
    }

    #[cold]
    fn unseen(&mut self, side: Side, len: u64, record: &mut Record<'_>) {
        record.unseen(len);
        let mut left = len;
        let reader = &mut self.readers[side as usize];
        if reader.is_lost {
            return self.exchanges.lose(record);
        }
        if reader.skip == 0 && !reader.head.is_empty() {
            let head = std::mem::take(&mut reader.head);
            let began_ns = reader.head_ns;
            match self.step(side, began_ns, began_ns, &head, true, record) {
                Step::Pass(whole) if whole > head.len() as u64 => {
                    self.readers[side as usize].skip = whole - head.len() as u64;
                }
                Step::Closed => return self.close(record),
                _ => return self.lose(side, record),
            }
        }
        let reader = &mut self.readers[side as usize];
        let passed = reader.skip.min(left);
        if passed > 0 {
            reader.skip -= passed;
            left -= passed;
            if reader.skip == 0 {
                let now_ns = record.now_ns;
                self.ended(side, now_ns, record);
            }
        }
        if left > 0 {
            self.lose(side, record);
        }
    }

    /// A direction cannot be read until a message begins again.
    #[cold]
    fn lose(&mut self, side: Side, record: &mut Record<'_>) {
        let reader = &mut self.readers[side as usize];
        reader.is_lost = true;
        reader.skip = 0;
        reader.head = Vec::new();
        self.protocol.lost(side);
        self.exchanges.lose(record);
    }

    fn close(&mut self, record: &mut Record<'_>) {
        self.is_closed = true;
        self.readers = Default::default();
        self.exchanges.lose(record);
    }

    /// The connection is over: what was not answered will not be.
    pub(crate) fn over(&mut self, record: &mut Record<'_>) {
        let now_ns = record.now_ns;
        let exchanges = &mut self.exchanges;
        let mut scene =
            Scene { began_ns: now_ns, now_ns, is_cut: false, exchanges, record, is_closed: false };
        self.protocol.over(&mut scene);
        self.exchanges.over(record);
    }
}
