//! Processes of one name, and which names get series of their own.
//!
//! A name is followed while it is among the first by CPU (averaged over half a minute) or by memory, and for some
//! minutes after, so that series do not come and go with every tick. What the other names use is counted as `other`.
//! Every tick of CPU is counted exactly once, so the rates of all names add up to the whole.

use crate::processes::{Stat, Used};
use crate::record::{Recorder, SeriesCell};
use crate::{Metric, telemetry};
use std::cmp::Reverse;

/// In the order of a group's cells.
pub(super) static GROUP_METRICS: [Metric; 4] = [
    Metric::counter(
        "process_cpu_seconds_total",
        "seconds",
        "CPU time the processes of this name used since the agent follows it.",
    )
    .by(&["name"]),
    Metric::gauge(
        "process_resident_bytes",
        "bytes",
        "Memory the processes of this name hold; shared pages count for each.",
    )
    .by(&["name"]),
    Metric::gauge("process_count", "", "Processes of this name.").by(&["name"]),
    Metric::gauge("process_threads", "", "Threads of the processes of this name.").by(&["name"]),
];

/// The name of all that is not followed; a program of that name is never followed.
const OTHER: &[u8] = b"other";
/// Place of the group for names that are not followed and never will be.
const OTHERS: u32 = 0;
/// Most names told apart.
const GROUPS_MAX: usize = 2000;
/// Time constant of the average that ranks by CPU.
const AVERAGE_SECONDS: f64 = 30.0;
/// Least average CPU, in cores, that counts as use.
const CPU_MIN: f64 = 0.001;
/// How long a name is followed after it was last among the first.
const HOLD_SECONDS: f64 = 300.0;
/// How long a name must have been unwanted to give way to another when there is no room: the bound on how fast series
/// can come and go, whatever the processes do. Until then the newcomer is counted as `other`.
const YIELD_SECONDS: f64 = 30.0;
/// Names followed at most, as a multiple of the length of one ranking.
const FOLLOWED_MAX_FACTOR: usize = 4;
/// Longest time one pass may stand for, should the clock jump.
const ELAPSED_SECONDS_MAX: f64 = 60.0;

struct Group {
    name: Box<str>,
    processes: u32,
    threads: u32,
    resident_pages: u64,
    /// CPU time used since the last pass.
    ticks: u64,
    /// Average use of CPU, in cores.
    cores: f64,
    /// CPU time used while followed.
    followed_ticks: u64,
    /// Whether it has series of its own.
    is_followed: bool,
    /// Seconds since it was last among the first.
    unwanted_seconds: f64,
    cells: [SeriesCell; GROUP_METRICS.len()],
}

pub(super) struct Groups {
    list: Vec<Group>,
    /// Places in the list, for ranking.
    ranking: Vec<u32>,
    top: usize,
    ticks_per_second: f64,
    page_bytes: f64,
}

impl Groups {
    /// Follows the `top` names by CPU and as many by memory.
    pub(super) fn new(top: usize, ticks_per_second: f64, page_bytes: f64) -> Self {
        let others = Group { is_followed: true, ..Group::new("other") };
        Self { list: vec![others], ranking: Vec::new(), top, ticks_per_second, page_bytes }
    }

    /// Whether the group at `at` has this name.
    pub(super) fn is(&self, at: u32, name: &[u8]) -> bool {
        at != OTHERS && self.list[at as usize].name.as_bytes() == name
    }

    /// The place of the group of this name.
    pub(super) fn find_or_add(&mut self, name: &[u8]) -> u32 {
        if name == OTHER || name.is_empty() {
            return OTHERS;
        }
        let known = self.list.iter().position(|group| group.name.as_bytes() == name);
        known.map_or_else(|| self.add(name), |at| at as u32)
    }

    fn add(&mut self, name: &[u8]) -> u32 {
        let Ok(name) = std::str::from_utf8(name) else { return OTHERS };
        if let Some(at) = self.list.iter().position(|group| group.name.is_empty()) {
            self.list[at] = Group::new(name);
            return at as u32;
        }
        if self.list.len() >= GROUPS_MAX {
            telemetry::ENTITIES_REFUSED.add(1);
            return OTHERS;
        }
        self.list.push(Group::new(name));
        (self.list.len() - 1) as u32
    }

    /// Starts a pass.
    pub(super) fn begin(&mut self) {
        for group in &mut self.list {
            (group.processes, group.threads, group.resident_pages, group.ticks) = (0, 0, 0, 0);
        }
    }

    /// A process of the group is there, and has used what it has.
    pub(super) fn count(&mut self, at: u32, stat: &Stat, used: &Used) {
        let group = &mut self.list[at as usize];
        group.processes += 1;
        group.ticks = group.ticks.saturating_add(used.ticks());
        group.threads = group.threads.saturating_add(stat.threads);
        group.resident_pages = group.resident_pages.saturating_add(stat.resident_pages);
    }

    /// Ends a pass: ranks, decides who is followed, records.
    pub(super) fn finish(&mut self, elapsed_ms: i64, out: &mut Recorder<'_>) {
        let elapsed_seconds = (elapsed_ms as f64 / 1000.0).clamp(0.0, ELAPSED_SECONDS_MAX);
        for group in &mut self.list[1..] {
            group.age(elapsed_seconds, self.ticks_per_second);
        }
        self.want_first(|group| (group.cores >= CPU_MIN).then_some(Reverse((group.cores * 1e6) as u64)));
        self.want_first(|group| (group.resident_pages > 0).then_some(Reverse(group.resident_pages)));
        self.drop_unwanted(out);
        self.follow_wanted(out);
        self.record(out);
        self.free_empty();
    }

    /// Notes that the first `top` by a key are wanted.
    fn want_first<K: Ord>(&mut self, key: impl Fn(&Group) -> Option<K>) {
        let list = &mut self.list;
        let ranking = &mut self.ranking;
        ranking.clear();
        ranking.extend((1..list.len() as u32).filter(|&at| key(&list[at as usize]).is_some()));
        if ranking.len() > self.top {
            ranking.select_nth_unstable_by_key(self.top, |&at| key(&list[at as usize]));
        }
        for &at in ranking.iter().take(self.top) {
            list[at as usize].unwanted_seconds = 0.0;
        }
    }

    fn drop_unwanted(&mut self, out: &mut Recorder<'_>) {
        for group in &mut self.list[1..] {
            if group.is_followed && group.unwanted_seconds > HOLD_SECONDS {
                group.unfollow(out);
            }
        }
    }

    /// Follows the wanted; when there is no room, who was longest unwanted gives way. Only `2 * top` are wanted at a
    /// time, so one that is not is always there.
    fn follow_wanted(&mut self, out: &mut Recorder<'_>) {
        let mut room = (FOLLOWED_MAX_FACTOR * self.top).saturating_sub(self.followed());
        for at in 1..self.list.len() {
            let group = &self.list[at];
            if group.is_followed || group.unwanted_seconds > 0.0 || group.name.is_empty() {
                continue;
            }
            if room == 0 {
                let others = self.list[1..].iter_mut().filter(|group| group.is_followed);
                let longest = others.max_by(|a, b| a.unwanted_seconds.total_cmp(&b.unwanted_seconds));
                let Some(longest) = longest.filter(|group| group.unwanted_seconds >= YIELD_SECONDS) else {
                    return;
                };
                longest.unfollow(out);
                room = 1;
            }
            self.list[at].is_followed = true;
            room -= 1;
        }
    }

    fn followed(&self) -> usize {
        self.list[1..].iter().filter(|group| group.is_followed).count()
    }

    fn record(&mut self, out: &mut Recorder<'_>) {
        let (others, list) = self.list.split_first_mut().expect("the first is always there");
        for group in list.iter_mut().filter(|group| !group.is_followed) {
            others.ticks = others.ticks.saturating_add(group.ticks);
            others.resident_pages = others.resident_pages.saturating_add(group.resident_pages);
            others.processes += group.processes;
            others.threads = others.threads.saturating_add(group.threads);
        }
        for group in self.list.iter_mut().filter(|group| group.is_followed) {
            group.followed_ticks = group.followed_ticks.saturating_add(group.ticks);
            let values = [
                group.followed_ticks as f64 / self.ticks_per_second,
                group.resident_pages as f64 * self.page_bytes,
                f64::from(group.processes),
                f64::from(group.threads),
            ];
            for ((cell, metric), value) in group.cells.iter_mut().zip(&GROUP_METRICS).zip(values) {
                out.push(cell, metric, &[&group.name], value);
            }
        }
    }

    // An empty name marks a place for the next newcomer.
    fn free_empty(&mut self) {
        for group in &mut self.list[1..] {
            if group.processes == 0 && !group.is_followed && !group.name.is_empty() {
                *group = Group::new("");
            }
        }
    }
}

impl Group {
    fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            processes: 0,
            threads: 0,
            resident_pages: 0,
            ticks: 0,
            cores: 0.0,
            followed_ticks: 0,
            is_followed: false,
            unwanted_seconds: f64::INFINITY,
            cells: [SeriesCell::default(); GROUP_METRICS.len()],
        }
    }

    fn age(&mut self, elapsed_seconds: f64, ticks_per_second: f64) {
        self.unwanted_seconds += elapsed_seconds;
        if elapsed_seconds > 0.0 {
            // Exponentially weighted, whatever the time between passes.
            let weight = 1.0 - (-elapsed_seconds / AVERAGE_SECONDS).exp();
            let cores = self.ticks as f64 / ticks_per_second / elapsed_seconds;
            self.cores += (cores - self.cores) * weight;
        }
    }

    fn unfollow(&mut self, out: &mut Recorder<'_>) {
        self.is_followed = false;
        self.cells.iter_mut().for_each(|cell| out.end(cell));
    }
}

#[cfg(test)]
mod tests;
