//! Logs of requests as metrics: formats compiled to line parsers, files followed through every rotation, lines counted
//! into series.
//!
//! A [`Format`] finds the [`Field`]s of a line. What a family of formats is called and how its text is compiled is a row
//! in [`formats::FAMILIES`].

mod aggregate;
mod field;
mod format_use;
pub mod formats;
pub mod metrics;
mod plan;
mod record;
mod telemetry;
pub mod url;
mod value;

pub use aggregate::Options;
pub use field::Field;
pub use formats::{Format, FormatError};
pub use record::Record;
pub use telemetry::TELEMETRY;
