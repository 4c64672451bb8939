//! Groups of one sort, and which of them get series of their own.
//!
//! A group is followed while it is among the first by CPU (averaged over half a minute) or by memory, and for some
//! minutes after. What the others use is summed as `other`, of which only the cheap numbers are read.

use super::group::{Group, MICROSECONDS};
use super::identity::Identity;
use super::metrics::METRICS_PER_FAMILY;
use super::usage::Reader;
use crate::record::{Recorder, SeriesCell};
use crate::{Metric, telemetry};
use std::cmp::Reverse;

/// How many of a family's metrics, from the first on, are also said of `other`.
const METRICS_OF_OTHER: usize = 3;

/// The name of all that is not followed.
pub(super) const OTHER: &str = "other";
/// Most groups of a family; more are left out and counted.
const GROUPS_MAX: usize = 1024;
/// Least average CPU, in cores, that counts as use.
const CPU_MIN: f64 = 0.001;
/// How long a group is followed after it was last among the first.
const HOLD_SECONDS: f64 = 300.0;
/// How long a group must have been unwanted to give way to another when there is no room.
const YIELD_SECONDS: f64 = 30.0;
/// Groups followed at most, as a multiple of the length of one ranking.
const FOLLOWED_MAX_FACTOR: usize = 4;

/// A group met for the first time.
pub(super) struct Newcomer {
    pub(super) path: Box<str>,
    pub(super) identity: Identity,
    pub(super) is_container: bool,
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
        let Newcomer { path, mut identity, .. } = newcomer;
        if self.list.iter().any(|group| group.identity == identity && group.is_seen) {
            identity.name = format!("{} ({path})", identity.name);
        }
        let mut group = Group::new(path, identity);
        if !is_first_walk {
            group.used_us = Some(0);
        }
        match self.list.iter().position(|known| known.identity == group.identity) {
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
    pub(super) fn measure(&mut self, reader: &mut Reader<'_>) -> bool {
        self.list.iter_mut().for_each(|group| group.measure(reader));
        self.list.iter().any(|group| group.is_gone)
    }

    /// Ranks, decides who is followed, records.
    pub(super) fn finish(&mut self, elapsed_ms: i64, reader: &mut Reader<'_>, out: &mut Recorder<'_>) {
        let elapsed_seconds = (elapsed_ms as f64 / 1000.0).clamp(0.0, HOLD_SECONDS);
        self.list.iter_mut().for_each(|group| group.age(elapsed_seconds));
        self.want_first(|group| (group.cores >= CPU_MIN).then_some(Reverse((group.cores * 1e6) as u64)));
        self.want_first(|group| group.memory.filter(|memory| *memory > 0).map(Reverse));
        self.choose(out);
        for group in self.list.iter_mut().filter(|group| !group.is_gone) {
            group.record(self.metrics, reader, out);
        }
        self.record_other(out);
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
            out.push(cell, metric, &[OTHER, "", "", ""][..metric.labels.len()], value);
        }
    }
}
