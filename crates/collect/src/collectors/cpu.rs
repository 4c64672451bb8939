//! CPU time by mode, and what else `/proc/stat` counts: context switches, interrupts, forks.

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::text::{fields, lines, number, numbers};
use crate::{Collector, Error, Host, Metric, Options, Pass, Recorder, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "cpu",
    summary: "CPU time by mode over all cores (per core on request), context switches, interrupts, soft interrupts by kind, forks.",
    interval_ms: EVERY_TICK,
    metrics: METRICS,
    open: |host, options| Box::new(Cpu::new(host, options)),
};

const SECONDS: Metric = Metric::counter(
    "cpu_seconds_total",
    "seconds",
    "Time all cores together spent in a mode; the modes add up to the whole, guests are not also in user.",
)
.by(&["mode"])
.from("cpu");
const CORE_SECONDS: Metric = Metric::counter(
    "cpu_core_seconds_total",
    "seconds",
    "Time one core spent in a mode (only with the option for series per core).",
)
.by(&["core", "mode"])
.from("cpuN");
const CORES: Metric = Metric::gauge("cpu_cores", "", "Cores that are online.");

static METRICS: &[Metric] = &[
    SECONDS,
    CORE_SECONDS,
    CORES,
    TOTALS[0],
    TOTALS[1],
    TOTALS[2],
    TOTALS[3],
    TOTALS[4],
    TOTALS[5],
    TOTALS[6],
    SOFT,
];

/// Lines of one number, or of which the first number is the sum of the others.
static TOTALS: [Metric; 7] = [
    Metric::counter("interrupts_total", "", "Interrupts served.").from("intr"),
    Metric::counter("context_switches_total", "", "Switches from one thread to another.").from("ctxt"),
    Metric::gauge("boot_time_seconds", "seconds", "When the host started, as Unix time.").from("btime"),
    Metric::counter("forks_total", "", "Processes and threads started.").from("processes"),
    Metric::gauge("processes_runnable", "", "Threads that run or wait for a core.").from("procs_running"),
    Metric::gauge("processes_blocked", "", "Threads that wait for a disk.").from("procs_blocked"),
    Metric::counter("soft_interrupts_total", "", "Soft interrupts served.").from("softirq"),
];

const SOFT: Metric =
    Metric::counter("soft_interrupts_by_kind_total", "", "Soft interrupts of a kind served.")
        .by(&["kind"])
        .from("softirq");
/// The kernel's columns after the sum (include/linux/interrupt.h).
const SOFT_KINDS: [&str; 10] =
    ["hi", "timer", "net_tx", "net_rx", "block", "irq_poll", "tasklet", "sched", "hrtimer", "rcu"];

/// The kernel's columns. Old kernels have fewer.
const MODES: [&str; 10] =
    ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice"];
const GUEST: usize = 8;

/// A step back of a counter by less than this is the kernel's own inaccuracy (iowait and idle are known for it, and
/// guest time is subtracted from a number read at another moment); by more, it is a core taken away or a restart.
const STEP_BACK_SECONDS_MAX: f64 = 10.0;

/// Most cores that get series of their own; `/proc/stat` cannot be longer than the file limit anyway.
const CORES_MAX: usize = 4096;

struct Cpu {
    file: KeptFile,
    ticks_per_second: f64,
    per_core: bool,
    all: Times,
    cores: Vec<Core>,
    count: SeriesCell,
    totals: [SeriesCell; TOTALS.len()],
    soft: [SeriesCell; SOFT_KINDS.len()],
}

/// What was last said of the modes.
#[derive(Default)]
struct Times {
    seconds: [f64; MODES.len()],
    cells: [SeriesCell; MODES.len()],
}

struct Core {
    number: u64,
    name: Box<str>,
    times: Times,
}

impl Cpu {
    fn new(host: &Host, options: &Options) -> Self {
        Self {
            file: host.file("proc/stat"),
            ticks_per_second: host.ticks_per_second as f64,
            per_core: options.cpu_per_core,
            all: Times::default(),
            cores: Vec::new(),
            count: SeriesCell::default(),
            totals: Default::default(),
            soft: Default::default(),
        }
    }

    /// Takes the line of the core that is the `at`-th in the file. Those are in order of number, so what is known of
    /// lower ones from there on is of cores that were taken away.
    fn core(&mut self, at: usize, number: u64, line: &[u8], out: &mut Recorder<'_>) {
        while self.cores.get(at).is_some_and(|core| core.number < number) {
            self.cores.remove(at).times.end(out);
        }
        if self.cores.get(at).is_none_or(|core| core.number != number) {
            let core = Core { number, name: number.to_string().into(), times: Times::default() };
            self.cores.insert(at, core);
        }
        let Core { name, times, .. } = &mut self.cores[at];
        for (mode, cell, seconds) in times.update(line, self.ticks_per_second) {
            out.push(cell, &CORE_SECONDS, &[name, mode], seconds);
        }
    }

    fn leave(&mut self, from: usize, out: &mut Recorder<'_>) {
        for mut core in self.cores.drain(from.min(self.cores.len())..) {
            core.times.end(out);
        }
    }
}

impl Times {
    fn end(&mut self, out: &mut Recorder<'_>) {
        self.cells.iter_mut().for_each(|cell| out.end(cell));
    }

    /// Takes a line's numbers and gives the modes it has.
    fn update(
        &mut self,
        line: &[u8],
        ticks_per_second: f64,
    ) -> impl Iterator<Item = (&'static str, &mut SeriesCell, f64)> {
        let mut ticks = [0; MODES.len()];
        let count = numbers(line, &mut ticks);
        // The kernel counts a guest's time twice: as guest and as user.
        ticks[0] = ticks[0].saturating_sub(ticks[GUEST]);
        ticks[1] = ticks[1].saturating_sub(ticks[GUEST + 1]);
        for (last, ticks) in self.seconds.iter_mut().zip(ticks) {
            *last = steady(*last, ticks as f64 / ticks_per_second);
        }
        let modes = MODES.iter().zip(&mut self.cells).zip(&self.seconds).take(count);
        modes.map(|((mode, cell), seconds)| (*mode, cell, *seconds))
    }
}

/// User, nice and system time of the first line, as processes are charged for them.
fn busy_ticks(text: &[u8]) -> Option<u64> {
    let mut ticks = [0; 3];
    let line = lines(text).next()?.strip_prefix(b"cpu ")?;
    (numbers(line, &mut ticks) == ticks.len()).then(|| ticks.into_iter().fold(0, u64::saturating_add))
}

fn steady(last: f64, now: f64) -> f64 {
    if now < last && last - now < STEP_BACK_SECONDS_MAX { last } else { now }
}

impl Collector for Cpu {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let text = self.file.read(pass.buffer)?;
        self.stat(text, &mut pass.out);
        pass.shared.busy_ticks = busy_ticks(text);
        Ok(())
    }
}

impl Cpu {
    fn stat(&mut self, text: &[u8], out: &mut Recorder<'_>) {
        let mut cores = 0;
        let mut met = 0;
        let mut last_core = None;
        for line in lines(text) {
            let Some(key) = fields(line).next() else { continue };
            let rest = &line[key.len()..];
            match key.strip_prefix(b"cpu") {
                Some(b"") => self.whole(rest, out),
                Some(name) => {
                    cores += 1;
                    // The kernel lists them in order; what is not is no core.
                    let core = number(name).filter(|core| last_core.is_none_or(|last| last < *core));
                    if let Some(number) = core.filter(|_| self.per_core && met < CORES_MAX) {
                        self.core(met, number, rest, out);
                        met += 1;
                        last_core = core;
                    }
                }
                None => self.total(key, rest, out),
            }
        }
        self.leave(met, out);
        out.push(&mut self.count, &CORES, &[], f64::from(cores));
    }

    fn whole(&mut self, line: &[u8], out: &mut Recorder<'_>) {
        for (mode, cell, seconds) in self.all.update(line, self.ticks_per_second) {
            out.push(cell, &SECONDS, &[mode], seconds);
        }
    }

    fn total(&mut self, key: &[u8], line: &[u8], out: &mut Recorder<'_>) {
        let Some(at) = TOTALS.iter().position(|metric| metric.source.as_bytes() == key) else { return };
        if let Some(value) = fields(line).next().and_then(number) {
            out.push(&mut self.totals[at], &TOTALS[at], &[], value as f64);
        }
        if key == SOFT.source.as_bytes() {
            let counts = fields(line).skip(1).map_while(number);
            for ((cell, kind), count) in self.soft.iter_mut().zip(SOFT_KINDS).zip(counts) {
                out.push(cell, &SOFT, &[kind], count as f64);
            }
        }
    }
}

#[cfg(test)]
mod tests;
