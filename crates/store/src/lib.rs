//! The place where samples live: a write-ahead log, the newest samples in memory, and immutable blocks on disk. A
//! [`Store`] is a [`model::Sink`] and a [`model::Source`]; reading always sees memory and disk as one.
//!
//! A batch comes in at `append.rs`: labels become ids (`series.rs`, from memory when the same dictionary came before),
//! the batch becomes one record of the log (`wal.rs`), and only then do readers see it in memory (`head.rs`).
//! `read.rs` gathers what there is of a series and `merge.rs` weaves it into one. `codec.rs` makes columns small;
//! `names.rs` has every file name and `FORMAT.md` every byte.

#![allow(dead_code, reason = "what blocks need comes with the next commit")]

mod append;
mod codec;
mod describe;
mod error;
mod event;
mod head;
mod index;
mod merge;
mod names;
mod open;
mod options;
mod read;
mod series;
mod stats;
mod store;
mod wal;
mod worker;

pub use error::Error;
pub use event::Event;
pub use options::{Options, Sync, Tell};
pub use stats::{Stats, TELEMETRY};
pub use store::{Importer, Store};

#[cfg(test)]
mod tests;
