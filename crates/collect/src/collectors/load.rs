//! Load averages and the number of threads.

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::text::{decimal, fields};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "load",
    summary: "Load averages: threads that run, wait for a core or wait for a disk.",
    interval_ms: EVERY_TICK,
    metrics: &METRICS,
    open: |host, _| Box::new(Load::new(host)),
};

static METRICS: [Metric; 3] = [
    Metric::gauge("load1", "", "Load over the last minute, exponentially weighted."),
    Metric::gauge("load5", "", "Load over the last 5 minutes, exponentially weighted."),
    Metric::gauge("load15", "", "Load over the last 15 minutes, exponentially weighted."),
];

struct Load {
    file: KeptFile,
    cells: [SeriesCell; METRICS.len()],
}

impl Load {
    fn new(host: &Host) -> Self {
        Self { file: host.file("proc/loadavg"), cells: Default::default() }
    }
}

impl Collector for Load {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let text = self.file.read(pass.buffer)?;
        let mut averages = fields(text).map_while(decimal);
        for (cell, metric) in self.cells.iter_mut().zip(&METRICS) {
            let Some(value) = averages.next() else { return Err(self.file.malformed("load averages")) };
            pass.out.push(cell, metric, &[], value);
        }
        Ok(())
    }
}
