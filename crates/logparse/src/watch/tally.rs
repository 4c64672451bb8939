//! What the lines of a file are counted as: requests or messages, as its format says.

use crate::aggregate::{Aggregate, Options};
use crate::formats::Format;
use crate::messages::Messages;
use model::Sink;
use std::sync::Arc;

/// See the module's text.
#[derive(Debug)]
pub(crate) enum Tally {
    Requests(Box<Aggregate>),
    Messages(Box<Messages>),
}

impl Tally {
    /// `labels` are those of every series.
    pub(crate) fn new(
        format: Arc<Format>,
        options: Options,
        labels: &[(String, String)],
        now_ms: i64,
    ) -> Self {
        if format.dialect().is_some() {
            Self::Messages(Box::new(Messages::new(format, options, labels, now_ms)))
        } else {
            Self::Requests(Box::new(Aggregate::new(format, options, labels, now_ms)))
        }
    }

    /// Counts whole lines, each with its line feed; those without the format are told.
    pub(crate) fn add_block(&mut self, block: &[u8], unmatched: &mut impl FnMut(&[u8])) {
        match self {
            Self::Requests(requests) => requests.add_block(block, unmatched),
            Self::Messages(messages) => messages.add_block(block, unmatched),
        }
    }

    /// Counts a line without its line feed.
    pub(crate) fn add(&mut self, line: &[u8], unmatched: &mut impl FnMut(&[u8])) {
        match self {
            Self::Requests(requests) => requests.add(line, unmatched),
            Self::Messages(messages) => messages.add(line, unmatched),
        }
    }

    /// Counts a line that has not this format whatever stands in it.
    pub(crate) fn add_unmatched(&mut self) {
        match self {
            Self::Requests(requests) => requests.add_unmatched(),
            Self::Messages(messages) => messages.add_unmatched(),
        }
    }

    /// Counts bytes that were read.
    pub(crate) fn add_bytes(&mut self, bytes: u64) {
        match self {
            Self::Requests(requests) => requests.add_bytes(bytes),
            Self::Messages(messages) => messages.add_bytes(bytes),
        }
    }

    /// Lines read, and those without the format, since the start.
    pub(crate) fn lines(&self) -> (u64, u64) {
        match self {
            Self::Requests(requests) => requests.lines(),
            Self::Messages(messages) => messages.lines(),
        }
    }

    /// Hands on what was counted; gives the number of samples, and why not all of them were taken.
    pub(crate) fn flush(&mut self, time_ms: i64, sink: &dyn Sink) -> (u64, String) {
        match self {
            Self::Requests(requests) => requests.flush(time_ms, sink),
            Self::Messages(messages) => messages.flush(time_ms, sink),
        }
    }

    /// Ends all series.
    pub(crate) fn end(&mut self, time_ms: i64, sink: &dyn Sink) {
        match self {
            Self::Requests(requests) => requests.end(time_ms, sink),
            Self::Messages(messages) => messages.end(time_ms, sink),
        }
    }
}
