//! One direction of a TCP connection: segments as they were captured in, bytes in order out, and for every byte that
//! was not captured the word that it is missing.
//!
//! A segment that comes in order is passed on where it lies; only what came too early is copied and held. That a byte
//! will never come is known when its receiver has acknowledged it, when too much is held, or when it was held too long.

use crate::limits::{HELD_BYTES_MAX, HELD_NS_MAX, HELD_SEGMENTS_MAX, JUMP_BYTES_MAX};
use crate::packet::Segment;
use std::collections::VecDeque;

/// What comes out of a stream, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Bytes, and when they were captured, in nanoseconds since 1970.
    Bytes(u64, &'a [u8]),
    /// So many bytes were on the wire that are not in the capture.
    Unseen(u64),
    /// What follows has nothing to do with what was before.
    Torn,
    /// What follows is the first that was seen, of a stream that had begun before.
    Met,
}

/// What came before what is in front of it.
#[derive(Debug)]
struct Held {
    sequence: u32,
    time_ns: u64,
    len: u32,
    payload: Box<[u8]>,
}

/// Where a stream stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was seen yet.
    New,
    /// The next byte has this number.
    At(u32),
}

/// One direction of a connection.
#[derive(Debug)]
pub(crate) struct Stream {
    state: State,
    /// By number, nearest first.
    held: VecDeque<Held>,
    held_bytes: usize,
    /// The number of the end, once it is known.
    end: Option<u32>,
}

impl Default for Stream {
    fn default() -> Self {
        Self { state: State::New, held: VecDeque::new(), held_bytes: 0, end: None }
    }
}

/// How far `number` is beyond `from`, around the circle of sequence numbers.
#[inline]
fn beyond(number: u32, from: u32) -> i32 {
    number.wrapping_sub(from).cast_signed()
}

impl Stream {
    /// The connection begins: its first byte has this number.
    pub(crate) fn begin(&mut self, sequence: u32) {
        *self = Self { state: State::At(sequence), ..Self::default() };
    }

    /// Whether nothing was seen of it yet.
    pub(crate) fn is_new(&self) -> bool {
        self.state == State::New
    }

    /// Whether this number is not far behind the next byte's.
    pub(crate) fn has_passed(&self, number: u32) -> bool {
        let State::At(next) = self.state else { return true };
        let behind = beyond(next, number);
        behind >= 0 && behind.unsigned_abs() <= JUMP_BYTES_MAX
    }

    /// Whether this number is beyond the next byte's.
    pub(crate) fn is_ahead(&self, number: u32) -> bool {
        matches!(self.state, State::At(next) if beyond(number, next) > 0)
    }

    /// Takes a segment with data.
    #[inline]
    pub(crate) fn take<'a>(&mut self, segment: &Segment<'a>, time_ns: u64, mut give: impl FnMut(Piece<'_>)) {
        let next = match self.state {
            State::At(next) => next,
            State::New => {
                give(Piece::Met);
                segment.sequence
            }
        };
        self.state = State::At(next);
        if segment.sequence == next && self.held.is_empty() {
            return self.pass(segment.payload, segment.payload_len, time_ns, &mut give);
        }
        self.out_of_order(segment, time_ns, &mut give);
    }

    fn out_of_order(&mut self, segment: &Segment<'_>, time_ns: u64, give: &mut impl FnMut(Piece<'_>)) {
        let State::At(next) = self.state else { return };
        let ahead = beyond(segment.sequence, next);
        if ahead.unsigned_abs() > JUMP_BYTES_MAX {
            // The same ports, another connection, whose begin was not captured.
            self.begin(segment.sequence);
            give(Piece::Torn);
            return self.pass(segment.payload, segment.payload_len, time_ns, give);
        }
        if ahead > 0 {
            self.hold(segment, time_ns);
            self.bound(time_ns, give);
        } else {
            self.pass_from(segment.sequence, segment.payload, segment.payload_len, time_ns, give);
            self.drain(give);
        }
    }

    /// Passes on what of a segment is new.
    fn pass_from(
        &mut self,
        sequence: u32,
        payload: &[u8],
        len: u32,
        time_ns: u64,
        give: &mut impl FnMut(Piece<'_>),
    ) {
        let State::At(next) = self.state else { return };
        let known = next.wrapping_sub(sequence);
        if known < len {
            self.pass(payload.get(known as usize..).unwrap_or_default(), len - known, time_ns, give);
        }
    }

    /// Passes on a segment that is next; what was not kept of it is unseen.
    #[inline]
    fn pass(&mut self, payload: &[u8], len: u32, time_ns: u64, give: &mut impl FnMut(Piece<'_>)) {
        let State::At(next) = self.state else { return };
        self.state = State::At(next.wrapping_add(len));
        if !payload.is_empty() {
            give(Piece::Bytes(time_ns, payload));
        }
        let unseen = u64::from(len) - payload.len() as u64;
        if unseen > 0 {
            give(Piece::Unseen(unseen));
        }
    }

    fn hold(&mut self, segment: &Segment<'_>, time_ns: u64) {
        let at = self.held.partition_point(|held| beyond(held.sequence, segment.sequence) < 0);
        let known =
            self.held.get(at).is_some_and(|h| h.sequence == segment.sequence && h.len >= segment.payload_len);
        if known {
            return;
        }
        self.held_bytes += segment.payload.len();
        let (sequence, len) = (segment.sequence, segment.payload_len);
        self.held.insert(at, Held { sequence, time_ns, len, payload: segment.payload.into() });
    }

    /// Passes on what is held and has become next.
    fn drain(&mut self, give: &mut impl FnMut(Piece<'_>)) {
        while let (State::At(next), Some(first)) = (self.state, self.held.front()) {
            if beyond(first.sequence, next) > 0 {
                return;
            }
            let first = self.held.pop_front().expect("there is a first");
            self.held_bytes -= first.payload.len();
            self.pass_from(first.sequence, &first.payload, first.len, first.time_ns, give);
        }
    }

    /// Gives up waiting when too much is held, or for too long.
    fn bound(&mut self, now_ns: u64, give: &mut impl FnMut(Piece<'_>)) {
        while let Some(first) = self.held.front() {
            let is_old = now_ns.saturating_sub(first.time_ns) > HELD_NS_MAX;
            if !is_old && self.held.len() <= HELD_SEGMENTS_MAX && self.held_bytes <= HELD_BYTES_MAX {
                return;
            }
            let sequence = first.sequence;
            self.skip_to(sequence, give);
        }
    }

    /// The receiver has everything before this number: what is not here yet was not captured.
    #[inline]
    pub(crate) fn acknowledged(&mut self, number: u32, mut give: impl FnMut(Piece<'_>)) {
        let State::At(next) = self.state else {
            self.state = State::At(number);
            return give(Piece::Met);
        };
        // The end takes a number of its own.
        let number = match self.end {
            Some(end) if beyond(number, end) > 0 => end,
            _ => number,
        };
        let ahead = beyond(number, next);
        if ahead > 0 && ahead.unsigned_abs() <= JUMP_BYTES_MAX {
            self.catch_up(number, &mut give);
        }
    }

    #[cold]
    fn catch_up(&mut self, number: u32, give: &mut impl FnMut(Piece<'_>)) {
        while let State::At(next) = self.state {
            if beyond(number, next) <= 0 {
                return;
            }
            let first = self.held.front().map(|held| held.sequence);
            let to = first.filter(|first| beyond(number, *first) > 0).unwrap_or(number);
            self.skip_to(to, give);
        }
    }

    /// What is before this number was not captured.
    fn skip_to(&mut self, number: u32, give: &mut impl FnMut(Piece<'_>)) {
        let State::At(next) = self.state else { return };
        self.state = State::At(number);
        let unseen = number.wrapping_sub(next);
        if unseen > 0 {
            give(Piece::Unseen(u64::from(unseen)));
        }
        self.drain(give);
    }

    /// The stream ends before this number.
    pub(crate) fn ends(&mut self, number: u32) {
        self.end = Some(number);
    }

    /// Whether everything up to the end was passed on.
    pub(crate) fn is_over(&self) -> bool {
        match (self.end, self.state) {
            (Some(end), State::At(next)) => beyond(next, end) >= 0,
            (Some(_), State::New) => true,
            (None, _) => false,
        }
    }

    /// Gives up waiting for whatever is missing in front of what is held.
    pub(crate) fn flush(&mut self, mut give: impl FnMut(Piece<'_>)) {
        while let Some(sequence) = self.held.front().map(|held| held.sequence) {
            self.skip_to(sequence, &mut give);
        }
    }

    /// Bytes held back.
    pub(crate) fn held_bytes(&self) -> usize {
        self.held_bytes
    }
}

#[cfg(test)]
mod tests;
