//! What messages say, counted.

use super::events::{Amount, Events};
use crate::aggregate::Options;
use crate::aggregate::times::Times;
use crate::aggregate::told::Told;
use crate::aggregate::words::Words;
use crate::metrics::{CODES, MESSAGES, SLOW, STATEMENT_TIME, STATEMENTS};

/// Most pairs of severity and database, of operation and database, of function and script, and most codes of a file.
const WORDS_MAX: usize = 64;
/// Between the two words of a pair.
const BETWEEN: u8 = 0;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Heard {
    messages: Words,
    codes: Words,
    operations: Words,
    slow: Words,
    statements: Times,
    events: Events,
    /// Room for a pair.
    pair: Vec<u8>,
}

impl Heard {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            messages: Words::new(WORDS_MAX),
            codes: Words::new(WORDS_MAX),
            operations: Words::new(WORDS_MAX),
            slow: Words::new(WORDS_MAX),
            statements: Times::new(&STATEMENT_TIME, options),
            events: Events::default(),
            pair: Vec::new(),
        }
    }

    /// A message, with its severity as the program has it; either may be empty.
    pub(crate) fn message(&mut self, severity: &[u8], database: &[u8]) {
        join(&mut self.pair, severity, database);
        self.pair[..severity.len()].make_ascii_lowercase();
        self.messages.add(&self.pair);
    }

    /// The code that it has.
    pub(crate) fn code(&mut self, code: &[u8]) {
        self.codes.add(code);
    }

    /// Something that it says happened.
    pub(crate) fn event(&mut self, event: &'static str, amount: Amount) {
        self.events.add(event, amount);
    }

    /// How much there was of what a line before said.
    pub(crate) fn more(&mut self, event: &'static str, amount: Amount) {
        self.events.more(event, amount);
    }

    /// How long a statement took.
    pub(crate) fn statement(&mut self, seconds: f64) {
        self.statements.add(seconds);
    }

    /// A statement that is shown, by its first word.
    pub(crate) fn operation(&mut self, operation: &str, database: &[u8]) {
        join(&mut self.pair, operation.as_bytes(), database);
        self.operations.add(&self.pair);
    }

    /// A request that was too slow.
    pub(crate) fn slow(&mut self, function: &[u8], script: &[u8]) {
        join(&mut self.pair, function, script);
        self.slow.add(&self.pair);
    }

    pub(super) fn flush(&mut self, options: &Options, told: &mut Told) {
        self.messages.flush(told, |told, series, pair, count| {
            let (severity, database) = split(pair);
            told.counter(series, &MESSAGES, &[("severity", severity), ("database", database)], count);
        });
        self.codes.flush(told, |told, series, code, count| {
            told.counter(series, &CODES, &[("code", code)], count);
        });
        self.events.flush(told);
        self.operations.flush(told, |told, series, pair, count| {
            let (operation, database) = split(pair);
            told.counter(series, &STATEMENTS, &[("operation", operation), ("database", database)], count);
        });
        self.statements.flush(&[], options, told);
        self.slow.flush(told, |told, series, pair, count| {
            let (function, script) = split(pair);
            told.counter(series, &SLOW, &[("function", function), ("script", script)], count);
        });
    }
}

fn join(pair: &mut Vec<u8>, first: &[u8], second: &[u8]) {
    pair.clear();
    pair.extend_from_slice(first);
    pair.push(BETWEEN);
    pair.extend_from_slice(second);
}

fn split(pair: &str) -> (&str, &str) {
    pair.split_once(char::from(BETWEEN)).unwrap_or((pair, ""))
}
