//! The formats, one row each. To add one: its file in `formats/`, its row here, a file in `fixtures/foreign/<name>/`.

pub mod columns;
pub mod csv;
pub mod json;
pub mod openmetrics;
pub mod prometheus;
pub mod rrd;
pub mod whisper;

use crate::{Error, Input, Options, Output, Sight, Writing};

/// How a format is read.
pub type Read = fn(&mut Input, &Options, &mut Output<'_>) -> Result<(), Error>;

/// A format as the commands, the documentation and the tests see it.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Short name: what `--format` takes, folder of fixtures.
    pub name: &'static str,
    /// One sentence for people.
    pub summary: &'static str,
    /// How names of such files usually end, in lower case.
    pub endings: &'static [&'static str],
    /// Whether something is of this format by its first bytes. A folder that is recognised is read as one thing.
    pub sniff: fn(&Sight<'_>) -> bool,
    /// Names of rows of [`crate::OPTIONS`] that it understands.
    pub options: &'static [&'static str],
    /// Reads an input to its end. `Err` only when nothing more can be read of it; broken parts are reported.
    pub read: Option<Read>,
    /// Starts writing.
    pub write: Option<Writing>,
}

impl Format {
    /// The row of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// The format that takes what is seen for its own; the first of the table wins.
    pub fn of(sight: &Sight<'_>) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.read.is_some() && (format.sniff)(sight))
    }
}

/// Every format; those that are recognised by a signature come before those that are guessed.
pub static FORMATS: &[Format] = &[
    prometheus::FORMAT,
    rrd::RRD,
    rrd::RRD_XML,
    whisper::WHISPER,
    columns::FORMAT,
    json::FORMAT,
    openmetrics::OPENMETRICS,
    openmetrics::PROMETHEUS_TEXT,
    csv::CSV,
    csv::CSV_WIDE,
];
