//! Interrupts and soft interrupts of each core, for who wants every core measured.

use crate::entities::Entities;
use crate::file::KeptFile;
use crate::text::{fields, lines, number};
use crate::{Collector, Error, Host, Metric, Options, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "core_interrupts",
    summary: "Interrupts of each core and its soft interrupts by kind; only when every core is to be measured (`agent.per_core`).",
    interval_ms: 10_000,
    metrics: &[HARD, SOFT],
    open: |host, options| Box::new(CoreInterrupts::new(host, options)),
};

const HARD: Metric =
    Metric::counter("core_interrupts_total", "", "Interrupts the core served, of all sources.").by(&["core"]);
const SOFT: Metric = Metric::counter(
    "core_soft_interrupts_total",
    "",
    "Soft interrupts of this kind the core worked off; those it never did are left out.",
)
.by(&["core", "kind"]);

/// Most cores, and most cores times kinds.
const CORES_MAX: usize = 512;
const KINDS_MAX: usize = 4096;

struct CoreInterrupts {
    is_wanted: bool,
    hard: KeptFile,
    soft: KeptFile,
    cores: Entities<1>,
    kinds: Entities<1>,
    key: Vec<u8>,
    heading: Vec<u8>,
}

impl CoreInterrupts {
    fn new(host: &Host, options: &Options) -> Self {
        Self {
            is_wanted: options.cpu_per_core,
            hard: host.file("proc/interrupts"),
            soft: host.file("proc/softirqs"),
            cores: Entities::new(CORES_MAX),
            kinds: Entities::new(KINDS_MAX),
            key: Vec::new(),
            heading: Vec::new(),
        }
    }

    fn hard(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.hard.read_if_there(pass.buffer)? else { return Ok(()) };
        let mut lines = lines(text);
        let cores = lines.next().unwrap_or_default();
        self.cores.begin();
        for line in lines {
            let counts = fields(line).skip(1).map_while(number);
            for (core, count) in names(cores).zip(counts) {
                if let Some(entity) = self.cores.meet(core, |_| true) {
                    entity.sum = entity.sum.saturating_add(count);
                }
            }
        }
        for entity in self.cores.met() {
            pass.out.push(&mut entity.cells[0], &HARD, &[&entity.name], entity.sum as f64);
        }
        self.cores.finish(&mut pass.out);
        Ok(())
    }

    fn soft(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(text) = self.soft.read_if_there(pass.buffer)? else { return Ok(()) };
        let mut lines = lines(text);
        self.heading.clear();
        self.heading.extend_from_slice(lines.next().unwrap_or_default());
        self.kinds.begin();
        for line in lines {
            let mut words = fields(line);
            let Some(kind) = words.next().and_then(|word| word.strip_suffix(b":")) else { continue };
            for (core, count) in names(&self.heading).zip(words.map_while(number)) {
                if count == 0 {
                    continue;
                }
                self.key.clear();
                self.key.extend_from_slice(core);
                self.key.push(b' ');
                self.key.extend(kind.iter().map(u8::to_ascii_lowercase));
                let Some(entity) = self.kinds.meet(&self.key, |_| true) else { continue };
                let (core, kind) = entity.name.split_once(' ').unwrap_or_default();
                pass.out.push(&mut entity.cells[0], &SOFT, &[core, kind], count as f64);
            }
        }
        self.kinds.finish(&mut pass.out);
        Ok(())
    }
}

/// `CPU0 CPU1`: the numbers of the cores.
fn names(heading: &[u8]) -> impl Iterator<Item = &[u8]> {
    fields(heading).filter_map(|name| name.strip_prefix(b"CPU"))
}

impl Collector for CoreInterrupts {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.hard(pass)?;
        self.soft(pass)
    }

    fn is_wanted(&self) -> bool {
        self.is_wanted
    }
}
