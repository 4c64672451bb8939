//! The processes of the host: one table, read once per tick, for every collector and for whoever looks from outside.
//!
//! ```text
//! /proc ── once per tick ──► ProcessTable ─┬─► collectors, through Pass::processes
//!                                          └─► Observer, at an interval of its own
//! ```
//!
//! Of every process the table knows what one line of the kernel tells ([`Stat`]). What costs more is read when somebody
//! asks for it: see the `read_…` methods of [`ProcessTable`] in `details.rs`.

mod beside;
mod details;
mod name;
mod process;
mod stat;
mod suspicion;
mod table;

pub use beside::Beside;
pub use details::{Io, Status};
pub use name::Name;
pub use process::{Process, Used};
pub use stat::Stat;
pub use table::ProcessTable;

/// Looks at the processes from outside of the collectors, on their thread: it should take what it needs and leave the
/// work to a thread of its own.
pub trait Observer: Send {
    /// Is shown the processes as they were at a tick. [`Process::changed`] tells which of them to look at again.
    fn observe(&mut self, now_ms: i64, processes: &ProcessTable);
}

#[cfg(test)]
mod tests;
