//! Bytes to batches and back, one file per protocol. Pure: no I/O, no clock, no panic on any input.
//!
//! A decoder walks a slice once, adds what is good to a [`model::Batch`] and returns a [`model::Report`] of what was
//! not. What it cannot see for itself (the time, the unit of times that a header names) is in the [`Context`].

mod buckets;
pub mod context;
pub mod heads;
mod known;
mod lines;
mod number;
mod protobuf;
pub mod protocols;

pub use context::{Context, TimeUnit};
pub use heads::Heads;
pub use lines::LINE_BYTES_MAX;
pub use stdx::json;

#[cfg(test)]
mod tests;
