//! A file of the kernel with a line for each core and a column for each count, all in hexadecimal, as
//! `/proc/net/softnet_stat` and the files in `/proc/net/stat` are. The counts have 32 bits and begin again at 0 when
//! these are full; added up here they do not.

use crate::file::KeptFile;
use crate::text::{fields, hexadecimal, lines};
use crate::{Error, Metric, Pass, SeriesCell};
use model::Kind;

/// Most columns that are looked at.
const COLUMNS_MAX: usize = 24;
/// Counts above this one are taken to be about to begin again.
const FULL: u32 = 1 << 31;
/// Stands for a column that no metric comes from.
const NOBODY: u8 = u8::MAX;

/// The file and what its lines added up to.
#[derive(Debug)]
pub struct CoreTable<const SERIES: usize> {
    file: KeptFile,
    /// The names of the columns, where the file has no line that says them.
    heading: Option<&'static str>,
    /// Each core's counts in the last pass.
    cores: Vec<[u32; SERIES]>,
    totals: [u64; SERIES],
    cells: [SeriesCell; SERIES],
}

impl<const SERIES: usize> CoreTable<SERIES> {
    /// A file whose first line names the columns, or one with these names.
    pub fn new(file: KeptFile, heading: Option<&'static str>) -> Self {
        Self { file, heading, cores: Vec::new(), totals: [0; SERIES], cells: [SeriesCell::default(); SERIES] }
    }

    /// Records each metric whose column is there: counters summed over the cores, gauges as the largest of them.
    /// Without the file nothing is said.
    pub fn collect(
        &mut self,
        pass: &mut Pass<'_>,
        metrics: &[Metric; SERIES],
        labels: &[&str],
    ) -> Result<(), Error> {
        let Some(text) = self.file.read_if_there(pass.buffer)? else { return Ok(()) };
        let mut lines = lines(text);
        let heading = match self.heading {
            Some(heading) => heading.as_bytes(),
            None => lines.next().unwrap_or_default(),
        };
        let columns = columns(heading, metrics);
        let mut largest = [0; SERIES];
        let mut present = [false; SERIES];
        let mut core = 0;
        let rows = crate::text::lines(text).count().saturating_sub(usize::from(self.heading.is_none()));
        // Cores came or went: whose line is whose is not known.
        let is_anew = !self.cores.is_empty() && self.cores.len() != rows;
        for line in lines {
            let mut counts = [0; SERIES];
            for (&at, field) in columns.iter().zip(fields(line)).filter(|(at, _)| **at != NOBODY) {
                let Some(count) = hexadecimal(field) else { continue };
                let at = usize::from(at);
                (counts[at], present[at]) = (count as u32, true);
                largest[at] = largest[at].max(count);
            }
            self.add(core, counts, is_anew);
            core += 1;
        }
        self.cores.truncate(core);
        for (at, metric) in metrics.iter().enumerate().filter(|(at, _)| present[*at]) {
            let value = if metric.kind == Kind::Gauge { largest[at] } else { self.totals[at] };
            pass.out.push(&mut self.cells[at], metric, labels, value as f64);
        }
        Ok(())
    }

    fn add(&mut self, core: usize, counts: [u32; SERIES], is_anew: bool) {
        if self.cores.len() == core {
            self.cores.push([0; SERIES]);
        }
        let last = std::mem::replace(&mut self.cores[core], counts);
        if is_anew {
            return;
        }
        for ((total, now), last) in self.totals.iter_mut().zip(counts).zip(last) {
            // Less than before: it began again because it was full, or because a module was loaded anew.
            let is_anew = now < last && last < FULL;
            *total += u64::from(if is_anew { now } else { now.wrapping_sub(last) });
        }
    }
}

/// For each column the place of its metric.
fn columns<const SERIES: usize>(heading: &[u8], metrics: &[Metric; SERIES]) -> [u8; COLUMNS_MAX] {
    let mut columns = [NOBODY; COLUMNS_MAX];
    for (column, name) in columns.iter_mut().zip(fields(heading)) {
        if let Some(at) = metrics.iter().position(|metric| metric.source.as_bytes() == name) {
            *column = at as u8;
        }
    }
    columns
}

#[cfg(test)]
mod tests;
