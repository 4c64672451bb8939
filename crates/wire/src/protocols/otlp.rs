//! OpenTelemetry's metrics (OTLP over HTTP), as protobuf and as JSON, which becomes protobuf first so that both are read by
//! the same code.
//!
//! ```text
//! Request  { 1: ResourceMetrics* }            ResourceMetrics { 1: Resource { 1: Attribute* }  2: ScopeMetrics* }
//! Scope… { 1: Scope { 1: name  2: version  3: Attribute* }  2: Metric* }
//! Metric   { 1: name  2: description  3: unit  and one of  5: gauge  7: sum  9: histogram  10: exponential histogram
//!            11: summary }                    each { 1: point*  2: temporality  3: monotonic }
//! Attribute { 1: name  2: value }
//! ```
//!
//! * Names of metrics and attributes stay as they are, dots and all; the unit goes into the description.
//! * Of the resource, `service.namespace/service.name` is `job`, `service.instance.id` is `instance` and `host.name` is
//!   `host`; all of it is told once a request in `target_info`, as Prometheus has it. The scope is `otel_scope_name`,
//!   `otel_scope_version` and `otel_scope_…`. An attribute of a point that would be mistaken for one of these is
//!   `exported_…`.
//! * A sum that grows is a counter, one that may shrink a gauge. What came as a difference stays one (kind `absolute`):
//!   adding up here would need a memory that a second server does not have.
//! * Histograms become `_bucket{le}`, `_count`, `_sum`, exponential ones too (`buckets.rs`), and `_min` and `_max` where
//!   they are told; summaries `{quantile}`, `_count`, `_sum`.
//! * A point without a value ends its series. Exemplars are left out and counted as skipped.

mod json;
mod point;
mod resource;

use super::Protocol;
use crate::Context;
use crate::protobuf::{Field, Fields, Value};
use model::{Batch, Description, Kind, LabelsBuilder, Position, Report};
use point::Points;
use resource::{Owner, Resource, Scope};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "otlp",
    summary: "OpenTelemetry metrics (OTLP), protobuf or JSON",
    media_types: &["application/json", "application/x-protobuf"],
    paths: &["/v1/metrics", "/opentelemetry/v1/metrics", "/otlp/v1/metrics"],
    example: br#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"host.name","value":{"stringValue":"web1"}}]},"scopeMetrics":[{"metrics":[{"name":"queue.size","gauge":{"dataPoints":[{"timeUnixNano":"1700000000000000000","asInt":"7"}]}}]}]}]}"#,
    decode,
};

/// Decodes either form: JSON begins with a brace, which no message in protobuf can.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    if !is_json(input) {
        return decode_protobuf(input, context, out);
    }
    match json::to_protobuf(input) {
        Ok(message) => decode_protobuf(&message, context, out),
        Err(error) => {
            let mut report = Report::default();
            report.reject(Position::Byte(error.at), error);
            report
        }
    }
}

/// Whether an input is JSON. A brace would be field 15 of a group, which nothing writes.
pub fn is_json(input: &[u8]) -> bool {
    input.trim_ascii_start().first() == Some(&b'{')
}

fn decode_protobuf(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    if let Some(at) = Fields::new(input).first_error() {
        report.reject(Position::Byte(at), "not an OTLP message");
        return report;
    }
    // What `instance` names here is a process and no host.
    let context = Context { host_from_instance: false, ..*context };
    let mut decoder = Decoder { context: &context, out, report, number: 0 };
    for field in Fields::new(input).map_while(Result::ok) {
        if let Field { number: 1, value: Value::Bytes(bytes) } = field {
            decoder.resource_metrics(bytes);
        }
    }
    decoder.report
}

/// What a metric says of all its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Gauge,
    Sum,
    Histogram,
    Exponential,
    Summary,
}

/// The number of the temporality whose values are differences.
const DELTA: u64 = 1;

struct Decoder<'a> {
    context: &'a Context<'a>,
    out: &'a mut Batch,
    report: Report,
    /// Metrics so far.
    number: usize,
}

impl Decoder<'_> {
    /// Counts what a metric that cannot be read costs: once, whatever it held.
    fn refuse(&mut self, why: impl std::fmt::Display) {
        self.report.reject(Position::Item(self.number.max(1)), why);
    }

    fn resource_metrics(&mut self, bytes: &[u8]) {
        if Fields::new(bytes).first_error().is_some() {
            self.number += 1;
            return self.refuse("a broken resource");
        }
        let fields = || Fields::new(bytes).map_while(Result::ok);
        let mut resource = Resource::default();
        for field in fields() {
            if let Field { number: 1, value: Value::Bytes(bytes) } = field
                && let Err(why) = resource.read(bytes)
            {
                self.number += 1;
                return self.refuse(why);
            }
        }
        let mut newest_ms = None;
        for field in fields() {
            if let Field { number: 2, value: Value::Bytes(bytes) } = field {
                newest_ms = newest_ms.max(self.scope_metrics(&resource, bytes));
            }
        }
        if let Some(time_ms) = newest_ms {
            let added = resource.tell(time_ms, self.context, self.out);
            self.report.accepted += u64::from(added);
            self.report.skipped += u64::from(!added);
        }
    }

    /// Gives the newest time of its points.
    fn scope_metrics(&mut self, resource: &Resource, bytes: &[u8]) -> Option<i64> {
        let (mut scope, mut newest_ms) = (Scope::default(), None);
        if Fields::new(bytes).first_error().is_some() {
            self.number += 1;
            self.refuse("a broken scope");
            return None;
        }
        let fields = || Fields::new(bytes).map_while(Result::ok);
        for field in fields() {
            if let Field { number: 1, value: Value::Bytes(bytes) } = field
                && let Err(why) = scope.read(bytes)
            {
                self.number += 1;
                self.refuse(why);
                return None;
            }
        }
        let owner = Owner { resource, scope: &scope };
        for field in fields() {
            if let Field { number: 2, value: Value::Bytes(bytes) } = field {
                self.number += 1;
                match self.metric(owner, bytes) {
                    Ok(time_ms) => newest_ms = newest_ms.max(time_ms),
                    Err(why) => self.refuse(why),
                }
            }
        }
        newest_ms
    }

    fn metric(&mut self, owner: Owner<'_>, bytes: &[u8]) -> Result<Option<i64>, String> {
        let (mut name, mut help, mut unit, mut data) = ("", "", "", None);
        for field in Fields::new(bytes) {
            let Field { number, value: Value::Bytes(bytes) } = field.map_err(|_| "a broken metric")? else {
                continue;
            };
            match number {
                1 => name = text(bytes)?,
                2 => help = text(bytes)?,
                3 => unit = text(bytes)?,
                5 => data = Some((Shape::Gauge, bytes)),
                7 => data = Some((Shape::Sum, bytes)),
                9 => data = Some((Shape::Histogram, bytes)),
                10 => data = Some((Shape::Exponential, bytes)),
                11 => data = Some((Shape::Summary, bytes)),
                _ => {}
            }
        }
        if name.is_empty() {
            return Err("a metric without a name".to_owned());
        }
        let Some((shape, bytes)) = data else { return Ok(None) };
        let kind = kind(shape, bytes).ok_or_else(|| format!("`{name}`: broken data"))?;
        let mut points = Points {
            owner,
            name,
            shape,
            kind,
            context: self.context,
            newest_ms: None,
            labels: LabelsBuilder::default(),
        };
        let mut added = false;
        for field in Fields::new(bytes).map_while(Result::ok) {
            if let Field { number: 1, value: Value::Bytes(bytes) } = field {
                let result = points.add(bytes, self.out, &mut self.report);
                added |= result.is_ok();
                if let Err(why) = result {
                    self.report.reject(Position::Item(self.number), format_args!("`{name}`: {why}"));
                }
            }
        }
        if added && (kind != Kind::Unknown || !help.is_empty() || !unit.is_empty()) {
            self.describe(shape, name, kind, unit, help);
        }
        Ok(points.newest_ms)
    }

    /// Says what is known under every name that the metric's series have.
    fn describe(&mut self, shape: Shape, name: &str, kind: Kind, unit: &str, help: &str) {
        let parts: &[(&str, Kind)] = match shape {
            Shape::Gauge | Shape::Sum => &[("", kind)],
            Shape::Histogram | Shape::Exponential => &[("_bucket", kind), ("_count", kind), ("_sum", kind)],
            Shape::Summary => &[("", Kind::Gauge), ("_count", Kind::Counter), ("_sum", Kind::Counter)],
        };
        for (suffix, kind) in parts {
            self.out.dictionary.describe(Description {
                metric: format!("{name}{suffix}").into(),
                kind: *kind,
                unit: unit.to_owned().into(),
                help: help.to_owned().into(),
            });
        }
    }
}

/// The kind of a metric's values; `None` when it is broken.
fn kind(shape: Shape, bytes: &[u8]) -> Option<Kind> {
    let (mut is_delta, mut is_monotonic) = (false, false);
    for field in Fields::new(bytes) {
        match field.ok()? {
            Field { number: 2, value: Value::Varint(number) } => is_delta = number == DELTA,
            Field { number: 3, value: Value::Varint(number) } => is_monotonic = number != 0,
            _ => {}
        }
    }
    Some(match shape {
        Shape::Gauge => Kind::Gauge,
        Shape::Summary => Kind::Counter,
        _ if is_delta => Kind::Absolute,
        Shape::Sum if !is_monotonic => Kind::Gauge,
        Shape::Sum | Shape::Histogram | Shape::Exponential => Kind::Counter,
    })
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "a text that is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests;
