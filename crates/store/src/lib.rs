//! The place where samples live: a write-ahead log, the newest samples in memory, and immutable blocks on disk. A
//! [`Store`] is a [`model::Sink`] and a [`model::Source`]; reading always sees memory and disk as one.
//!
//! A batch comes in at `append.rs`, shard by shard (`shard.rs`): labels become ids (`series.rs`, from memory when the
//! same dictionary came before), what is of one shard becomes one record of the log (`log.rs`), and only then do readers
//! see it in memory (`head.rs`). When a window of time is over, `seal.rs` draws a line through the log and writes what
//! came before it as a block (`block.rs`); `compact.rs` joins small blocks into larger ones and `retain.rs` says which may
//! go; `work.rs` does these one after the other, and `manifest.rs` is the pointer in which every such step becomes true
//! at once. `open.rs` finds all that again. Two traits are all that the rest knows of where things are: [`Log`], and
//! [`BlockStore`] for blocks and the manifest; both are files of one folder unless the options say otherwise.
//!
//! `read.rs` gathers what there is of a series and `merge.rs` weaves it into one. `codec.rs` makes columns small;
//! `names.rs` has every file name and `FORMAT.md` every byte.

mod append;
mod block;
mod blockstore;
mod cardinality;
mod check;
mod codec;
mod compact;
mod delete;
mod describe;
mod error;
mod event;
mod head;
mod index;
#[doc(hidden)]
pub mod inside;
mod keep;
mod list;
mod log;
mod manifest;
mod memory;
mod merge;
mod names;
mod open;
mod options;
mod policy;
mod quarantine;
mod read;
mod readonly;
mod retain;
mod rollup;
mod seal;
mod series;
mod shard;
mod snapshot;
mod stats;
mod store;
mod work;
mod worker;

pub use blockstore::{BlockStore, Object, SwapError, Upload, Version};
pub use check::{Checked, Finding, Repaired, check, repair};
pub use error::Error;
pub use event::Event;
pub use log::{AppendError, BatchId, Damage, Item, Log, LogHealth, Offset, Record, Visit};
pub use memory::MemoryUse;
pub use options::{Options, Sync, Tell};
pub use policy::{Policy, Tier, check_policies};
pub use readonly::Extent;
pub use stats::{Stats, TELEMETRY};
pub use store::{Importer, Store};

#[cfg(test)]
mod tests;
