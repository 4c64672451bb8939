//! Something done again and again on a thread of its own, until dropped.

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A thread that acts at once and then every so often. Dropping it ends it after the act under way.
pub struct Beat {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Beat {
    /// Starts the thread.
    pub fn start(name: &str, every: Duration, mut act: impl FnMut() + Send + 'static) -> io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = stop.clone();
        let run = move || {
            let (flag, changed) = &*stopped;
            let mut ended = flag.lock().unwrap_or_else(PoisonError::into_inner);
            while !*ended {
                drop(ended);
                act();
                ended = flag.lock().unwrap_or_else(PoisonError::into_inner);
                if !*ended {
                    ended = changed.wait_timeout(ended, every).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        };
        let thread = std::thread::Builder::new().name(name.into()).spawn(run)?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by the thread itself.
            let _ = thread.join();
        }
    }
}
