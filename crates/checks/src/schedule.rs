//! Runs checks at their intervals on the few threads of a [`stdx::pool`]. A check is never run twice at the same time.

mod pool;
mod record;

pub use record::Identity;

use crate::{Configured, telemetry};
use model::{Sink, Standings};
use net::Resolve;
use pool::Shown;
use std::io;
use std::sync::Arc;
use stdx::clock::Clock;

/// How checks are run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of this host in the series.
    pub host: String,
    /// Most checks that run at the same time.
    pub threads_max: usize,
}

/// Checks at work. Dropping it gives up those under way and ends the threads.
pub struct Scheduler(Arc<Shown>);

impl Scheduler {
    /// Starts `checks`; what they find goes into `sink`. Without checks there is no thread.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(
        checks: Vec<Configured>,
        options: Options,
        sink: Arc<dyn Sink>,
        clock: Arc<dyn Clock>,
        resolver: Arc<dyn Resolve>,
    ) -> io::Result<Self> {
        telemetry::CONFIGURED.set(checks.len() as f64);
        let is_idle = checks.is_empty();
        let pool = pool::new(checks, options, sink, clock, resolver);
        if !is_idle {
            pool.start()?;
        }
        Ok(Self(Arc::new(Shown(pool))))
    }

    /// Who can say how each check stands.
    pub fn standings(&self) -> Arc<dyn Standings> {
        self.0.clone()
    }

    /// Threads there are now.
    pub fn threads(&self) -> usize {
        self.0.0.threads()
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.0.0.stop();
    }
}

#[cfg(test)]
mod tests;
