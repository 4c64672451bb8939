//! Temperatures, from the sensors in `/sys/class/hwmon` and the zones in `/sys/class/thermal`.

use crate::file::KeptFile;
use crate::text::{signed, trim};
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell, telemetry};
use std::path::{Path, PathBuf};

pub(super) static ROW: Row = Row {
    name: "temperature",
    summary: "Temperatures of processors, disks and boards, where there are sensors.",
    // Some sensors take milliseconds to answer.
    interval_ms: 10_000,
    metrics: &[CELSIUS],
    open: |host, _| Box::new(Temperature::new(host)),
};

const CELSIUS: Metric =
    Metric::gauge("temperature_celsius", "celsius", "What the sensor says.").by(&["chip", "sensor"]);

/// Passes between two searches for sensors.
const SEARCH_EVERY: u32 = 6;
/// Most sensors.
const SENSORS_MAX: usize = 256;

struct Temperature {
    hwmon: PathBuf,
    thermal: PathBuf,
    sensors: Vec<Sensor>,
    passes: u32,
}

struct Sensor {
    path: PathBuf,
    file: KeptFile,
    chip: String,
    /// What the chip belongs to.
    device: String,
    name: String,
    cell: SeriesCell,
}

impl Temperature {
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

impl Collector for Temperature {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        if self.passes.is_multiple_of(SEARCH_EVERY) {
            self.search(pass);
        }
        self.passes = self.passes.wrapping_add(1);
        for Sensor { file, chip, name, cell, .. } in &mut self.sensors {
            // A sensor that is asleep fails; that is no fault of ours.
            let Ok(text) = file.read(pass.buffer) else { continue };
            if let Some(thousandths) = signed(trim(text)) {
                pass.out.push(cell, &CELSIUS, &[chip, name], thousandths as f64 / 1000.0);
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
    let mut inputs: Vec<String> =
        names(chip).filter(|n| n.starts_with("temp") && n.ends_with("_input")).collect();
    inputs.sort();
    for input in inputs {
        let sensor = input.trim_end_matches("_input");
        let label = word(&chip.join(format!("{sensor}_label"))).unwrap_or_else(|| sensor.to_owned());
        add(found, chip.join(&input), &name, label, &device);
    }
}

fn sensor_of_zone(zone: &Path, found: &mut Vec<Sensor>) {
    let kind = word(&zone.join("type")).unwrap_or_else(|| base(zone));
    add(found, zone.join("temp"), "thermal", kind, &base(zone));
}

fn add(found: &mut Vec<Sensor>, path: PathBuf, chip: &str, name: String, device: &str) {
    let (chip, device) = (chip.to_owned(), device.to_owned());
    let file = KeptFile::new(path.clone());
    found.push(Sensor { path, file, chip, device, name, cell: SeriesCell::default() });
}

impl Sensor {
    fn has_labels_of(&self, other: &Self) -> bool {
        (&self.chip, &self.name) == (&other.chip, &other.name)
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
    let is_twin = |a: &Sensor, b: &Sensor| a.path != b.path && a.chip == b.chip && a.name == b.name;
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
