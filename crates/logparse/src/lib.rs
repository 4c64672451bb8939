//! Logs as metrics: formats compiled to line parsers, files followed through every rotation, requests and messages
//! counted into series.
//!
//! A [`Format`] finds the [`Field`]s of a line. What a family of formats is called and how its text is compiled is a row
//! in [`formats::FAMILIES`]. A [`Spec`] says which files have which format, and a [`Tailer`] follows the files of many of
//! them in one thread: positions are kept over restarts, and all lines of a file end in series ([`metrics::all`]).

mod aggregate;
pub mod envelope;
mod field;
mod format_use;
pub mod formats;
pub mod journal;
mod messages;
pub mod metrics;
mod plan;
mod record;
mod reference;
mod tail;
mod tailer;
mod telemetry;
pub mod url;
mod value;
mod watch;

pub use aggregate::Options;
pub use envelope::{Envelope, Stream};
pub use field::Field;
pub use formats::{Format, FormatError};
pub use messages::read_messages;
pub use record::Record;
pub use reference::reference_markdown;
pub use tailer::{Settings, Tailer, Tell};
pub use telemetry::TELEMETRY;
pub use watch::Spec;
