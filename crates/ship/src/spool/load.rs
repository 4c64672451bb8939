//! Reading: the next request's body, and the walk over frames that everything else here is made of.

use super::lanes::Lane;
use super::segment::{Place, Segment};
use super::{Spool, files};
use crate::stats::{DROPPED_DAMAGED, DROPPED_TORN};
use std::io;
use wire::protocols::native::frame::{self, Broken};
use wire::protocols::native::header::HEADER_BYTES_MAX;
use wire::protocols::native::{Header, Malformed};

/// How much of a segment is read at once when nothing is sent, in bytes.
pub(super) const WALK_BYTES: usize = 64 << 10;
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

/// How far a walk came, and what stopped it before its limits.
struct Walk {
    end: Place,
    broken: Option<Broken>,
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
            Walk { end: segment.next, broken: None }
        } else {
            self.walk(at, segment.next, bytes_max.saturating_sub(body.len()), u64::MAX, body)?
        };
        self.segments[at].read_failures = 0;
        if walk.end.frame == first
            && let Some(broken) = walk.broken
        {
            self.cut(at, walk.end, broken);
            return Ok(None);
        }
        let segment = &mut self.segments[at];
        let repeated = segment.sent.min(walk.end.frame).saturating_sub(first);
        segment.sent = segment.sent.max(walk.end.frame);
        Ok(Some(Cargo { lane, number: segment.number, first, end: walk.end, repeated }))
    }

    /// Looks into a segment that an earlier run left: whose it is and how far its frames are good.
    fn inspect(&mut self, at: usize, scratch: &mut Vec<u8>) -> io::Result<()> {
        let head_len = self.segments[at].disk_bytes.min(HEADER_BYTES_MAX as u64) as usize;
        self.read(at, 0, head_len, scratch)?;
        let header = Header::decode(scratch).map(|(h, rest)| (h.agent, h.stream, head_len - rest.len()));
        let (agent, stream, header_bytes) = match header {
            Ok(parts) => parts,
            Err(malformed) => {
                self.drop_headless(at, malformed);
                return Ok(());
            }
        };
        let segment = &mut self.segments[at];
        segment.agent = agent;
        segment.stream = stream;
        segment.header_bytes = header_bytes as u64;
        let mut walk = Walk { end: Place { frame: 0, offset: header_bytes as u64 }, broken: None };
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

    /// Where frame number `frame` starts, or the last place before it that can be read.
    pub(super) fn seek(&self, at: usize, frame: u64) -> Place {
        let mut place = Place { frame: 0, offset: self.segments[at].header_bytes };
        let mut scratch = Vec::new();
        while place.frame < frame {
            scratch.clear();
            match self.walk(at, place, WALK_BYTES, frame - place.frame, &mut scratch) {
                Ok(walk) if walk.end.frame > place.frame => place = walk.end,
                _ => break,
            }
        }
        place
    }

    /// Appends whole, undamaged frames from `place` on to `out`: at most `frames_max`, at most `bytes_max` unless the
    /// first one alone is larger.
    fn walk(
        &self,
        at: usize,
        place: Place,
        bytes_max: usize,
        frames_max: u64,
        out: &mut Vec<u8>,
    ) -> io::Result<Walk> {
        let start = out.len();
        let left = self.segments[at].len_bytes().saturating_sub(place.offset);
        let take = left.min(bytes_max.max(frame::ENVELOPE_BYTES) as u64) as usize;
        self.read(at, place.offset, take, out)?;
        if let Ok(len) = frame::len_bytes(&out[start..])
            && len > take
            && len as u64 <= left
        {
            out.truncate(start);
            self.read(at, place.offset, len, out)?;
        }
        let reached_end = (out.len() - start) as u64 == left;
        let (mut rest, mut frames, mut broken) = (&out[start..], 0, None);
        while !rest.is_empty() && frames < frames_max {
            match frame::take(&mut rest) {
                Ok(_) => frames += 1,
                // The limit of bytes cuts a frame, too; that is no damage unless the first one cannot be had.
                Err(Broken::Cut) if !reached_end && frames > 0 => break,
                Err(e) => {
                    broken = Some(e);
                    break;
                }
            }
        }
        let whole = out.len() - start - rest.len();
        out.truncate(start + whole);
        let end = Place { frame: place.frame + frames, offset: place.offset + whole as u64 };
        Ok(Walk { end, broken })
    }

    /// Appends `len` bytes of a segment from `offset` on to `out`, from wherever they are: the file, its end that is in
    /// memory too, and what could not be written.
    fn read(&self, at: usize, offset: u64, len: usize, out: &mut Vec<u8>) -> io::Result<()> {
        // Exactly: this buffer lives as long as the outbox.
        out.reserve_exact(len);
        let segment = &self.segments[at];
        let fresh_from = if self.is_active(at) { self.fresh.offset } else { u64::MAX };
        let file_end = segment.disk_bytes.min(fresh_from);
        let end = offset + len as u64;
        if offset < file_end {
            let start = out.len();
            out.resize(start + (end.min(file_end) - offset) as usize, 0);
            let file = self.disk.open(&files::segment(&self.options.folder, segment.number))?;
            file.read_exact_at(&mut out[start..], offset)?;
        }
        for (from, bytes) in [(fresh_from, &self.fresh.bytes), (segment.disk_bytes, &segment.memory)] {
            let until = from.saturating_add(bytes.len() as u64);
            if offset.max(from) < end.min(until) {
                out.extend_from_slice(
                    &bytes[(offset.max(from) - from) as usize..(end.min(until) - from) as usize],
                );
            }
        }
        Ok(())
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
        let len = self.segments[at].disk_bytes;
        let torn = malformed.reason == "ends early";
        self.count_dropped(len, if torn { &DROPPED_TORN } else { &DROPPED_DAMAGED });
        if let Some(segment) = self.take_out(at) {
            if torn { self.remove_file(&segment) } else { self.set_aside(&segment, malformed.reason) }
        }
    }
}
