//! How long the host has been up.

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::text::{decimal, fields};
use crate::{Collector, Error, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "uptime",
    summary: "Time since the host started.",
    interval_ms: EVERY_TICK,
    metrics: &[UPTIME],
    open: |host, _| Box::new(Uptime { file: host.file("proc/uptime"), cell: SeriesCell::default() }),
};

const UPTIME: Metric =
    Metric::gauge("uptime_seconds", "seconds", "Time since the host started, sleep included.");

struct Uptime {
    file: KeptFile,
    cell: SeriesCell,
}

impl Collector for Uptime {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let text = self.file.read(pass.buffer)?;
        let seconds = fields(text).next().and_then(decimal);
        pass.out.push(&mut self.cell, &UPTIME, &[], seconds.ok_or_else(|| self.file.malformed("uptime"))?);
        Ok(())
    }
}
