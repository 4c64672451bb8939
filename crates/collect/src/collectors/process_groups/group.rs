//! One group: what its processes are and use, added up.

use super::member::{Dear, Gain, Member};
use super::metrics::{CPU, METRICS, PLAIN, STATE, SWITCHES};
use crate::Process;
use crate::collectors::processes::{STATES, place_of_state};
use crate::options::process::Rule;
use crate::record::{Recorder, SeriesCell};

/// From the kernel's units to ours.
pub(super) struct Units {
    pub(super) ticks_per_second: f64,
    pub(super) page_bytes: f64,
    /// When the host started, in Unix seconds, if known.
    pub(super) boot_seconds: Option<f64>,
}

pub(super) struct Group {
    pub(super) name: Box<str>,
    pub(super) is_proportional: bool,
    sums: Sums,
    now: Now,
    main: Main,
    cells: Cells,
}

/// What only grows.
#[derive(Default)]
struct Sums {
    /// In user and in system mode.
    cpu_ticks: [u64; 2],
    major_faults: u64,
    starts: u64,
    restarts: u64,
    /// Read and written; `None` while none could be read.
    disk_bytes: Option<[u64; 2]>,
    /// Voluntary and not.
    switches: Option<[u64; 2]>,
}

/// What is added up anew in each pass; `None` when no process tells.
#[derive(Default)]
struct Now {
    processes: u64,
    threads: u64,
    resident_pages: u64,
    states: [u32; STATES.len()],
    anonymous_bytes: Option<u64>,
    swapped_bytes: Option<u64>,
    proportional_bytes: Option<u64>,
    descriptors: Option<u64>,
    descriptors_ratio: Option<f64>,
    oldest: Option<Oldest>,
    is_main_there: bool,
}

/// The process of the group that began first.
#[derive(Clone, Copy)]
struct Oldest {
    start_ticks: u64,
    pid: u32,
    has_just_joined: bool,
}

/// The process that stands for the group, to tell a restart from workers that come and go.
#[derive(Default)]
struct Main {
    /// Its pid and start.
    process: Option<(u32, u64)>,
    /// Whether there was ever one.
    was_there: bool,
}

#[derive(Default)]
struct Cells {
    plain: [SeriesCell; PLAIN],
    cpu: [SeriesCell; 2],
    switches: [SeriesCell; 2],
    states: [SeriesCell; STATES.len()],
}

impl Group {
    pub(super) fn new(rule: &Rule) -> Self {
        Self {
            name: rule.group.as_str().into(),
            is_proportional: rule.proportional,
            sums: Sums::default(),
            now: Now::default(),
            main: Main::default(),
            cells: Cells::default(),
        }
    }

    pub(super) fn begin(&mut self) {
        self.now = Now::default();
    }

    /// A process is in the group at this pass.
    pub(super) fn count(&mut self, process: &Process, member: &Member, pass: u64) {
        let (stat, used) = (&process.stat, &process.used);
        let has_just_joined = member.joined == pass;
        for (sum, ticks) in self.sums.cpu_ticks.iter_mut().zip([used.user_ticks, used.system_ticks]) {
            *sum = sum.saturating_add(ticks);
        }
        self.sums.major_faults = self.sums.major_faults.saturating_add(used.major_faults);
        self.sums.starts += u64::from(has_just_joined && process.is_born_since);
        self.now.count(process);
        if let Some(dear) = &member.dear {
            self.now.add(dear);
        }
        self.now.is_main_there |= self.main.process == Some((process.pid, stat.start_ticks));
        let is_older = |oldest: Oldest| (stat.start_ticks, process.pid) < (oldest.start_ticks, oldest.pid);
        if self.now.oldest.is_none_or(is_older) {
            self.now.oldest =
                Some(Oldest { start_ticks: stat.start_ticks, pid: process.pid, has_just_joined });
        }
    }

    /// A process used that much since it was read before.
    pub(super) fn gain(&mut self, gain: Gain) {
        for (sums, gained) in [(&mut self.sums.disk_bytes, gain.io), (&mut self.sums.switches, gain.switches)]
        {
            let Some(gained) = gained else { continue };
            let sums = sums.get_or_insert_default();
            sums.iter_mut().zip(gained).for_each(|(sum, gained)| *sum = sum.saturating_add(gained));
        }
    }

    /// Ends a pass.
    pub(super) fn finish(&mut self, units: &Units, out: &mut Recorder<'_>) {
        if !self.now.is_main_there {
            self.choose_main();
        }
        self.record(units, out);
    }

    fn choose_main(&mut self) {
        let Some(oldest) = self.now.oldest else {
            self.main.process = None;
            return;
        };
        // A worker that was there before its master ended is no restart.
        self.sums.restarts += u64::from(self.main.was_there && oldest.has_just_joined);
        self.main = Main { process: Some((oldest.pid, oldest.start_ticks)), was_there: true };
    }

    fn record(&mut self, units: &Units, out: &mut Recorder<'_>) {
        let (name, sums, now) = (&*self.name, &self.sums, &self.now);
        let values = plain_values(sums, now, units);
        for ((cell, metric), value) in self.cells.plain.iter_mut().zip(&METRICS).zip(values) {
            match value {
                Some(value) => out.push(cell, metric, &[name], value),
                None => out.end(cell),
            }
        }
        for ((cell, mode), ticks) in self.cells.cpu.iter_mut().zip(["user", "system"]).zip(sums.cpu_ticks) {
            out.push(cell, CPU, &[name, mode], ticks as f64 / units.ticks_per_second);
        }
        let kinds = ["voluntary", "involuntary"];
        for ((cell, kind), count) in
            self.cells.switches.iter_mut().zip(kinds).zip(sums.switches.iter().flatten())
        {
            out.push(cell, SWITCHES, &[name, kind], *count as f64);
        }
        for ((cell, (state, _)), count) in self.cells.states.iter_mut().zip(STATES).zip(now.states) {
            out.push(cell, STATE, &[name, state], f64::from(count));
        }
    }
}

impl Now {
    fn count(&mut self, Process { stat, .. }: &Process) {
        self.processes += 1;
        self.threads += u64::from(stat.threads);
        self.resident_pages = self.resident_pages.saturating_add(stat.resident_pages);
        if let Some(at) = place_of_state(stat.state) {
            self.states[at] += 1;
        }
    }

    fn add(&mut self, dear: &Dear) {
        let add = |sum: &mut Option<u64>, value: Option<u64>| {
            if let Some(value) = value {
                *sum = Some(sum.unwrap_or(0).saturating_add(value));
            }
        };
        add(&mut self.anonymous_bytes, dear.status.and_then(|status| status.anonymous_bytes));
        add(&mut self.swapped_bytes, dear.status.map(|status| status.swapped_bytes));
        add(&mut self.proportional_bytes, dear.proportional_bytes);
        add(&mut self.descriptors, dear.descriptors);
        if let Some((open, limit)) = dear.descriptors.zip(dear.descriptors_max.filter(|limit| *limit > 0)) {
            let ratio = open as f64 / limit as f64;
            self.descriptors_ratio = Some(self.descriptors_ratio.map_or(ratio, |most| most.max(ratio)));
        }
    }
}

/// In the order of the metrics.
fn plain_values(sums: &Sums, now: &Now, units: &Units) -> [Option<f64>; PLAIN] {
    let plain = |value: u64| Some(value as f64);
    let told = |value: Option<u64>| value.map(|value| value as f64);
    let start =
        |oldest: Oldest| Some(units.boot_seconds? + oldest.start_ticks as f64 / units.ticks_per_second);
    [
        plain(now.processes),
        plain(now.threads),
        Some(now.resident_pages as f64 * units.page_bytes),
        told(now.anonymous_bytes),
        told(now.swapped_bytes),
        told(now.proportional_bytes),
        told(sums.disk_bytes.map(|[read, _]| read)),
        told(sums.disk_bytes.map(|[_, written]| written)),
        told(now.descriptors),
        now.descriptors_ratio,
        plain(sums.major_faults),
        plain(sums.starts),
        plain(sums.restarts),
        now.oldest.and_then(start),
    ]
}
