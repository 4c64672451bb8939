//! The walk over a segment's frames, in whichever copy they are whole, that everything which reads is made of.

use super::mirror::{self, MIRROR, OFFSETS, PRIMARY};
use super::segment::Place;
use super::{Spool, files};
use std::io;
use wire::protocols::native::frame::{self, Broken};

/// How much of a segment is read at once when nothing is sent, in bytes.
pub(super) const WALK_BYTES: usize = 64 << 10;

/// How far a walk came.
pub(super) struct Walk {
    pub(super) end: Place,
    /// What stopped it at its first frame; the next walk finds out what stopped one that came further.
    pub(super) broken: Option<Broken>,
    /// Whether another copy should have had them.
    pub(super) repaired: bool,
}

impl Spool {
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
    /// first one alone is larger. They are from the copy that has the first of them: the second one is asked first,
    /// because it tells a frame that was moved from one that belongs there, except for what the first has in memory.
    pub(super) fn walk(
        &self,
        at: usize,
        place: Place,
        bytes_max: usize,
        frames_max: u64,
        out: &mut Vec<u8>,
    ) -> io::Result<Walk> {
        let start = out.len();
        let mut walk_in = |copy| {
            out.truncate(start);
            self.walk_in(at, copy, place, bytes_max, frames_max, out)
        };
        let in_memory = self.is_active(at) && place.offset >= self.fresh.offset;
        let order = if in_memory { [PRIMARY, MIRROR] } else { [MIRROR, PRIMARY] };
        let mut failed = [const { None }; 2];
        for copy in order {
            match walk_in(copy) {
                Ok(walk) if walk.broken.is_none() => {
                    let repaired =
                        failed.iter().any(Option::is_some) && self.segments[at].copies[1 - copy] > 0;
                    return Ok(Walk { repaired, ..walk });
                }
                other => failed[copy] = Some(other),
            }
        }
        match failed {
            // The disk may give the second copy next time.
            [Some(Ok(_)), Some(Err(e))] if e.kind() != io::ErrorKind::NotFound => Err(e),
            [Some(first), _] => first,
            _ => unreachable!("both were tried"),
        }
    }

    /// The same in one copy.
    fn walk_in(
        &self,
        at: usize,
        copy: usize,
        place: Place,
        bytes_max: usize,
        frames_max: u64,
        out: &mut Vec<u8>,
    ) -> io::Result<Walk> {
        let start = out.len();
        let left = self.segments[at].end_of(copy).saturating_sub(place.offset);
        let take = left.min(bytes_max.max(frame::ENVELOPE_BYTES) as u64) as usize;
        self.read(at, copy, place.offset, take, out)?;
        if let Ok(len) = frame::len_bytes(&out[start..])
            && len > take
            && len as u64 <= left
        {
            out.truncate(start);
            self.read(at, copy, place.offset, len, out)?;
        }
        if copy == MIRROR {
            mirror::turn(&mut out[start..], place.offset);
        }
        let (mut rest, mut frames, mut broken) = (&out[start..], 0, (left == 0).then_some(Broken::Cut));
        while !rest.is_empty() && frames < frames_max {
            match frame::take(&mut rest) {
                Ok(_) => frames += 1,
                Err(e) => {
                    broken = (frames == 0).then_some(e);
                    break;
                }
            }
        }
        let whole = out.len() - start - rest.len();
        out.truncate(start + whole);
        let end = Place { frame: place.frame + frames, offset: place.offset + whole as u64 };
        Ok(Walk { end, broken, repaired: false })
    }

    /// Appends what is at the start of a segment to `out`, at most `len_max` bytes, from one copy.
    pub(super) fn read_start(
        &self,
        at: usize,
        copy: usize,
        len_max: usize,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let len = self.segments[at].end_of(copy).min(len_max as u64) as usize;
        self.read(at, copy, 0, len, out)
    }

    /// Appends `len` bytes of a segment from `offset` on to `out`: from a copy's file, and of the first copy also from
    /// its end that is in memory too, and from what could not be written.
    fn read(&self, at: usize, copy: usize, offset: u64, len: usize, out: &mut Vec<u8>) -> io::Result<()> {
        // Exactly: this buffer lives as long as the outbox.
        out.reserve_exact(len);
        let segment = &self.segments[at];
        let in_memory = copy == PRIMARY;
        let fresh_from = if in_memory && self.is_active(at) { self.fresh.offset } else { u64::MAX };
        let memory_from = if in_memory { segment.disk_bytes() } else { u64::MAX };
        let file_end = segment.copies[copy].min(fresh_from);
        let end = offset + len as u64;
        if offset < file_end {
            let start = out.len();
            out.resize(start + (end.min(file_end) - offset) as usize, 0);
            let file = self.disk.open(&files::COPIES[copy](&self.options.folder, segment.number))?;
            file.read_exact_at(&mut out[start..], offset + OFFSETS[copy])?;
        }
        for (from, bytes) in [(fresh_from, &self.fresh.bytes), (memory_from, &segment.memory)] {
            let until = from.saturating_add(bytes.len() as u64);
            if offset.max(from) < end.min(until) {
                out.extend_from_slice(
                    &bytes[(offset.max(from) - from) as usize..(end.min(until) - from) as usize],
                );
            }
        }
        Ok(())
    }
}
