//! Names to addresses. A seam, because the system's resolver is not the last word: public resolvers are asked when it
//! fails, and tests ask nobody.

use crate::Error;
use std::net::{SocketAddr, ToSocketAddrs};

/// Most addresses of one name that are tried.
pub const ADDRESSES_MAX: usize = 8;

/// Gives the addresses of a host, best first.
pub trait Resolve: Send + Sync {
    /// The addresses of `host` (a name or an IP address) with this port, at least one and at most [`ADDRESSES_MAX`].
    ///
    /// # Errors
    /// [`Error::Resolve`] when there is none or nobody answered.
    fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
        let failed = |why: &dyn std::fmt::Display| Error::Resolve(format!("no address for `{host}`: {why}"));
        let found = (host, port).to_socket_addrs().map_err(|e| failed(&e))?;
        let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
        if addresses.is_empty() { Err(failed(&"the name is empty")) } else { Ok(addresses) }
    }
}
