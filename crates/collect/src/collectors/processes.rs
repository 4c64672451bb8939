//! Processes: how many in which state, and those that use the most CPU or memory, by name.

mod groups;

use crate::collector::EVERY_TICK;
use crate::options::PROCESSES_TOP_MAX;
use crate::processes::Beside;
use crate::record::Recorder;
use crate::{Collector, Error, Host, Metric, Options, Pass, Process, ProcessTable, Row, SeriesCell};
use groups::{GROUP_METRICS, Groups};

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
pub(super) const STATES: [(&str, &[u8]); 6] = [
    ("running", b"R"),
    ("sleeping", b"S"),
    ("uninterruptible", b"DKWP"),
    ("idle", b"I"),
    ("stopped", b"Tt"),
    ("zombie", b"ZXx"),
];

/// The place of a kernel's letter among the states.
pub(super) fn place_of_state(letter: u8) -> Option<usize> {
    STATES.iter().position(|(_, letters)| letters.contains(&letter))
}

struct Processes {
    groups: Groups,
    /// The group of each process.
    places: Beside<u32>,
    states: [SeriesCell; STATES.len()],
    threads: SeriesCell,
    last_ms: Option<i64>,
}

impl Processes {
    fn new(host: &Host, options: &Options) -> Self {
        let top = options.processes_top.min(PROCESSES_TOP_MAX);
        Self {
            groups: Groups::new(top, host.ticks_per_second as f64, host.page_bytes as f64),
            places: Beside::default(),
            states: Default::default(),
            threads: SeriesCell::default(),
            last_ms: None,
        }
    }

    fn group(&mut self, table: &ProcessTable) {
        let groups = &mut self.groups;
        groups.begin();
        self.places.follow(table, |process| groups.find_or_add(process.stat.kind()), drop);
        for (process, place) in table.processes().iter().zip(self.places.values_mut()) {
            // A process changes its name when it starts another program.
            if !groups.is(*place, process.stat.kind()) {
                *place = groups.find_or_add(process.stat.kind());
            }
            groups.count(*place, &process.stat, &process.used);
        }
    }

    fn states(&mut self, table: &ProcessTable, out: &mut Recorder<'_>) {
        let mut counts = [0u32; STATES.len()];
        let mut threads = 0u64;
        for Process { stat, .. } in table.processes() {
            threads += u64::from(stat.threads);
            if let Some(at) = place_of_state(stat.state) {
                counts[at] += 1;
            }
        }
        for ((cell, (state, _)), count) in self.states.iter_mut().zip(STATES).zip(counts) {
            out.push(cell, &PROCESSES, &[state], f64::from(count));
        }
        out.push(&mut self.threads, &THREADS, &[], threads as f64);
    }
}

impl Collector for Processes {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        pass.read_processes()?;
        self.group(pass.processes);
        self.states(pass.processes, &mut pass.out);
        let elapsed_ms = self.last_ms.map_or(0, |last_ms| pass.now_ms.saturating_sub(last_ms));
        self.groups.finish(elapsed_ms, &mut pass.out);
        self.last_ms = Some(pass.now_ms);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
