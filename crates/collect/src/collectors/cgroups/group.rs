//! One unit or container: what it uses, and its series while it is followed.

use super::identity::Identity;
use super::metrics::METRICS_PER_FAMILY;
use super::usage::{Cpu, Reader};
use crate::Metric;
use crate::record::{Recorder, SeriesCell};

/// Time constant of the average that ranks by CPU.
const AVERAGE_SECONDS: f64 = 30.0;
pub(super) const MICROSECONDS: f64 = 1e6;

type Cells = [SeriesCell; METRICS_PER_FAMILY];

/// A unit or a container.
pub(super) struct Group {
    pub(super) path: Box<str>,
    pub(super) identity: Identity,
    /// Seen in this walk.
    pub(super) is_seen: bool,
    /// Failed to be read: to be forgotten by the next walk.
    pub(super) is_gone: bool,
    /// `None` until first read, unless it was born since the agent looks.
    pub(super) used_us: Option<u64>,
    /// Whether its CPU time is counted: not always in the older hierarchies.
    is_counted: bool,
    throttled_us: Option<u64>,
    pub(super) memory: Option<u64>,
    pub(super) tasks: Option<u64>,
    /// Average use of CPU.
    pub(super) cores: f64,
    /// CPU used since the last pass.
    pub(super) delta_us: u64,
    /// Seconds since it was last among the first.
    pub(super) unwanted_seconds: f64,
    /// Its series, while it is followed.
    pub(super) cells: Option<Box<Cells>>,
}

impl Group {
    pub(super) fn new(path: Box<str>, identity: Identity) -> Self {
        Self {
            path,
            identity,
            is_seen: true,
            is_gone: false,
            used_us: None,
            is_counted: false,
            throttled_us: None,
            memory: None,
            tasks: None,
            cores: 0.0,
            delta_us: 0,
            unwanted_seconds: f64::INFINITY,
            cells: None,
        }
    }

    pub(super) fn measure(&mut self, reader: &mut Reader<'_>) {
        let Ok(Cpu { used_us, throttled_us }) = reader.cpu(&self.path) else {
            (self.is_gone, self.delta_us, self.memory, self.tasks) = (true, 0, None, None);
            return;
        };
        // A unit started anew begins at 0.
        self.delta_us = match (self.used_us, used_us) {
            (Some(before), Some(now)) => now.checked_sub(before).unwrap_or(now),
            _ => 0,
        };
        self.used_us = used_us.or(self.used_us);
        self.is_counted = used_us.is_some();
        self.throttled_us = throttled_us;
        self.memory = reader.memory(&self.path);
        self.tasks = reader.tasks(&self.path);
    }

    pub(super) fn age(&mut self, elapsed_seconds: f64) {
        self.unwanted_seconds += elapsed_seconds;
        if elapsed_seconds > 0.0 {
            let weight = 1.0 - (-elapsed_seconds / AVERAGE_SECONDS).exp();
            let cores = self.delta_us as f64 / MICROSECONDS / elapsed_seconds;
            self.cores += (cores - self.cores) * weight;
        }
    }

    /// Records its numbers, in the order of the metrics, if it is followed; reads those that were not read before.
    pub(super) fn record(
        &mut self,
        metrics: &[Metric; METRICS_PER_FAMILY],
        reader: &mut Reader<'_>,
        out: &mut Recorder<'_>,
    ) {
        let Some(cells) = &mut self.cells else { return };
        let dear = reader.dear(&self.path);
        let [read, written] = dear.disk_bytes.map_or([None; 2], |bytes| bytes.map(Some));
        let values: [Option<u64>; METRICS_PER_FAMILY] = [
            self.used_us.filter(|_| self.is_counted),
            self.memory,
            self.tasks,
            self.throttled_us,
            dear.memory_limit,
            dear.anonymous,
            dear.file,
            dear.limit_hits,
            dear.ooms,
            dear.oom_kills,
            read,
            written,
        ];
        let labels = self.identity.labels();
        for ((cell, metric), value) in cells.iter_mut().zip(metrics).zip(values) {
            let scale = if metric.unit == "seconds" { MICROSECONDS } else { 1.0 };
            match value {
                Some(value) => out.push(cell, metric, &labels[..metric.labels.len()], value as f64 / scale),
                // A limit that was lifted, a controller that was turned off.
                None => out.end(cell),
            }
        }
    }

    pub(super) fn unfollow(&mut self, out: &mut Recorder<'_>) {
        if let Some(mut cells) = self.cells.take() {
            cells.iter_mut().for_each(|cell| out.end(cell));
        }
    }
}
