//! Batteries, mains and uninterruptible supplies, from `/sys/class/power_supply`
//! (Documentation/ABI/testing/sysfs-class-power).

use crate::entities::Entity;
use crate::record::Recorder;
use crate::things::{Thing, Things};
use crate::{Collector, Error, Host, Metric, Pass, Row};

pub(super) static ROW: Row = Row {
    name: "power",
    summary: "Power supplies: whether they feed the host, how full batteries are and what they give.",
    // Batteries are asked over a slow bus.
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Power::new(host)),
};

/// The source is a file in the supply's folder.
static METRICS: [Metric; 10] = [
    Metric::gauge("power_online", "", "1 when the supply is connected, 0 when it is not.")
        .by(&["supply"])
        .from("online"),
    Metric::gauge("power_discharging", "", "1 when the battery is being used up, else 0.")
        .by(&["supply"])
        .from("status"),
    Metric::gauge("power_charge_ratio", "ratio", "How full the battery is.").by(&["supply"]).from("capacity"),
    Metric::gauge("power_watts", "watts", "Power that goes into or comes out of the battery.")
        .by(&["supply"])
        .from("power_now"),
    Metric::gauge("power_energy_joules", "joules", "Energy in the battery.")
        .by(&["supply"])
        .from("energy_now"),
    Metric::gauge("power_energy_full_joules", "joules", "Energy of the battery when it is full.")
        .by(&["supply"])
        .from("energy_full"),
    Metric::gauge("power_energy_design_joules", "joules", "That when it was new.")
        .by(&["supply"])
        .from("energy_full_design"),
    Metric::gauge("power_volts", "volts", "Voltage.").by(&["supply"]).from("voltage_now"),
    Metric::gauge("power_amperes", "amperes", "Current.").by(&["supply"]).from("current_now"),
    Metric::counter("power_battery_cycles_total", "", "Times the battery was charged and used up.")
        .by(&["supply"])
        .from("cycle_count"),
];
const ONLINE: usize = 0;
const DISCHARGING: usize = 1;
/// Kernel's units in one of ours.
const UNITS: [f64; METRICS.len()] =
    [1.0, 1.0, 100.0, 1e6, MICROWATT_HOURS, MICROWATT_HOURS, MICROWATT_HOURS, 1e6, 1e6, 1.0];
/// In a joule.
const MICROWATT_HOURS: f64 = 1e6 / 3600.0;
/// Most supplies.
const SUPPLIES_MAX: usize = 32;

struct Power {
    supplies: Things<{ METRICS.len() }>,
}

impl Power {
    fn new(host: &Host) -> Self {
        Self { supplies: Things::new(host.folder("sys/class/power_supply"), SUPPLIES_MAX) }
    }
}

impl Collector for Power {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.supplies.measure(pass, |_| true, record)
    }
}

fn record(mut supply: Thing<'_, { METRICS.len() }>, out: &mut Recorder<'_>) {
    for (at, metric) in METRICS.iter().enumerate() {
        let value = match at {
            // USB says 2 for a voltage that was negotiated.
            ONLINE => supply.number(metric.source).map(|value| value.min(1.0)),
            DISCHARGING => supply
                .read(metric.source)
                .filter(|status| !status.is_empty())
                .map(|status| f64::from(status == b"Discharging")),
            _ => supply.number(metric.source).map(|value| value / UNITS[at]),
        };
        let Entity { name, cells, .. } = &mut *supply.entity;
        match value {
            Some(value) => out.push(&mut cells[at], metric, &[name], value),
            None => out.end(&mut cells[at]),
        }
    }
}
