//! What an import came to: counted, shown while it goes, told at its end.

use crate::command::counted;
use foreign::{Error, Parcel};
use model::{Batch, Report, Slot};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Most series that are told apart, by eight bytes each.
const SERIES_MAX: usize = 10_000_000;
/// Most files that are named because nobody knows them.
const UNKNOWN_NAMED_MAX: usize = 3;
/// Most messages on standard error.
const MESSAGES_MAX: u64 = 100;
/// Time between two lines of progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// See the module's text.
#[derive(Default)]
pub struct Tally {
    files: BTreeMap<&'static str, u64>,
    path: PathBuf,
    series: HashSet<u64>,
    /// The dictionary seen last and how many of its slots are in `series`.
    seen: (u64, usize),
    taken: u64,
    refused: u64,
    unread: u64,
    skipped: BTreeMap<&'static str, u64>,
    range_ms: Option<(i64, i64)>,
    unknown: (u64, Vec<PathBuf>),
    messages: u64,
    bytes: u64,
    shown: Option<Instant>,
}

impl Tally {
    /// A file comes.
    pub fn begin(&mut self, format: &'static str, path: &Path) {
        *self.files.entry(format).or_default() += 1;
        path.clone_into(&mut self.path);
    }

    /// A file is over.
    pub fn end(&mut self) {
        self.progress(true);
    }

    /// Counts what was read.
    pub fn add_read(&mut self, parcel: &Parcel<'_>) {
        self.unread += parcel.report.rejected;
        for (what, count) in &parcel.skipped {
            *self.skipped.entry(what).or_default() += count;
        }
        if parcel.report.skipped > 0 {
            *self.skipped.entry("parts that are no samples").or_default() += parcel.report.skipped;
        }
        self.tell(&parcel.report);
        self.bytes += parcel.bytes;
        self.progress(false);
    }

    /// Counts what the store made of a batch.
    pub fn add_taken(&mut self, batch: &Batch, report: Report) {
        self.taken += report.accepted;
        self.refused += report.rejected;
        self.tell(&report);
        for rows in batch.groups() {
            let (first, last) = self.range_ms.unwrap_or((rows.time_ms, rows.time_ms));
            self.range_ms = Some((first.min(rows.time_ms), last.max(rows.time_ms)));
        }
        self.count_series(batch);
    }

    fn count_series(&mut self, batch: &Batch) {
        let dictionary = &batch.dictionary;
        if self.seen.0 != dictionary.id() {
            self.seen = (dictionary.id(), 0);
        }
        for slot in self.seen.1..dictionary.len() {
            let mut hasher = DefaultHasher::new();
            dictionary.key(Slot(slot as u32)).hash(&mut hasher);
            if self.series.len() < SERIES_MAX {
                self.series.insert(hasher.finish());
            }
        }
        self.seen.1 = dictionary.len();
    }

    /// A file that no format takes for its own.
    pub fn unknown(&mut self, path: &Path) {
        self.unknown.0 += 1;
        if self.unknown.1.len() < UNKNOWN_NAMED_MAX {
            self.unknown.1.push(path.to_owned());
        }
    }

    /// A file that is broken as a whole.
    pub fn unreadable(&mut self, error: &Error) {
        self.unread += 1;
        self.say(&error.to_string());
    }

    /// The first time seen.
    pub fn oldest_ms(&self) -> Option<i64> {
        self.range_ms.map(|(first_ms, _)| first_ms)
    }

    /// Whether everything was read and taken.
    pub fn is_clean(&self) -> bool {
        self.unread == 0 && self.refused == 0
    }

    fn tell(&mut self, report: &Report) {
        for rejection in &report.reasons {
            let place = match rejection.position {
                model::Position::Whole => self.path.display().to_string(),
                position => format!("{}: {position}", self.path.display()),
            };
            self.say(&format!("{place}: {}", rejection.reason));
        }
    }

    fn say(&mut self, message: &str) {
        self.messages += 1;
        match self.messages {
            ..=MESSAGES_MAX => eprintln!("{message}"),
            n if n == MESSAGES_MAX + 1 => {
                eprintln!("… what else there is to say of this kind is only counted")
            }
            _ => {}
        }
    }

    /// A line that overwrites itself, where somebody can see it.
    fn progress(&mut self, is_last: bool) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        if is_last && self.shown.take().is_some() {
            eprint!("\r\x1b[K");
        }
        if !is_last && self.shown.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) {
            self.shown = Some(Instant::now());
            let megabytes = self.bytes as f64 / 1e6;
            eprint!("\r\x1b[K{}: {} samples, {megabytes:.1} MB read", self.path.display(), self.taken);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<String> = self.files.iter().map(|(name, n)| format!("{n} × {name}")).collect();
        let more = if self.series.len() >= SERIES_MAX { "more than " } else { "" };
        write!(f, "{} of {more}{} series taken", counted(self.taken, "sample"), self.series.len())?;
        write!(f, " from {}", if files.is_empty() { "nothing".to_owned() } else { files.join(", ") })?;
        if let Some((first_ms, last_ms)) = self.range_ms {
            write!(f, "\ntimes {} to {}", model::timetext::print(first_ms), model::timetext::print(last_ms))?;
        }
        if self.refused > 0 {
            write!(f, "\n{} refused by the store", counted(self.refused, "sample"))?;
        }
        if self.unread > 0 {
            write!(f, "\n{} lines or parts could not be read", self.unread)?;
        }
        for (what, count) in &self.skipped {
            write!(f, "\n{count} {what} left out")?;
        }
        if self.unknown.0 > 0 {
            let names: Vec<String> = self.unknown.1.iter().map(|p| p.display().to_string()).collect();
            write!(f, "\n{} files of no known format, such as {}", self.unknown.0, names.join(", "))?;
        }
        Ok(())
    }
}
