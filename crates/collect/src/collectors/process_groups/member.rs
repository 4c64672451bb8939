//! What is remembered of a process: its group, and its dear numbers as they were last read.

use crate::processes::{Io, Status};
use crate::{Process, ProcessTable};

/// How old the dear numbers of a process that moved may get, in milliseconds, and those of one that did not.
const MOVED_MS: i64 = 5_000;
const IDLE_MS: i64 = 60_000;

#[derive(Debug, Default)]
pub(super) struct Member {
    /// Place of its group, if it is in one.
    pub(super) group: Option<u16>,
    /// The pass at which its group was looked for last, and that at which it came to it.
    pub(super) looked: u64,
    pub(super) joined: u64,
    /// Whether it used CPU or changed its size since its dear numbers were read.
    has_moved: bool,
    resident_pages: u64,
    read_ms: Option<i64>,
    /// There while it is in a group.
    pub(super) dear: Option<Box<Dear>>,
}

/// Numbers that each cost a system call or three; `None` when they cannot be read.
#[derive(Debug, Default)]
pub(super) struct Dear {
    io: Option<Io>,
    pub(super) status: Option<Status>,
    pub(super) descriptors: Option<u64>,
    pub(super) descriptors_max: Option<u64>,
    pub(super) proportional_bytes: Option<u64>,
}

/// What a process used between two readings, nothing at the first; `None` when it cannot be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Gain {
    /// Bytes read from disks, and written.
    pub(super) io: Option<[u64; 2]>,
    /// Switches, voluntary and not.
    pub(super) switches: Option<[u64; 2]>,
}

/// What is needed to read.
pub(super) struct Reader<'a> {
    pub(super) table: &'a ProcessTable,
    pub(super) buffer: &'a mut Vec<u8>,
}

impl Member {
    /// Notes the group that was found for it. What a process used before it came is not the group's, unless it was born
    /// into it.
    pub(super) fn join(&mut self, group: Option<u16>, process: &Process, pass: u64) {
        let is_first = self.looked == 0;
        self.looked = pass;
        if group == self.group {
            return;
        }
        (self.group, self.joined, self.read_ms) = (group, pass, None);
        self.resident_pages = process.stat.resident_pages;
        let is_born_into = is_first && process.is_born_since;
        self.dear = group.map(|_| {
            Box::new(Dear {
                io: is_born_into.then(Io::default),
                status: is_born_into.then(Status::default),
                ..Dear::default()
            })
        });
    }

    pub(super) fn note_move(&mut self, process: &Process) {
        self.has_moved |= process.used.ticks() > 0 || process.stat.resident_pages != self.resident_pages;
        self.resident_pages = process.stat.resident_pages;
    }

    /// Whether its dear numbers are too old.
    pub(super) fn is_due(&self, now_ms: i64) -> bool {
        let limit_ms = if self.has_moved { MOVED_MS } else { IDLE_MS };
        // After a jump of the clock into the past as well.
        self.read_ms.is_none_or(|read_ms| !(0..limit_ms).contains(&now_ms.saturating_sub(read_ms)))
    }

    /// Reads its dear numbers; returns what it used since they were read before.
    pub(super) fn read(
        &mut self,
        process: &Process,
        is_proportional: bool,
        now_ms: i64,
        Reader { table, buffer }: Reader<'_>,
    ) -> Gain {
        let Some(dear) = &mut self.dear else { return Gain::default() };
        (self.read_ms, self.has_moved) = (Some(now_ms), false);
        let io = table.read_io(process, buffer);
        let status = table.read_status(process, buffer);
        let gain = dear.gain(io, status);
        // The limit is next to never changed.
        let descriptors_max = dear.descriptors_max.or_else(|| table.read_descriptors_max(process, buffer));
        **dear = Dear {
            io,
            status,
            descriptors: table.count_descriptors(process, buffer),
            descriptors_max,
            proportional_bytes: is_proportional
                .then(|| table.read_proportional_bytes(process, buffer))
                .flatten(),
        };
        gain
    }
}

impl Dear {
    fn gain(&self, io: Option<Io>, status: Option<Status>) -> Gain {
        let since = |now: u64, before: u64| now.saturating_sub(before);
        Gain {
            io: io.map(|now| {
                let before = self.io.unwrap_or(now);
                [since(now.read_bytes, before.read_bytes), since(now.written_bytes, before.written_bytes)]
            }),
            switches: status.map(|now| {
                let before = self.status.unwrap_or(now);
                [
                    since(now.switches_voluntary, before.switches_voluntary),
                    since(now.switches_involuntary, before.switches_involuntary),
                ]
            }),
        }
    }
}
