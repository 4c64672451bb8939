//! Probes and monitors that know nothing of each other: a monitor broadcasts a ping, every probe that hears it answers
//! with lines `host:source:value:TYPE`, as the shell probes do that listen with `socat`.
//!
//! ```text
//! monitor                                                        probe
//! Clock ──► Station ──► ping ──── broadcast, port 6666 ──────────► Answerer ──► command or numbers
//!              ▲  └──► Guard ◄─── lines, to whoever pinged ◄────────────┘
//!              │         └──► Batch ──► Sink
//!              └── other monitors, port 6667: who pings, what was heard
//! ```
//!
//! [`Clock`] decides who pings, [`Station`] what is said and believed; both are pure and take time and chance as
//! arguments, so that `sim` can drive them. Only what is named after sockets and threads touches a socket or a thread.

pub mod answerer;
mod ask;
pub mod clock;
mod command;
pub mod guard;
pub mod links;
pub mod message;
pub mod monitor;
pub mod numbers;
pub mod range;
mod sockets;
pub mod station;
pub mod telemetry;

pub use answerer::{Answerer, Says};
pub use ask::{ask, can_hear};
pub use clock::{Action, Clock};
pub use links::{Link, Target};
pub use message::{Id, Message, Peer};
pub use monitor::Monitor;
pub use numbers::Numbers;
pub use range::Range;
pub use station::{Ear, Manner, Mouth, Now, Station};
pub use telemetry::TELEMETRY;
