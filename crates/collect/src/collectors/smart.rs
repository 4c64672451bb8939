//! What disks know of their own health (SMART), asked of `smartctl` (smartmontools 7, which prints JSON) once in half an
//! hour. Temperatures that the kernel tells by itself are in `sensors`.

mod report;
mod scan;

use crate::inquiry::{Findings, Inquiry};
use crate::program::{Output, Program, ProgramError, RunProgram};
use crate::{Collector, Error, Host, Metric, Pass, Row};
use std::time::Duration;

pub(super) static ROW: Row = Row {
    name: "smart",
    summary: "Health of disks as they see it themselves: verdict, wear, sectors that failed, errors, hours (needs `smartctl` 7 and root, or CAP_SYS_RAWIO for SATA and SAS and CAP_SYS_ADMIN for NVMe).",
    interval_ms: 60_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Smart::new(host)),
};

const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).by(&["device"])
}
const fn counter(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, unit, help).by(&["device"])
}

static METRICS: [Metric; 21] = [
    Metric::gauge("smart_info", "", "Always 1; the labels tell.")
        .by(&["device", "model", "serial", "firmware", "protocol"]),
    gauge("smart_standby", "", "1 when the disk slept and was not woken for the question."),
    gauge("smart_healthy", "", "1 when the disk says it is well, 0 when it expects to fail."),
    gauge("smart_temperature_celsius", "celsius", "Temperature."),
    counter("smart_power_on_seconds_total", "seconds", "Time it has run in its life."),
    counter("smart_power_cycles_total", "", "Times it was switched on."),
    gauge("smart_reallocated_sectors", "", "Sectors that failed and were replaced (SATA 5, SAS defects)."),
    gauge("smart_pending_sectors", "", "Sectors that cannot be read now (SATA 197)."),
    gauge("smart_uncorrectable_sectors", "", "Sectors its own search could not read (SATA 198)."),
    counter("smart_media_errors_total", "", "Reads that could not be answered (SATA 187, NVMe, SAS)."),
    counter("smart_link_errors_total", "", "Transfers damaged on the way, often by the cable (SATA 199)."),
    gauge("smart_wear_ratio", "ratio", "Part of the life of its memory that is used up; may pass 1."),
    gauge("smart_spare_ratio", "ratio", "Spare memory left (NVMe)."),
    counter("smart_written_bytes_total", "bytes", "Bytes written in its life."),
    counter("smart_read_bytes_total", "bytes", "Bytes read in its life."),
    gauge("smart_critical_warnings", "", "Warnings of the disk as bits (NVMe); 0 is none."),
    counter("smart_unsafe_shutdowns_total", "", "Times it lost power unprepared (NVMe)."),
    counter("smart_logged_errors_total", "", "Errors it wrote into its log."),
    gauge("smart_self_test_passed", "", "1 when its last test of itself found nothing, 0 when it did."),
    Metric::gauge("smart_attribute_raw", "", "An attribute as the disk counts it (SATA).").by(&[
        "device",
        "id",
        "attribute",
    ]),
    Metric::gauge("smart_attribute_normalized", "", "The attribute on the maker's scale; higher is better.")
        .by(&["device", "id", "attribute"]),
];
const INFO: usize = 0;
const STANDBY: usize = 1;
const HEALTHY: usize = 2;
const TEMPERATURE: usize = 3;
const POWER_ON: usize = 4;
const POWER_CYCLES: usize = 5;
const REALLOCATED: usize = 6;
const PENDING: usize = 7;
const UNCORRECTABLE: usize = 8;
const MEDIA_ERRORS: usize = 9;
const LINK_ERRORS: usize = 10;
const WEAR: usize = 11;
const SPARE: usize = 12;
const WRITTEN: usize = 13;
const READ: usize = 14;
const WARNINGS: usize = 15;
const UNSAFE_SHUTDOWNS: usize = 16;
const LOGGED_ERRORS: usize = 17;
const SELF_TEST: usize = 18;
const ATTRIBUTE_RAW: usize = 19;
const ATTRIBUTE_NORMALIZED: usize = 20;

const EVERY_MS: i64 = 30 * 60_000;
/// Longest one disk may take to answer; those behind a slow controller need seconds.
const WITHIN: Duration = Duration::from_secs(30);
const OUTPUT_BYTES_MAX: usize = 512 << 10;
/// Most disks, and most numbers of all of them.
const DISKS_MAX: usize = 128;
const SERIES_MAX: usize = 4096;

struct Smart {
    run: RunProgram,
    inquiry: Inquiry,
}

impl Smart {
    fn new(host: &Host) -> Self {
        let inquiry = Inquiry::new(host, "smartctl", &METRICS, EVERY_MS, SERIES_MAX);
        Self { run: host.run_program.clone(), inquiry }
    }
}

impl Collector for Smart {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        if self.inquiry.is_due(pass.now_ms) {
            let run = self.run.clone();
            self.inquiry.ask(pass.now_ms, move || ask(&run));
        }
        self.inquiry.tell(pass)
    }

    fn remark(&self) -> &str {
        self.inquiry.remark()
    }
}

fn smartctl(run: &RunProgram, arguments: &[&str]) -> Result<Output, ProgramError> {
    run(&Program { name: "smartctl", arguments, within: WITHIN, output_bytes_max: OUTPUT_BYTES_MAX })
}

fn ask(run: &RunProgram) -> Result<Findings, String> {
    let mut findings = Findings::default();
    let devices = match smartctl(run, &["--json", "--scan"]) {
        Ok(output) => scan::devices(&output.text).map_err(|error| error.to_string())?,
        // A host without it is not asked for more than it has.
        Err(ProgramError::Missing) => return Ok(findings),
        Err(error) => return Err(error.to_string()),
    };
    for device in devices.iter().take(DISKS_MAX) {
        let kind = format!("--device={}", device.kind);
        // A disk that sleeps is left asleep.
        let asked = ["--json", "--all", "--nocheck=standby", &kind, &device.name];
        let problem = match smartctl(run, &asked) {
            Ok(output) => report::read(device, &output.text, &mut findings).unwrap_or_else(|e| e.to_string()),
            Err(error) => error.to_string(),
        };
        if !problem.is_empty() {
            findings.remark = format!("smartctl of {}: {problem}", device.name);
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests;
