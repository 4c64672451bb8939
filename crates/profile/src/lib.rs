//! Where a running program spends its processor time: which functions its threads were in, called by which.
//!
//! ```text
//! threads of a process ──► perf events (the kernel takes a stack every so many µs of a thread's own time)
//!     ──► Stacks (addresses and µs) ──► names from the program's file ──► Tree ──► folded text, packed
//! ```
//!
//! [`record`] is for a process of its own, not for the one that is looked at: names of functions take memory, and a
//! program that people depend on should not be stopped to be asked. The kernel does the sampling, so that there is no
//! handler of signals that could meet a lock, and no system call ends early because of one. A timer of the classic kind
//! (SIGPROF) would also see nothing here: it is looked at when the system's clock ticks, and a program that works for
//! half a millisecond every second is asleep by then.

mod maps;
mod pack;
mod perf;
mod record;
mod report;
mod stacks;
mod symbols;
mod tree;

pub use pack::{PACKED_BYTES_MAX, unpack};
pub use perf::Error;
pub use record::{Options, record};
pub use report::Report;
pub use tree::Tree;

#[cfg(test)]
mod tests;
