//! Series as data: a row for each format.

mod csv;
mod dygraph;
mod json;
mod packed;
mod raw;
mod rickshaw;

use super::Refusal;
use super::render::Asked;
use query::graphite::Series;
use serve::Response;

/// A format.
pub(super) struct Format {
    /// What `format=` says.
    pub(super) name: &'static str,
    /// Writes series.
    pub(super) write: fn(&[Series], &Asked) -> Result<Response, Refusal>,
}

/// The table.
pub(super) static FORMATS: &[Format] = &[
    Format { name: "json", write: json::write },
    Format { name: "raw", write: raw::write },
    Format { name: "csv", write: csv::write },
    Format { name: "pickle", write: packed::pickle },
    Format { name: "msgpack", write: packed::msgpack },
    Format { name: "dygraph", write: dygraph::write },
    Format { name: "rickshaw", write: rickshaw::write },
];

/// The row of this name.
pub(super) fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
