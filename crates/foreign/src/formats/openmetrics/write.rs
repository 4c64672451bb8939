//! Writing OpenMetrics: `promtool tsdb create-blocks-from openmetrics` reads it.

use crate::{Error, Options, SeriesWriter};
use model::{Description, Kind, Series};
use std::io::Write;
use std::path::Path;
use wire::protocols::prometheus_text::{write_family, write_number, write_series};

/// Starts a writer.
pub(super) fn start<'w>(out: &'w mut dyn Write, _: &Options) -> Result<Box<dyn SeriesWriter + 'w>, Error> {
    Ok(Box::new(OpenMetrics { out, metric: None, series: String::new(), text: String::new() }))
}

struct OpenMetrics<'w> {
    out: &'w mut dyn Write,
    /// The metric whose comments were written.
    metric: Option<String>,
    series: String,
    text: String,
}

impl OpenMetrics<'_> {
    fn flush(&mut self) -> Result<(), Error> {
        let written = self.out.write_all(self.text.as_bytes());
        self.text.clear();
        written.map_err(|e| Error::io(Path::new("output"), e))
    }
}

impl SeriesWriter for OpenMetrics<'_> {
    fn series(&mut self, series: &Series, about: Option<&Description>) -> Result<(), Error> {
        let name = series.labels.name();
        if self.metric.as_deref() != Some(name) {
            let told = about.map_or(Kind::Unknown, |d| d.kind);
            let kind = if told == Kind::Unknown { series.kind } else { told };
            let (unit, help) = about.map_or(("", ""), |d| (&d.unit, &d.help));
            write_family(&mut self.text, name, kind, unit, help);
            self.metric = Some(name.to_owned());
        }
        self.series.clear();
        write_series(&mut self.series, &series.labels);
        self.flush()
    }

    fn samples(&mut self, times_ms: &[i64], values: &[f64]) -> Result<(), Error> {
        for (&time_ms, &value) in times_ms.iter().zip(values) {
            // The format has no word for "ends here".
            if model::is_stale(value) {
                continue;
            }
            self.text.push_str(&self.series);
            self.text.push(' ');
            write_number(&mut self.text, value);
            self.text.push(' ');
            write_seconds(&mut self.text, time_ms);
            self.text.push('\n');
        }
        self.flush()
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.text.push_str("# EOF\n");
        self.flush()
    }
}

/// Milliseconds as seconds, without digits that say nothing.
fn write_seconds(out: &mut String, time_ms: i64) {
    use std::fmt::Write;
    let (seconds, ms) = (time_ms / 1000, (time_ms % 1000).unsigned_abs());
    let sign = if time_ms < 0 && seconds == 0 { "-" } else { "" };
    let _infallible = match ms {
        0 => write!(out, "{seconds}"),
        ms => write!(out, "{sign}{seconds}.{ms:03}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_a_fraction_only_when_it_says_something() {
        for (time_ms, text) in
            [(0, "0"), (1500, "1.500"), (-1, "-0.001"), (-2500, "-2.500"), (1_700_000_000_000, "1700000000")]
        {
            let mut out = String::new();
            write_seconds(&mut out, time_ms);
            assert_eq!(out, text);
        }
    }
}
