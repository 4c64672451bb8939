//! Making what one output needs: its cursor in the log, its worker, its thread.

use crate::log::{Log, Reader};
use crate::members::Leaving;
use crate::relay::{Error, OutputOptions};
use crate::route::{Chooser, Routes};
use crate::stats::OutputStats;
use crate::worker::{Shown, Worker};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use stdx::backoff::Backoff;
use stdx::clock::Clock;
use stdx::random::Random;

/// Longest wait after a first failure; it doubles with each one that follows.
const RETRY_BASE: Duration = Duration::from_millis(250);
/// Longest wait after any failure.
const RETRY_CAP: Duration = Duration::from_secs(15);

/// What all outputs of a relay share.
pub(crate) struct Launch {
    pub(crate) log: Arc<Log>,
    pub(crate) routes: Arc<Routes>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Mutex<Random>,
}

/// An output that follows the log and is not sent to yet.
pub(crate) struct Ready {
    name: String,
    worker: Worker,
    shown: Arc<Shown>,
    interrupt: Arc<dyn Fn() + Send + Sync>,
}

/// An output at work.
pub(crate) struct Running {
    pub(crate) shown: Arc<Shown>,
    pub(crate) interrupt: Arc<dyn Fn() + Send + Sync>,
    pub(crate) thread: Option<JoinHandle<()>>,
}

impl Launch {
    /// Gives an output its cursor.
    pub(crate) fn ready(&self, options: OutputOptions, leaving: Arc<Leaving>) -> Ready {
        let reader = Reader::join(self.log.clone(), &options.name, options.queue_bytes_max);
        let chooser = Chooser::new(self.routes.clone(), &options.name);
        let stats =
            OutputStats { name: options.name.clone(), kind: options.kind.name, ..OutputStats::default() };
        let (shown, interrupt) = (Arc::new(Shown::new(stats)), options.output.interrupt());
        let seed = self.random.lock().unwrap_or_else(PoisonError::into_inner).next_u64();
        let worker = Worker::new(
            self.log.clone(),
            reader,
            chooser,
            options.output,
            options.rows_max,
            shown.clone(),
            leaving,
            self.clock.clone(),
            Backoff::new(RETRY_BASE, RETRY_CAP, Random::from_seed(seed)),
        );
        Ready { name: options.name, worker, shown, interrupt }
    }
}

impl Ready {
    /// Starts to send.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn run(self) -> Result<Running, Error> {
        let worker = self.worker;
        let thread = Some(spawn(&format!("out-{}", self.name), move || worker.run())?);
        Ok(Running { shown: self.shown, interrupt: self.interrupt, thread })
    }
}

/// A thread of this name.
pub(crate) fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    // The kernel keeps 15 bytes of it.
    let name: String = name.chars().take(15).collect();
    std::thread::Builder::new().name(name).spawn(run).map_err(Error::Thread)
}
