//! The two ways services are asked: once a connection, or over one that is kept.

use super::ask::Ask;
use super::link::Link;
use super::{Client, Error};

/// A service that is asked over new connections each time.
pub(super) struct Once(pub(super) fn(&mut Ask<'_>) -> Result<(), Error>);

impl Client for Once {
    fn ask(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        (self.0)(ask)
    }
}

/// A conversation over a connection that is worth keeping: opening one costs the service a process, or a line in its log.
pub(super) trait Session: Sized + Send {
    /// Connects and proves who we are.
    fn open(ask: &mut Ask<'_>) -> Result<Self, Error>;
    /// The connection.
    fn link(&mut self) -> &mut Link;
    /// Asks.
    fn pull(&mut self, ask: &mut Ask<'_>) -> Result<(), Error>;
}

/// A service that is asked over one connection again and again.
pub(super) struct Kept<S>(Option<S>);

impl<S> Default for Kept<S> {
    fn default() -> Self {
        Self(None)
    }
}

impl<S: Session> Client for Kept<S> {
    fn ask(&mut self, ask: &mut Ask<'_>) -> Result<(), Error> {
        let mut session = match self.0.take() {
            Some(mut session) => {
                session.link().renew(ask.deadline);
                session
            }
            None => S::open(ask)?,
        };
        let outcome = session.pull(ask);
        if outcome.as_ref().err().is_none_or(Error::leaves_link_usable) {
            self.0 = Some(session);
        }
        outcome
    }

    fn keeps_a_link(&self) -> bool {
        self.0.is_some()
    }
}
