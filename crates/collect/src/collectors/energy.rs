//! Energy that processors, memory and the board used up, from `/sys/class/powercap` (RAPL;
//! Documentation/power/powercap). Kernels since 5.10 let only root read it: others need CAP_DAC_READ_SEARCH.

use crate::text::{number, trim};
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "energy",
    summary: "Energy used by processors, memory and graphics, where they measure it and the agent may read it (CAP_DAC_READ_SEARCH).",
    interval_ms: 10_000,
    metrics: &[ENERGY],
    open: |host, _| Box::new(Energy::new(host)),
};

const ENERGY: Metric =
    Metric::counter("energy_joules_total", "joules", "Energy used; its rate is the power in watts.")
        .by(&["zone", "name"])
        .from("energy_uj");
const MICROJOULES: f64 = 1e6;
/// Most zones.
const ZONES_MAX: usize = 256;

struct Energy {
    zones: Things<1>,
    meters: Vec<Meter>,
}

/// A zone's counter begins again at 0 after its range; added up here it does not.
struct Meter {
    zone: Box<str>,
    /// `package-0`, `dram` …
    name: Box<str>,
    range: u64,
    last: u64,
    total: u64,
}

impl Energy {
    fn new(host: &Host) -> Self {
        Self { zones: Things::new(host.folder("sys/class/powercap"), ZONES_MAX), meters: Vec::new() }
    }
}

impl Collector for Energy {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let meters = &mut self.meters;
        self.zones.measure(pass, is_zone, |mut zone, out| {
            let Some(now) = zone.read(ENERGY.source).and_then(number) else { return };
            let Some(meter) = meter(meters, &mut zone) else { return };
            meter.add(now);
            let (joules, name) = (meter.total as f64 / MICROJOULES, &*meter.name);
            zone.push(0, &ENERGY, |zone| [zone, name], Some(joules), out);
        })
    }
}

/// `intel-rapl:0` and its parts `intel-rapl:0:1`; without numbers it is the driver, and `-mmio` tells the same again.
fn is_zone(name: &str) -> bool {
    name.split_once(':').is_some_and(|(driver, _)| !driver.ends_with("-mmio"))
}

fn meter<'m>(meters: &'m mut Vec<Meter>, zone: &mut Thing<'_, 1>) -> Option<&'m mut Meter> {
    if let Some(at) = meters.iter().position(|meter| *meter.zone == *zone.entity.name) {
        return meters.get_mut(at);
    }
    let name = zone.read("name").map(|name| String::from_utf8_lossy(name).into())?;
    let range = zone.read("max_energy_range_uj").map(trim).and_then(number)?;
    meters.push(Meter { zone: zone.entity.name.clone(), name, range, last: 0, total: 0 });
    meters.last_mut()
}

impl Meter {
    fn add(&mut self, now: u64) {
        let used = now.checked_sub(self.last).unwrap_or_else(|| self.range.saturating_sub(self.last) + now);
        self.total = self.total.saturating_add(used);
        self.last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_that_begins_again_goes_on() {
        let mut meter = Meter { zone: "".into(), name: "".into(), range: 1000, last: 0, total: 0 };
        let totals = [900, 950, 20, 20].map(|now| {
            meter.add(now);
            meter.total
        });
        assert_eq!(totals, [900, 950, 1020, 1020]);
    }
}
