//! A running server as the origin of an export, page by page over `/api/v1/export`.

use super::scope::Scope;
use crate::command::remote::Remote;
use crate::settings::Settings;
use anyhow::{Context, bail};
use foreign::formats::json::Line;
use foreign::origin::{self, Visit};
use foreign::{Aggregate, Error, Origin, Step};
use model::{Description, Kind, Labels, LabelsBuilder, Reading, Series, SeriesId, TimeRange};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write;

/// Samples asked for at once.
const PAGE_SAMPLES: usize = 500_000;

/// See the module's text.
pub struct RemoteOrigin {
    remote: Remote,
    selectors: String,
    series: Vec<Series>,
    places: HashMap<Labels, usize>,
    about: HashMap<String, Description>,
    reading: Reading,
}

impl RemoteOrigin {
    /// Asks which series there are.
    pub fn open(url: Option<&str>, settings: &Settings, scope: &Scope) -> anyhow::Result<Self> {
        let mut remote = Remote::new(url, settings)?;
        let about = descriptions(&mut remote)?;
        let mut selectors = String::new();
        for text in &scope.texts {
            // Prometheus' dialect wants one condition at least.
            let text = if text == "{}" { "{__name__!=\"\"}" } else { text };
            let _infallible = write!(selectors, "match[]={}&", escape(text));
        }
        let mut query = selectors.clone();
        let TimeRange { start_ms, end_ms } = scope.range;
        if start_ms > i64::MIN {
            let _infallible = write!(query, "start={}&", start_ms as f64 / 1000.0);
        }
        if end_ms < i64::MAX {
            let _infallible = write!(query, "end={}&", (end_ms - 1) as f64 / 1000.0);
        }
        let answer = remote.post("/api/v1/series", "application/x-www-form-urlencoded", query.as_bytes())?;
        let answer: Value = serde_json::from_slice(&answer).context("the server's answer is not JSON")?;
        if !answer["warnings"].is_null() {
            bail!("more series match than the server lists; export them in parts");
        }
        let mut series = Vec::new();
        for labels in answer["data"].as_array().into_iter().flatten() {
            series.push(series_of(labels, &about, series.len())?);
        }
        origin::sort(&mut series);
        let places = series.iter().enumerate().map(|(at, s)| (s.labels.clone(), at)).collect();
        Ok(Self { remote, selectors, series, places, about, reading: Reading::default() })
    }

    fn page(
        &mut self,
        range: TimeRange,
        step: Option<&Step<'_>>,
        after: &str,
        visit: &mut Visit<'_>,
    ) -> Result<Option<String>, Error> {
        let mut query = format!("{}page_samples={PAGE_SAMPLES}{after}", self.selectors);
        if range.start_ms > i64::MIN {
            let _infallible = write!(query, "&from_ms={}", range.start_ms);
        }
        if range.end_ms < i64::MAX {
            let _infallible = write!(query, "&to_ms={}", range.end_ms);
        }
        if let Some(step) = step {
            let _infallible = write!(query, "&step_ms={}", step.step_ms);
            if let Some((name, _)) = Aggregate::ALL.iter().find(|(_, how)| Some(*how) == step.how) {
                let _infallible = write!(query, "&aggregate={name}");
            }
        }
        let read = |error: anyhow::Error| Error::Read(format!("{error:#}"));
        let answer =
            self.remote.post("/api/v1/export", "application/x-www-form-urlencoded", query.as_bytes());
        let answer = answer.map_err(read)?;
        let mut line = Line::default();
        for text in answer.split(|b| *b == b'\n').filter(|text| !text.is_empty()) {
            if let Some(LastLine { next, gone }) = last_line(text) {
                gone.into_iter().for_each(|(range, tier_ms)| self.reading.note_gone(range, tier_ms));
                return Ok(next);
            }
            line.read(text).map_err(Error::Read)?;
            let labels = line.labels.build().map_err(|e| Error::Read(e.to_string()))?;
            // A series that came since we asked is not part of this export.
            if let Some(&at) = self.places.get(&labels) {
                visit(at, &line.times_ms, &line.values)?;
            }
        }
        Err(Error::Read("the server's answer ended in the middle".to_owned()))
    }
}

impl RemoteOrigin {
    fn pages(
        &mut self,
        first: usize,
        range: TimeRange,
        step: Option<&Step<'_>>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let mut after = String::new();
        let mut visit = |at: usize, times_ms: &[i64], values: &[f64]| {
            if at < first { Ok(()) } else { visit(at, times_ms, values) }
        };
        while let Some(next) = self.page(range, step, &after, &mut visit)? {
            after = next;
        }
        Ok(())
    }
}

impl Origin for RemoteOrigin {
    fn series(&self) -> &[Series] {
        &self.series
    }

    fn about(&mut self, metric: &str) -> Option<Description> {
        self.about.get(metric).cloned()
    }

    fn read(&mut self, first: usize, range: TimeRange, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.pages(first, range, None, visit)
    }

    // The server gathers: it has the rows, and its own `store.aggregation` where nothing was asked for.
    fn read_steps(
        &mut self,
        first: usize,
        range: TimeRange,
        step: &Step<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        self.pages(first, range, Some(step), visit)
    }

    fn reading(&self) -> Reading {
        self.reading.clone()
    }
}

/// What the last line of a page says.
struct LastLine {
    /// The parameters of the next page, if there is one.
    next: Option<String>,
    /// Where samples are gone.
    gone: Vec<(TimeRange, u32)>,
}

/// Reads a line; `None` when it is not the last one.
fn last_line(line: &[u8]) -> Option<LastLine> {
    if !line.starts_with(b"{\"next\":") {
        return None;
    }
    let line: Value = serde_json::from_slice(line).ok()?;
    let next = &line["next"];
    let next = next["after"].as_str().map(|after| {
        let after_ms = next["after_ms"].as_i64().unwrap_or(i64::MIN);
        format!("&after={}&after_ms={after_ms}", escape(after))
    });
    let gone = line["gone"].as_array().into_iter().flatten().filter_map(|gone| {
        let range = TimeRange::new(gone["from_ms"].as_i64()?, gone["to_ms"].as_i64()?);
        Some((range, u32::try_from(gone["tier_ms"].as_u64()?).ok()?))
    });
    Some(LastLine { next, gone: gone.collect() })
}

fn series_of(labels: &Value, about: &HashMap<String, Description>, at: usize) -> anyhow::Result<Series> {
    let mut builder = LabelsBuilder::default();
    for (name, value) in labels.as_object().into_iter().flatten() {
        builder.add(name, value.as_str().unwrap_or_default());
    }
    let labels = builder.build().map_err(|e| anyhow::anyhow!("{e}"))?;
    let kind = about.get(labels.name()).map_or(Kind::Unknown, |d| d.kind);
    Ok(Series { id: SeriesId(at as u64), labels, kind })
}

fn descriptions(remote: &mut Remote) -> anyhow::Result<HashMap<String, Description>> {
    let answer: Value = serde_json::from_slice(&remote.get("/api/v1/metadata")?)?;
    let mut about = HashMap::new();
    for (metric, told) in answer["data"].as_object().into_iter().flatten() {
        let text = |name: &str| told[0][name].as_str().unwrap_or_default().to_owned();
        let kind = Kind::parse(&text("type")).unwrap_or_default();
        let description = Description {
            metric: metric.clone().into(),
            kind,
            unit: text("unit").into(),
            help: text("help").into(),
        };
        about.insert(metric.clone(), description);
    }
    Ok(about)
}

/// A text as it may stand in a form.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}
