//! Services seen from outside: does the page answer, is the port open, does the name resolve, how far is the host.
//!
//! ```text
//! options ──► builtin::ROWS ──► Check ── run(network) ──► Outcome ──┬─► Scheduler ──► Batch ──► Sink
//!                                                                   └─► plugin line and exit code
//! ```
//!
//! A check is a function of its options and the network and remembers nothing: the [`Scheduler`] turns what it found
//! into samples at its own interval, and the command `windhover check NAME` prints the same as monitoring plugins do.
//! One file per check in `builtin/`, one row in [`builtin::ROWS`].

pub mod builtin;
pub mod configured;
pub mod metric;
pub mod network;
pub mod options;
pub mod outcome;
pub mod plugin;
pub mod reference;
pub mod schedule;
pub mod telemetry;

pub use builtin::{Check, ROWS, Row};
pub use configured::Configured;
pub use metric::Metric;
pub use network::Network;
pub use options::{Given, OPTIONS, Opt, Shape};
pub use outcome::{Outcome, Reading, State};
pub use schedule::{Options, Scheduler};
pub use telemetry::TELEMETRY;
