//! What the tests of several doors share.

use crate::doors::{Options, Place};
use crate::statsd;
use model::{Batch, PushError, Receipt, Sink};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stdx::clock::Clock;

/// All doors off, on host `h`.
pub(crate) fn options() -> Options {
    Options {
        host: "h".to_owned(),
        version: "1".to_owned(),
        folder: PathBuf::new(),
        listen: Vec::new(),
        statsd_socket: None,
        aggregation: statsd::Options::for_host("h"),
        tell: Arc::new(|_| ()),
        #[cfg(feature = "server")]
        heartbeat: Arc::default(),
        #[cfg(feature = "server")]
        collectd: crate::collectd::Collectd::default(),
        #[cfg(feature = "server")]
        zabbix: Arc::default(),
        #[cfg(feature = "server")]
        nsca: crate::nsca::Nsca::default(),
        watcher: Arc::new(|_, _| ()),
    }
}

/// What a door works with.
pub(crate) fn place(sink: Arc<dyn Sink>, clock: Arc<dyn Clock>) -> Place {
    Place { options: Arc::new(options()), sink, clock }
}

/// A sink that keeps what it gets as text, `time kind labels value`, or answers with an error.
#[derive(Default)]
pub(crate) struct Recorder {
    rows: Mutex<Vec<String>>,
    error: Mutex<Option<PushError>>,
}

impl Recorder {
    /// What came since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.rows.lock().unwrap())
    }

    /// Answers so from now on.
    pub(crate) fn answer(&self, error: Option<PushError>) {
        *self.error.lock().unwrap() = error;
    }
}

impl Sink for Recorder {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        if let Some(error) = self.error.lock().unwrap().clone() {
            return Err(error);
        }
        let mut rows = self.rows.lock().unwrap();
        let before = rows.len();
        for group in batch.groups() {
            for (&slot, &value) in group.slots.iter().zip(group.values) {
                let (kind, labels) = (batch.dictionary.kind(slot).as_str(), batch.dictionary.labels(slot));
                let value = if model::is_stale(value) { "stale".to_owned() } else { value.to_string() };
                rows.push(format!("{} {kind} {labels} {value}", group.time_ms));
            }
        }
        let mut receipt = Receipt::default();
        receipt.report.accepted = (rows.len() - before) as u64;
        Ok(receipt)
    }
}

/// Waits until `look` gives something.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
