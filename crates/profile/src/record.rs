//! Looking at a process for a while.

use crate::maps;
use crate::pack::pack;
use crate::perf::{Error, Sampled};
use crate::report::Report;
use crate::stacks::{Stacks, ThreadNumber};
use crate::symbols::Symbols;
use crate::tree::Tree;
use nix::time::{ClockId, clock_getcpuclockid};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often samples are taken from the kernel.
const DRAIN_EVERY: Duration = Duration::from_millis(100);
/// How often new threads are looked for.
const THREADS_EVERY: Duration = Duration::from_millis(500);
/// Most threads that are looked at: each has a ring of its own.
const THREADS_MAX: usize = 256;
/// Most looks in a second, at all threads together; beyond, each thread is looked at half as often. Some 5 µs each, it is
/// a quarter of a percent of a core.
const LOOKS_PER_SECOND_MAX: u64 = 500;
/// How often a new thread's name is read again: who starts it may name it a moment later.
const NAMED: u32 = 2;
/// Stands for time that no look fell into.
const NOT_SEEN: &str = "[not seen]";
/// Stands for time that the kernel worked for a function.
const KERNEL: &str = "[kernel]";
/// What Rust calls the border between a thread's start and what it is for.
const BORDER: &str = "__rust_begin_short_backtrace";

/// How to look.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// For how long.
    pub duration: Duration,
    /// At most how often a thread is looked at, in a second of its processor time.
    pub frequency_hz: u64,
}

/// Looks at a process. The report tells:
///
/// ```text
/// seconds   for how long
/// cpu_us    processor time it used meanwhile; `[not seen]` is what no look fell into
/// samples   looks
/// cost_us   processor time of whoever looked, names included
/// lost      looks that found no room, when there were any
/// kernel    `no` when time in the kernel could not be seen
/// problem   why there are no names, when there are none
/// ```
///
/// Needs `kernel.perf_event_paranoid` of at most 2, or CAP_PERFMON; time in the kernel needs 1, or CAP_PERFMON.
pub fn record(process: u32, options: Options) -> Result<Report, Error> {
    let folder = PathBuf::from(format!("/proc/{process}"));
    let mut looking = Looking::start(&folder, options)?;
    let before = cpu_time(process)?;
    let begun = Instant::now();
    looking.go_on_until(begun + options.duration)?;
    let cpu_us = cpu_time(process)?.saturating_sub(before).as_micros() as u64;
    let seconds = begun.elapsed().as_secs_f64();
    let maps = std::fs::read_to_string(folder.join("maps")).map_err(|_| Error::Gone)?;
    let mut symbols = Symbols::new(maps::parse(&maps), &folder.join("exe"));
    let tree = tree(&looking.stacks, &mut symbols, cpu_us);
    let mut report = Report { packed: pack(&tree), ..Report::default() };
    report.tell("seconds", format_args!("{seconds:.1}"));
    report.tell("cpu_us", cpu_us);
    report.tell("samples", looking.stacks.looks);
    if looking.lost > 0 {
        report.tell("lost", looking.lost);
    }
    if !looking.with_kernel {
        report.tell("kernel", "no");
    }
    if !symbols.has_own() {
        report.tell("problem", "the program has no symbol table: its functions have no names");
    }
    let own = ClockId::CLOCK_PROCESS_CPUTIME_ID.now().map_or(Duration::ZERO, Duration::from);
    report.tell("cost_us", own.as_micros());
    Ok(report)
}

/// Processor time of a process, all its threads and those that ended.
fn cpu_time(process: u32) -> Result<Duration, Error> {
    let clock = clock_getcpuclockid(Pid::from_raw(process as i32)).map_err(|_| Error::Gone)?;
    let now = clock.now().map_err(|e| Error::Io(e.into()))?;
    Ok(Duration::from(now))
}

struct Looking {
    folder: PathBuf,
    threads: HashMap<u32, Thread>,
    stacks: Stacks,
    period_ns: u64,
    with_kernel: bool,
    lost: u64,
}

struct Thread {
    number: ThreadNumber,
    sampled: Sampled,
    /// How often its name was read again.
    named: u32,
}

impl Looking {
    fn start(folder: &Path, options: Options) -> Result<Self, Error> {
        let mut looking = Self {
            folder: folder.join("task"),
            threads: HashMap::new(),
            stacks: Stacks::default(),
            period_ns: 1_000_000_000 / options.frequency_hz.clamp(1, 10_000),
            with_kernel: true,
            lost: 0,
        };
        let first = looking.ids()?.into_iter().next().ok_or(Error::Gone)?;
        match looking.attach(first) {
            Err(Error::Refused(_)) => {
                looking.with_kernel = false;
                looking.attach(first)?;
            }
            other => other?,
        }
        looking.find_threads()?;
        Ok(looking)
    }

    fn go_on_until(&mut self, end: Instant) -> Result<(), Error> {
        let (mut looked, mut counted) = (Instant::now(), (Instant::now(), 0));
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            std::thread::sleep(left.min(DRAIN_EVERY));
            self.drain();
            if looked.elapsed() >= THREADS_EVERY {
                self.find_threads()?;
                looked = Instant::now();
            }
            let seconds = counted.0.elapsed().as_secs_f64();
            if seconds >= 1.0 {
                let rate = (self.stacks.looks - counted.1) as f64 / seconds;
                self.slow_down(rate)?;
                counted = (Instant::now(), self.stacks.looks);
            }
        }
        Ok(())
    }

    /// Halves how often threads are looked at as long as it is too often.
    fn slow_down(&mut self, mut rate: f64) -> Result<(), Error> {
        let before = self.period_ns;
        while rate > LOOKS_PER_SECOND_MAX as f64 {
            self.period_ns *= 2;
            rate /= 2.0;
        }
        if self.period_ns != before {
            self.threads.values().try_for_each(|thread| thread.sampled.set_period(self.period_ns))?;
        }
        Ok(())
    }

    fn ids(&self) -> Result<Vec<u32>, Error> {
        let entries = std::fs::read_dir(&self.folder).map_err(|_| Error::Gone)?;
        Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
    }

    /// Begins with threads that are new, ends with those that are gone.
    fn find_threads(&mut self) -> Result<(), Error> {
        let ids = self.ids()?;
        self.threads.retain(|id, _| ids.contains(id));
        for id in ids {
            let Some(thread) = self.threads.get_mut(&id) else {
                // One that ended in this moment, or one too many, is not looked at: its time is told as not seen.
                if self.threads.len() < THREADS_MAX {
                    let _ = self.attach(id);
                }
                continue;
            };
            if thread.named < NAMED {
                thread.named += 1;
                let number = thread.number;
                self.stacks.threads[number] = self.name(id);
            }
        }
        Ok(())
    }

    fn attach(&mut self, id: u32) -> Result<(), Error> {
        let sampled = Sampled::start(id, self.period_ns, self.with_kernel)?;
        self.stacks.threads.push(self.name(id));
        self.threads.insert(id, Thread { number: self.stacks.threads.len() - 1, sampled, named: 0 });
        Ok(())
    }

    fn name(&self, id: u32) -> String {
        let name = std::fs::read_to_string(self.folder.join(format!("{id}/comm"))).unwrap_or_default();
        let name = name.trim().replace([';', '\n'], ":");
        if name.is_empty() { "[unnamed]".to_owned() } else { name }
    }

    fn drain(&mut self) {
        let Self { threads, stacks, period_ns, lost, .. } = self;
        for thread in threads.values() {
            *lost += thread.sampled.drain(|seen| stacks.add(thread.number, seen, *period_ns));
        }
    }
}

/// Names for addresses, threads of one name as one, and what no look fell into.
fn tree(stacks: &Stacks, symbols: &mut Symbols, cpu_us: u64) -> Tree {
    let mut tree = Tree::default();
    for (thread, in_kernel, addresses, ns) in stacks.iter() {
        let mut path = path(addresses, symbols);
        path.insert(0, thread.to_owned());
        if in_kernel {
            path.push(KERNEL.to_owned());
        }
        tree.add(path.iter().map(String::as_str), ns / 1000);
    }
    tree.add([crate::tree::SMALLER], stacks.beyond_ns / 1000);
    tree.add([NOT_SEEN], cpu_us.saturating_sub(stacks.total_ns() / 1000));
    tree
}

/// Names from the outermost function that says anything to the innermost.
fn path(addresses: &[u64], symbols: &mut Symbols) -> Vec<String> {
    let mut path: Vec<String> = Vec::with_capacity(addresses.len() + 2);
    for (at, address) in addresses.iter().enumerate() {
        // All but the innermost are where a call returns to, which may be the first of the next function.
        let name = symbols.name(address - u64::from(at > 0 && *address > 0));
        if name.contains(BORDER) {
            break;
        }
        let is_repeated = name.starts_with('[') && path.last().is_some_and(|last| last == name);
        if !is_repeated {
            path.push(name.to_owned());
        }
    }
    path.reverse();
    path
}
