//! What the outside asks of a running process: stop, read the settings again, take a profile.

use nix::sys::signal::{SigSet, Signal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR2};
use signal_hook::iterator::Signals;
use std::collections::VecDeque;
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
///
/// They reach this program only while it waits for the next one: all threads that are started later hold them back too.
/// What comes meanwhile is kept by the kernel, also while the program begins anew, where it would else be lost, or fatal.
pub struct Wishes {
    signals: Signals,
    waiting: VecDeque<Wish>,
}

impl Wishes {
    /// Takes over the signals.
    pub fn listen() -> io::Result<Self> {
        held_back().thread_block()?;
        Ok(Self { signals: Signals::new([SIGINT, SIGTERM, SIGHUP, SIGUSR2])?, waiting: VecDeque::new() })
    }

    /// Waits for the next one. To stop comes before all else.
    pub fn next(&mut self) -> Wish {
        if self.waiting.is_empty() {
            self.wait();
        }
        if self.waiting.contains(&Wish::Stop) {
            return Wish::Stop;
        }
        self.waiting.pop_front().unwrap_or(Wish::Stop)
    }

    fn wait(&mut self) {
        // Where the mask cannot be changed nothing is lost by waiting all the same.
        let _ = held_back().thread_unblock();
        self.waiting.extend(self.signals.forever().next().map(wish));
        let _ = held_back().thread_block();
        self.waiting.extend(self.signals.pending().map(wish));
    }
}

fn wish(signal: i32) -> Wish {
    match signal {
        SIGHUP => Wish::Reload,
        SIGUSR2 => Wish::Profile,
        _ => Wish::Stop,
    }
}

fn held_back() -> SigSet {
    SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGUSR2])
}

/// Asks this process itself to read its settings again.
pub fn ask_to_reload() -> io::Result<()> {
    // Not to this thread, which holds it back for ever.
    Ok(nix::sys::signal::kill(nix::unistd::Pid::this(), Signal::SIGHUP)?)
}
