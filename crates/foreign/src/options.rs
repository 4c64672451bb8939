//! What a user may say about a foreign file: one row an option; a format names those it understands.

use model::{TimeRange, Zone};
use std::collections::BTreeMap;

/// An option as the command line, the documentation and the tests see it.
#[derive(Debug, Clone, Copy)]
pub struct OptionRow {
    /// The flag without its dashes.
    pub name: &'static str,
    /// What stands for the value in help texts; empty for a switch.
    pub value: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// When reading a file it says something.
    pub reads: bool,
    /// When writing one it does.
    pub writes: bool,
}

/// Every option of every format.
pub static OPTIONS: &[OptionRow] = &[
    reading("time", "COLUMN", "Column with the time, by its header or number [found by its header]"),
    reading("time-unit", "UNIT", "What a number as time counts: s, ms, us or ns [told by its digits]"),
    reading("value", "COLUMN", "Column with a value; may be repeated [all that hold numbers]"),
    reading(
        "label-column",
        "COLUMN[=NAME]",
        "Column with a label's value; may be repeated [all that hold text]",
    ),
    reading("kind", "KIND", "What the numbers are: gauge, counter, derive or absolute"),
    both(
        "separator",
        "CHARACTER",
        "What stands between two cells; `tab` is one [of , ; tab | what the first line has most]",
    ),
    reading("decimal-comma", "", "Numbers have a comma where others have a point"),
    reading(
        "no-header",
        "",
        "The first line holds no names; columns are numbered from 1 [told by the time column]",
    ),
    writing("times", "FORM", "How times are written: rfc3339, s or ms [rfc3339]"),
    reading(
        "metric",
        "TEMPLATE",
        "Metric name where the file does not tell it; may hold {path}, {file}, {dir}, {1} …, and {ds} or {cf} of rrdtool",
    ),
    writing("rrd-step", "DURATION", "Step of the round robin file [60]"),
    writing("rrd-heartbeat", "DURATION", "Longest wait for a sample that is not a gap [two steps]"),
    writing("rrd-type", "TYPE", "Data-source type: GAUGE, COUNTER, DERIVE, ABSOLUTE … [by the series' kind]"),
    writing(
        "rra",
        "FUNCTION:XFF:STEPS:ROWS",
        "Archive to make; may be repeated [the default policy's tiers]",
    ),
];

const fn reading(name: &'static str, value: &'static str, help: &'static str) -> OptionRow {
    OptionRow { name, value, help, reads: true, writes: false }
}

const fn writing(name: &'static str, value: &'static str, help: &'static str) -> OptionRow {
    OptionRow { name, value, help, reads: false, writes: true }
}

const fn both(name: &'static str, value: &'static str, help: &'static str) -> OptionRow {
    OptionRow { name, value, help, reads: true, writes: true }
}

/// What was said.
#[derive(Debug, Clone)]
pub struct Options {
    /// The time of samples that bring none, Unix milliseconds.
    pub now_ms: i64,
    /// The zone of times that do not say theirs.
    pub zone: Zone,
    /// The range of times that is written; readers hand over everything.
    pub range: TimeRange,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Options {
    /// Nothing said.
    pub fn new(now_ms: i64, zone: Zone, range: TimeRange) -> Self {
        Self { now_ms, zone, range, values: BTreeMap::new() }
    }

    /// Says an option; one may be said several times.
    pub fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.values.entry(name).or_default().push(value.into());
    }

    /// What was said last of an option.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(|values| values.last()).map(String::as_str)
    }

    /// Everything that was said of an option, in order.
    pub fn all(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether an option was said.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The names of the options that were said.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.values.keys().copied()
    }
}
