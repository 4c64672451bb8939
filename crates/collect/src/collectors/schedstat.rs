//! How long tasks ran and how long they waited for a core, from `/proc/schedstat`
//! (Documentation/scheduler/sched-stats.rst).

use crate::file::KeptFile;
use crate::text::{lines, numbers};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "schedstat",
    summary: "Time tasks ran and time they were ready but had to wait for a core, all cores together.",
    // Several lines for each core.
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Schedstat::new(host)),
};

static METRICS: [Metric; 3] = [
    Metric::counter("scheduler_run_seconds_total", "seconds", "Time tasks ran, summed over cores."),
    Metric::counter(
        "scheduler_wait_seconds_total",
        "seconds",
        "Time tasks that were ready waited for a core; its rate is the mean number of those that wait.",
    ),
    Metric::counter("scheduler_slices_total", "", "Times a task was given a core."),
];
/// The columns of a core's line before those above.
const COLUMNS_BEFORE: usize = 6;
const COLUMNS: usize = COLUMNS_BEFORE + METRICS.len();
/// Kernel's units in one of ours.
const UNITS: [f64; METRICS.len()] = [1e9, 1e9, 1.0];

struct Schedstat {
    file: KeptFile,
    cells: [SeriesCell; METRICS.len()],
}

impl Schedstat {
    fn new(host: &Host) -> Self {
        Self { file: host.file("proc/schedstat"), cells: Default::default() }
    }
}

impl Collector for Schedstat {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        let mut sums = [0u64; METRICS.len()];
        let mut cores = 0;
        for line in lines(text).filter_map(|line| line.strip_prefix(b"cpu")) {
            let Some(blank) = memchr::memchr(b' ', line) else { continue };
            let mut values = [0; COLUMNS];
            if numbers(&line[blank..], &mut values) < COLUMNS {
                continue;
            }
            cores += 1;
            for (sum, value) in sums.iter_mut().zip(&values[COLUMNS_BEFORE..]) {
                *sum = sum.saturating_add(*value);
            }
        }
        if cores > 0 {
            for (at, metric) in METRICS.iter().enumerate() {
                pass.out.push(&mut self.cells[at], metric, &[], sums[at] as f64 / UNITS[at]);
            }
        }
        Ok(())
    }
}
