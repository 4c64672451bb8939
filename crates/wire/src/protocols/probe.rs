//! The line that a shell probe prints.
//!
//! ```text
//! line := host ":" source ":" value ":" type        one a line, LF or CR LF, the last line end may be missing
//! type := "GAUGE" | "COUNTER" | "DERIVE" | "ABSOLUTE"        in any case; rrdtool's data-source types
//! ```
//!
//! The line is split from the right, so a host may hold colons (an IPv6 address). The time is that of arrival. The value
//! is a decimal number, or rrdtool's `U` for "not known", which is left out and counted as skipped.
//! `host` becomes the label `host`, `source` the metric name.

use super::Protocol;
use crate::{Context, lines, number};
use model::{Batch, HOST, Kind, LabelsBuilder, NAME, Report};
use std::fmt::Write;

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "probe",
    summary: "Lines `host:source:value:TYPE` as a shell probe prints them",
    media_types: &["text/plain"],
    paths: &["/api/v1/probe"],
    example: b"badazz:load_5:0.97:GAUGE\n",
    decode,
};

/// Decodes lines; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    let mut labels = LabelsBuilder::default();
    lines::for_each(input, &mut report, |_, line, report| {
        let Parts { host, source, value, kind } = parts(line)?;
        if value == "U" {
            report.skipped += 1;
            return Ok(());
        }
        let value = number::finite(value)
            .ok_or_else(|| format!("value `{value}` is not a decimal number (nor U for unknown)"))?;
        labels.clear();
        labels.add(HOST, host).add(NAME, source);
        let slot = context.add_series(out, &mut labels, kind).map_err(|e| e.to_string())?;
        out.sample(slot, context.now_ms, value);
        report.accepted += 1;
        Ok::<(), String>(())
    });
    report
}

struct Parts<'a> {
    host: &'a str,
    source: &'a str,
    value: &'a str,
    kind: Kind,
}

fn parts(line: &str) -> Result<Parts<'_>, String> {
    let mut from_right = line.rsplitn(4, ':').map(str::trim_ascii);
    let mut part = || from_right.next().ok_or("expected host:source:value:TYPE");
    let (kind, value, source, host) = (part()?, part()?, part()?, part()?);
    let kind = Kind::parse(kind)
        .filter(|kind| *kind != Kind::Unknown)
        .ok_or_else(|| format!("type `{kind}` is not GAUGE, COUNTER, DERIVE or ABSOLUTE"))?;
    if host.is_empty() || source.is_empty() {
        return Err(if host.is_empty() { "the host is empty" } else { "the source is empty" }.to_owned());
    }
    Ok(Parts { host, source, value, kind })
}

/// Appends the line of one sample. Line ends in `host`, and line ends and colons in `source`, become `_`; an unknown
/// kind is written as GAUGE, a value that is not finite as `U`.
pub fn write_line(out: &mut String, host: &str, source: &str, value: f64, kind: Kind) {
    let kind = match kind {
        Kind::Unknown | Kind::Gauge => "GAUGE",
        Kind::Counter => "COUNTER",
        Kind::Derive => "DERIVE",
        Kind::Absolute => "ABSOLUTE",
    };
    let clean = |c: char| if matches!(c, '\n' | '\r') { '_' } else { c };
    out.extend(host.chars().map(clean));
    out.push(':');
    out.extend(source.chars().map(|c| if c == ':' { '_' } else { clean(c) }));
    let _infallible = match value.is_finite() {
        true => writeln!(out, ":{value}:{kind}"),
        false => writeln!(out, ":U:{kind}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::dump;
    use proptest::prelude::*;

    #[test]
    fn a_host_may_hold_colons() {
        let mut batch = Batch::new();
        let report = decode(b"2001:db8::1:load:-1.5e3:derive\r\n", &Context::at(7), &mut batch);
        assert_eq!(
            dump(&batch, &report),
            "1 accepted, 0 rejected, 0 skipped\n7 derive load{host=\"2001:db8::1\"} -1500\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            host in "[a-z0-9.:_-]{1,20}",
            source in "[a-zA-Z0-9._/-]{1,20}",
            value in any::<f64>().prop_filter("finite", |v| v.is_finite()),
            kind in prop::sample::select(&Kind::ALL[1..]),
        ) {
            let mut line = String::new();
            write_line(&mut line, &host, &source, value, kind);
            let mut batch = Batch::new();
            let report = decode(line.as_bytes(), &Context::at(5), &mut batch);
            prop_assert!(report.is_clean() && report.accepted == 1, "{report}");
            let rows = batch.groups().next().unwrap();
            let labels = batch.dictionary.labels(rows.slots[0]);
            prop_assert_eq!((labels.host(), labels.name()), (host.as_str(), source.as_str()));
            prop_assert_eq!((rows.time_ms, rows.values[0], batch.dictionary.kind(rows.slots[0])), (5, value, kind));
        }
    }
}
