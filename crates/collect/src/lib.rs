//! The host seen as samples. One file per collector, one row per collector in [`collectors::COLLECTORS`]; the
//! [`Scheduler`] wakes them on whole multiples of the interval and hands a batch to a [`model::Sink`].
//!
//! ```text
//! Host (where /proc and /sys are) ─┐
//! Options (name, labels, interval) ┴─ Scheduler ── every tick ──► collectors ──► Recorder ──► Batch ──► Sink
//! ```
//!
//! Nothing is allocated in a steady state: descriptors stay open and are read from their start into one buffer, numbers
//! are parsed from bytes, and a series is a remembered place in the batch's dictionary.

pub mod collector;
pub mod collectors;
pub mod core_table;
pub mod dbus;
pub mod entities;
pub mod errand;
pub mod error;
pub mod file;
pub mod folder;
pub mod host;
pub mod inquiry;
pub mod metric;
pub mod options;
pub mod processes;
pub mod program;
pub mod record;
pub mod reference;
mod room;
pub mod schedule;
mod sys;
pub mod telemetry;
pub mod text;
pub mod things;

pub use collector::{Collector, Pass, Row};
pub use error::Error;
pub use host::Host;
pub use metric::Metric;
pub use options::Options;
pub use processes::{Observer, Process, ProcessTable};
pub use record::{Recorder, SeriesCell};
pub use reference::reference_markdown;
pub use schedule::{Scheduler, Stop};
pub use telemetry::TELEMETRY;

#[cfg(test)]
mod tests;
