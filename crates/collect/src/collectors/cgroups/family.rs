//! Groups of one sort, and which of them get series of their own.
//!
//! A group is followed while it is among the first by CPU (averaged over half a minute) or by memory, and for some
//! minutes after. What the others use is summed as `other`, of which only the cheap numbers are read.

use super::usage::{Cpu, Reader};
use crate::folder::Folder;
use crate::record::{Recorder, SeriesCell};
use crate::{Metric, Pass, telemetry};
use std::cmp::Reverse;

/// Series of one group.
pub(super) const METRICS_PER_FAMILY: usize = 12;
/// The first are also said of `other`.
const METRICS_OF_OTHER: usize = 3;

macro_rules! family {
    ($label:literal) => {
        [
            Metric::counter(
                concat!($label, "_cpu_seconds_total"),
                "seconds",
                concat!("CPU time the ", $label, " used."),
            )
            .by(&[$label])
            .from("cpu.stat usage_usec"),
            Metric::gauge(
                concat!($label, "_memory_bytes"),
                "bytes",
                concat!("Memory charged to the ", $label, ", cached files among it."),
            )
            .by(&[$label])
            .from("memory.current"),
            Metric::gauge(
                concat!($label, "_tasks"),
                "",
                concat!("Processes and threads of the ", $label, "."),
            )
            .by(&[$label])
            .from("pids.current"),
            Metric::counter(
                concat!($label, "_cpu_throttled_seconds_total"),
                "seconds",
                concat!("Time the ", $label, " was kept from running by its CPU limit."),
            )
            .by(&[$label])
            .from("cpu.stat throttled_usec"),
            Metric::gauge(
                concat!($label, "_memory_limit_bytes"),
                "bytes",
                concat!("Most memory the ", $label, " may have, where there is a limit."),
            )
            .by(&[$label])
            .from("memory.max"),
            Metric::gauge(
                concat!($label, "_memory_anonymous_bytes"),
                "bytes",
                concat!("Memory of the ", $label, "'s own, backed by no file."),
            )
            .by(&[$label])
            .from("memory.stat anon"),
            Metric::gauge(
                concat!($label, "_memory_file_bytes"),
                "bytes",
                concat!("Files the ", $label, " keeps in memory."),
            )
            .by(&[$label])
            .from("memory.stat file"),
            Metric::counter(
                concat!($label, "_memory_limit_hits_total"),
                "",
                concat!("Times the ", $label, " was about to exceed its memory limit."),
            )
            .by(&[$label])
            .from("memory.events max"),
            Metric::counter(
                concat!($label, "_memory_ooms_total"),
                "",
                concat!("Times an allocation of the ", $label, " was about to fail at its memory limit."),
            )
            .by(&[$label])
            .from("memory.events oom"),
            Metric::counter(
                concat!($label, "_memory_oom_kills_total"),
                "",
                concat!("Processes of the ", $label, " killed because memory ran out."),
            )
            .by(&[$label])
            .from("memory.events oom_kill"),
            Metric::counter(
                concat!($label, "_disk_read_bytes_total"),
                "bytes",
                concat!("Bytes the ", $label, " read from disks."),
            )
            .by(&[$label])
            .from("io.stat rbytes"),
            Metric::counter(
                concat!($label, "_disk_written_bytes_total"),
                "bytes",
                concat!("Bytes the ", $label, " wrote to disks."),
            )
            .by(&[$label])
            .from("io.stat wbytes"),
        ]
    };
}

pub(super) static UNITS: [Metric; METRICS_PER_FAMILY] = family!("unit");
pub(super) static CONTAINERS: [Metric; METRICS_PER_FAMILY] = family!("container");

/// The name of all that is not followed.
pub(super) const OTHER: &str = "other";
/// Most groups of a family; more are left out and counted.
const GROUPS_MAX: usize = 1024;
/// Time constant of the average that ranks by CPU.
const AVERAGE_SECONDS: f64 = 30.0;
/// Least average CPU, in cores, that counts as use.
const CPU_MIN: f64 = 0.001;
/// How long a group is followed after it was last among the first.
const HOLD_SECONDS: f64 = 300.0;
/// How long a group must have been unwanted to give way to another when there is no room.
const YIELD_SECONDS: f64 = 30.0;
/// Groups followed at most, as a multiple of the length of one ranking.
const FOLLOWED_MAX_FACTOR: usize = 4;
const MICROSECONDS: f64 = 1e6;

/// A group met for the first time.
pub(super) struct Newcomer {
    pub(super) path: Box<str>,
    pub(super) label: String,
    pub(super) is_container: bool,
}

type Cells = [SeriesCell; METRICS_PER_FAMILY];

struct Group {
    path: Box<str>,
    label: Box<str>,
    /// Seen in this walk.
    is_seen: bool,
    /// Failed to be read: to be forgotten by the next walk.
    is_gone: bool,
    /// `None` until first read, unless it was born since the agent looks.
    used_us: Option<u64>,
    throttled_us: Option<u64>,
    memory: Option<u64>,
    tasks: Option<u64>,
    /// Average use of CPU.
    cores: f64,
    /// CPU used since the last pass.
    delta_us: u64,
    /// Seconds since it was last among the first.
    unwanted_seconds: f64,
    /// Its series, while it is followed.
    cells: Option<Box<Cells>>,
}

pub(super) struct Family {
    metrics: &'static [Metric; METRICS_PER_FAMILY],
    top: usize,
    list: Vec<Group>,
    /// Where the next group met in a walk is expected.
    cursor: usize,
    /// Places in the list, for ranking.
    ranking: Vec<u32>,
    other_us: u64,
    other: [SeriesCell; METRICS_OF_OTHER],
}

impl Family {
    /// Follows the `top` groups by CPU and as many by memory.
    pub(super) fn new(metrics: &'static [Metric; METRICS_PER_FAMILY], top: usize) -> Self {
        Self {
            metrics,
            top,
            list: Vec::new(),
            cursor: 0,
            ranking: Vec::new(),
            other_us: 0,
            other: Default::default(),
        }
    }

    pub(super) fn begin_walk(&mut self) {
        self.cursor = 0;
        self.list.iter_mut().for_each(|group| group.is_seen = false);
    }

    /// Notes that a group is there; returns whether it is known.
    pub(super) fn meet(&mut self, path: &str) -> bool {
        let count = self.list.len();
        let places = (self.cursor..count).chain(0..self.cursor.min(count));
        let known = places.into_iter().find(|&at| *self.list[at].path == *path && !self.list[at].is_gone);
        if let Some(at) = known {
            self.list[at].is_seen = true;
            self.cursor = at + 1;
        }
        known.is_some()
    }

    /// Takes on a group that was met and is not known. One of the same name that is gone hands its series on: a
    /// container started anew. Of two of a name that are there the second is told apart by where it is.
    pub(super) fn add(&mut self, newcomer: Newcomer, is_first_walk: bool) {
        let Newcomer { path, mut label, .. } = newcomer;
        if self.list.iter().any(|group| *group.label == label && group.is_seen) {
            label = format!("{label} ({path})");
        }
        let mut group = Group::new(path, label.into());
        if !is_first_walk {
            group.used_us = Some(0);
        }
        match self.list.iter().position(|known| known.label == group.label) {
            Some(at) => {
                let known = &mut self.list[at];
                group.unwanted_seconds = known.unwanted_seconds;
                group.cells = known.cells.take();
                *known = group;
            }
            None if self.list.len() >= GROUPS_MAX => telemetry::ENTITIES_REFUSED.add(1),
            None => self.list.push(group),
        }
    }

    /// Forgets those that were not met.
    pub(super) fn end_walk(&mut self, out: &mut Recorder<'_>) {
        self.list.retain_mut(|group| {
            if !group.is_seen {
                group.unfollow(out);
            }
            group.is_seen
        });
    }

    /// Reads the cheap numbers of all; returns whether some group is gone.
    pub(super) fn measure(&mut self, folder: &mut Folder, path: &mut Vec<u8>, buffer: &mut Vec<u8>) -> bool {
        let mut reader = Reader { folder, path, buffer };
        self.list.iter_mut().for_each(|group| group.measure(&mut reader));
        self.list.iter().any(|group| group.is_gone)
    }

    /// Ranks, decides who is followed, records.
    pub(super) fn finish(
        &mut self,
        elapsed_ms: i64,
        folder: &mut Folder,
        path: &mut Vec<u8>,
        pass: &mut Pass<'_>,
    ) {
        let elapsed_seconds = (elapsed_ms as f64 / 1000.0).clamp(0.0, HOLD_SECONDS);
        self.list.iter_mut().for_each(|group| group.age(elapsed_seconds));
        self.want_first(|group| (group.cores >= CPU_MIN).then_some(Reverse((group.cores * 1e6) as u64)));
        self.want_first(|group| group.memory.filter(|memory| *memory > 0).map(Reverse));
        self.choose(&mut pass.out);
        let mut reader = Reader { folder, path, buffer: pass.buffer };
        for group in self.list.iter_mut().filter(|group| !group.is_gone) {
            group.record(self.metrics, &mut reader, &mut pass.out);
        }
        self.record_other(&mut pass.out);
    }

    /// Notes that the first `top` by a key are wanted.
    fn want_first<K: Ord>(&mut self, key: impl Fn(&Group) -> Option<K>) {
        let (list, ranking) = (&mut self.list, &mut self.ranking);
        ranking.clear();
        ranking.extend((0..list.len() as u32).filter(|&at| key(&list[at as usize]).is_some()));
        if ranking.len() > self.top {
            ranking.select_nth_unstable_by_key(self.top, |&at| key(&list[at as usize]));
        }
        for &at in ranking.iter().take(self.top) {
            list[at as usize].unwanted_seconds = 0.0;
        }
    }

    /// Drops those long unwanted and follows the wanted; when there is no room, who was longest unwanted gives way.
    fn choose(&mut self, out: &mut Recorder<'_>) {
        for group in &mut self.list {
            if group.unwanted_seconds > HOLD_SECONDS {
                group.unfollow(out);
            }
        }
        let followed = self.list.iter().filter(|group| group.cells.is_some()).count();
        let mut room = (FOLLOWED_MAX_FACTOR * self.top).saturating_sub(followed);
        for at in 0..self.list.len() {
            if self.list[at].cells.is_some() || self.list[at].unwanted_seconds > 0.0 {
                continue;
            }
            if room == 0 {
                let followed = self.list.iter_mut().filter(|group| group.cells.is_some());
                let longest = followed.max_by(|a, b| a.unwanted_seconds.total_cmp(&b.unwanted_seconds));
                let Some(longest) = longest.filter(|group| group.unwanted_seconds >= YIELD_SECONDS) else {
                    return;
                };
                longest.unfollow(out);
                room = 1;
            }
            self.list[at].cells = Some(Box::default());
            room -= 1;
        }
    }

    fn record_other(&mut self, out: &mut Recorder<'_>) {
        if self.list.is_empty() {
            self.other.iter_mut().for_each(|cell| out.end(cell));
            return;
        }
        let (mut memory, mut tasks) = (0u64, 0u64);
        for group in self.list.iter().filter(|group| group.cells.is_none()) {
            self.other_us = self.other_us.saturating_add(group.delta_us);
            memory = memory.saturating_add(group.memory.unwrap_or(0));
            tasks = tasks.saturating_add(group.tasks.unwrap_or(0));
        }
        let values = [self.other_us as f64 / MICROSECONDS, memory as f64, tasks as f64];
        for ((cell, metric), value) in self.other.iter_mut().zip(self.metrics).zip(values) {
            out.push(cell, metric, &[OTHER], value);
        }
    }
}

impl Group {
    fn new(path: Box<str>, label: Box<str>) -> Self {
        Self {
            path,
            label,
            is_seen: true,
            is_gone: false,
            used_us: None,
            throttled_us: None,
            memory: None,
            tasks: None,
            cores: 0.0,
            delta_us: 0,
            unwanted_seconds: f64::INFINITY,
            cells: None,
        }
    }

    fn measure(&mut self, reader: &mut Reader<'_>) {
        let Ok(Cpu { used_us, throttled_us }) = reader.cpu(&self.path) else {
            (self.is_gone, self.delta_us, self.memory, self.tasks) = (true, 0, None, None);
            return;
        };
        // A unit started anew begins at 0.
        self.delta_us = self.used_us.map_or(0, |before| used_us.checked_sub(before).unwrap_or(used_us));
        self.used_us = Some(used_us);
        self.throttled_us = throttled_us;
        self.memory = reader.number(&self.path, "memory.current");
        self.tasks = reader.number(&self.path, "pids.current");
    }

    fn age(&mut self, elapsed_seconds: f64) {
        self.unwanted_seconds += elapsed_seconds;
        if elapsed_seconds > 0.0 {
            let weight = 1.0 - (-elapsed_seconds / AVERAGE_SECONDS).exp();
            let cores = self.delta_us as f64 / MICROSECONDS / elapsed_seconds;
            self.cores += (cores - self.cores) * weight;
        }
    }

    /// Records its numbers, in the order of the metrics, if it is followed; reads those that were not read before.
    fn record(
        &mut self,
        metrics: &[Metric; METRICS_PER_FAMILY],
        reader: &mut Reader<'_>,
        out: &mut Recorder<'_>,
    ) {
        let Some(cells) = &mut self.cells else { return };
        let limit = reader.number(&self.path, "memory.max");
        let [anonymous, file] = reader.keyed(&self.path, "memory.stat", ["anon", "file"]);
        let [hits, ooms, kills] = reader.keyed(&self.path, "memory.events", ["max", "oom", "oom_kill"]);
        let [read, written] = reader.disk_bytes(&self.path).map_or([None; 2], |bytes| bytes.map(Some));
        let values: [Option<u64>; METRICS_PER_FAMILY] = [
            self.used_us,
            self.memory,
            self.tasks,
            self.throttled_us,
            limit,
            anonymous,
            file,
            hits,
            ooms,
            kills,
            read,
            written,
        ];
        for ((cell, metric), value) in cells.iter_mut().zip(metrics).zip(values) {
            let scale = if metric.unit == "seconds" { MICROSECONDS } else { 1.0 };
            match value {
                Some(value) => out.push(cell, metric, &[&self.label], value as f64 / scale),
                // A limit that was lifted, a controller that was turned off.
                None => out.end(cell),
            }
        }
    }

    fn unfollow(&mut self, out: &mut Recorder<'_>) {
        if let Some(mut cells) = self.cells.take() {
            cells.iter_mut().for_each(|cell| out.end(cell));
        }
    }
}
