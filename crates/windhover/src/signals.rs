//! What the outside asks of a running process: stop, read the settings again, take a profile.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR2};
use signal_hook::iterator::Signals;
use std::io;

/// A wish from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// SIGINT or SIGTERM: stop in order.
    Stop,
    /// SIGHUP: read the settings again.
    Reload,
    /// SIGUSR2: take a profile of this program.
    Profile,
}

/// The signals of this process. Made before anything else, so that a signal that comes early is kept, not fatal.
pub struct Wishes(Signals);

impl Wishes {
    /// Takes over the signals.
    pub fn listen() -> io::Result<Self> {
        Ok(Self(Signals::new([SIGINT, SIGTERM, SIGHUP, SIGUSR2])?))
    }

    /// Waits for the next one.
    pub fn next(&mut self) -> Wish {
        match self.0.forever().next() {
            Some(SIGHUP) => Wish::Reload,
            Some(SIGUSR2) => Wish::Profile,
            _ => Wish::Stop,
        }
    }
}
