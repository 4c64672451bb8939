//! What collectd's `write_http` plugin posts with `Format "JSON"`: a JSON array of
//!
//! ```text
//! { "values": [number or null, …], "dstypes": ["gauge" | "derive" | "counter" | "absolute", …], "dsnames": [text, …],
//!   "time": Unix seconds, "interval": seconds, "host": text, "plugin": text, "plugin_instance": text, "type": text,
//!   "type_instance": text, "meta": { … } }
//! ```
//!
//! Names and labels are those of `PUTVAL` (`putval.rs`), so it does not matter by which of its ways collectd sends. Kinds and
//! names of values are the sender's, which knows its own `types.db`. `null` is not known: it is left out and counted as
//! skipped, as is a notification (an object with `labels` and `annotations`). With `StoreRates true` collectd sends rates and
//! calls them counters: leave it off. A bad object costs itself, broken syntax all that follows.

use super::Protocol;
use super::putval::Identifier;
use crate::json::{Error, Kind as JsonKind, Reader};
use crate::{Context, number};
use model::{Batch, Kind, LabelsBuilder, Position, Report};
use std::borrow::Cow;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "collectd_json",
    summary: "JSON of collectd's write_http",
    media_types: &["application/json"],
    paths: &["/collectd"],
    example: br#"[{"values":[42],"dstypes":["gauge"],"dsnames":["value"],"time":1700000000.000,"interval":10.000,"host":"web1","plugin":"exec","plugin_instance":"queue","type":"gauge","type_instance":"depth"}]"#,
    decode,
};

/// Most values of one object.
pub const VALUES_MAX: usize = 1024;

/// Decodes an array; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let (mut report, mut reader) = (Report::default(), Reader::new(input));
    let mut writing = Writing::default();
    if let Err(error) = objects(&mut reader, &mut writing, context, out, &mut report) {
        report.reject(Position::Byte(error.at), error);
    }
    report
}

fn objects(
    reader: &mut Reader<'_>,
    writing: &mut Writing,
    context: &Context<'_>,
    out: &mut Batch,
    report: &mut Report,
) -> Result<(), Error> {
    let (mut number, mut object) = (0, Object::default());
    reader.array()?;
    while reader.element()? {
        number += 1;
        if let Err(why) = object.read(reader)?.and_then(|()| writing.add(&object, context, out, report)) {
            report.reject(Position::Item(number), why);
        }
    }
    reader.end()
}

/// An object as it was read; its lists are used again for the next.
#[derive(Default)]
struct Object<'a> {
    values: Vec<Option<f64>>,
    kinds: Vec<Kind>,
    names: Vec<Cow<'a, str>>,
    time_s: Option<f64>,
    host: Cow<'a, str>,
    plugin: Cow<'a, str>,
    plugin_instance: Cow<'a, str>,
    kind: Cow<'a, str>,
    type_instance: Cow<'a, str>,
    is_notice: bool,
}

impl<'a> Object<'a> {
    /// The outer error is broken syntax, the inner one a bad object.
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<Result<(), String>, Error> {
        self.clear();
        let mut problem = None;
        if reader.peek()? != JsonKind::Object {
            reader.skip()?;
            return Ok(Err("an item that is no object".to_owned()));
        }
        reader.object()?;
        while let Some(name) = reader.field()? {
            let kind = reader.peek()?;
            match (&*name, kind) {
                ("values", JsonKind::Array) => self.values(reader, &mut problem)?,
                ("dstypes", JsonKind::Array) => self.kinds(reader, &mut problem)?,
                ("dsnames", JsonKind::Array) => self.names(reader, &mut problem)?,
                ("time", JsonKind::Number) => self.time_s = number::finite_bytes(reader.number()?.as_bytes()),
                ("annotations", _) => {
                    self.is_notice = true;
                    reader.skip()?;
                }
                (_, JsonKind::String) => {
                    let text = reader.string()?;
                    if let Some(field) = self.text(&name) {
                        *field = text;
                    }
                }
                _ => reader.skip()?,
            }
        }
        Ok(problem.map_or(Ok(()), Err))
    }

    fn clear(&mut self) {
        self.values.clear();
        self.kinds.clear();
        self.names.clear();
        (self.time_s, self.is_notice) = (None, false);
        for text in [
            &mut self.host,
            &mut self.plugin,
            &mut self.plugin_instance,
            &mut self.kind,
            &mut self.type_instance,
        ] {
            *text = Cow::Borrowed("");
        }
    }

    fn text(&mut self, name: &str) -> Option<&mut Cow<'a, str>> {
        Some(match name {
            "host" => &mut self.host,
            "plugin" => &mut self.plugin,
            "plugin_instance" => &mut self.plugin_instance,
            "type" => &mut self.kind,
            "type_instance" => &mut self.type_instance,
            _ => return None,
        })
    }

    fn values(&mut self, reader: &mut Reader<'a>, problem: &mut Option<String>) -> Result<(), Error> {
        reader.array()?;
        while reader.element()? {
            match reader.peek()? {
                JsonKind::Number => self.values.push(number::finite_bytes(reader.number()?.as_bytes())),
                JsonKind::Null => {
                    reader.null()?;
                    self.values.push(None);
                }
                _ => {
                    reader.skip()?;
                    *problem = Some("a value that is no number".to_owned());
                }
            }
        }
        Ok(())
    }

    fn kinds(&mut self, reader: &mut Reader<'a>, problem: &mut Option<String>) -> Result<(), Error> {
        reader.array()?;
        while reader.element()? {
            let name = reader.string()?;
            self.kinds.push(match &*name {
                "gauge" => Kind::Gauge,
                "derive" => Kind::Derive,
                "counter" => Kind::Counter,
                "absolute" => Kind::Absolute,
                _ => {
                    *problem = Some(format!("`{name}` is no kind of value"));
                    Kind::Unknown
                }
            });
        }
        Ok(())
    }

    fn names(&mut self, reader: &mut Reader<'a>, problem: &mut Option<String>) -> Result<(), Error> {
        reader.array()?;
        while reader.element()? {
            if reader.peek()? == JsonKind::String {
                self.names.push(reader.string()?);
            } else {
                reader.skip()?;
                *problem = Some("a name that is no text".to_owned());
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        for (name, text) in [("host", &self.host), ("plugin", &self.plugin), ("type", &self.kind)] {
            if text.is_empty() {
                return Err(format!("`{name}` is missing"));
            }
        }
        let (values, kinds, names) = (self.values.len(), self.kinds.len(), self.names.len());
        if values == 0 || values != kinds || values != names {
            return Err(format!("{values} values with {kinds} kinds and {names} names"));
        }
        if values > VALUES_MAX {
            return Err(format!("{values} values, at most {VALUES_MAX} are allowed"));
        }
        Ok(())
    }
}

/// What is needed to add an object, reused from one to the next.
#[derive(Default)]
struct Writing {
    labels: LabelsBuilder,
    name: String,
}

impl Writing {
    fn add(
        &mut self,
        object: &Object<'_>,
        context: &Context<'_>,
        out: &mut Batch,
        report: &mut Report,
    ) -> Result<(), String> {
        if object.is_notice && object.values.is_empty() {
            report.skipped += 1;
            return Ok(());
        }
        object.check()?;
        let seconds = object.time_s.filter(|seconds| (0.0..1e11).contains(seconds));
        let time_ms = (seconds.ok_or("`time` is no number of seconds")? * 1000.0).round() as i64;
        let identifier = Identifier {
            host: &object.host,
            plugin: &object.plugin,
            plugin_instance: &object.plugin_instance,
            kind: &object.kind,
            type_instance: &object.type_instance,
        };
        let width = object.values.len();
        for (place, value) in object.values.iter().enumerate() {
            let Some(value) = value else {
                report.skipped += 1;
                continue;
            };
            identifier.write_name(&object.names[place], place, width, &mut self.name);
            identifier.write_labels(&self.name, &mut self.labels);
            let slot = context.add_series(out, &mut self.labels, object.kinds[place]);
            out.sample(slot.map_err(|e| e.to_string())?, time_ms, *value);
            report.accepted += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
