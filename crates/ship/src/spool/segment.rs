//! One segment: a stream of frames, on disk as far as the disk took it, in memory from there on.

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
    /// Good bytes in the file, the header included; 0 when there is no file.
    pub(crate) disk_bytes: u64,
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
            disk_bytes: 0,
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

    /// One that was found as a file.
    pub(crate) fn found(number: u64, disk_bytes: u64) -> Self {
        let unknown = Header { agent: AgentId([0; 16]), stream: 0, first: 0, host: "" };
        Self { disk_bytes, unread: true, ..Self::new(number, &unknown, 0) }
    }

    /// Whether there is a file.
    pub(crate) fn has_file(&self) -> bool {
        self.disk_bytes > 0 || self.unread
    }

    /// Where it ends.
    pub(crate) fn len_bytes(&self) -> u64 {
        self.disk_bytes + self.memory.len() as u64
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
        let from_memory = place.offset.saturating_sub(self.disk_bytes);
        self.memory.truncate(from_memory as usize);
        self.disk_bytes = self.disk_bytes.min(place.offset);
    }
}
