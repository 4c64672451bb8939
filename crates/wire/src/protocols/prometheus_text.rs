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
pub mod page;
mod sample;

use super::Protocol;
use crate::{Context, lines};
use families::Families;
use model::{Batch, Dictionary, LabelsBuilder, Report, Slot};

pub use encode::{encode, encode_telemetry, read_series, write_family, write_number, write_series};

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
    let mut decoder = Decoder::new(input.trim_ascii_end().ends_with(b"# EOF"));
    let report = decoder.lines(input, context, out);
    decoder.finish(&mut out.dictionary);
    report
}

/// Decodes an input that comes in pieces of whole lines, such as a file that is larger than memory.
pub struct Decoder {
    open_metrics: bool,
    families: Families,
    labels: LabelsBuilder,
    same: Same,
}

impl Decoder {
    /// A decoder at the start of an input; `open_metrics` says that times are seconds.
    pub fn new(open_metrics: bool) -> Self {
        let (families, labels, same) = Default::default();
        Self { open_metrics, families, labels, same }
    }

    /// Decodes whole lines. Line numbers in the report count from the start of this piece.
    pub fn lines(&mut self, input: &[u8], context: &Context<'_>, out: &mut Batch) -> Report {
        let mut report = Report::default();
        lines::for_each(input, &mut report, |_, line, report| {
            if let Some(comment) = line.strip_prefix('#') {
                self.same = Same::default();
                return self.families.comment(comment);
            }
            let (slot, numbers) = match self.same.rest(line, out.dictionary.id()) {
                Some(known) => known,
                None => self.series(line, context, out)?,
            };
            let sample = sample::read_numbers(numbers, self.open_metrics)?;
            out.sample(slot, sample.time_ms.unwrap_or(context.now_ms), sample.value);
            report.accepted += 1;
            report.skipped += u64::from(sample.has_exemplar);
            Ok::<(), String>(())
        });
        report
    }

    /// The series of a line and the text after it.
    fn series<'l>(
        &mut self,
        line: &'l str,
        context: &Context<'_>,
        out: &mut Batch,
    ) -> Result<(Slot, &'l str), String> {
        self.labels.clear();
        let rest = sample::read_series(line, &mut self.labels)?;
        let kind = self.families.kind_of(self.labels.get(model::NAME).unwrap_or_default());
        // A line whose numbers are broken must not leave a series behind.
        sample::read_numbers(rest, self.open_metrics)?;
        let slot = context.add_series(out, &mut self.labels, kind).map_err(|e| e.to_string())?;
        self.same.remember(&line[..line.len() - rest.len()], out.dictionary.id(), slot);
        Ok((slot, rest))
    }

    /// Hands on what the comments said about metrics.
    pub fn finish(self, dictionary: &mut Dictionary) {
        self.families.describe(self.open_metrics, dictionary);
    }
}

/// The series of the line before: dumps of history write all samples of a series one after the other.
#[derive(Default)]
struct Same {
    text: String,
    dictionary: u64,
    slot: Slot,
}

impl Same {
    fn remember(&mut self, text: &str, dictionary: u64, slot: Slot) {
        self.text.clear();
        self.text.push_str(text.trim_ascii_end());
        (self.dictionary, self.slot) = (dictionary, slot);
    }

    /// Slot and rest of a line that begins with the same series.
    fn rest<'l>(&self, line: &'l str, dictionary: u64) -> Option<(Slot, &'l str)> {
        if self.text.is_empty() || self.dictionary != dictionary {
            return None;
        }
        let rest = line.strip_prefix(self.text.as_str())?;
        let numbers = rest.trim_ascii_start();
        let ends_here = self.text.ends_with('}') || (numbers.len() < rest.len() && !numbers.starts_with('{'));
        ends_here.then_some((self.slot, numbers))
    }
}

#[cfg(test)]
mod tests;
