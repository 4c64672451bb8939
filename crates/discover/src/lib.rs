//! The services of a host: found among its processes, understood from their configuration, and monitored before anyone
//! asks.
//!
//! ```text
//! collect's process table ─► Discovery ─ new? ─► services.rs: what is it? ─► Instance ─► Inspection ─► Plan
//!                                                                               (its files, through its root)  │
//!      standings ◄── Tree ◄── compared with what is at work: started, changed, stopped ◄──────────────────────┘
//!                     ├─► logs (logparse)
//!                     ├─► numbers (pull)
//!                     └─► traffic (sniff)
//! ```
//!
//! Adding a service is one file in `services/` and one row in [`services::SERVICES`]; adding an oddity of one is a folder
//! in `fixtures/services`.

pub mod discovery;
pub mod inspection;
mod logs;
pub mod machine;
pub mod options;
mod output;
pub mod plan;
pub mod process;
pub mod pull;
pub mod root;
pub mod services;
mod starter;
pub mod telemetry;
mod text;
pub mod traffic;
pub mod tree;
mod yaml;

pub use discovery::{Board as TreeBoard, Discovery};
pub use inspection::Inspection;
pub use machine::Machine;
pub use options::{Known, Options};
pub use plan::{Part, Plan, Work};
pub use process::Process;
pub use root::Root;
pub use starter::{ASK_EVERY_MS, DryRun, Plugins};
pub use telemetry::TELEMETRY;
pub use traffic::Sniffed;
pub use tree::{Running, Starter, Tree};

#[cfg(test)]
mod tests;
