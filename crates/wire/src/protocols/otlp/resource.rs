//! Whose metrics they are: attributes, and the labels that come of them.

use super::text;
use crate::Context;
use crate::json::write_string;
use crate::protobuf::{Field, Fields, Value};
use model::{Batch, HOST, Kind, LabelsBuilder, NAME};
use std::borrow::Cow;
use std::fmt::Write;

/// Deepest nesting of values in values.
const DEPTH_MAX: usize = 8;

/// Labels that say whose series it is, and those that histograms and summaries need.
const RESERVED: [&str; 6] = [NAME, HOST, "job", "instance", "le", "quantile"];

/// Attributes with their values as texts.
type Attributes = Vec<(String, String)>;

/// A program, or whatever is measured.
#[derive(Debug, Default)]
pub(super) struct Resource {
    job: String,
    instance: String,
    host: String,
    /// The others.
    attributes: Attributes,
}

impl Resource {
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (mut namespace, mut service) = (String::new(), String::new());
        let mut all = Attributes::new();
        for field in Fields::new(bytes) {
            if let Field { number: 1, value: Value::Bytes(bytes) } = field.map_err(|_| "a broken resource")? {
                let (name, value) = attribute(bytes)?;
                all.push((name.to_owned(), value.into_owned()));
            }
        }
        for (name, value) in all {
            match name.as_str() {
                "service.name" => service = value,
                "service.namespace" => namespace = value,
                "service.instance.id" => self.instance = value,
                "host.name" => self.host = value,
                _ => self.attributes.push((name, value)),
            }
        }
        self.job = if namespace.is_empty() { service } else { format!("{namespace}/{service}") };
        Ok(())
    }

    fn label(&self, labels: &mut LabelsBuilder) {
        labels.set("job", &self.job).set("instance", &self.instance).set(HOST, &self.host);
    }

    /// Adds `target_info`, with the attributes that are no labels of series; false when there are none, or too many.
    pub(super) fn tell(&self, time_ms: i64, context: &Context<'_>, out: &mut Batch) -> bool {
        let has_owner = !(self.job.is_empty() && self.instance.is_empty() && self.host.is_empty());
        if self.attributes.is_empty() || !has_owner {
            return false;
        }
        let mut labels = LabelsBuilder::default();
        self.attributes.iter().for_each(|(name, value)| add(name, value, &mut labels));
        self.label(&mut labels);
        labels.set(NAME, "target_info");
        match context.add_series(out, &mut labels, Kind::Gauge) {
            Ok(slot) => {
                out.sample(slot, time_ms, 1.0);
                true
            }
            Err(_) => false,
        }
    }
}

/// A library that measures.
#[derive(Debug, Default)]
pub(super) struct Scope {
    labels: Attributes,
}

impl Scope {
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        for field in Fields::new(bytes) {
            let Field { number, value: Value::Bytes(bytes) } = field.map_err(|_| "a broken scope")? else {
                continue;
            };
            match number {
                1 => self.labels.push(("otel_scope_name".into(), text(bytes)?.into())),
                2 => self.labels.push(("otel_scope_version".into(), text(bytes)?.into())),
                3 => {
                    let (name, value) = attribute(bytes)?;
                    self.labels.push((format!("otel_scope_{name}"), value.into_owned()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whose points they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    pub(super) resource: &'a Resource,
    pub(super) scope: &'a Scope,
}

impl Owner<'_> {
    /// Adds the labels that all points have.
    pub(super) fn label(&self, labels: &mut LabelsBuilder) {
        self.scope.labels.iter().for_each(|(name, value)| _ = labels.set(name, value));
        self.resource.label(labels);
    }
}

/// Adds an attribute under a name that nobody mistakes for another.
pub(super) fn add(name: &str, value: &str, labels: &mut LabelsBuilder) {
    if RESERVED.contains(&name) {
        labels.set(&format!("exported_{name}"), value);
    } else {
        labels.set(name, value);
    }
}

/// Reads an attribute.
pub(super) fn attribute(bytes: &[u8]) -> Result<(&str, Cow<'_, str>), String> {
    let (mut name, mut value) = ("", Cow::Borrowed(""));
    for field in Fields::new(bytes) {
        match field.map_err(|_| "a broken attribute")? {
            Field { number: 1, value: Value::Bytes(bytes) } => name = text(bytes)?,
            Field { number: 2, value: Value::Bytes(bytes) } => {
                value = simple(bytes).map_or_else(|| owned(bytes), |text| Ok(Cow::Borrowed(text)))?;
            }
            _ => {}
        }
    }
    if name.is_empty() {
        return Err("an attribute without a name".to_owned());
    }
    Ok((name, value))
}

/// A value that is a text and nothing else, as nearly all are.
fn simple(bytes: &[u8]) -> Option<&str> {
    let mut fields = Fields::new(bytes);
    match (fields.next(), fields.next()) {
        (Some(Ok(Field { number: 1, value: Value::Bytes(bytes) })), None) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

fn owned(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let mut value = String::new();
    any(bytes, 0, &mut value)?;
    Ok(value.into())
}

/// Appends a value as text: simple ones as they are, lists and maps as JSON, bytes in base 64.
fn any(bytes: &[u8], depth: usize, out: &mut String) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("an attribute nested deeper than {DEPTH_MAX}"));
    }
    for field in Fields::new(bytes) {
        let Field { number, value } = field.map_err(|_| "a broken attribute")?;
        let _infallible = match (number, value) {
            (1, Value::Bytes(bytes)) if depth > 0 => {
                write_string(out, text(bytes)?);
                Ok(())
            }
            (1, Value::Bytes(bytes)) => {
                out.push_str(text(bytes)?);
                Ok(())
            }
            (2, Value::Varint(number)) => write!(out, "{}", number != 0),
            (3, Value::Varint(number)) => write!(out, "{}", number as i64),
            (4, Value::Fixed64(bits)) => write!(out, "{}", f64::from_bits(bits)),
            (5, Value::Bytes(bytes)) => {
                list(bytes, depth, out)?;
                Ok(())
            }
            (6, Value::Bytes(bytes)) => {
                map(bytes, depth, out)?;
                Ok(())
            }
            (7, Value::Bytes(bytes)) => {
                base64(bytes, out);
                Ok(())
            }
            _ => Ok(()),
        };
    }
    Ok(())
}

fn list(bytes: &[u8], depth: usize, out: &mut String) -> Result<(), String> {
    out.push('[');
    let mut separator = "";
    for field in Fields::new(bytes) {
        if let Field { number: 1, value: Value::Bytes(bytes) } = field.map_err(|_| "a broken attribute")? {
            out.push_str(separator);
            any(bytes, depth + 1, out)?;
            separator = ",";
        }
    }
    out.push(']');
    Ok(())
}

fn map(bytes: &[u8], depth: usize, out: &mut String) -> Result<(), String> {
    out.push('{');
    let mut separator = "";
    for field in Fields::new(bytes) {
        let Field { number: 1, value: Value::Bytes(pair) } = field.map_err(|_| "a broken attribute")? else {
            continue;
        };
        out.push_str(separator);
        separator = ",";
        for field in Fields::new(pair) {
            match field.map_err(|_| "a broken attribute")? {
                Field { number: 1, value: Value::Bytes(bytes) } => {
                    write_string(out, text(bytes)?);
                    out.push(':');
                }
                Field { number: 2, value: Value::Bytes(bytes) } => any(bytes, depth + 1, out)?,
                _ => {}
            }
        }
    }
    out.push('}');
    Ok(())
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]);
            out.push(if at <= chunk.len() { digit } else { '=' });
        }
    }
}
