//! What services say to each other, read off the wire: packets in, requests with their answers out, as counts, errors,
//! bytes and times by client and operation. Nothing of a service is configured, changed or asked.
//!
//! Frames come from a [`capture`] file or a [`ring`] of the kernel; [`packet`] finds the TCP segments in them, `stream`
//! puts these in order, `conversation` cuts the bytes into messages of one of the [`protocols`], `exchange` pairs
//! requests with answers, [`tally`] counts, [`aggregate`] makes samples of it. Whatever is lost on the way costs the
//! exchanges it was part of, never the ones after it.

pub mod aggregate;
pub mod capture;
mod conversation;
mod exchange;
pub mod limits;
mod names;
pub mod packet;
pub mod protocols;
pub mod report;
pub mod ring;
pub mod sniffer;
mod stream;
pub mod tally;
pub mod telemetry;
pub mod wiretap;

#[cfg(test)]
mod testing;

pub use sniffer::Sniffer;
pub use wiretap::Wiretap;
