//! Graphite's whisper files: one metric a file, rings of 12-byte points, the finest archive first, all big endian.
//!
//! ```text
//! u32 aggregation   u32 longest retention, s   f32 xFilesFactor   u32 archives
//! archives × ( u32 offset   u32 seconds per point   u32 points )
//! archives × points × ( u32 Unix seconds   f64 value )
//! ```
//!
//! A slot counts only when its time is the one that its place stands for: a ring is never cleared, so what is left of
//! an earlier lap is no point. Times are the starts of what a point covers.

pub mod file;
mod import;

#[cfg(test)]
mod tests;

pub use self::file::{Archive, Fetched, Whisper};

use crate::Format;

/// Whisper's row in the table.
pub const WHISPER: Format = Format {
    name: "whisper",
    summary: "Whisper files of Graphite; trees of them name their metrics",
    endings: &[".wsp"],
    sniff: |sight| sight.head.starts_with(file::COMPRESSED) || file::looks_like_header(sight.head),
    options: &["metric"],
    read: Some(import::read),
    write: None,
};
