//! Giving up a request from another thread: whoever stops the program does not wait for a frozen server.

use crate::Error;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct State {
    given_up: bool,
    socket: Option<TcpStream>,
}

/// A handle on a client's connection; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Mutex<State>>);

impl Interrupt {
    /// Ends the request under way with [`Error::Interrupted`], and every later one.
    pub fn interrupt(&self) {
        let mut state = self.lock();
        state.given_up = true;
        if let Some(socket) = state.socket.take() {
            // A socket that is gone already needs no shutting down.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    /// Whether it was interrupted.
    pub fn is_given_up(&self) -> bool {
        self.lock().given_up
    }

    /// Puts a new connection under this handle.
    pub(crate) fn watch(&self, socket: &TcpStream) -> Result<(), Error> {
        let mut state = self.lock();
        if state.given_up {
            return Err(Error::Interrupted);
        }
        state.socket = Some(socket.try_clone()?);
        Ok(())
    }

    /// Lets go of the connection, which then closes when its owner drops it.
    pub(crate) fn forget(&self) {
        self.lock().socket = None;
    }

    // Both fields are whole whenever the lock is free.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
