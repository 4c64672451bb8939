//! Everything else `/proc/meminfo` and `/proc/vmstat` tell, by the kernel's names: what has no metric of its own in
//! `memory` and `vmstat`. Most is 0 on most hosts and left out until it is not.

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{fields, lines, number};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "memory_details",
    summary: "All other numbers of the memory management, by the kernel's names for them; those that are 0 are left out until they are not.",
    interval_ms: 10_000,
    metrics: &[BYTES, PAGES, EVENTS],
    open: |host, _| Box::new(MemoryDetails::new(host)),
};

const BYTES: Metric =
    Metric::gauge("memory_field_bytes", "bytes", "What `/proc/meminfo` says of this field.").by(&["field"]);
const PAGES: Metric =
    Metric::gauge("memory_field_pages", "", "Huge pages of this sort, by `/proc/meminfo`.").by(&["field"]);
const EVENTS: Metric = Metric::counter(
    "memory_events_total",
    "",
    "Times this happened, by `/proc/vmstat` (Documentation/admin-guide/mm).",
)
.by(&["event"]);

/// Of `/proc/meminfo`: the size of the kernel's address space, which says nothing of memory.
const LEFT_OUT: &[u8] = b"VmallocTotal";
/// What numbers of `/proc/vmstat` begin with that are no counters.
const STATES: &[u8] = b"nr_";
/// Most fields of both that are not 0, those with a metric of their own among them.
const FIELDS_MAX: usize = 128;
const EVENTS_MAX: usize = 256;

struct MemoryDetails {
    meminfo: KeptFile,
    vmstat: KeptFile,
    fields: Entities<1>,
    events: Entities<1>,
}

impl MemoryDetails {
    fn new(host: &Host) -> Self {
        Self {
            meminfo: host.file("proc/meminfo"),
            vmstat: host.file("proc/vmstat"),
            fields: Entities::new(FIELDS_MAX),
            events: Entities::new(EVENTS_MAX),
        }
    }

    fn fields(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.meminfo.read_if_there(pass.buffer)? else { return Ok(()) };
        self.fields.begin();
        for line in lines(text) {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (name, mut words) = (&line[..colon], fields(&line[colon + 1..]));
            let value = words.next().and_then(number).filter(|value| *value > 0 && name != LEFT_OUT);
            let Some(value) = value else { continue };
            let Some(entity) = self.fields.meet(name, |name| is_without(&super::memory::METRICS, name))
            else {
                continue;
            };
            let (metric, unit) = if words.next().is_some() { (&BYTES, 1024.0) } else { (&PAGES, 1.0) };
            pass.out.push(&mut entity.cells[0], metric, &[&entity.name], value as f64 * unit);
        }
        self.fields.finish(&mut pass.out);
        Ok(())
    }
}

fn is_without(metrics: &[Metric], name: &str) -> bool {
    metrics.iter().all(|metric| metric.source != name)
}

impl Collector for MemoryDetails {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.fields(pass)?;
        let Some(text) = self.vmstat.read_if_there(pass.buffer)? else { return Ok(()) };
        self.events.begin();
        for line in lines(text).filter(|line| !line.starts_with(STATES)) {
            let mut words = fields(line);
            let (Some(name), Some(value)) = (words.next(), words.next().and_then(number)) else { continue };
            if value == 0 {
                continue;
            }
            if let Some(event) = self.events.meet(name, |name| is_without(&super::vmstat::METRICS, name)) {
                pass.out.push(&mut event.cells[0], &EVENTS, &[&event.name], value as f64);
            }
        }
        self.events.finish(&mut pass.out);
        Ok(())
    }
}
