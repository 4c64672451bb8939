//! At-least-once delivery to a server that knows repeats: write to the disk spool, send, forget on acknowledgement.
//!
//! A batch pushed into an [`Outbox`] is encoded as frames of the native protocol and appended to the active *segment*,
//! a file that is one stream and, byte for byte, a request body. A thread sends what was not sent, oldest first, and a
//! segment is deleted when all its frames are acknowledged. Whatever fails on the way costs time, never the start, and
//! what is lost for good is counted by its reason.
//!
//! `spool` keeps the bytes, `sender` decides what to do with an answer; both are driven step by step, without threads
//! or time of their own, so that tests replay any outage. `outbox` adds the thread and `post` the network.

mod events;
#[doc(hidden)]
pub mod inside;
pub mod options;
pub mod outbox;
mod pace;
mod pack;
mod post;
mod sender;
mod spool;
pub mod stats;
mod verdict;

pub use options::{Options, Server, SpoolOptions};
pub use outbox::{Error, Outbox};
pub use stats::{Stats, TELEMETRY};

#[cfg(test)]
mod tests;
