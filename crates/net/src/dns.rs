//! Names to addresses without the C library: a stub resolver of our own, so that a statically linked program needs no
//! plugin of the system, and one that goes on when the name servers of the host are gone.
//!
//! [`query`] asks one server one thing and says how long it took; that is what a check of a name server needs.
//! [`Resolver`] turns a host's name into addresses as the host itself would: `/etc/hosts`, then the servers, the search
//! list and the options of `/etc/resolv.conf`. Both files are read at every look-up, so a change counts at once. Not
//! looked at: `/etc/nsswitch.conf`, multicast DNS, and directories of users.
//!
//! Where the host's servers fail, public ones are asked, and where these fail too, the last good answer is used, which
//! also survives a restart: see [`resolver`] for the order and its reasons.

mod conf;
mod exchange;
mod group;
mod hosts;
pub mod message;
mod name;
pub mod record;
mod remembered;
pub mod resolver;
mod search;

use std::net::{IpAddr, SocketAddr};

pub use exchange::{Query, Reply, query};
pub use message::{Code, Malformed, Message};
pub use record::{Data, Kind, Record};
pub use resolver::{Answer, Options, Origin, Resolver};

/// Where name servers listen.
pub const PORT: u16 = 53;

/// Reads the address of a name server: `8.8.8.8`, `[::1]:5353` and so on; the port is [`PORT`] where none is written.
pub fn parse_server(text: &str) -> Option<SocketAddr> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: IpAddr| (address, PORT).into()))
}

#[cfg(test)]
mod tests;
