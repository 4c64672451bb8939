//! Store and forward: what comes in is written to a log on disk once, and each output follows it at its own pace.
//!
//! ```text
//! Sink::push ─► log (native frames, segments) ─┬─► reader ─► rules ─► output ─► its thread: encode, send, settle
//!                         ▲                    ├─► reader ─► rules ─► output ─► …
//!                         └── made series ◄────┴─► reader ─► aggregation
//! ```
//!
//! An acknowledged batch is in the file; an output's cursor moves on when the other side has taken what lies before it.
//! Rules are judged when samples are read, once for each series of a segment, and not when they come in: the input
//! does the same work whatever the rules are, and a change of rules or of membership holds for what waits too.

pub mod aggregate;
pub mod hash;
#[doc(hidden)]
pub mod inside;
mod launch;
pub mod leased;
mod log;
mod mark;
pub mod members;
pub mod output;
pub mod outputs;
mod relay;
pub mod route;
mod stats;
pub mod telling;
mod worker;

pub use log::{Log, LogOptions};
pub use relay::{Options, OutputOptions, Relay};
pub use stats::{OutputStats, TELEMETRY};

#[cfg(test)]
mod tests;
