//! What `smartctl --json --all` tells of one disk. Each kind of disk has fields of its own; those that mean the same
//! become the same metric.

use super::scan::Device;
use super::*;
use crate::text::times;
use stdx::json::{Error as JsonError, Kind, Reader};

const SECTOR_BYTES: f64 = 512.0;
/// A unit of data of NVMe: a thousand sectors, whatever the disk's own sectors are (NVM Express, "SMART / Health").
const DATA_UNIT_BYTES: f64 = 1000.0 * SECTOR_BYTES;
const HOUR_SECONDS: f64 = 3600.0;

/// Adds what the text tells of the device; returns why it tells little, if it does.
pub(super) fn read(device: &Device, text: &[u8], findings: &mut Findings) -> Result<String, JsonError> {
    let label = device.label();
    let mut disk = Disk {
        label: &label,
        findings,
        facts: Default::default(),
        is_asleep: false,
        problem: String::new(),
        uncorrected: None,
        attribute: Attribute::default(),
    };
    disk.value(&mut Reader::new(text), &mut String::new())?;
    Ok(disk.finish())
}

struct Disk<'a> {
    label: &'a str,
    findings: &'a mut Findings,
    /// Model, serial number, firmware, protocol.
    facts: [String; 4],
    is_asleep: bool,
    problem: String,
    /// Errors a SAS disk could not correct, of all kinds of access.
    uncorrected: Option<f64>,
    /// The one that is being read.
    attribute: Attribute,
}

/// An attribute of a SATA disk.
#[derive(Default)]
struct Attribute {
    id: f64,
    name: String,
    value: Option<f64>,
    raw: Option<f64>,
}

impl Disk<'_> {
    /// Reads a value at this path, the names on the way joined by dots; elements of arrays have their array's.
    fn value(&mut self, reader: &mut Reader<'_>, path: &mut String) -> Result<(), JsonError> {
        match reader.peek()? {
            Kind::Object => {
                reader.object()?;
                let end = path.len();
                while let Some(name) = reader.field()? {
                    if end > 0 {
                        path.push('.');
                    }
                    path.push_str(&name);
                    self.value(reader, path)?;
                    path.truncate(end);
                }
            }
            Kind::Array => {
                reader.array()?;
                while reader.element()? {
                    self.value(reader, path)?;
                }
            }
            Kind::Number => {
                let number = reader.number()?;
                // A number too long for a float is none of a disk.
                self.number(path, number.parse().unwrap_or(f64::NAN));
            }
            Kind::Bool => {
                let value = f64::from(reader.bool()?);
                self.number(path, value);
            }
            Kind::String => {
                let text = reader.string()?;
                self.text(path, &text);
            }
            Kind::Null => reader.skip()?,
        }
        Ok(())
    }

    fn number(&mut self, path: &str, value: f64) {
        let (metric, factor) = match path {
            "smart_status.passed" => (HEALTHY, 1.0),
            "temperature.current" => (TEMPERATURE, 1.0),
            "power_on_time.hours" => (POWER_ON, HOUR_SECONDS),
            "power_cycle_count" => (POWER_CYCLES, 1.0),
            "endurance_used.current_percent" => (WEAR, 0.01),
            "spare_available.current_percent" => (SPARE, 0.01),
            "ata_smart_data.self_test.status.passed" => (SELF_TEST, 1.0),
            "ata_smart_error_log.summary.count" | "ata_smart_error_log.extended.count" => {
                (LOGGED_ERRORS, 1.0)
            }
            "nvme_smart_health_information_log.critical_warning" => (WARNINGS, 1.0),
            "nvme_smart_health_information_log.percentage_used" => (WEAR, 0.01),
            "nvme_smart_health_information_log.available_spare" => (SPARE, 0.01),
            "nvme_smart_health_information_log.data_units_written" => (WRITTEN, DATA_UNIT_BYTES),
            "nvme_smart_health_information_log.data_units_read" => (READ, DATA_UNIT_BYTES),
            "nvme_smart_health_information_log.media_errors" => (MEDIA_ERRORS, 1.0),
            "nvme_smart_health_information_log.num_err_log_entries" => (LOGGED_ERRORS, 1.0),
            "nvme_smart_health_information_log.unsafe_shutdowns" => (UNSAFE_SHUTDOWNS, 1.0),
            "scsi_grown_defect_list" => (REALLOCATED, 1.0),
            "scsi_percentage_used_endurance_indicator" => (WEAR, 0.01),
            _ => return self.part(path, value),
        };
        self.add(metric, times(value, factor));
    }

    fn part(&mut self, path: &str, value: f64) {
        let attribute = path.strip_prefix("ata_smart_attributes.table.");
        match attribute {
            Some("id") => {
                self.end_attribute();
                self.attribute.id = value;
            }
            Some("value") => self.attribute.value = Some(value),
            Some("raw.value") => self.attribute.raw = Some(value),
            _ => {}
        }
        let is_uncorrected = path.ends_with(".total_uncorrected_errors");
        if is_uncorrected && path.starts_with("scsi_error_counter_log.") {
            self.uncorrected = Some(self.uncorrected.unwrap_or_default() + value);
        }
    }

    fn text(&mut self, path: &str, text: &str) {
        let gigabytes = || text.parse::<f64>().ok().map(|n| n * 1e9);
        match path {
            "model_name" => text.clone_into(&mut self.facts[0]),
            "serial_number" => text.clone_into(&mut self.facts[1]),
            "firmware_version" | "revision" | "scsi_revision" => text.clone_into(&mut self.facts[2]),
            "device.protocol" => text.clone_into(&mut self.facts[3]),
            "smartctl.messages.string" if text.contains("STANDBY") || text.contains("SLEEP") => {
                self.is_asleep = true;
            }
            "smartctl.messages.string" => text.clone_into(&mut self.problem),
            "ata_smart_attributes.table.name" => text.clone_into(&mut self.attribute.name),
            "scsi_error_counter_log.read.gigabytes_processed" => {
                self.findings.add_some(READ, &[self.label], gigabytes());
            }
            "scsi_error_counter_log.write.gigabytes_processed" => {
                self.findings.add_some(WRITTEN, &[self.label], gigabytes());
            }
            _ => {}
        }
    }

    fn end_attribute(&mut self) {
        let Attribute { id, name, value, raw } = std::mem::take(&mut self.attribute);
        let number = id.to_string();
        let labels = [self.label, &number, &name];
        if id == 0.0 {
            return;
        }
        self.findings.add_some(ATTRIBUTE_NORMALIZED, &labels, value);
        self.findings.add_some(ATTRIBUTE_RAW, &labels, raw);
        let known = match id as u64 {
            5 => Some((REALLOCATED, raw)),
            187 => Some((MEDIA_ERRORS, raw)),
            197 => Some((PENDING, raw)),
            198 => Some((UNCORRECTABLE, raw)),
            199 => Some((LINK_ERRORS, raw)),
            _ => traffic(&name)
                .map(|(metric, factor)| (metric, raw.map(|raw| raw * factor)))
                .or_else(|| is_wear(&name).then(|| (WEAR, value.map(|left| 1.0 - left / 100.0)))),
        };
        if let Some((metric, Some(value))) = known {
            self.add(metric, value);
        }
    }

    fn add(&mut self, metric: usize, value: f64) {
        if value.is_finite() {
            self.findings.add(metric, &[self.label], value);
        }
    }

    fn finish(mut self) -> String {
        self.end_attribute();
        if let Some(errors) = self.uncorrected {
            self.add(MEDIA_ERRORS, errors);
        }
        let [model, serial, firmware, protocol] = &self.facts;
        if !model.is_empty() {
            self.findings.add(INFO, &[self.label, model, serial, firmware, protocol], 1.0);
        }
        self.findings.add(STANDBY, &[self.label], f64::from(self.is_asleep));
        // A word beside the numbers is no problem, without a model there were none.
        if model.is_empty() && !self.is_asleep { self.problem } else { String::new() }
    }
}

/// Attributes that count what was written and read, whose numbers and units each maker chose: the metric, and bytes in
/// one.
fn traffic(name: &str) -> Option<(usize, f64)> {
    let metric = match name {
        _ if name.contains("Writ") => WRITTEN,
        _ if name.contains("Read") => READ,
        _ => return None,
    };
    let is_host = ["LBAs", "Host", "Lifetime", "Total"].iter().any(|word| name.contains(word));
    let unit = match name {
        _ if !is_host || name.contains("NAND") => return None,
        _ if name.contains("LBAs") || name.contains("Host_Sector") => SECTOR_BYTES,
        _ if name.ends_with("_32MiB") => 32.0 * 1024.0 * 1024.0,
        _ if name.ends_with("_GiB") || name.ends_with("_GB") => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some((metric, unit))
}

/// Attributes whose normalized value is the part of its life a disk without moving parts has left, in percent.
fn is_wear(name: &str) -> bool {
    const NAMES: [&str; 6] = [
        "Media_Wearout_Indicator",
        "Wear_Leveling_Count",
        "SSD_Life_Left",
        "Percent_Lifetime_Remain",
        "Percent_Life_Remaining",
        "Remaining_Lifetime_Perc",
    ];
    NAMES.contains(&name)
}
