//! Units of systemd, asked over D-Bus in an errand: a manager that hangs holds up nobody.

mod report;

use crate::dbus::Bus;
use crate::entities::Entities;
use crate::errand::Errand;
use crate::record::Recorder;
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell};
use report::{Report, STATES};
use std::path::PathBuf;
use std::time::Duration;

pub(super) static ROW: Row = Row {
    name: "systemd",
    summary: "Units of systemd by state, services and whether they run, what failed, restarts, and when timers last fired (where systemd runs).",
    interval_ms: 15_000,
    metrics: &[UNITS, RUNNING, JOBS, SERVICE, FAILED, RESTARTS, TRIGGER],
    open: |host, _| Box::new(Systemd::new(host)),
};

const UNITS: Metric = Metric::gauge("systemd_units", "", "Units that are loaded, by state.").by(&["state"]);
const RUNNING: Metric = Metric::gauge(
    "systemd_running",
    "",
    "1 when all that should run does; 0 while the host starts or stops, or when a unit has failed.",
);
const JOBS: Metric = Metric::gauge("systemd_jobs", "", "Units that wait to be started or stopped.");
const SERVICE: Metric =
    Metric::gauge("systemd_service_active", "", "1 when the service runs or has done its work, else 0.")
        .by(&["unit"]);
const FAILED: Metric =
    Metric::gauge("systemd_unit_failed", "", "1 for each unit that has failed, of whatever type.")
        .by(&["unit"]);
const RESTARTS: Metric = Metric::counter(
    "systemd_service_restarts_total",
    "",
    "Times systemd started the service again because it had ended.",
)
.by(&["unit"])
.from("NRestarts");
const TRIGGER: Metric = Metric::gauge(
    "systemd_timer_last_trigger_time_seconds",
    "seconds",
    "When the timer last fired, in Unix time; timers that never did are left out.",
)
.by(&["unit"])
.from("LastTriggerUSec");

/// Time between two conversations, and how long one may take.
const EVERY_MS: i64 = 15_000;
const WITHIN: Duration = Duration::from_secs(5);
/// How long the pass waits for one that has just begun; most take a few milliseconds.
const PATIENCE: Duration = Duration::from_millis(20);
/// After so long under way it is told.
const LATE_MS: i64 = 60_000;
/// Most services, failed units and timers that have series.
const UNITS_MAX: usize = 512;

struct Systemd {
    host: Host,
    places: [PathBuf; 2],
    errand: Errand<Result<Report, String>>,
    passes: u32,
    states: [SeriesCell; STATES.len()],
    running: SeriesCell,
    jobs: SeriesCell,
    services: Entities<1>,
    failed: Entities<1>,
    restarts: Entities<1>,
    timers: Entities<1>,
}

/// Every so many passes restarts and timers are asked for, a question for each.
const DETAILS_EVERY: u32 = 4;

impl Systemd {
    fn new(host: &Host) -> Self {
        Self {
            host: host.clone(),
            places: Bus::places(host),
            errand: Errand::new("systemd", EVERY_MS, !host.has_kernel),
            passes: 0,
            states: Default::default(),
            running: SeriesCell::default(),
            jobs: SeriesCell::default(),
            services: Entities::new(UNITS_MAX),
            failed: Entities::new(UNITS_MAX),
            restarts: Entities::new(UNITS_MAX),
            timers: Entities::new(UNITS_MAX),
        }
    }

    fn record(&mut self, report: &Report, out: &mut Recorder<'_>) {
        for ((cell, state), count) in self.states.iter_mut().zip(STATES).zip(report.states) {
            out.push(cell, &UNITS, &[state], f64::from(count));
        }
        if let Some(is_running) = report.is_running {
            out.push(&mut self.running, &RUNNING, &[], f64::from(is_running));
        }
        out.push(&mut self.jobs, &JOBS, &[], f64::from(report.jobs));
        record(&mut self.services, &SERVICE, &report.services, out);
        record(&mut self.failed, &FAILED, &report.failed, out);
        if let Some(details) = &report.details {
            record(&mut self.restarts, &RESTARTS, &details.restarts, out);
            record(&mut self.timers, &TRIGGER, &details.timers, out);
        }
    }
}

fn record(entities: &mut Entities<1>, metric: &Metric, values: &[(Box<str>, f64)], out: &mut Recorder<'_>) {
    entities.begin();
    for (unit, value) in values {
        if let Some(entity) = entities.meet(unit.as_bytes(), |_| true) {
            out.push(&mut entity.cells[0], metric, &[&entity.name], *value);
        }
    }
    entities.finish(out);
}

impl Collector for Systemd {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        if self.errand.is_due(pass.now_ms) && self.places.iter().any(|place| place.exists()) {
            let (host, with_details) = (self.host.clone(), self.passes.is_multiple_of(DETAILS_EVERY));
            self.passes = self.passes.wrapping_add(1);
            self.errand.start(pass.now_ms, move || {
                let report =
                    Bus::connect(&host, WITHIN).and_then(|mut bus| Report::ask(&mut bus, with_details));
                report.map_err(|error| error.to_string())
            });
        }
        match self.errand.take_within(PATIENCE) {
            Some(Ok(report)) => self.record(&report, &mut pass.out),
            Some(Err(why)) => return Err(Error::Asked { what: "systemd over D-Bus", why }),
            None if self.errand.away_ms(pass.now_ms) > Some(LATE_MS) => {
                return Err(Error::Asked { what: "systemd over D-Bus", why: "no answer".to_owned() });
            }
            None => {}
        }
        Ok(())
    }
}
