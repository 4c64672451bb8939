//! What is remembered of one target's page, and how a page becomes a batch.
//!
//! The lines of a page hardly change from one scrape to the next. So each line that was read leaves the bytes of its
//! series and what became of it; the next page's line is most likely the one that followed last time, and one comparison
//! tells. The batch keeps its dictionary, so a store that knows it looks at no labels either.

mod lines;
mod series;
#[cfg(test)]
mod tests;

use crate::ask::Said;
use crate::{Job, Set, Target, relabel};
use lines::Lines;
use model::{Batch, Description, HOST, Kind, LabelsBuilder, NAME, Report, STALE};
use series::{AllSeries, Seen};
use wire::protocols::prometheus_text::page::{self, Comments};

/// Lines that may be remembered beyond twice those of the last page before the others are forgotten.
const LINES_SPARE: usize = 1000;

/// What every scrape says of itself, in Prometheus' names.
const OWN: [(&str, &str, &str); 5] = [
    ("up", "", "1 when the target showed its numbers, 0 when it did not."),
    ("scrape_duration_seconds", "seconds", "How long the scrape took."),
    ("scrape_samples_scraped", "", "Samples on the page."),
    ("scrape_samples_post_metric_relabeling", "", "Samples that the rules for series left."),
    ("scrape_series_added", "", "Series that the scrape before did not have."),
];

/// What a scrape came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Tally {
    /// Samples on the page.
    pub(crate) scraped: u64,
    /// Those that the rules left.
    pub(crate) kept: u64,
    /// Series that are new.
    pub(crate) added: u64,
    /// Lines that were refused, with reasons.
    pub(crate) report: Report,
}

/// See the module's text.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    batch: Batch,
    lines: Lines,
    series: AllSeries,
    labels: LabelsBuilder,
}

/// Whose page it is and when it was read.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    pub(crate) job: &'a Job,
    pub(crate) target: &'a Target,
    pub(crate) time_ms: i64,
}

impl Memory {
    /// The samples of the last scrape, with the ends of series that are gone.
    pub(crate) fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Turns a page into the batch. A scrape that fails ends all series of the one before.
    ///
    /// # Errors
    /// When a limit is passed; the text is for people.
    pub(crate) fn take(&mut self, said: &Said, of: Of<'_>) -> Result<Tally, String> {
        self.begin();
        let result = self.read(said, of);
        match result {
            Ok(mut tally) => {
                let gone = self.series.commit();
                tally.added = gone.added;
                self.end_series(&gone.slots, of.time_ms);
                self.forget_spare_lines();
                Ok(tally)
            }
            Err(why) => {
                self.batch.clear_rows();
                self.fail(of.time_ms);
                Err(why)
            }
        }
    }

    /// Starts a batch in which all series end: the target did not answer, or is gone.
    pub(crate) fn end(&mut self, time_ms: i64) {
        self.begin();
        self.fail(time_ms);
    }

    /// Starts a batch in which all series end, also those that tell of scrapes.
    pub(crate) fn end_all(&mut self, time_ms: i64) {
        self.end(time_ms);
        let own = self.series.own();
        self.end_series(&own, time_ms);
    }

    fn begin(&mut self) {
        self.batch.clear_rows();
        self.lines.begin();
        self.series.begin();
    }

    fn fail(&mut self, time_ms: i64) {
        let slots = self.series.roll_back();
        self.end_series(&slots, time_ms);
    }

    /// Adds what a scrape says of itself.
    pub(crate) fn tell(&mut self, of: Of<'_>, values: [f64; OWN.len()]) {
        self.batch.begin(of.time_ms);
        for ((name, unit, help), value) in OWN.into_iter().zip(values) {
            self.labels.clear();
            of.target.labels.iter().for_each(|(name, value)| _ = self.labels.add(name, value));
            self.labels.add(HOST, &of.target.host).set(NAME, name);
            // Labels of a target over the limits were told when its first line was refused.
            if let Ok((slot, is_new)) =
                self.series.slot(&mut self.batch.dictionary, &mut self.labels, Kind::Gauge)
            {
                if is_new {
                    let text = |text: &str| text.to_owned().into();
                    self.batch.dictionary.describe(Description {
                        metric: text(name),
                        kind: Kind::Gauge,
                        unit: text(unit),
                        help: text(help),
                    });
                }
                self.series.is_own(slot);
                self.batch.push(slot, value);
            }
        }
    }

    fn read(&mut self, said: &Said, of: Of<'_>) -> Result<Tally, String> {
        let (mut tally, mut comments, mut broken) = (Tally::default(), None, None);
        let mut report = Report::default();
        page::for_each_line(&said.body, &mut report, |line, report| {
            if line.starts_with('#') || broken.is_some() {
                return Ok(());
            }
            let (at, rest) = match self.lines.find(line) {
                Some(known) => known,
                None => {
                    let comments = comments.get_or_insert_with(|| Comments::of(&said.body));
                    self.learn(line, of, comments)?
                }
            };
            let numbers = page::numbers(rest, said.is_open_metrics)?;
            tally.scraped += 1;
            report.skipped += u64::from(numbers.has_exemplar);
            match self.lines.fate(at) {
                lines::Fate::Dropped => {}
                lines::Fate::Over(why) => broken = Some(why.to_string()),
                lines::Fate::Kept(slot) => {
                    let time_ms = numbers.time_ms.filter(|_| of.job.honor_timestamps);
                    if self.series.see(*slot, time_ms.is_some()) == Seen::Twice {
                        return Err("the series was on the page already".to_owned());
                    }
                    self.batch.sample(*slot, time_ms.unwrap_or(of.time_ms), numbers.value);
                    tally.kept += 1;
                    report.accepted += 1;
                }
            }
            Ok(())
        });
        if let Some(comments) = comments {
            comments.describe(said.is_open_metrics, &mut self.batch.dictionary);
        }
        tally.report = report;
        let max = of.job.limits.samples_max;
        match broken {
            Some(why) => Err(why),
            None if max > 0 && tally.kept > max => {
                Err(format!("{} samples, at most {max} are allowed", tally.kept))
            }
            None => Ok(tally),
        }
    }

    /// Reads the labels of a line that was not there before.
    fn learn<'l>(
        &mut self,
        line: &'l str,
        of: Of<'_>,
        comments: &mut Comments,
    ) -> Result<(usize, &'l str), String> {
        let len = page::series_len(line).ok_or("a brace or a quote is not closed")?;
        let (text, rest) = line.split_at(len);
        self.labels.clear();
        page::labels(text, &mut self.labels)?;
        let kind = comments.kind_of(self.labels.get(NAME).unwrap_or_default());
        let mut set: Set = self.labels.pairs().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        add_target_labels(&mut set, of);
        let fate = if !relabel::apply(&of.job.metric_relabel, &mut set) {
            lines::Fate::Dropped
        } else if let Some(why) = over(&set, of.job) {
            lines::Fate::Over(why.into())
        } else if !set.contains_key(NAME) {
            return Err("the rules leave no name".to_owned());
        } else {
            set.entry(HOST.to_owned()).or_insert_with(|| of.target.host.clone());
            self.labels.clear();
            set.iter().for_each(|(name, value)| _ = self.labels.add(name, value));
            let slot = self.series.slot(&mut self.batch.dictionary, &mut self.labels, kind);
            lines::Fate::Kept(slot.map_err(|e| e.to_string())?.0)
        };
        Ok((self.lines.learn(text, fate), rest))
    }

    fn end_series(&mut self, slots: &[model::Slot], time_ms: i64) {
        if !slots.is_empty() {
            self.batch.begin(time_ms);
            slots.iter().for_each(|slot| self.batch.push(*slot, STALE));
        }
    }

    /// Forgets everything but the series that live, when most of it is of no use any more. The next page is read anew.
    fn forget_spare_lines(&mut self) {
        let live = self.series.live();
        if self.lines.len() <= 2 * live.max(self.lines.met()) + LINES_SPARE {
            return;
        }
        // The rows of this scrape speak of the old dictionary, which goes with them.
        let old = std::mem::take(&mut self.batch);
        let moved = self.series.move_to(&old.dictionary, &mut self.batch.dictionary);
        for description in old.dictionary.descriptions() {
            self.batch.dictionary.describe(description.clone());
        }
        for rows in old.groups() {
            self.batch.begin(rows.time_ms);
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                let slot = match moved[slot.0 as usize] {
                    Some(slot) => slot,
                    // A series that ends in this scrape.
                    None => self.series.move_one(*slot, &old.dictionary, &mut self.batch.dictionary),
                };
                self.batch.push(slot, *value);
            }
        }
        self.lines = Lines::default();
    }
}

/// Adds the labels of the target. Where the page has one of the same name, `honor_labels` says which stays; the page's is
/// kept under another name when it gives way.
fn add_target_labels(set: &mut Set, of: Of<'_>) {
    for (name, value) in &of.target.labels {
        if of.job.honor_labels {
            set.entry(name.clone()).or_insert_with(|| value.clone());
        } else if let Some(theirs) = set.insert(name.clone(), value.clone()) {
            let mut new = format!("exported_{name}");
            while set.contains_key(&new) || of.target.labels.iter().any(|(known, _)| *known == new) {
                new.insert_str(0, "exported_");
            }
            set.insert(new, theirs);
        }
    }
}

/// Which limit of the job a series passes.
fn over(set: &Set, job: &Job) -> Option<String> {
    let limits = &job.limits;
    let passed = |n: usize, max: u64| max > 0 && n as u64 > max;
    let shown = || set.get(NAME).map_or("", String::as_str);
    if passed(set.len(), limits.labels_max) {
        return Some(format!(
            "`{}` has {} labels, at most {} are allowed",
            shown(),
            set.len(),
            limits.labels_max
        ));
    }
    if let Some(name) = set.keys().find(|name| passed(name.len(), limits.label_name_bytes_max)) {
        return Some(format!("`{}`: the name of label `{name}` is too long", shown()));
    }
    let long = set.iter().find(|(_, value)| passed(value.len(), limits.label_value_bytes_max));
    long.map(|(name, _)| format!("`{}`: the value of label `{name}` is too long", shown()))
}
