//! An event or an object as it was read. Every field may be missing: which there are depends on the version and on the type.

use crate::json::{Error, Kind, Reader};
use std::borrow::Cow;

/// Fields that are kept as facts of an event, beside those that have a meaning here.
const FACTS: &[&str] = &[
    "acknowledgement_type",
    "command",
    "duration",
    "end_time",
    "entry_time",
    "entry_type",
    "expiry",
    "fixed",
    "notification_type",
    "notify",
    "persistent",
    "scheduled_by",
    "start_time",
    "threshold_high",
    "threshold_low",
    "trigger_time",
];
/// Most users of a notification that are kept.
const USERS_MAX: usize = 64;
/// Most items of performance data of one result.
const PERFDATA_MAX: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Record<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) time_s: Option<f64>,
    pub(super) host: Cow<'a, str>,
    pub(super) service: Cow<'a, str>,
    pub(super) state: Option<f64>,
    pub(super) is_hard: Option<bool>,
    pub(super) acknowledged: Option<f64>,
    pub(super) downtime_depth: Option<f64>,
    pub(super) result: Option<Outcome<'a>>,
    pub(super) author: Cow<'a, str>,
    /// What a person or a notification says.
    pub(super) text: Cow<'a, str>,
    pub(super) users: Vec<Cow<'a, str>>,
    pub(super) is_flapping: Option<bool>,
    /// In percent.
    pub(super) flapping: Option<f64>,
    /// The full name of a comment or a downtime, or of an object.
    pub(super) full_name: Cow<'a, str>,
    /// The name of an object among its kind.
    pub(super) name: Cow<'a, str>,
    /// When the state of an object changed, or hardened.
    pub(super) changed_s: Option<f64>,
    /// When a comment or a downtime was entered.
    pub(super) entered_s: Option<f64>,
    pub(super) facts: Vec<(&'static str, String)>,
}

/// The result of a check.
#[derive(Debug, Default)]
pub(super) struct Outcome<'a> {
    pub(super) state: Option<f64>,
    pub(super) start_s: Option<f64>,
    pub(super) end_s: Option<f64>,
    pub(super) schedule_start_s: Option<f64>,
    pub(super) schedule_end_s: Option<f64>,
    pub(super) output: Cow<'a, str>,
    /// Items, each as a plugin prints it.
    pub(super) perfdata: Vec<Cow<'a, str>>,
    pub(super) attempt: Option<f64>,
    pub(super) is_hard: Option<bool>,
    pub(super) reachable: Option<f64>,
}

impl<'a> Record<'a> {
    /// Reads an object of JSON.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let mut record = Self::default();
        record.fields(reader)?;
        Ok(record)
    }

    /// Takes an object's fields. The facts of a comment or a downtime are in an object of its own, and as good as the
    /// event's.
    fn fields(&mut self, reader: &mut Reader<'a>) -> Result<(), Error> {
        reader.object()?;
        while let Some(name) = reader.field()? {
            match &*name {
                // Within an event, the type of the object it is about.
                "type" if self.kind.is_empty() => self.kind = text(reader)?,
                "timestamp" => self.time_s = number(reader)?,
                "host" | "host_name" => self.host = text(reader)?,
                "service" | "service_name" => self.service = text(reader)?,
                "state" => self.state = number(reader)?,
                "state_type" => self.is_hard = truth(reader)?,
                "acknowledgement" => {
                    self.acknowledged = number(reader)?.map(|kind| f64::from(u8::from(kind != 0.0)));
                }
                "downtime_depth" => self.downtime_depth = number(reader)?,
                "check_result" | "last_check_result" => self.result = Outcome::read(reader)?,
                "author" => self.author = text(reader)?,
                "text" => self.text = text(reader)?,
                "comment" | "downtime" if reader.peek()? == Kind::Object => self.about(reader)?,
                "comment" => self.text = text(reader)?,
                "users" => self.users = texts(reader, USERS_MAX)?,
                "is_flapping" => self.is_flapping = truth(reader)?,
                "flapping_current" | "current_flapping" => self.flapping = number(reader)?,
                "__name" => self.full_name = text(reader)?,
                "name" => self.name = text(reader)?,
                "last_state_change" | "last_hard_state_change" => {
                    let at = number(reader)?;
                    self.changed_s = [self.changed_s, at].into_iter().flatten().reduce(f64::max);
                }
                other => self.fact(other, reader)?,
            }
        }
        Ok(())
    }

    fn about(&mut self, reader: &mut Reader<'a>) -> Result<(), Error> {
        let kind = std::mem::take(&mut self.kind);
        self.fields(reader)?;
        self.kind = kind;
        Ok(())
    }

    fn fact(&mut self, name: &str, reader: &mut Reader<'a>) -> Result<(), Error> {
        let Some(name) = FACTS.iter().find(|fact| **fact == name) else { return reader.skip() };
        let said = match reader.peek()? {
            Kind::String => reader.string()?.into_owned(),
            Kind::Number => reader.number()?.to_owned(),
            Kind::Bool => reader.bool()?.to_string(),
            _ => return reader.skip(),
        };
        if *name == "entry_time" {
            self.entered_s = said.parse().ok();
        }
        if !said.is_empty() && !self.facts.iter().any(|(known, _)| known == name) {
            self.facts.push((name, said));
        }
        Ok(())
    }

    /// The label `check`.
    pub(super) fn check(&self) -> &str {
        if self.service.is_empty() { "host" } else { &self.service }
    }

    /// What tells it from everything else of its kind: a change of state by the end of the check that found it, a comment or
    /// downtime by its name.
    pub(super) fn key(&self) -> String {
        match (&*self.kind, &*self.full_name) {
            ("StateChange", _) => match self.changed_s.or(self.result.as_ref().and_then(|r| r.end_s)) {
                Some(at) => format!("StateChange {}!{} {at:.3}", self.host, self.service),
                None => String::new(),
            },
            (_, "") => String::new(),
            (kind, name) => format!("{kind} {name}"),
        }
    }
}

impl<'a> Outcome<'a> {
    /// `None` for null: the check has not run yet.
    fn read(reader: &mut Reader<'a>) -> Result<Option<Self>, Error> {
        if reader.null()? {
            return Ok(None);
        }
        let mut result = Self::default();
        reader.object()?;
        while let Some(name) = reader.field()? {
            match &*name {
                "state" => result.state = number(reader)?,
                "execution_start" => result.start_s = number(reader)?,
                "execution_end" => result.end_s = number(reader)?,
                "schedule_start" => result.schedule_start_s = number(reader)?,
                "schedule_end" => result.schedule_end_s = number(reader)?,
                "output" => result.output = text(reader)?,
                "performance_data" => result.perfdata = perfdata(reader)?,
                "vars_after" if reader.peek()? == Kind::Object => result.after(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(Some(result))
    }

    fn after(&mut self, reader: &mut Reader<'a>) -> Result<(), Error> {
        reader.object()?;
        while let Some(name) = reader.field()? {
            match &*name {
                "attempt" => self.attempt = number(reader)?,
                "state_type" => self.is_hard = truth(reader)?,
                "reachable" => self.reachable = number(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

/// A text; "" for anything else.
pub(super) fn text<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, str>, Error> {
    if reader.peek()? == Kind::String {
        return reader.string();
    }
    reader.skip().map(|()| "".into())
}

/// A finite number, truth as 0 or 1; `None` for anything else.
pub(super) fn number(reader: &mut Reader<'_>) -> Result<Option<f64>, Error> {
    match reader.peek()? {
        Kind::Number => Ok(reader.number()?.parse().ok().filter(|number: &f64| number.is_finite())),
        Kind::Bool => Ok(Some(f64::from(u8::from(reader.bool()?)))),
        _ => reader.skip().map(|()| None),
    }
}

fn truth(reader: &mut Reader<'_>) -> Result<Option<bool>, Error> {
    Ok(number(reader)?.map(|number| number != 0.0))
}

fn texts<'a>(reader: &mut Reader<'a>, max: usize) -> Result<Vec<Cow<'a, str>>, Error> {
    let mut all = Vec::new();
    if reader.peek()? != Kind::Array {
        reader.skip()?;
        return Ok(all);
    }
    reader.array()?;
    while reader.element()? {
        let one = text(reader)?;
        if all.len() < max {
            all.push(one);
        }
    }
    Ok(all)
}

/// Items of performance data, those that Icinga has taken apart put together again.
pub(super) fn perfdata<'a>(reader: &mut Reader<'a>) -> Result<Vec<Cow<'a, str>>, Error> {
    let mut all = Vec::new();
    if reader.peek()? != Kind::Array {
        reader.skip()?;
        return Ok(all);
    }
    reader.array()?;
    while reader.element()? {
        let item = match reader.peek()? {
            Kind::String => reader.string()?,
            Kind::Object => Value::read(reader)?.into(),
            _ => {
                reader.skip()?;
                continue;
            }
        };
        if all.len() < PERFDATA_MAX {
            all.push(item);
        }
    }
    Ok(all)
}

/// Units as Icinga calls them, and as plugins write them.
const UNITS: &[(&str, &str)] =
    &[("seconds", "s"), ("bytes", "B"), ("bits", "b"), ("percent", "%"), ("degrees-celsius", "C")];

/// A `PerfdataValue`.
struct Value;

impl Value {
    /// As a plugin would have written it.
    fn read(reader: &mut Reader<'_>) -> Result<String, Error> {
        let (mut label, mut unit, mut is_counter) = (String::new(), String::new(), false);
        let mut parts = [const { String::new() }; 5];
        reader.object()?;
        while let Some(name) = reader.field()? {
            let part = ["value", "warn", "crit", "min", "max"].iter().position(|part| *part == name);
            match (&*name, part) {
                (_, Some(at)) => {
                    parts[at] = match reader.peek()? {
                        Kind::Number => reader.number()?.to_owned(),
                        _ => text(reader)?.into_owned(),
                    }
                }
                ("label", _) => label = text(reader)?.replace('\'', "''"),
                ("unit", _) => unit = text(reader)?.into_owned(),
                ("counter", _) => is_counter = truth(reader)? == Some(true),
                _ => reader.skip()?,
            }
        }
        let unit = match UNITS.iter().find(|(name, _)| *name == unit) {
            _ if is_counter => "c",
            Some((_, short)) => short,
            None => &unit,
        };
        let [value, warn, crit, min, max] = parts;
        Ok(format!("'{label}'={value}{unit};{warn};{crit};{min};{max}"))
    }
}
