//! Who is given entries: counts of all of them, or the lines of a log.

use super::Wanted;
use super::units::Units;
use crate::aggregate::told::Told;
use crate::tail::{FileId, Fingerprint, Lines, Position, Take};
use crate::telemetry;
use crate::watch::{Counted, Spec, Tally};
use model::{Sink, Standing};

/// What becomes of entries.
#[derive(Debug)]
pub(super) enum Work {
    /// All of them are counted.
    Counts(Box<Told>),
    /// The messages of some are lines.
    Lines(Box<Counted>),
}

/// One who is given entries.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) id: String,
    /// Its place among those that fields are told apart for.
    pub(super) bit: u64,
    /// The field it waits for; nothing for all entries.
    pub(super) field: Option<Vec<u8>>,
    pub(super) work: Work,
    pub(super) standing: Standing,
    /// Under which its positions are kept.
    key: String,
}

impl Listener {
    pub(super) fn new(id: &str, bit: u64, spec: Spec, host: &str, now_ms: i64) -> Self {
        let wanted = spec.journal.clone().unwrap_or(Wanted::Counts);
        let title = spec.title();
        let (field, work) = match wanted {
            Wanted::Counts => {
                let mut labels = vec![("host".to_owned(), host.to_owned())];
                labels.extend(spec.labels.iter().cloned());
                let told = Told::new(&labels, now_ms);
                (None, Work::Counts(Box::new(told)))
            }
            Wanted::Field(field) => {
                let labels = spec.labels_of(host, "journal");
                let tally = Tally::new(spec.format, spec.options, &labels, now_ms);
                (Some(field.into_bytes()), Work::Lines(Box::new(Counted::new(tally, None))))
            }
        };
        let standing = Standing { part: "log", name: title.clone(), ..Standing::default() };
        Self { id: id.to_owned(), bit, field, work, standing, key: key(&title) }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Takes a message as a line; `text` ends with a line feed.
    pub(super) fn line(&mut self, text: &mut [u8]) {
        if let Work::Lines(counted) = &mut self.work {
            counted.read(text.len() as u64);
            counted.line(Lines::Whole(text));
        }
    }

    /// A message that is left out.
    pub(super) fn too_long(&mut self) {
        if let Work::Lines(counted) = &mut self.work {
            counted.line(Lines::TooLong);
        }
    }

    /// Hands on what was counted. `problem` is what is wrong with the journal.
    pub(super) fn flush(&mut self, units: &mut Units, now_ms: i64, problem: &str, sink: &dyn Sink) {
        let (samples, mut why) = match &mut self.work {
            Work::Counts(told) => {
                told.begin();
                units.flush(told);
                told.push(now_ms, sink)
            }
            Work::Lines(counted) => {
                let (samples, mut why) = counted.tally.flush(now_ms, sink);
                let unmatched = counted.unmatched("journal");
                if why.is_empty() {
                    why = unmatched;
                }
                (samples, why)
            }
        };
        telemetry::LOST.add(u64::from(samples == 0 && !why.is_empty()));
        if !problem.is_empty() {
            why = if why.is_empty() { problem.to_owned() } else { format!("{problem}; {why}") };
        }
        self.standing.last_ms = Some(now_ms);
        (self.standing.samples, self.standing.problem) = (samples, why);
    }

    /// Ends all series.
    pub(super) fn end(&mut self, now_ms: i64, sink: &dyn Sink) {
        match &mut self.work {
            Work::Counts(told) => told.end_all(now_ms, sink),
            Work::Lines(counted) => counted.tally.end(now_ms, sink),
        }
    }

    /// How many entries of a file were read, as it is kept over restarts.
    pub(super) fn position(&self, file_id: [u8; 16], entries: u64, number: u64, now_ms: i64) -> Position {
        Position {
            path: self.key.clone(),
            root: FileId::NONE,
            id: file_number(file_id),
            offset: entries,
            print: Fingerprint { len: 0, hash: number },
            modified_ns: 0,
            saved_ms: now_ms,
        }
    }
}

/// A file's own number as positions have it.
pub(super) fn file_number(file_id: [u8; 16]) -> FileId {
    let number = u128::from_be_bytes(file_id);
    FileId { device: (number >> 64) as u64, inode: number as u64 }
}

fn key(title: &str) -> String {
    format!("journal of {}", title.replace(['\n', '\r'], " "))
}
