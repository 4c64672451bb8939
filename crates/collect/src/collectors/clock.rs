//! The clock: how far it is off and by whose word, and jumps. The kernel is asked, and those who keep the clock: chrony and
//! ntpd over loopback, systemd-timesyncd by its file, and, if the agent is told to, time servers themselves.

mod chrony;
mod kernel;
mod ntpd;
mod sntp;
mod steps;

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::host::AskUdp;
use crate::inquiry::{Findings, Inquiry};
use crate::text::trim;
use crate::{Collector, Error, Host, Metric, Options, Pass, Row, SeriesCell};
use rustix::time::{ClockId, clock_gettime};
use std::net::SocketAddr;
use std::path::PathBuf;
use steps::Steps;

pub(super) static ROW: Row = Row {
    name: "clock",
    summary: "How far the clock is off, by the word of the kernel, chrony, ntpd or the time servers in `agent.ntp_servers`; whether it is kept at all; and jumps.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, options| Box::new(Clock::new(host, options)),
};

const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).by(&["source"])
}

static METRICS: [Metric; 9] = [
    gauge("clock_synchronized", "", "1 when the source says that it keeps the clock right, else 0."),
    gauge("clock_offset_seconds", "seconds", "How far the clock is ahead of the source; negative is behind."),
    gauge("clock_error_max_seconds", "seconds", "Most it can be off the true time, if the source is right."),
    gauge("clock_stratum", "", "Steps from the source to an atomic clock; 1 is next to one."),
    gauge("clock_frequency_ratio", "ratio", "How much too slow the clock would run by itself."),
    gauge(
        "clock_tai_offset_seconds",
        "seconds",
        "How far atomic time is ahead of the clock's, where the kernel was told.",
    ),
    STEPS,
    STEP_SECONDS,
    COUNTER_IN_USE,
];
const SYNCHRONIZED: usize = 0;
const OFFSET: usize = 1;
const ERROR_MAX: usize = 2;
const STRATUM: usize = 3;
const FREQUENCY: usize = 4;
const TAI: usize = 5;
const STEPS: Metric =
    Metric::counter("clock_steps_total", "", "Times the clock was set, since the agent started.")
        .by(&["direction"]);
const STEP_SECONDS: Metric =
    Metric::counter("clock_step_seconds_total", "seconds", "How far it was set, all times together.")
        .by(&["direction"]);
const COUNTER_IN_USE: Metric = Metric::gauge(
    "clock_counter_info",
    "",
    "Always 1; the label names what the kernel counts time with; other than `tsc` and the like is slow.",
)
.by(&["counter"]);
const DIRECTIONS: [&str; 2] = ["forward", "backward"];

const EVERY_MS: i64 = 60_000;
const SERIES_MAX: usize = 64;
/// systemd-timesyncd makes it once it has set the clock right.
const TIMESYNCD: &str = "run/systemd/timesync/synchronized";

struct Clock {
    has_kernel: bool,
    ask: AskUdp,
    servers: Vec<SocketAddr>,
    timesyncd: PathBuf,
    counter: KeptFile,
    counter_name: String,
    counter_cell: SeriesCell,
    inquiry: Inquiry,
    /// Minute of the last pass that was not about steps only.
    minute: Option<i64>,
    steps: Steps,
    cells: [[SeriesCell; 2]; DIRECTIONS.len()],
}

impl Clock {
    fn new(host: &Host, options: &Options) -> Self {
        Self {
            has_kernel: host.has_kernel,
            ask: host.ask_udp.clone(),
            servers: options.ntp_servers.clone(),
            timesyncd: host.path(TIMESYNCD),
            counter: host.file("sys/devices/system/clocksource/clocksource0/current_clocksource"),
            counter_name: String::new(),
            counter_cell: SeriesCell::default(),
            inquiry: Inquiry::new(host, "those who keep the clock", &METRICS, EVERY_MS, SERIES_MAX),
            minute: None,
            steps: Steps::default(),
            cells: Default::default(),
        }
    }

    fn steps(&mut self, pass: &mut Pass<'_>) {
        if !self.has_kernel {
            return;
        }
        // The same rate, so that the difference changes only when the clock is set; suspended time is in both.
        self.steps.see(nanoseconds(ClockId::Realtime), nanoseconds(ClockId::Boottime));
        let values = [self.steps.forward, self.steps.backward];
        for ((cells, direction), step) in self.cells.iter_mut().zip(DIRECTIONS).zip(values) {
            pass.out.push(&mut cells[0], &STEPS, &[direction], step.count as f64);
            pass.out.push(&mut cells[1], &STEP_SECONDS, &[direction], step.seconds);
        }
    }

    fn counter(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.counter.read_if_there(pass.buffer)? else { return Ok(()) };
        let name = std::str::from_utf8(trim(text)).unwrap_or_default();
        if name != self.counter_name {
            pass.out.end(&mut self.counter_cell);
            name.clone_into(&mut self.counter_name);
        }
        pass.out.push(&mut self.counter_cell, &COUNTER_IN_USE, &[&self.counter_name], 1.0);
        Ok(())
    }
}

fn nanoseconds(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

impl Collector for Clock {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.steps(pass);
        let minute = pass.now_ms.div_euclid(EVERY_MS / 6);
        if self.minute.replace(minute) == Some(minute) {
            return Ok(());
        }
        self.counter(pass)?;
        if self.inquiry.is_due(pass.now_ms) {
            let (ask, servers) = (self.ask.clone(), self.servers.clone());
            let (timesyncd, has_kernel) = (self.timesyncd.clone(), self.has_kernel);
            self.inquiry.ask(pass.now_ms, move || {
                let mut findings = Findings::default();
                if has_kernel {
                    kernel::ask(&mut findings);
                }
                chrony::ask(&ask, &mut findings);
                ntpd::ask(&ask, &mut findings);
                if timesyncd.parent().is_some_and(|folder| folder.exists()) {
                    findings.add(SYNCHRONIZED, &["timesyncd"], f64::from(timesyncd.exists()));
                }
                servers.iter().for_each(|server| sntp::ask(*server, &mut findings));
                Ok(findings)
            });
        }
        self.inquiry.tell(pass)
    }

    fn remark(&self) -> &str {
        self.inquiry.remark()
    }
}

#[cfg(test)]
mod tests;
