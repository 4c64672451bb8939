//! Sensors: temperatures, fans, voltages, currents, powers and alarms in `/sys/class/hwmon`
//! (Documentation/hwmon/sysfs-interface.rst) and the zones in `/sys/class/thermal`.

use crate::file::KeptFile;
use crate::text::{signed, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell, telemetry};
use std::path::{Path, PathBuf};

pub(super) static ROW: Row = Row {
    name: "sensors",
    summary: "Temperatures, fans, voltages, currents and powers of processors, disks, graphics cards and boards, and their alarms, where there are sensors.",
    // Some sensors take milliseconds to answer.
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Sensors::new(host)),
};

const LABELS: &[&str] = &["chip", "sensor"];

static METRICS: [Metric; 10] = [
    Metric::gauge("temperature_celsius", "celsius", "What the sensor says.").by(LABELS),
    Metric::gauge("temperature_critical_celsius", "celsius", "Temperature that the maker calls critical.")
        .by(LABELS),
    Metric::gauge("fan_speed_rpm", "rpm", "Turns of the fan in a minute.").by(LABELS),
    Metric::gauge("sensor_volts", "volts", "Voltage.").by(LABELS),
    Metric::gauge("sensor_amperes", "amperes", "Current.").by(LABELS),
    Metric::gauge("sensor_watts", "watts", "Power.").by(LABELS),
    Metric::counter("sensor_joules_total", "joules", "Energy used.").by(LABELS),
    Metric::gauge("sensor_humidity_ratio", "ratio", "Relative humidity.").by(LABELS),
    Metric::gauge("sensor_alarm", "", "1 when the chip says that the value is out of its limits, else 0.")
        .by(LABELS),
    Metric::gauge("sensor_fault", "", "1 when the chip says that the sensor is broken or gone, else 0.")
        .by(LABELS),
];
const CELSIUS: usize = 0;

/// What files of a chip are looked at: beginning and end of the name, place of the metric, and the kernel's units in
/// one of ours. Of two of the same sensor and metric the first counts.
static FILES: [(&str, &str, usize, f64); 17] = [
    ("temp", "_input", CELSIUS, 1e3),
    ("temp", "_crit", 1, 1e3),
    ("fan", "_input", 2, 1.0),
    ("in", "_input", 3, 1e3),
    ("curr", "_input", 4, 1e3),
    ("power", "_input", 5, 1e6),
    ("power", "_average", 5, 1e6),
    ("energy", "_input", 6, 1e6),
    ("humidity", "_input", 7, 1e5),
    ("temp", "_crit_alarm", 8, 1.0),
    ("temp", "_alarm", 8, 1.0),
    ("fan", "_alarm", 8, 1.0),
    ("in", "_alarm", 8, 1.0),
    ("power", "_alarm", 8, 1.0),
    ("intrusion", "_alarm", 8, 1.0),
    ("temp", "_fault", 9, 1.0),
    ("fan", "_fault", 9, 1.0),
];

/// Passes between two searches for sensors.
const SEARCH_EVERY: u32 = 6;
/// Most values of sensors.
const SENSORS_MAX: usize = 256;

struct Sensors {
    hwmon: PathBuf,
    thermal: PathBuf,
    sensors: Vec<Sensor>,
    passes: u32,
}

struct Sensor {
    file: KeptFile,
    chip: String,
    /// What the chip belongs to.
    device: String,
    name: String,
    /// Place of the metric.
    metric: usize,
    /// Kernel's units in one of ours.
    unit: f64,
    cell: SeriesCell,
}

impl Sensors {
    fn new(host: &Host) -> Self {
        Self {
            hwmon: host.path("sys/class/hwmon"),
            thermal: host.path("sys/class/thermal"),
            sensors: Vec::new(),
            passes: 0,
        }
    }

    fn search(&mut self, pass: &mut Pass<'_>) {
        let mut found = Vec::new();
        for chip in folders(&self.hwmon, "hwmon") {
            sensors_of_chip(&chip, &mut found);
        }
        for zone in folders(&self.thermal, "thermal_zone") {
            sensor_of_zone(&zone, &mut found);
        }
        telemetry::ENTITIES_REFUSED.add(found.len().saturating_sub(SENSORS_MAX) as u64);
        found.truncate(SENSORS_MAX);
        tell_apart(&mut found);
        drop_twins(&mut found);
        // Those known before keep their series, also when the kernel has numbered the chips anew.
        for sensor in &mut self.sensors {
            match found.iter_mut().find(|new| new.has_labels_of(sensor)) {
                Some(new) => new.cell = sensor.cell,
                None => pass.out.end(&mut sensor.cell),
            }
        }
        self.sensors = found;
    }
}

impl Collector for Sensors {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        if self.passes.is_multiple_of(SEARCH_EVERY) {
            self.search(pass);
        }
        self.passes = self.passes.wrapping_add(1);
        for Sensor { file, chip, name, metric, unit, cell, .. } in &mut self.sensors {
            // A sensor that is asleep fails; that is no fault of ours.
            let Ok(text) = file.read(pass.buffer) else { continue };
            if let Some(value) = signed(trim(text)) {
                pass.out.push(cell, &METRICS[*metric], &[chip, name], value as f64 / *unit);
            }
        }
        Ok(())
    }
}

fn sensors_of_chip(chip: &Path, found: &mut Vec<Sensor>) {
    let name = word(&chip.join("name")).unwrap_or_else(|| base(chip));
    // The device behind the chip keeps its name over restarts, `hwmon3` does not.
    let device = std::fs::read_link(chip.join("device")).ok();
    let device = device.as_deref().map_or_else(|| base(chip), base);
    let mut files: Vec<String> = names(chip).collect();
    files.sort();
    for file in files {
        let Some((sensor, metric, unit)) = meaning(&file) else { continue };
        let label = word(&chip.join(format!("{sensor}_label"))).unwrap_or_else(|| sensor.to_owned());
        add(found, chip.join(&file), (&name, &device), label, metric, unit);
    }
}

/// The sensor a file belongs to, the place of its metric, and its unit.
fn meaning(file: &str) -> Option<(&str, usize, f64)> {
    FILES.iter().find_map(|(prefix, suffix, metric, unit)| {
        let sensor = file.strip_suffix(suffix)?;
        let digits = sensor.strip_prefix(prefix)?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some((sensor, *metric, *unit))
    })
}

fn sensor_of_zone(zone: &Path, found: &mut Vec<Sensor>) {
    let kind = word(&zone.join("type")).unwrap_or_else(|| base(zone));
    add(found, zone.join("temp"), ("thermal", &base(zone)), kind, CELSIUS, 1e3);
}

fn add(
    found: &mut Vec<Sensor>,
    path: PathBuf,
    (chip, device): (&str, &str),
    name: String,
    metric: usize,
    unit: f64,
) {
    let (chip, device) = (chip.to_owned(), device.to_owned());
    let file = KeptFile::new(path);
    found.push(Sensor { file, chip, device, name, metric, unit, cell: SeriesCell::default() });
}

impl Sensor {
    fn has_labels_of(&self, other: &Self) -> bool {
        (self.metric, &self.chip, &self.name) == (other.metric, &other.chip, &other.name)
    }
}

/// Of sensors that cannot be told apart the first is kept.
fn drop_twins(found: &mut Vec<Sensor>) {
    let mut at = 0;
    while at < found.len() {
        let is_twin = found[..at].iter().any(|other| other.has_labels_of(&found[at]));
        if is_twin {
            found.remove(at);
        } else {
            at += 1;
        }
    }
}

/// Chips of one kind whose sensors have the same names are told apart by their devices.
fn tell_apart(found: &mut [Sensor]) {
    let is_twin = |a: &Sensor, b: &Sensor| a.device != b.device && a.has_labels_of(b);
    let twins: Vec<bool> =
        found.iter().map(|sensor| found.iter().any(|other| is_twin(sensor, other))).collect();
    for (sensor, _) in found.iter_mut().zip(twins).filter(|(_, is_twin)| *is_twin) {
        sensor.chip = format!("{}-{}", sensor.chip, sensor.device);
    }
}

fn folders(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut folders: Vec<_> =
        names(parent).filter(|n| n.starts_with(prefix)).map(|n| parent.join(n)).collect();
    folders.sort();
    folders
}

fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

fn word(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn base(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
