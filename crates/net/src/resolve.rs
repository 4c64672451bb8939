//! Names to addresses. A seam, so that tests ask nobody; [`crate::dns::Resolver`] is the real one.

use crate::{Error, Interrupt};
use std::net::SocketAddr;

/// Most addresses of one name that are tried.
pub const ADDRESSES_MAX: usize = 8;

/// Gives the addresses of a host, best first.
pub trait Resolve: Send + Sync {
    /// The addresses of `host` (a name or an IP address) with this port, at least one and at most [`ADDRESSES_MAX`].
    ///
    /// # Errors
    /// [`Error::Resolve`] when there is none or nobody answered, [`Error::Interrupted`] when it was given up.
    fn resolve(&self, host: &str, port: u16, interrupt: &Interrupt) -> Result<Vec<SocketAddr>, Error>;

    /// The name servers that are asked first; none where that is not known.
    fn servers(&self) -> Vec<SocketAddr> {
        Vec::new()
    }
}
