//! The arithmetic of `rrdtool update`, version 1.7.2, number for number.
//!
//! Every update says a *rate* for the time since the update before. Rates fill **primary data points** of one step
//! each: a point is the mean of the rates over its known seconds, unknown when more than half of its seconds were.
//! Points fill **rows** of archives by their consolidation function. Where rrdtool's documentation and the program
//! differ, the program is followed; `tests/update.rs` beside this file puts both side by side.
//!
//! - An interval longer than the heartbeat is unknown as a whole; the next one is measured again.
//! - An update over several steps closes the point in the making by itself and gives all whole steps one value.
//! - A falling DCOUNTER is unknown, whichever way it went before.
//! - A 32-bit wrap adds 2³²−1, not 2³².
//! - `min` and `max` bound the rate; a rate outside is unknown.
//! - Unknown seconds are counted in whole seconds.

mod point;
mod row;

use self::point::Part;
use super::{Archive, Consolidation, PendingPoint, PendingRow, RoundRobin, Source, SourceKind};
use std::fmt;

/// What was read of a source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// `U`: nobody knows.
    Unknown,
    /// A number; counters and derives take whole ones.
    Number(f64),
}

/// A source to be.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceDefinition {
    /// Its name.
    pub name: String,
    /// How readings become rates; not [`SourceKind::Compute`].
    pub kind: SourceKind,
    /// An interval between two updates longer than this is unknown, in seconds.
    pub heartbeat_s: u64,
    /// Rates below are unknown; NaN for no bound.
    pub min: f64,
    /// Rates above are unknown; NaN for no bound.
    pub max: f64,
}

/// An archive to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArchiveDefinition {
    /// Average, min, max or last.
    pub function: Consolidation,
    /// Share of primary data points of a row that may be unknown, 0 to 1 (1 excluded).
    pub xff: f64,
    /// Primary data points a row, from 1.
    pub steps: u64,
    /// Number of rows, from 1.
    pub rows: usize,
}

/// Why an update was refused; nothing of it was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateError {
    /// The time is not after that of the update before.
    NotAfter,
    /// A counter or derive was given a number that is not whole.
    NotWhole,
    /// Another number of readings than of sources.
    Readings,
}

impl fmt::Display for UpdateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAfter => "the time is not after that of the update before",
            Self::NotWhole => "a counter takes whole numbers only",
            Self::Readings => "one reading a source is needed",
        })
    }
}

impl std::error::Error for UpdateError {}

/// A round robin file that is being filled.
#[derive(Debug, Clone)]
pub struct Updater {
    file: RoundRobin,
    /// Where the newest row of each archive lies while it is a ring.
    newest: Vec<usize>,
    /// The reading before, a source: the text in the file is for people.
    last: Vec<Reading>,
    /// Rates times seconds of the update at hand, and points that it closed; kept for their memory.
    amounts: Vec<f64>,
    points: Vec<f64>,
}

/// An interval between two updates, cut where primary data points end.
#[derive(Debug, Clone, Copy)]
struct Interval {
    /// All of it, in seconds.
    whole: f64,
    /// Up to the last end of a point.
    before: f64,
    /// After it.
    after: f64,
    /// Ends of points inside.
    steps: u64,
    /// Number of the point in the making since 1970.
    point: u64,
}

impl Updater {
    /// An empty file whose first update must come after `start_s`.
    pub fn new(
        step_s: u64,
        start_s: i64,
        sources: &[SourceDefinition],
        archives: &[ArchiveDefinition],
    ) -> Self {
        let unknown_s = start_s.rem_euclid(step_s as i64) as u64;
        let pending = PendingPoint { last: "U".into(), value: f64::NAN, unknown_s };
        let source = |s: &SourceDefinition| Source {
            name: s.name.clone(),
            kind: s.kind,
            heartbeat_s: s.heartbeat_s,
            min: s.min,
            max: s.max,
            pending: pending.clone(),
        };
        let points = start_s.div_euclid(step_s as i64) as u64;
        let archive = |a: &ArchiveDefinition| {
            let unknown = points % a.steps;
            let row = PendingRow { primary: 0.0, secondary: 0.0, value: f64::NAN, unknown };
            Archive {
                function: a.function,
                steps: a.steps,
                xff: a.xff,
                rows: a.rows,
                values: vec![f64::NAN; a.rows * sources.len()],
                pending: vec![row; sources.len()],
            }
        };
        let file = RoundRobin {
            version: if sources.iter().any(|s| s.kind.is_of_version_5()) { 5 } else { 3 },
            step_s,
            updated_s: start_s,
            updated_us: 0,
            sources: sources.iter().map(source).collect(),
            archives: archives.iter().map(archive).collect(),
        };
        Self {
            file,
            newest: archives.iter().map(|a| a.rows - 1).collect(),
            last: vec![Reading::Unknown; sources.len()],
            amounts: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Applies one reading a source, all of the instant `time_us` (Unix microseconds).
    pub fn update(&mut self, time_us: i64, readings: &[Reading]) -> Result<(), UpdateError> {
        self.check(time_us, readings)?;
        let (time_s, micros) = (time_us.div_euclid(1_000_000), time_us.rem_euclid(1_000_000) as u32);
        let interval = self.interval(time_s, micros);
        self.amounts.clear();
        for ((source, last), reading) in self.file.sources.iter().zip(&mut self.last).zip(readings) {
            self.amounts.push(point::amount(source, *last, *reading, interval.whole));
            *last = *reading;
        }
        if interval.steps == 0 {
            self.continue_points(interval.whole);
        } else {
            self.close_points(interval);
        }
        (self.file.updated_s, self.file.updated_us) = (time_s, micros);
        Ok(())
    }

    /// Goes on with a file; the readings before are unknown to it.
    pub fn of(file: RoundRobin) -> Self {
        Self {
            newest: file.archives.iter().map(|a| a.rows - 1).collect(),
            last: vec![Reading::Unknown; file.sources.len()],
            file,
            amounts: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Goes on with a file whose readings before are those that it names, as rrdtool does.
    pub fn resumed(file: RoundRobin) -> Self {
        let last = file.sources.iter().map(|source| Reading::of_text(&source.pending.last)).collect();
        Self { last, ..Self::of(file) }
    }

    /// The file after nothing was known up to `until` (seconds and microseconds).
    pub fn advance(mut self, until: (i64, u32)) -> RoundRobin {
        let unknown = vec![Reading::Unknown; self.file.sources.len()];
        // An instant that is not after the last changes nothing.
        self.update(until.0 * 1_000_000 + i64::from(until.1), &unknown).ok();
        self.finish()
    }

    /// The file as it would be after `rrdtool` had been given the same.
    pub fn finish(mut self) -> RoundRobin {
        let width = self.file.sources.len();
        for (archive, newest) in self.file.archives.iter_mut().zip(&self.newest) {
            archive.values.rotate_left((newest + 1) % archive.rows * width);
        }
        for (source, last) in self.file.sources.iter_mut().zip(&self.last) {
            source.pending.last = last.to_text(source.kind);
        }
        self.file
    }

    fn check(&self, time_us: i64, readings: &[Reading]) -> Result<(), UpdateError> {
        if readings.len() != self.file.sources.len() {
            return Err(UpdateError::Readings);
        }
        if time_us <= self.file.updated_s * 1_000_000 + i64::from(self.file.updated_us) {
            return Err(UpdateError::NotAfter);
        }
        let is_refused =
            |(source, reading): (&Source, &Reading)| source.kind.is_whole() && !reading.is_whole();
        if self.file.sources.iter().zip(readings).any(is_refused) {
            Err(UpdateError::NotWhole)
        } else {
            Ok(())
        }
    }

    fn interval(&self, time_s: i64, micros: u32) -> Interval {
        let (last_s, last_us) = (self.file.updated_s, self.file.updated_us);
        let whole = (time_s - last_s) as f64 + (i64::from(micros) - i64::from(last_us)) as f64 / 1e6;
        let step = self.file.step_s as i64;
        let (started_s, ended_s) = (last_s - last_s.rem_euclid(step), time_s - time_s.rem_euclid(step));
        let (mut before, mut after) = (whole, 0.0);
        if ended_s > started_s {
            before = (ended_s - last_s) as f64 - f64::from(last_us) / 1e6;
            after = (time_s - ended_s) as f64 + f64::from(micros) / 1e6;
        }
        let steps = ((ended_s - started_s) / step) as u64;
        Interval { whole, before, after, steps, point: (started_s / step) as u64 }
    }

    fn continue_points(&mut self, seconds: f64) {
        for (source, amount) in self.file.sources.iter_mut().zip(&self.amounts) {
            point::extend(&mut source.pending, *amount, seconds);
        }
    }

    fn close_points(&mut self, interval: Interval) {
        let (head, rest) = point::parts(interval, self.file.step_s);
        if let Some(head) = head {
            let whole = self.amounts.clone();
            self.amounts.iter_mut().for_each(|amount| *amount = *amount * head.seconds / interval.whole);
            self.close_part(head);
            self.amounts.iter_mut().zip(whole).for_each(|(head, whole)| *head = whole - *head);
        }
        self.close_part(rest);
    }

    fn close_part(&mut self, part: Part) {
        self.points.clear();
        for (source, amount) in self.file.sources.iter_mut().zip(&self.amounts) {
            self.points.push(point::close(source, *amount, part, self.file.step_s));
        }
        self.consolidate(part.steps, part.point);
    }

    /// Carries `steps` equal points, the first of number `first`, into all archives.
    fn consolidate(&mut self, steps: u64, first: u64) {
        let width = self.file.sources.len();
        for (archive, newest) in self.file.archives.iter_mut().zip(&mut self.newest) {
            let span = row::Span::of(archive.steps, first, steps);
            for (pending, value) in archive.pending.iter_mut().zip(&self.points) {
                row::add(pending, archive.function, archive.xff, *value, span);
            }
            // A run that is longer than the ring still begins with the row that it closed, at the wrong time: as there.
            for written in 0..span.rows.min(archive.rows as u64) {
                *newest = (*newest + 1) % archive.rows;
                let row = &mut archive.values[*newest * width..(*newest + 1) * width];
                for (slot, pending) in row.iter_mut().zip(&archive.pending) {
                    *slot = if written == 0 { pending.primary } else { pending.secondary };
                }
            }
        }
    }
}

impl SourceKind {
    /// Whether rrdtool takes whole numbers only.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Counter | Self::Derive)
    }

    /// Whether files with such a source are of version 5.
    pub fn is_of_version_5(self) -> bool {
        matches!(self, Self::DCounter | Self::DDerive)
    }
}

impl Reading {
    /// Whether it is unknown or a whole number that a double holds exactly.
    pub fn is_whole(self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Number(value) => value.fract() == 0.0 && value.abs() <= u64::MAX as f64,
        }
    }

    /// What [`Reading::to_text`] wrote, or rrdtool.
    pub fn of_text(text: &str) -> Self {
        text.parse().ok().filter(|value: &f64| value.is_finite()).map_or(Self::Unknown, Self::Number)
    }

    /// As `rrdtool update` takes it.
    pub fn to_text(self, kind: SourceKind) -> String {
        match self {
            Self::Unknown => "U".into(),
            Self::Number(value) if kind.is_whole() => format!("{}", value as i128),
            Self::Number(value) => {
                let plain = format!("{value}");
                // The file has room for 29 characters.
                if plain.len() < 30 { plain } else { format!("{value:e}") }
            }
        }
    }
}
