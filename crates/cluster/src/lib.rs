//! Who is there: members of a group register under a lease that they renew, and whoever watches the group hears of
//! those who come and go.
//!
//! ```text
//! Hold ── register, renew, release ──► Leases (NATS, or memory) ◄── list, wait ── Watch ──► Judge ──► joined, left
//! ```
//!
//! What is believed of a member is decided in [`Judge`], which is pure: it gets lists with revisions and the time of
//! the watcher's own clock, and compares no clocks of different machines. The rest of the program is blocking threads;
//! the client of NATS is not, and has a runtime of its own in one thread, here and nowhere else.

mod hold;
mod judge;
mod leases;
mod memory;
mod nats;
mod stats;
mod watch;

pub use hold::{Hold, Registration, Tell};
pub use judge::{Change, Judge, Why};
pub use leases::{Entry, Error, Facts, Lease, Leases, Value};
pub use memory::Memory;
pub use nats::{Nats, Options as NatsOptions};
pub use stats::TELEMETRY;
pub use watch::{Hear, Watch};
