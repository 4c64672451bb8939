//! Numbers fetched from those who show them: targets in Prometheus' terms, found, asked at their intervals, and what they
//! say handed to a sink.
//!
//! ```text
//! Job ──► sources (static, files, DNS) ──► relabel ──► Target ──► ask ──► Page ──► memory ──► Batch ──► Sink
//!                                                        └── turns on a few threads ──┘
//! ```
//!
//! [`icinga`] follows those who tell what happens as it happens.
//!
//! Everything blocks, on a bounded number of threads; without jobs there is none. What a target may say is bounded in
//! bytes, samples and labels. A target keeps what it learnt of its page: a line seen before costs a comparison of bytes
//! and the reading of a number, no label is looked at.

mod ask;
pub mod icinga;
pub mod job;
mod memory;
mod pool;
pub mod relabel;
mod sources;
mod target;
mod telemetry;

pub use ask::Login;
pub use job::{Dns, Job, Limits};
pub use pool::{Options, Scraper};
pub use sources::count_targets;
pub use target::Target;
pub use telemetry::TELEMETRY;

use std::collections::BTreeMap;

/// A label set that is being worked on.
pub type Set = BTreeMap<String, String>;
