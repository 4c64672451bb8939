//! Graphics cards. NVIDIA's driver tells its numbers by a library that a static program cannot load, so `nvidia-smi` is
//! asked, in an errand; those of AMD and Intel are files of the kernel (their temperatures, fans and powers are in
//! `sensors`).

mod drm;
mod nvidia;

use crate::inquiry::Inquiry;
use crate::program::RunProgram;
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};
use drm::Cards;
use std::path::PathBuf;

pub(super) static ROW: Row = Row {
    name: "gpu",
    summary: "Graphics cards: how busy they and their memory are, temperature, power, clocks and errors (NVIDIA by `nvidia-smi`, AMD and Intel by the kernel).",
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Gpu::new(host)),
};

const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).by(&["gpu"])
}

/// `gpu` is the card's UUID, or the kernel's name for it.
static METRICS: [Metric; 16] = [
    Metric::gauge("gpu_info", "", "Always 1; the labels tell.").by(&["gpu", "index", "model", "driver"]),
    gauge("gpu_utilization_ratio", "ratio", "Part of the time with anything under way."),
    gauge("gpu_memory_utilization_ratio", "ratio", "Part of the time with memory being read or written."),
    gauge("gpu_memory_total_bytes", "bytes", "Memory of the card."),
    gauge("gpu_memory_used_bytes", "bytes", "Memory of the card in use."),
    gauge("gpu_temperature_celsius", "celsius", "Temperature (NVIDIA)."),
    gauge("gpu_fan_ratio", "ratio", "How far the fan is turned up (NVIDIA)."),
    gauge("gpu_power_watts", "watts", "Power drawn (NVIDIA)."),
    gauge("gpu_power_limit_watts", "watts", "Most power it may draw (NVIDIA)."),
    gauge("gpu_clock_hertz", "hertz", "Clock of the cores."),
    gauge("gpu_memory_clock_hertz", "hertz", "Clock of the memory (NVIDIA)."),
    Metric::counter("gpu_memory_errors_total", "", "Errors of memory since the driver was loaded (NVIDIA).")
        .by(&["gpu", "kind"]),
    gauge("gpu_shared_memory_total_bytes", "bytes", "Memory of the host the card may use (AMD, GTT)."),
    gauge("gpu_shared_memory_used_bytes", "bytes", "Memory of the host in use by the card (AMD, GTT)."),
    Metric::counter("gpu_idle_seconds_total", "seconds", "Time the cores slept (Intel).").by(&["gpu"]),
    GPUS,
];
const GPUS: Metric = Metric::gauge("gpus", "", "Graphics cards that can be measured.");
const INFO: usize = 0;
const UTILIZATION: usize = 1;
const MEMORY_UTILIZATION: usize = 2;
const MEMORY_TOTAL: usize = 3;
const MEMORY_USED: usize = 4;
const TEMPERATURE: usize = 5;
const FAN: usize = 6;
const POWER: usize = 7;
const POWER_LIMIT: usize = 8;
const CLOCK: usize = 9;
const MEMORY_CLOCK: usize = 10;
const MEMORY_ERRORS: usize = 11;
const SHARED_TOTAL: usize = 12;
const SHARED_USED: usize = 13;
const IDLE: usize = 14;

const EVERY_MS: i64 = 10_000;
const SERIES_MAX: usize = 1024;

struct Gpu {
    run: RunProgram,
    /// There when NVIDIA's driver is loaded.
    driver: PathBuf,
    inquiry: Inquiry,
    cards: Cards,
    count: SeriesCell,
}

impl Gpu {
    fn new(host: &Host) -> Self {
        Self {
            run: host.run_program.clone(),
            driver: host.path("proc/driver/nvidia/version"),
            inquiry: Inquiry::new(host, "nvidia-smi", &METRICS, EVERY_MS, SERIES_MAX),
            cards: Cards::new(host),
            count: SeriesCell::default(),
        }
    }
}

impl Collector for Gpu {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let cards = self.cards.record(pass)?;
        if self.inquiry.is_due(pass.now_ms) && self.driver.exists() {
            let run = self.run.clone();
            self.inquiry.ask(pass.now_ms, move || nvidia::ask(&run));
        }
        let told = self.inquiry.tell(pass);
        let count = cards + self.inquiry.count(INFO);
        if count > 0 {
            pass.out.push(&mut self.count, &GPUS, &[], count as f64);
        }
        told
    }

    fn remark(&self) -> &str {
        self.inquiry.remark()
    }
}
