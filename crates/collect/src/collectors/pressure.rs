//! Pressure stall information (Documentation/accounting/psi.rst): time lost waiting for a resource.

use crate::collector::EVERY_TICK;
use crate::file::KeptFile;
use crate::text::{fields, lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};

pub(super) static ROW: Row = Row {
    name: "pressure",
    summary: "Time in which threads stood still for want of CPU, memory, disk or because of interrupts (kernel 4.20).",
    interval_ms: EVERY_TICK,
    metrics: &[STALL],
    open: |host, _| Box::new(Pressure::new(host)),
};

const STALL: Metric = Metric::counter(
    "pressure_stall_seconds_total",
    "seconds",
    "Time in which some threads, or all that had work (full), waited for the resource.",
)
.by(&["resource", "kind"])
.from("total");

const RESOURCES: [&str; 4] = ["cpu", "memory", "io", "irq"];
const KINDS: [&str; 2] = ["some", "full"];
const MICROSECONDS: f64 = 1e6;

struct Pressure {
    resources: [Resource; RESOURCES.len()],
}

struct Resource {
    name: &'static str,
    file: KeptFile,
    cells: [SeriesCell; KINDS.len()],
}

impl Pressure {
    fn new(host: &Host) -> Self {
        let resource = |name| {
            let file = host.file(&format!("proc/pressure/{name}"));
            Resource { name, file, cells: Default::default() }
        };
        Self { resources: RESOURCES.map(resource) }
    }
}

impl Collector for Pressure {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        for Resource { name, file, cells } in &mut self.resources {
            let Some(text) = file.read_if_there(pass.buffer)? else { continue };
            for line in lines(text) {
                let Some(kind) = KINDS.iter().position(|kind| fields(line).next() == Some(kind.as_bytes()))
                else {
                    continue;
                };
                let total = fields(line).find_map(|field| field.strip_prefix(b"total=")).and_then(number);
                if let Some(total) = total {
                    pass.out.push(
                        &mut cells[kind],
                        &STALL,
                        &[name, KINDS[kind]],
                        total as f64 / MICROSECONDS,
                    );
                }
            }
        }
        Ok(())
    }
}
