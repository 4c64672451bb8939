//! Asks something slow at its own pace in an [`Errand`], and repeats what it said at every pass, so that its series do
//! not look dead between two answers.

use crate::entities::Entities;
use crate::errand::Errand;
use crate::record::Recorder;
use crate::{Error, Host, Metric, Pass};
use std::time::Duration;

/// Between the parts of a key; no label value has it.
const SEPARATOR: char = '\u{1f}';
/// Most label values.
const LABELS_MAX: usize = 8;

/// What an errand found: numbers of metrics with their label values.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Findings {
    list: Vec<(Box<str>, f64)>,
    /// Why it is less than it could be, for people.
    pub remark: String,
}

impl Findings {
    /// Nothing, and why.
    pub fn nothing(remark: impl Into<String>) -> Self {
        Self { list: Vec::new(), remark: remark.into() }
    }

    /// Adds the value of the metric at this place of the collector's table.
    pub fn add(&mut self, metric: usize, labels: &[&str], value: f64) {
        self.list.push((key(metric, labels).into(), value));
    }

    /// The value added for these labels.
    pub fn value(&self, metric: usize, labels: &[&str]) -> Option<f64> {
        let key = key(metric, labels);
        self.list.iter().find(|(known, _)| **known == *key).map(|(_, value)| *value)
    }

    /// As [`Findings::add`], where there is a value.
    pub fn add_some(&mut self, metric: usize, labels: &[&str], value: Option<f64>) {
        if let Some(value) = value {
            self.add(metric, labels, value);
        }
    }
}

fn key(metric: usize, labels: &[&str]) -> String {
    let mut key = metric.to_string();
    for label in labels {
        key.push(SEPARATOR);
        key.extend(label.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
    key
}

/// A question, and its last answer.
#[derive(Debug)]
pub struct Inquiry {
    /// Who or what is asked, for errors.
    what: &'static str,
    metrics: &'static [Metric],
    errand: Errand<Result<Findings, String>>,
    /// How long the pass waits for an answer whose question was just put.
    patience: Duration,
    /// After so long without an answer it is told.
    late_ms: i64,
    series: Entities<1>,
    failure: Option<String>,
    remark: String,
}

impl Inquiry {
    /// A question to `what`, put once in `every_ms`; of the answers at most `series_max` numbers are taken.
    pub fn new(
        host: &Host,
        what: &'static str,
        metrics: &'static [Metric],
        every_ms: i64,
        series_max: usize,
    ) -> Self {
        Self {
            what,
            metrics,
            errand: Errand::new("errand", every_ms, !host.has_kernel),
            patience: Duration::ZERO,
            late_ms: every_ms.max(60_000),
            series: Entities::new(series_max),
            failure: None,
            remark: String::new(),
        }
    }

    /// The same with a pass that waits so long for an answer.
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Whether the question is to be put now.
    pub fn is_due(&self, now_ms: i64) -> bool {
        self.errand.is_due(now_ms)
    }

    /// Puts the question.
    pub fn ask(&mut self, now_ms: i64, ask: impl FnOnce() -> Result<Findings, String> + Send + 'static) {
        self.errand.start(now_ms, ask);
    }

    /// Records the last answer, and fails for as long as that was a failure.
    pub fn tell(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        match self.errand.take_within(self.patience) {
            Some(Ok(findings)) => {
                self.failure = None;
                self.keep(&findings, &mut pass.out);
                self.remark = findings.remark;
            }
            Some(Err(why)) => {
                self.failure = Some(why);
                self.keep(&Findings::default(), &mut pass.out);
            }
            None if self.errand.away_ms(pass.now_ms) > Some(self.late_ms) => {
                self.failure = Some("it has not answered for long".to_owned());
            }
            None => {}
        }
        for entity in self.series.met() {
            let mut words = entity.name.split(SEPARATOR);
            let place = words.next().and_then(|place| place.parse::<usize>().ok());
            let Some(metric) = place.and_then(|place| self.metrics.get(place)) else { continue };
            let mut labels = [""; LABELS_MAX];
            labels.iter_mut().zip(words).for_each(|(label, word)| *label = word);
            let labels = &labels[..metric.labels.len().min(LABELS_MAX)];
            pass.out.push(&mut entity.cells[0], metric, labels, f64::from_bits(entity.sum));
        }
        match &self.failure {
            Some(why) => Err(Error::Asked { what: self.what, why: why.clone() }),
            None => Ok(()),
        }
    }

    /// How many numbers of this metric the last answer has.
    pub fn count(&mut self, metric: usize) -> usize {
        let is_it =
            |key: &str| key.split(SEPARATOR).next().and_then(|place| place.parse().ok()) == Some(metric);
        self.series.met().filter(|entity| is_it(&entity.name)).count()
    }

    /// Why the last answer is less than it could be.
    pub fn remark(&self) -> &str {
        &self.remark
    }

    fn keep(&mut self, findings: &Findings, out: &mut Recorder<'_>) {
        self.series.begin();
        for (key, value) in &findings.list {
            if let Some(entity) = self.series.meet(key.as_bytes(), |_| true) {
                entity.sum = value.to_bits();
            }
        }
        self.series.finish(out);
    }
}

#[cfg(test)]
mod tests;
