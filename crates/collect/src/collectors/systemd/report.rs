//! The questions to systemd and what it answers (org.freedesktop.systemd1(5)).

use crate::dbus::{Bus, Call, DbusError, Incoming};
use std::io::Read;

/// The states a unit can be in; another is counted with the last.
pub(super) const STATES: [&str; 8] =
    ["active", "reloading", "inactive", "failed", "activating", "deactivating", "maintenance", "other"];
const INACTIVE: usize = 2;
const FAILED: usize = 3;
/// Those in which a service does what it should.
const GOOD: [usize; 2] = [0, 1];

const NAME: &str = "org.freedesktop.systemd1";
const MANAGER: &str = "/org/freedesktop/systemd1";
/// Properties by interface and name.
const SYSTEM_STATE: [&str; 2] = ["org.freedesktop.systemd1.Manager", "SystemState"];
const RESTARTS: [&str; 2] = ["org.freedesktop.systemd1.Service", "NRestarts"];
const LAST_TRIGGER: [&str; 2] = ["org.freedesktop.systemd1.Timer", "LastTriggerUSec"];
/// Most units that are asked about one by one.
const ASKED_MAX: usize = 512;
/// Questions sent before the first answer is read: systemd refuses whoever has too many open, and neither side may
/// fill the other's pipe.
const ASKED_AT_ONCE: usize = 16;

/// What systemd said.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Report {
    pub(super) states: [u32; STATES.len()],
    pub(super) jobs: u32,
    pub(super) is_running: Option<bool>,
    /// Services that are loaded, and 1 for those that are active.
    pub(super) services: Vec<(Box<str>, f64)>,
    pub(super) failed: Vec<(Box<str>, f64)>,
    pub(super) details: Option<Details>,
    /// Objects of services that run, and of timers.
    asked: Vec<(Box<str>, Box<str>)>,
}

/// What each unit is asked for itself.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Details {
    pub(super) restarts: Vec<(Box<str>, f64)>,
    pub(super) timers: Vec<(Box<str>, f64)>,
}

impl Report {
    pub(super) fn ask(bus: &mut Bus, with_details: bool) -> Result<Self, DbusError> {
        let list = Call {
            destination: NAME,
            path: MANAGER,
            interface: "org.freedesktop.systemd1.Manager",
            member: "ListUnits",
            arguments: &[],
        };
        let serial = bus.call(&list)?;
        let mut report = Self::default();
        report.read_units(bus.answer(serial)?)?;
        let serial = bus.call(&property(MANAGER, &SYSTEM_STATE))?;
        let answer = bus.answer(serial)?;
        answer.variant(b's')?;
        let mut state = String::new();
        answer.text(&mut state)?;
        report.is_running = Some(state == "running");
        if with_details {
            report.details = Some(report.ask_details(bus)?);
        }
        Ok(report)
    }

    /// An array of: name, description, whether it was found, state, finer state, unit it follows, object, job's
    /// number, kind and object.
    fn read_units<R: Read>(&mut self, answer: &mut Incoming<R>) -> Result<(), DbusError> {
        let (mut name, mut load, mut state, mut object) = Default::default();
        let end = answer.array_of_structures()?;
        while answer.has_more(end)? {
            answer.text(&mut name)?;
            answer.skip_text()?;
            answer.text(&mut load)?;
            answer.text(&mut state)?;
            answer.skip_text()?;
            answer.skip_text()?;
            answer.text(&mut object)?;
            self.jobs += u32::from(answer.u32()? != 0);
            answer.skip_text()?;
            answer.skip_text()?;
            // Others only wish for it; there is no such unit.
            if load == "loaded" {
                self.add(&name, &state, &object);
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, state: &str, object: &str) {
        let state = STATES.iter().position(|known| *known == state).unwrap_or(STATES.len() - 1);
        self.states[state] += 1;
        let is_service = name.ends_with(".service");
        if is_service {
            self.services.push((name.into(), f64::from(GOOD.contains(&state))));
        }
        if state == FAILED {
            self.failed.push((name.into(), 1.0));
        }
        let is_asked = is_service && state != INACTIVE || name.ends_with(".timer");
        if is_asked && self.asked.len() < ASKED_MAX {
            self.asked.push((name.into(), object.into()));
        }
    }

    fn ask_details(&self, bus: &mut Bus) -> Result<Details, DbusError> {
        let mut details = Details::default();
        for units in self.asked.chunks(ASKED_AT_ONCE) {
            let mut serials = [0; ASKED_AT_ONCE];
            for (serial, (name, object)) in serials.iter_mut().zip(units) {
                let asked = if is_timer(name) { &LAST_TRIGGER } else { &RESTARTS };
                *serial = bus.call(&property(object, asked))?;
            }
            for (serial, (name, _)) in serials.into_iter().zip(units) {
                match bus.answer(serial) {
                    Ok(answer) => details.add(name, answer)?,
                    // Gone since it was listed, or of a systemd that does not count (before 235).
                    Err(DbusError::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(details)
    }
}

impl Details {
    fn add<R: Read>(&mut self, name: &str, answer: &mut Incoming<R>) -> Result<(), DbusError> {
        if !is_timer(name) {
            answer.variant(b'u')?;
            self.restarts.push((name.into(), f64::from(answer.u32()?)));
            return Ok(());
        }
        answer.variant(b't')?;
        let microseconds = answer.u64()?;
        if microseconds > 0 {
            self.timers.push((name.into(), microseconds as f64 / 1e6));
        }
        Ok(())
    }
}

fn is_timer(name: &str) -> bool {
    name.ends_with(".timer")
}

/// A question for a property: its interface and its name.
fn property<'a>(object: &'a str, arguments: &'a [&'a str; 2]) -> Call<'a> {
    Call {
        destination: NAME,
        path: object,
        interface: "org.freedesktop.DBus.Properties",
        member: "Get",
        arguments,
    }
}
