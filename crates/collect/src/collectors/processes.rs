//! Processes: how many in which state, and those that use the most CPU or memory, by name.

mod groups;
mod stat;
mod suspicion;
mod table;

use crate::collector::EVERY_TICK;
use crate::options::PROCESSES_TOP_MAX;
use crate::record::Recorder;
use crate::{Collector, Error, Host, Metric, Options, Pass, Row, SeriesCell};
use groups::{GROUP_METRICS, Groups};
use stat::Stat;
use table::{Process, Table};

pub(super) static ROW: Row = Row {
    name: "processes",
    summary: "Processes by state, and CPU, memory, number and threads of the names that use the most; the rest is `other`.",
    interval_ms: EVERY_TICK,
    metrics: &[PROCESSES, THREADS, GROUP_METRICS[0], GROUP_METRICS[1], GROUP_METRICS[2], GROUP_METRICS[3]],
    open: |host, options| Box::new(Processes::new(host, options)),
};

const PROCESSES: Metric =
    Metric::gauge("processes", "", "Processes in a state, kernel threads among them.").by(&["state"]);
const THREADS: Metric = Metric::gauge("threads", "", "Threads of all processes.");

/// The kernel's letters, and what they mean here. What is not listed is about to be gone.
const STATES: [(&str, &[u8]); 6] = [
    ("running", b"R"),
    ("sleeping", b"S"),
    ("uninterruptible", b"DKWP"),
    ("idle", b"I"),
    ("stopped", b"Tt"),
    ("zombie", b"ZXx"),
];

struct Processes {
    table: Table,
    groups: Groups,
    states: [SeriesCell; STATES.len()],
    threads: SeriesCell,
    last_ms: Option<i64>,
    /// Latest start among the processes of earlier passes, in ticks since boot.
    newest_start: u64,
}

impl Processes {
    fn new(host: &Host, options: &Options) -> Self {
        let top = options.processes_top.min(PROCESSES_TOP_MAX);
        Self {
            table: Table::new(host),
            groups: Groups::new(top, host.ticks_per_second as f64, host.page_bytes as f64),
            states: Default::default(),
            threads: SeriesCell::default(),
            last_ms: None,
            newest_start: 0,
        }
    }

    fn read(&mut self, buffer: &mut Vec<u8>, busy_ticks: Option<u64>) {
        let mut newest_start = self.newest_start;
        let before = self.last_ms.map(|_| self.newest_start);
        let groups = &mut self.groups;
        self.table.read(buffer, busy_ticks, |process, stat| {
            newest_start = newest_start.max(stat.start);
            update(process, &stat, before, groups)
        });
        self.newest_start = newest_start;
        for process in self.table.processes() {
            self.groups.count(process.group, process.threads, process.resident_pages);
        }
    }

    fn states(&mut self, out: &mut Recorder<'_>) {
        let mut counts = [0u32; STATES.len()];
        let mut threads = 0u64;
        for process in self.table.processes() {
            threads += u64::from(process.threads);
            if let Some(at) = STATES.iter().position(|(_, letters)| letters.contains(&process.state)) {
                counts[at] += 1;
            }
        }
        for ((cell, (state, _)), count) in self.states.iter_mut().zip(STATES).zip(counts) {
            out.push(cell, &PROCESSES, &[state], f64::from(count));
        }
        out.push(&mut self.threads, &THREADS, &[], threads as f64);
    }
}

/// Takes what was read of a process. `before` is the latest start of earlier passes, if there were any: a process that
/// began after it has used all its CPU time since; one that was there unseen has used we do not know how much.
/// Returns the ticks it used since.
fn update(process: &mut Process, stat: &Stat<'_>, before: Option<u64>, groups: &mut Groups) -> u64 {
    let is_new = process.start != Some(stat.start);
    if is_new {
        let is_born_since = before.is_some_and(|newest_start| stat.start >= newest_start);
        process.ticks = if is_born_since { 0 } else { stat.ticks };
        process.start = Some(stat.start);
    }
    // A process changes its name when it starts another program.
    if is_new || !groups.is(process.group, stat.name) {
        process.group = groups.find_or_add(stat.name);
    }
    let used = stat.ticks.saturating_sub(process.ticks);
    groups.use_ticks(process.group, used);
    process.note_use(used);
    process.ticks = stat.ticks;
    process.resident_pages = stat.resident_pages;
    process.threads = stat.threads;
    process.state = stat.state;
    used
}

impl Collector for Processes {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.table.list(pass.buffer)?;
        self.groups.begin();
        self.read(pass.buffer, pass.shared.busy_ticks);
        self.states(&mut pass.out);
        let elapsed_ms = self.last_ms.map_or(0, |last_ms| pass.now_ms.saturating_sub(last_ms));
        self.groups.finish(elapsed_ms, &mut pass.out);
        self.last_ms = Some(pass.now_ms);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
