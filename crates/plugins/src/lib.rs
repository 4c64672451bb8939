//! Runs foreign programs and turns what they print into batches.
//!
//! ```text
//! Plugin (what to run) ──► Runner ── spawn ──► child ── stdout ──► Capture ──► formats ──► Outlet ──► Sink
//! Folder (files `60_name`) ──┘  one thread, poll   └── stderr ──► Tail ──► Standing
//! ```
//!
//! One thread waits for all children at once; without plugins there is none. What touches files of plugins, and so may
//! hang with their file system, is done in errands. A child has its own process group, no
//! input, an environment of its own, and limits on time, output, memory, files and processes. What it does wrong is
//! told in its [`model::Standing`] and costs no other plugin anything.

mod capture;
mod digest;
mod errand;
pub mod folder;
pub mod formats;
mod instance;
mod outlet;
pub mod plugin;
mod reason;
mod run;
pub mod runner;
mod spawn;
pub mod telemetry;
pub mod user;

pub use folder::Folder;
pub use formats::Format;
pub use plugin::{Limits, Mode, Plugin};
pub use runner::{Notice, Options, Runner};
pub use telemetry::TELEMETRY;
pub use user::Owner;

#[cfg(test)]
mod tests;
