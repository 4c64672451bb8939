//! One segment: a stream of frames, on disk (twice) as far as the disk took it, in memory from there on.

use super::mirror::{OFFSETS, PRIMARY};
use wire::protocols::native::{AgentId, Header};

/// Between two frames: the number of the next one, and where it starts, counted from the start of the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) frame: u64,
    pub(crate) offset: u64,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Orders segments and names the file: Unix milliseconds of its making, or one more than the segment before.
    pub(crate) number: u64,
    /// Whose stream it is.
    pub(crate) agent: AgentId,
    pub(crate) stream: u64,
    /// Where the first frame starts.
    pub(crate) header_bytes: u64,
    /// Bytes of the stream in each of its files, the header included; 0 where there is no file.
    pub(crate) copies: [u64; 2],
    /// What follows those and could not be written.
    pub(crate) memory: Vec<u8>,
    /// Frames in it.
    pub(crate) frames: u64,
    /// What to send next.
    pub(crate) next: Place,
    /// Frames that a server keeps.
    pub(crate) acknowledged: u64,
    /// Where those end, as far as it is known.
    pub(crate) acknowledged_bytes: u64,
    /// Since when there is something that no server keeps, in Unix milliseconds.
    pub(crate) pending_since_ms: i64,
    /// Frames that were sent at least once.
    pub(crate) sent: u64,
    /// Answers in a row that asked to resume.
    pub(crate) resumes: u32,
    /// Reads in a row that failed.
    pub(crate) read_failures: u32,
    /// Found at the start and not yet looked into: frames and stream are not known.
    pub(crate) unread: bool,
}

impl Segment {
    /// A new one whose header is `header`.
    pub(crate) fn new(number: u64, header: &Header<'_>, header_bytes: u64) -> Self {
        Self {
            number,
            agent: header.agent,
            stream: header.stream,
            header_bytes,
            copies: [0; 2],
            memory: Vec::new(),
            frames: 0,
            next: Place { frame: 0, offset: header_bytes },
            acknowledged: 0,
            acknowledged_bytes: 0,
            pending_since_ms: i64::try_from(number).unwrap_or(i64::MAX),
            sent: 0,
            resumes: 0,
            read_failures: 0,
            unread: false,
        }
    }

    /// One of which files were found, with the bytes of the stream in each.
    pub(crate) fn found(number: u64, copies: [u64; 2]) -> Self {
        let unknown = Header { agent: AgentId([0; 16]), stream: 0, first: 0, host: "" };
        Self { copies, unread: true, ..Self::new(number, &unknown, 0) }
    }

    /// Whether there is a file.
    pub(crate) fn has_file(&self) -> bool {
        self.disk_bytes() > 0 || self.unread
    }

    /// Where what is on disk ends, in one copy or the other.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.copies[0].max(self.copies[1])
    }

    /// Bytes that its files take.
    pub(crate) fn disk_used_bytes(&self) -> u64 {
        self.copies.iter().zip(OFFSETS).filter(|(len, _)| **len > 0).map(|(len, offset)| len + offset).sum()
    }

    /// Where it ends.
    pub(crate) fn len_bytes(&self) -> u64 {
        self.disk_bytes() + self.memory.len() as u64
    }

    /// Where it ends as far as one copy tells. What could not be written counts as of the first.
    pub(crate) fn end_of(&self, copy: usize) -> u64 {
        if copy == PRIMARY && !self.memory.is_empty() { self.len_bytes() } else { self.copies[copy] }
    }

    /// Whether a server keeps all of it.
    pub(crate) fn is_done(&self) -> bool {
        !self.unread && self.acknowledged == self.frames
    }

    /// Bytes that no server has acknowledged, roughly.
    pub(crate) fn pending_bytes(&self) -> u64 {
        if self.is_done() {
            return 0;
        }
        self.len_bytes().saturating_sub(self.acknowledged_bytes.max(self.header_bytes))
    }

    /// Gives up everything from `place` on.
    pub(crate) fn cut(&mut self, place: Place) {
        self.frames = place.frame;
        self.acknowledged = self.acknowledged.min(self.frames);
        let from_memory = place.offset.saturating_sub(self.disk_bytes());
        self.memory.truncate(from_memory as usize);
        self.copies = self.copies.map(|len| len.min(place.offset));
    }
}
