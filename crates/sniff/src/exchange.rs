//! Requests that wait for their answers, in the order in which they were sent.
//!
//! Which answer belongs to which request is known as long as nothing was lost. After a loss (or when a connection is
//! met in its middle) answers are passed over until a request follows an answer: then nothing is under way any more, for
//! every client that does not send ahead, and pairs are made again.

use crate::limits::PENDING_MAX;
use crate::tally::{Finished, OperationId, PeerId, ServiceId, Tally};
use std::collections::VecDeque;

/// A request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) operation: OperationId,
    /// When its first byte was captured.
    pub(crate) began_ns: u64,
    /// Bytes on the wire.
    pub(crate) bytes: u64,
    /// What the protocol wants to know when the answer comes.
    pub(crate) tag: u32,
}

/// An answer in whole.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answer<'a> {
    /// Bytes on the wire.
    pub(crate) bytes: u64,
    /// The code of the error it tells, if it does.
    pub(crate) error: Option<&'a [u8]>,
}

/// The way to the tally, and the time it is by the capture.
pub(crate) struct Record<'r> {
    pub(crate) tally: &'r mut Tally,
    pub(crate) service: ServiceId,
    pub(crate) now_ns: u64,
}

impl Record<'_> {
    /// Bytes that no message could be made of.
    pub(crate) fn lost(&mut self, bytes: u64) {
        self.tally.service_mut(self.service).unread_bytes += bytes;
    }

    /// Bytes that were on the wire and not in the capture.
    pub(crate) fn unseen(&mut self, bytes: u64) {
        self.tally.service_mut(self.service).unseen_bytes += bytes;
    }

    /// The number of an operation on a target; both are bytes of the wire.
    pub(crate) fn operation(&mut self, name: &[u8], target: &[u8]) -> OperationId {
        self.tally.operation(self.service, name, target)
    }

    /// The connection is encrypted, and nothing can be read of it.
    pub(crate) fn encrypted(&mut self) {
        self.tally.service_mut(self.service).encrypted += 1;
    }

    /// A message is compressed: nothing is known of it but its size.
    pub(crate) fn compressed(&mut self) {
        self.tally.service_mut(self.service).compressed += 1;
    }

    /// What the server sent on its own account.
    pub(crate) fn pushed(&mut self) {
        self.tally.service_mut(self.service).pushed += 1;
    }
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Exchanges {
    peer: PeerId,
    pending: VecDeque<Asked>,
    /// The next answer belongs to the first that is pending.
    is_aligned: bool,
    /// An answer came after the loss.
    has_turned: bool,
}

impl Exchanges {
    pub(crate) fn new(peer: PeerId) -> Self {
        Self { peer, pending: VecDeque::new(), is_aligned: false, has_turned: true }
    }

    /// Nothing is under way.
    pub(crate) fn align(&mut self) {
        self.is_aligned = true;
    }

    /// A request was sent.
    #[inline]
    pub(crate) fn ask(&mut self, asked: Asked, record: &mut Record<'_>) {
        if !self.is_aligned {
            if !self.has_turned {
                record.tally.service_mut(record.service).unanswered += 1;
                return;
            }
            self.is_aligned = true;
        }
        if self.pending.len() >= PENDING_MAX {
            return self.lose(record);
        }
        self.pending.push_back(asked);
    }

    /// The first that waits, if its answer is known to be the next.
    #[inline]
    pub(crate) fn first(&self) -> Option<&Asked> {
        self.pending.front()
    }

    /// The one sent last.
    pub(crate) fn last_mut(&mut self) -> Option<&mut Asked> {
        self.pending.back_mut()
    }

    /// Whether one with this tag waits.
    pub(crate) fn has_tag(&self, tag: u32) -> bool {
        self.pending.iter().any(|asked| asked.tag == tag)
    }

    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        self.pending.len()
    }

    /// The answer to the first that waits.
    #[inline]
    pub(crate) fn answer(&mut self, answer: Answer<'_>, now_ns: u64, record: &mut Record<'_>) {
        let first = if self.is_aligned { self.pending.pop_front() } else { None };
        self.finish(first, answer, now_ns, record);
    }

    /// The answer to the one with this tag, in whatever order they come.
    pub(crate) fn answer_tagged(
        &mut self,
        tag: u32,
        answer: Answer<'_>,
        now_ns: u64,
        record: &mut Record<'_>,
    ) {
        let at = self.pending.iter().position(|asked| asked.tag == tag);
        let asked = at.and_then(|at| self.pending.remove(at));
        self.finish(asked, answer, now_ns, record);
    }

    #[inline]
    fn finish(&mut self, asked: Option<Asked>, answer: Answer<'_>, now_ns: u64, record: &mut Record<'_>) {
        let Some(asked) = asked else {
            self.has_turned = true;
            record.tally.service_mut(record.service).unasked += 1;
            return;
        };
        let finished = Finished {
            peer: self.peer,
            operation: asked.operation,
            request_bytes: asked.bytes,
            response_bytes: answer.bytes,
            took_ns: now_ns.saturating_sub(asked.began_ns),
            error: answer.error,
        };
        record.tally.finished(record.service, &finished);
    }

    /// A request that has no answer.
    pub(crate) fn tell(&mut self, asked: Asked, record: &mut Record<'_>) {
        let finished = Finished {
            peer: self.peer,
            operation: asked.operation,
            request_bytes: asked.bytes,
            response_bytes: 0,
            took_ns: 0,
            error: None,
        };
        record.tally.told(record.service, &finished);
    }

    /// Something was lost: which answer belongs to which request is not known any more.
    pub(crate) fn lose(&mut self, record: &mut Record<'_>) {
        self.is_aligned = false;
        self.has_turned = false;
        self.over(record);
    }

    /// Answers name their requests, so that a loss changes nothing for the others.
    pub(crate) fn stay_aligned(&mut self) {
        self.is_aligned = true;
    }

    /// Nothing more will be answered.
    pub(crate) fn over(&mut self, record: &mut Record<'_>) {
        record.tally.service_mut(record.service).unanswered += self.pending.len() as u64;
        self.pending.clear();
    }
}
