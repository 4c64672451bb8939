//! Lines in the dialect that a form names, for outputs to which it is all one.

use model::Batch;
use wire::protocols::{graphite, influx};

/// The dialects, the usual one first.
pub(super) const FORMS: &[&str] = &["influx", "graphite"];

pub(super) enum Lines {
    Influx(influx::Encoder),
    Graphite(graphite::Encoder),
}

impl Lines {
    pub(super) fn new(form: &str, template: &str) -> Result<Self, String> {
        match (form, template) {
            ("graphite", "") => Ok(Self::Graphite(graphite::Encoder::default())),
            ("graphite", text) => {
                Ok(Self::Graphite(graphite::Encoder::new(graphite::Template::parse(text)?)))
            }
            _ => Ok(Self::Influx(influx::Encoder::default())),
        }
    }

    /// Appends a line for each row that has one; gives the number of the others.
    pub(super) fn encode(&mut self, batch: &Batch, out: &mut Vec<u8>) -> u64 {
        match self {
            Self::Influx(encoder) => encoder.encode(batch, out),
            Self::Graphite(encoder) => encoder.lines(batch, out),
        }
    }
}
