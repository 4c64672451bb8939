//! The local doors: what programs on a host speak to whoever watches it, such as statsd and Open-Falcon's agent. Blocking
//! threads, one for each door that is on, cheap enough for the agent.
//!
//! A door is a [`service::Service`] that sees bytes, and a row in [`DOORS`]. The reactor has the sockets: it takes many
//! datagrams with one call, keeps connections within their limits, and calls the service when its time has come. What a
//! door makes of its input ends in a [`model::Sink`].

#[cfg(feature = "server")]
pub mod collectd;
mod doors;
mod falcon_agent;
#[cfg(feature = "server")]
mod falcon_rpc;
#[cfg(feature = "server")]
mod falcon_telnet;
#[cfg(feature = "server")]
mod framed;
#[cfg(feature = "server")]
mod graphite;
mod http;
#[cfg(feature = "server")]
mod intake;
mod lines;
#[cfg(feature = "server")]
pub mod nsca;
#[cfg(feature = "server")]
mod opentsdb;
#[cfg(feature = "server")]
mod pickle;
mod reactor;
mod service;
pub mod statsd;
mod status;
mod telemetry;
#[cfg(feature = "server")]
mod text;
#[cfg(feature = "server")]
pub mod zabbix;

#[cfg(test)]
mod tests;

pub use doors::{DOORS, Door, Doors, Options};
#[cfg(feature = "server")]
pub use falcon_rpc::Heartbeat;
pub use service::Peer;
pub use status::Watcher;
pub use telemetry::TELEMETRY;
