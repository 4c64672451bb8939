//! The place where samples live: a write-ahead log, the newest samples in memory, and immutable blocks on disk. A
//! [`Store`] is a [`model::Sink`] and a [`model::Source`]; reading always sees memory and disk as one.
//!
//! A batch comes in at `append.rs`: labels become ids (`series.rs`, from memory when the same dictionary came before),
//! the batch becomes one record of the log (`wal.rs`), and only then do readers see it in memory (`head.rs`).
//! When a window of time is over, `seal.rs` writes it as a block (`block.rs`); `compact.rs` joins small blocks into
//! larger ones and `retain.rs` says which may go; `work.rs` does these one after the other, and `manifest.rs` is the
//! file in which every such step becomes true at once. `open.rs` finds all that again.
//!
//! `read.rs` gathers what there is of a series and `merge.rs` weaves it into one. `codec.rs` makes columns small;
//! `names.rs` has every file name and `FORMAT.md` every byte.

mod append;
mod block;
mod blockstore;
mod cardinality;
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
mod snapshot;
mod stats;
mod store;
mod wal;
mod work;
mod worker;

pub use blockstore::{BlockStore, Object, SwapError, Upload, Version};
pub use error::Error;
pub use event::Event;
pub use memory::MemoryUse;
pub use options::{Options, Sync, Tell};
pub use policy::{Policy, Tier, check_policies};
pub use readonly::Extent;
pub use stats::{Stats, TELEMETRY};
pub use store::{Importer, Store};

#[cfg(test)]
mod tests;
