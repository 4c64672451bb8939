//! Names to addresses. A seam, so that tests ask nobody; [`crate::dns::Resolver`] is the real one.

use crate::{Error, Interrupt};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Most addresses of one name that are tried.
pub const ADDRESSES_MAX: usize = 8;

/// How long an answer is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience<'a> {
    /// How another thread ends it.
    pub interrupt: &'a Interrupt,
    /// When it ends in any case; `None` leaves that to the resolver.
    pub deadline: Option<Instant>,
}

impl<'a> Patience<'a> {
    /// As much as the resolver has by itself.
    pub fn usual(interrupt: &'a Interrupt) -> Self {
        Self { interrupt, deadline: None }
    }

    /// When something that may take so long from now on ends at the latest.
    pub(crate) fn deadline_within(&self, time: Duration) -> Instant {
        let end = Instant::now() + time;
        self.deadline.map_or(end, |deadline| deadline.min(end))
    }
}

/// Gives the addresses of a host, best first.
pub trait Resolve: Send + Sync {
    /// The addresses of `host` (a name or an IP address) with this port, at least one and at most [`ADDRESSES_MAX`].
    ///
    /// # Errors
    /// [`Error::Resolve`] when there is none or nobody answered in time, [`Error::Interrupted`] when it was given up.
    fn resolve(&self, host: &str, port: u16, patience: Patience<'_>) -> Result<Vec<SocketAddr>, Error>;

    /// The name servers that are asked first; none where that is not known.
    fn servers(&self) -> Vec<SocketAddr> {
        Vec::new()
    }
}
