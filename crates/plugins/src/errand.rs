//! Work that may hang in the kernel, as whatever touches a file of a dead network file system does: done in a thread
//! that lives as long as it, so that nothing else waits for it.

use std::io;
use std::sync::mpsc::{Receiver, SendError, TryRecvError, sync_channel};
use std::time::Instant;

/// Enough to list a folder or to start a program; only what is used of it counts.
const STACK_BYTES: usize = 256 << 10;

/// A piece of work under way.
pub(crate) struct Errand<T> {
    back: Receiver<T>,
    since: Instant,
    /// Whether it was told that it takes too long.
    pub(crate) is_hung: bool,
}

/// What became of a piece of work.
pub(crate) enum News<T> {
    /// It is not done yet.
    Away,
    /// It is done.
    Back(T),
    /// Its thread ended without a word.
    Lost,
}

impl<T: Send + 'static> Errand<T> {
    /// Sets out; `wake` is called when it is back. What nobody waits for any more is given to `abandon`.
    pub(crate) fn start(
        name: &str,
        wake: impl FnOnce() + Send + 'static,
        work: impl FnOnce() -> T + Send + 'static,
        abandon: fn(T),
    ) -> io::Result<Self> {
        let (send, back) = sync_channel(1);
        let run = move || {
            if let Err(SendError(unwanted)) = send.send(work()) {
                abandon(unwanted);
            }
            wake();
        };
        std::thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(run)?;
        Ok(Self { back, since: Instant::now(), is_hung: false })
    }

    /// What it brought, once.
    pub(crate) fn news(&self) -> News<T> {
        match self.back.try_recv() {
            Ok(what) => News::Back(what),
            Err(TryRecvError::Empty) => News::Away,
            Err(TryRecvError::Disconnected) => News::Lost,
        }
    }

    /// When it set out.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }
}
