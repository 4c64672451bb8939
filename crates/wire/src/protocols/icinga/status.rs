//! The answer of `/v1/status`: how Icinga itself is.

use super::objects::results;
use super::record::{perfdata as items, text};
use crate::json::{Error, Kind as Json, Reader};
use crate::{Context, protocols::perfdata};
use model::{Batch, Kind, LabelsBuilder, NAME, Position, Report};
use std::fmt::Write;

/// Longest name of a series, in bytes; a path beyond it is left out.
const NAME_BYTES_MAX: usize = 200;

/// Decodes an answer; see [`super`]. Texts but the version are left out and counted as skipped.
pub fn status(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let (mut report, mut reader) = (Report::default(), Reader::new(input));
    let read =
        results(&mut reader, &mut |reader| Component::default().read(reader, context, out, &mut report));
    if let Err(error) = read.and_then(|()| reader.end()) {
        report.reject(Position::Byte(error.at), error);
    }
    report
}

/// A component on its way.
#[derive(Default)]
struct Component {
    /// In small letters.
    name: String,
    labels: LabelsBuilder,
    /// What the numbers below this point are of: `object` or `zone`, and which.
    of: Option<(&'static str, String)>,
}

impl Component {
    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), Error> {
        // The name may come behind what it is of.
        let mut ahead = reader.clone();
        ahead.object()?;
        while let Some(field) = ahead.field()? {
            match &*field {
                "name" => self.name = text(&mut ahead)?.to_ascii_lowercase(),
                _ => ahead.skip()?,
            }
        }
        reader.object()?;
        while let Some(field) = reader.field()? {
            match &*field {
                "status" => {
                    self.part(reader, &format!("icinga_{}", plain(&self.name)), context, out, report)?
                }
                "perfdata" => {
                    let component = [context.extra_labels, &[("component", &*self.name)]].concat();
                    let context = Context { extra_labels: &component, ..*context };
                    perfdata::texts(&items(reader)?, &context, out, report);
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    /// Takes a value of any kind.
    fn part(
        &mut self,
        reader: &mut Reader<'_>,
        path: &str,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), Error> {
        match reader.peek()? {
            Json::Object => {}
            Json::Number | Json::Bool => {
                let number = super::record::number(reader)?;
                self.add(path, number, context, out, report);
                return Ok(());
            }
            _ => {
                report.skipped += 1;
                return reader.skip();
            }
        }
        let (mut version, mut node) = (String::new(), String::new());
        reader.object()?;
        while let Some(field) = reader.field()? {
            match &*field {
                "version" => version = text(reader)?.into_owned(),
                "node_name" => node = text(reader)?.into_owned(),
                // Whatever objects there are, each has a part of its own.
                own if own == self.name => self.parts("object", reader, path, context, out, report)?,
                "zones" => self.parts("zone", reader, &format!("{path}_zone"), context, out, report)?,
                other if path.len() + other.len() < NAME_BYTES_MAX => {
                    self.part(reader, &format!("{path}_{}", plain(other)), context, out, report)?;
                }
                _ => {
                    report.skipped += 1;
                    reader.skip()?;
                }
            }
        }
        if !version.is_empty() && self.name == "icingaapplication" {
            self.labels.clear();
            self.labels.add(NAME, "icinga_info").add("version", &version).add("node_name", &node);
            self.put(Some(1.0), context, out, report);
        }
        Ok(())
    }

    /// Takes an object whose fields are names of objects.
    fn parts(
        &mut self,
        label: &'static str,
        reader: &mut Reader<'_>,
        path: &str,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), Error> {
        if reader.peek()? != Json::Object {
            return self.part(reader, path, context, out, report);
        }
        reader.object()?;
        while let Some(name) = reader.field()? {
            let outer = self.of.replace((label, name.into_owned()));
            let read = self.part(reader, path, context, out, report);
            self.of = outer;
            read?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        name: &str,
        value: Option<f64>,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) {
        self.labels.clear();
        self.labels.add(NAME, name);
        if let Some((label, object)) = &self.of {
            self.labels.add(label, object);
        }
        self.put(value, context, out, report);
    }

    fn put(&mut self, value: Option<f64>, context: &Context<'_>, out: &mut Batch, report: &mut Report) {
        let Some(value) = value else {
            report.skipped += 1;
            return;
        };
        match context.add_series(out, &mut self.labels, Kind::Gauge) {
            Ok(slot) => {
                out.sample(slot, context.now_ms, value);
                report.accepted += 1;
            }
            Err(error) => report.reject(Position::Whole, error),
        }
    }
}

/// A name of which any language can read a metric.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        let _infallible = out.write_char(c);
    }
    out
}
