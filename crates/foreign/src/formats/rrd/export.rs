//! Series as a round robin file, in the form that `rrdtool restore` takes.
//!
//! Every series becomes a data source of one file, computed as if its samples had been given to `rrdtool update`. Each
//! is computed by itself, so the series need not have been sampled at the same instants.

pub mod definition;

use self::definition::Definition;
use super::update::{Reading, SourceDefinition, Updater};
use super::xml::{self, VALUES_MAX};
use super::{RoundRobin, Source, SourceKind};
use crate::{Error, Options, SeriesWriter};
use model::{Description, Kind, Series};
use std::io::{self, Write};
use std::path::Path;

/// Longest name of a source that rrdtool takes.
const NAME_CHARACTERS_MAX: usize = 19;

/// Starts a writer.
pub fn start<'w>(out: &'w mut dyn Write, options: &Options) -> Result<Box<dyn SeriesWriter + 'w>, Error> {
    let definition = Definition::of(options)?;
    Ok(Box::new(Writer { out, definition, current: None, done: Vec::new() }))
}

struct Writer<'w> {
    out: &'w mut dyn Write,
    definition: Definition,
    current: Option<Current>,
    /// Files of one source each.
    done: Vec<RoundRobin>,
}

/// The series at hand.
struct Current {
    source: SourceDefinition,
    labels: String,
    /// From the first sample on.
    updater: Option<Updater>,
    has_fractions: bool,
}

impl SeriesWriter for Writer<'_> {
    fn series(&mut self, series: &Series, _about: Option<&Description>) -> Result<(), Error> {
        self.end_series();
        let (kind, min) = match (self.definition.kind, series.kind) {
            (Some(kind), _) => (kind, f64::NAN),
            (None, Kind::Unknown | Kind::Gauge) => (SourceKind::Gauge, f64::NAN),
            // COUNTER would take every reset for a wrap and draw a spike; a negative rate is unknown instead.
            (None, Kind::Counter) => (SourceKind::DDerive, 0.0),
            (None, Kind::Derive) => (SourceKind::DDerive, f64::NAN),
            (None, Kind::Absolute) => (SourceKind::Absolute, f64::NAN),
        };
        let name = self.source_name(series.labels.name());
        let heartbeat_s = self.definition.heartbeat_s;
        let source = SourceDefinition { name, kind, heartbeat_s, min, max: f64::NAN };
        let labels = series.labels.to_string();
        self.current = Some(Current { source, labels, updater: None, has_fractions: false });
        let values = (self.done.len() + 1).saturating_mul(self.definition.rows());
        if values > VALUES_MAX {
            let (rows, series) = (self.definition.rows(), self.done.len() + 1);
            return Err(Error::Unsuitable(format!(
                "{series} series of {rows} rows are too many for one round robin file: choose fewer series, or \
                 smaller archives with --rra"
            )));
        }
        Ok(())
    }

    fn samples(&mut self, times_ms: &[i64], values: &[f64]) -> Result<(), Error> {
        let Some(current) = &mut self.current else { return Ok(()) };
        for (time_ms, value) in times_ms.iter().zip(values) {
            current.sample(&self.definition, *time_ms, *value)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.end_series();
        let file = join(std::mem::take(&mut self.done)).ok_or_else(|| {
            Error::Unsuitable("there are no samples: a round robin file needs one at least".into())
        })?;
        xml::write::write(&file, self.out).map_err(|e: io::Error| Error::io(Path::new("-"), e))
    }
}

impl Writer<'_> {
    fn end_series(&mut self) {
        let Some(current) = self.current.take() else { return };
        let Some(updater) = current.updater else { return };
        let mut file = updater.finish();
        for source in &mut file.sources {
            // Whole numbers need no file of version 5, which older programs cannot read.
            if source.kind == SourceKind::DDerive && !current.has_fractions && self.definition.kind.is_none()
            {
                source.kind = SourceKind::Derive;
                file.version = 3;
            }
        }
        self.done.push(file);
    }

    /// A name that rrdtool takes and that no other source has.
    fn source_name(&self, metric: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '_' };
        let metric: String = metric.chars().map(plain).collect();
        let cut = |end: &str| {
            let start: String = metric.chars().take(NAME_CHARACTERS_MAX - end.len()).collect();
            start + end
        };
        let is_free = |name: &String| !self.done.iter().any(|file| file.sources[0].name == *name);
        let names = std::iter::once(cut("")).chain((2u64..).map(|n| cut(&format!("_{n}"))));
        names.into_iter().find(|name| !name.is_empty() && is_free(name)).expect("numbers do not end")
    }
}

impl Current {
    fn sample(&mut self, definition: &Definition, time_ms: i64, value: f64) -> Result<(), Error> {
        let reading = if value.is_finite() { Reading::Number(value) } else { Reading::Unknown };
        if !reading.is_whole() {
            self.has_fractions = true;
            if self.source.kind.is_whole() {
                let (labels, kind) = (&self.labels, self.source.kind.as_str());
                return Err(Error::Unsuitable(format!(
                    "{labels} has the value {value}, and {kind} takes whole numbers: choose D{kind}"
                )));
            }
        }
        let updater = self.updater.get_or_insert_with(|| {
            // As if the file had been made a step before the first sample.
            let start_s = time_ms.div_euclid(1000) - definition.step_s as i64;
            Updater::new(definition.step_s, start_s, std::slice::from_ref(&self.source), &definition.archives)
        });
        // Times ascend: only one before 1970 could be refused, and rrdtool has none.
        updater.update(time_ms * 1000, &[reading]).ok();
        Ok(())
    }
}

/// One file of files of one source each, which go on to the same last instant.
fn join(files: Vec<RoundRobin>) -> Option<RoundRobin> {
    let last = files.iter().map(|file| (file.updated_s, file.updated_us)).max()?;
    let mut files = files.into_iter().map(|file| {
        if (file.updated_s, file.updated_us) == last { file } else { Updater::of(file).advance(last) }
    });
    let first = files.next()?;
    let rest: Vec<RoundRobin> = files.collect();
    if rest.is_empty() {
        return Some(first);
    }
    let all = || std::iter::once(&first).chain(&rest);
    let sources: Vec<Source> = all().map(|file| file.sources[0].clone()).collect();
    let archives = first.archives.iter().enumerate().map(|(n, archive)| {
        let row = |row: usize| all().map(move |file| file.archives[n].values[row]);
        let values = (0..archive.rows).flat_map(row).collect();
        let pending = all().map(|file| file.archives[n].pending[0]).collect();
        super::Archive { values, pending, ..archive.clone() }
    });
    let archives = archives.collect();
    let version = all().map(|file| file.version).max()?;
    Some(RoundRobin { version, sources, archives, ..first })
}
