//! Logs of messages: what servers say of themselves. An entry may have several lines; the format knows where one begins,
//! and what it says is [`Heard`].

mod events;
mod heard;

pub(crate) use events::Amount;
pub(crate) use heard::Heard;

use crate::aggregate::told::Told;
use crate::aggregate::{LineCounts, Options};
use crate::formats::Format;
use memchr::memchr;
use model::Sink;
use std::fmt;
use std::sync::Arc;

/// How the lines of a format of messages are read.
pub(crate) trait Dialect: fmt::Debug + Send + Sync {
    /// Takes the next line of a file, without its line feed; false when it has no place in this format.
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool;
}

/// The entry of a file that may go on with the next line.
#[derive(Debug, Default)]
pub(crate) struct Open {
    /// Whether there is one: else a line that begins none has no place.
    pub(crate) is_entry: bool,
    /// Where in it the next line is, in terms of the dialect.
    pub(crate) step: u8,
    /// What its first line said that happened, when lines behind it say how much.
    pub(crate) event: Option<&'static str>,
    /// A name that is needed when a later line comes: a database, a script.
    pub(crate) name: Vec<u8>,
}

impl Open {
    /// Begins a new entry.
    pub(crate) fn begin(&mut self) {
        (self.is_entry, self.step, self.event) = (true, 0, None);
    }

    /// Keeps a name for later lines, as much of it as can be told.
    pub(crate) fn keep(&mut self, name: &[u8]) {
        self.name.clear();
        self.name.extend_from_slice(&name[..name.len().min(NAME_BYTES_MAX)]);
    }
}

/// Longest name that is kept for later lines, in bytes.
const NAME_BYTES_MAX: usize = 256;

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Messages {
    format: Arc<Format>,
    options: Options,
    open: Open,
    heard: Heard,
    counts: LineCounts,
    told: Told,
}

impl Messages {
    /// Begins with nothing counted; `labels` are those of every series.
    pub(crate) fn new(
        format: Arc<Format>,
        options: Options,
        labels: &[(String, String)],
        now_ms: i64,
    ) -> Self {
        Self {
            heard: Heard::new(&options),
            told: Told::new(labels, now_ms),
            open: Open::default(),
            counts: LineCounts::default(),
            format,
            options,
        }
    }

    /// Counts whole lines, each with its line feed; those without the format are told.
    pub(crate) fn add_block(&mut self, mut block: &[u8], unmatched: &mut impl FnMut(&[u8])) {
        while let Some(end) = memchr(b'\n', block) {
            self.add(&block[..end], unmatched);
            block = &block[end + 1..];
        }
    }

    /// Counts a line without its line feed; one without the format is told.
    pub(crate) fn add(&mut self, line: &[u8], unmatched: &mut impl FnMut(&[u8])) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.counts.lines += 1;
        let dialect = self.format.dialect();
        if !dialect.is_some_and(|dialect| dialect.line(line, &mut self.open, &mut self.heard)) {
            self.counts.unmatched += 1;
            unmatched(line);
        }
    }

    /// Counts bytes that were read.
    pub(crate) fn add_bytes(&mut self, bytes: u64) {
        self.counts.bytes += bytes;
    }

    /// Counts a line that has not this format whatever stands in it.
    pub(crate) fn add_unmatched(&mut self) {
        self.counts.lines += 1;
        self.counts.unmatched += 1;
        // It may have been the end of an entry.
        self.open = Open::default();
    }

    /// Lines read, and those without the format, since the start.
    pub(crate) fn lines(&self) -> (u64, u64) {
        (self.counts.lines, self.counts.unmatched)
    }

    /// Hands on what was counted; gives the number of samples, and why not all of them were taken.
    pub(crate) fn flush(&mut self, time_ms: i64, sink: &dyn Sink) -> (u64, String) {
        self.told.begin();
        self.counts.flush(&mut self.told);
        self.heard.flush(&self.options, &mut self.told);
        self.told.push(time_ms, sink)
    }

    /// Ends all series.
    pub(crate) fn end(&mut self, time_ms: i64, sink: &dyn Sink) {
        self.told.end_all(time_ms, sink);
    }
}

/// Reads a text of messages; gives the lines, and how many of them do not have the format.
pub fn read_messages(format: &Arc<Format>, text: &[u8]) -> (u64, u64) {
    let mut messages = Messages::new(format.clone(), Options::default(), &[], 0);
    messages.add_block(text, &mut |_| {});
    messages.lines()
}

#[cfg(test)]
mod tests;
