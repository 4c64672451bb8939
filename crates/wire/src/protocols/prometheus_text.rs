//! Prometheus' text exposition format 0.0.4 and OpenMetrics 1.0, read with tolerance and written.
//!
//! ```text
//! # HELP name text      # TYPE name counter|gauge|histogram|summary|untyped …      # UNIT name unit      # EOF
//! name{label="value",…} number [time] [# exemplar]
//! {"any name","any label"="value",…} number [time]
//! ```
//!
//! An input whose last line is `# EOF` is OpenMetrics: its times are seconds, with a fraction if need be; otherwise they
//! are whole milliseconds. Samples without time are of now. The lines of histograms and summaries are series like any
//! other, counters where they count. Exemplars are left out and counted as skipped. Other comments say nothing.

mod encode;
mod families;
mod sample;

use super::Protocol;
use crate::{Context, lines};
use families::Families;
use model::{Batch, LabelsBuilder, Report};

pub use encode::{encode, encode_telemetry};

/// The row in the table.
pub const PROTOCOL: Protocol = Protocol {
    name: "prometheus_text",
    summary: "Prometheus text exposition and OpenMetrics",
    media_types: &["text/plain", "application/openmetrics-text"],
    paths: &["/api/v1/import/prometheus"],
    example: b"# TYPE http_requests_total counter\nhttp_requests_total{host=\"web1\",code=\"200\"} 1027 1700000000000\n",
    decode,
};

/// The media type of what [`encode`] writes.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Decodes lines; see the module's text.
pub fn decode(input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
    let mut report = Report::default();
    let mut labels = LabelsBuilder::default();
    let mut families = Families::default();
    let open_metrics = input.trim_ascii_end().ends_with(b"# EOF");
    lines::for_each(input, &mut report, |_, line, report| {
        if let Some(comment) = line.strip_prefix('#') {
            return families.comment(comment);
        }
        labels.clear();
        let sample = sample::read(line, open_metrics, &mut labels)?;
        let kind = families.kind_of(labels.get(model::NAME).unwrap_or_default());
        let slot = context.add_series(out, &mut labels, kind).map_err(|e| e.to_string())?;
        out.sample(slot, sample.time_ms.unwrap_or(context.now_ms), sample.value);
        report.accepted += 1;
        report.skipped += u64::from(sample.has_exemplar);
        Ok::<(), String>(())
    });
    families.describe(open_metrics, &mut out.dictionary);
    report
}

#[cfg(test)]
mod tests;
