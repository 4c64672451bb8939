//! Reading: the next request's body, and what is done about segments that cannot be read.

use super::Spool;
use super::lanes::Lane;
use super::mirror::{MIRROR, PRIMARY};
use super::segment::{Place, Segment};
use super::walk::{WALK_BYTES, Walk};
use crate::stats::{DROPPED_DAMAGED, DROPPED_TORN, REPAIRED_FRAMES};
use std::io;
use wire::protocols::native::frame::Broken;
use wire::protocols::native::header::HEADER_BYTES_MAX;
use wire::protocols::native::{AgentId, Header, Malformed};

/// Reads of the same place that may fail before its frames are given up.
const READ_FAILURES_MAX: u32 = 10;

/// Frames on their way: which ones, so that the answer can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cargo {
    /// Which lane it is of.
    pub(crate) lane: Lane,
    /// Number of the segment.
    pub(crate) number: u64,
    /// Number of the first frame in the body.
    pub(crate) first: u64,
    /// Where the segment goes on after the last one.
    pub(crate) end: Place,
    /// Frames in the body that were sent before.
    pub(crate) repeated: u64,
}

impl Cargo {
    /// Frames in the body; none when it only asks how far the server is.
    pub(crate) fn frames(&self) -> u64 {
        self.end.frame - self.first
    }
}

/// What there is to send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Load {
    /// The body is filled.
    Ready(Cargo),
    /// Everything is acknowledged.
    Nothing,
    /// Only backlog is left, and it is not its turn.
    Held,
    /// The disk did not give its bytes; it may next time.
    Later,
}

impl Spool {
    /// Fills `body` with the next frames, the fresh lane before the backlog, each from its oldest: as many as fit into
    /// `body_bytes_max`, at least one. A segment of an earlier run whose end is reached is asked for without frames: the
    /// server may keep all of it already.
    pub(crate) fn load(&mut self, body: &mut Vec<u8>, body_bytes_max: usize, backlog: bool) -> Load {
        loop {
            let fresh = self.first_of(Lane::Fresh).map(|at| (Lane::Fresh, at));
            let Some((lane, at)) = fresh.or_else(|| Some((Lane::Backlog, self.first_of(Lane::Backlog)?)))
            else {
                return Load::Nothing;
            };
            if lane == Lane::Backlog && !backlog {
                return Load::Held;
            }
            body.clear();
            let loaded = if self.segments[at].unread {
                self.inspect(at, body).map(|()| None)
            } else {
                self.load_from(lane, at, body, body_bytes_max)
            };
            match loaded {
                Ok(Some(cargo)) => return Load::Ready(cargo),
                Ok(None) => {}
                Err(e) => {
                    self.note_disk(&e);
                    self.segments[at].read_failures += 1;
                    let hopeless = e.kind() == io::ErrorKind::NotFound;
                    if !hopeless && self.segments[at].read_failures < READ_FAILURES_MAX {
                        return Load::Later;
                    }
                    self.give_up_unreadable(at);
                }
            }
        }
    }

    /// The frames of one segment from where it stands; `None` when it turned out to end there.
    fn load_from(
        &mut self,
        lane: Lane,
        at: usize,
        body: &mut Vec<u8>,
        bytes_max: usize,
    ) -> io::Result<Option<Cargo>> {
        let segment = &self.segments[at];
        let Place { frame: first, .. } = segment.next;
        Header { agent: segment.agent, stream: segment.stream, first, host: &self.options.host }.encode(body);
        let walk = if first == segment.frames {
            Walk { end: segment.next, broken: None, repaired: false }
        } else {
            self.walk(at, segment.next, bytes_max.saturating_sub(body.len()), u64::MAX, body)?
        };
        self.segments[at].read_failures = 0;
        if let Some(broken) = walk.broken {
            self.cut(at, walk.end, broken);
            return Ok(None);
        }
        if walk.repaired {
            REPAIRED_FRAMES.add(walk.end.frame - first);
            self.stats.repaired_frames += walk.end.frame - first;
        }
        let segment = &mut self.segments[at];
        let repeated = segment.sent.min(walk.end.frame).saturating_sub(first);
        segment.sent = segment.sent.max(walk.end.frame);
        Ok(Some(Cargo { lane, number: segment.number, first, end: walk.end, repeated }))
    }

    /// Looks into a segment that an earlier run left: whose it is and how far its frames are good.
    fn inspect(&mut self, at: usize, scratch: &mut Vec<u8>) -> io::Result<()> {
        let (agent, stream, header_bytes) = match self.header(at, scratch)? {
            Ok(parts) => parts,
            Err(malformed) => {
                self.drop_headless(at, malformed);
                return Ok(());
            }
        };
        let segment = &mut self.segments[at];
        segment.agent = agent;
        segment.stream = stream;
        segment.header_bytes = header_bytes;
        let end = Place { frame: 0, offset: header_bytes };
        let mut walk = Walk { end, broken: None, repaired: false };
        while walk.end.offset < self.segments[at].len_bytes() && walk.broken.is_none() {
            scratch.clear();
            walk = self.walk(at, walk.end, WALK_BYTES, u64::MAX, scratch)?;
        }
        let segment = &mut self.segments[at];
        segment.unread = false;
        segment.frames = walk.end.frame;
        segment.next = walk.end;
        if let Some(broken) = walk.broken {
            self.cut(at, walk.end, broken);
        }
        self.trim();
        Ok(())
    }

    /// Whose segment it is, which stream, and where its frames start, in whichever copy that can be read.
    fn header(&self, at: usize, scratch: &mut Vec<u8>) -> io::Result<Result<(AgentId, u64, u64), Malformed>> {
        let mut header_in = |copy| {
            scratch.clear();
            self.read_start(at, copy, HEADER_BYTES_MAX, scratch)?;
            let header = Header::decode(scratch);
            Ok(header.map(|(h, rest)| (h.agent, h.stream, (scratch.len() - rest.len()) as u64)))
        };
        let first = header_in(PRIMARY);
        if matches!(first, Ok(Ok(_))) {
            return first;
        }
        match header_in(MIRROR) {
            Ok(Ok(parts)) => Ok(Ok(parts)),
            _ => first,
        }
    }

    /// Gives up what follows the last good frame.
    fn cut(&mut self, at: usize, place: Place, broken: Broken) {
        let lost = self.segments[at].len_bytes().saturating_sub(place.offset);
        let torn = broken == Broken::Cut && !self.is_active(at);
        self.count_dropped(lost, if torn { &DROPPED_TORN } else { &DROPPED_DAMAGED });
        self.segments[at].cut(place);
        if self.is_active(at) {
            self.seal();
        }
        self.trim();
    }

    fn give_up_unreadable(&mut self, at: usize) {
        let segment: &Segment = &self.segments[at];
        if segment.unread {
            let lost = segment.pending_bytes();
            self.count_dropped(lost, &DROPPED_DAMAGED);
            if let Some(segment) = self.take_out(at) {
                self.remove_file(&segment);
            }
        } else {
            let place = segment.next;
            self.cut(at, place, Broken::Checksum);
        }
    }

    /// A file without a readable header: cut while it was made, or damaged.
    fn drop_headless(&mut self, at: usize, malformed: Malformed) {
        let len = self.segments[at].disk_bytes();
        let torn = malformed.reason == "ends early";
        self.count_dropped(len, if torn { &DROPPED_TORN } else { &DROPPED_DAMAGED });
        if let Some(segment) = self.take_out(at) {
            if torn { self.remove_file(&segment) } else { self.set_aside(&segment, malformed.reason) }
        }
    }
}
