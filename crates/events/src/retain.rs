//! Forgetting: segments that are old, or more than there may be, the oldest first.

use crate::event_log::EventLog;
use crate::sealed::Sealed;
use crate::telemetry::FORGOTTEN_SEGMENTS;
use std::io;
use std::sync::{Arc, PoisonError};

/// Removes what is due.
pub(crate) fn run(log: &EventLog, now_ms: i64) -> io::Result<()> {
    let retention_ms = i64::try_from(log.options.retention.as_millis()).unwrap_or(i64::MAX);
    let oldest_ms = now_ms.saturating_sub(retention_ms);
    while let Some(segment) = first_due(log, oldest_ms) {
        match log.options.disk.remove_file(&segment.path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let mut view = log.view.write().unwrap_or_else(PoisonError::into_inner);
        view.sealed.retain(|sealed| sealed.path != segment.path);
        FORGOTTEN_SEGMENTS.add(1);
    }
    log.lock_board().forget_before(oldest_ms);
    log.lock_profiles().sweep(&log.options, oldest_ms, now_ms)
}

fn first_due(log: &EventLog, oldest_ms: i64) -> Option<Arc<Sealed>> {
    let bytes = log.stats().disk_bytes;
    let view = log.view.read().unwrap_or_else(PoisonError::into_inner);
    let first = view.sealed.first()?;
    (first.index.sealed_ms < oldest_ms || bytes > log.options.retention_bytes).then(|| first.clone())
}
