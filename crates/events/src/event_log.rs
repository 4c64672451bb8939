//! The log as its users see it.

use crate::active::Row;
use crate::commit::{Parcel, Writer};
use crate::origins::Origins;
use crate::profiles::{Profiles, is_profile};
use crate::sealed::Sealed;
use crate::standings::Board;
use crate::telemetry::{REPEATED, WRITE_FAILURES};
use crate::{Options, retain};
use model::{
    Event, EventPage, EventQuery, EventSink, EventSource, HostStandings, Origin, PushError, ReadError, Stand,
};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Most bytes that wait to be written; more is told to come again.
const PENDING_BYTES_MAX: usize = 16 << 20;

/// An event log and the standings beside it. See the crate's text.
pub struct EventLog {
    pub(crate) options: Options,
    /// What can be read.
    pub(crate) view: RwLock<View>,
    /// What waits to be written.
    pub(crate) pending: Mutex<Arc<Parcel>>,
    /// The file that is being written. Taken before `view`.
    pub(crate) writer: Mutex<Writer>,
    pub(crate) board: Mutex<Board>,
    pub(crate) profiles: Mutex<Profiles>,
}

/// What can be read.
#[derive(Default)]
pub(crate) struct View {
    /// Oldest first.
    pub(crate) sealed: Vec<Arc<Sealed>>,
    /// The rows of the segment that is being written.
    pub(crate) active: Vec<Arc<Row>>,
    pub(crate) origins: Origins,
    /// Number of the next event.
    pub(crate) next: u64,
}

/// How a log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Sealed segments.
    pub segments: usize,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Bytes of events in memory.
    pub memory_bytes: usize,
}

impl EventLog {
    /// Seals, syncs, forgets and writes down what is due. To be called every second or less.
    ///
    /// # Errors
    /// The first thing that the disk refused; what can be done is done, and the rest is tried again next time.
    pub fn tick(&self) -> io::Result<()> {
        let now_ms = self.options.clock.now_ms();
        let synced = self.sync_and_seal(now_ms);
        let forgotten = retain::run(self, now_ms);
        let saved = self.lock_board().save_if_due(&self.options, now_ms);
        self.stats();
        synced.and(forgotten).and(saved)
    }

    /// Writes everything down. Afterwards the log takes no more events.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn close(&self) -> io::Result<()> {
        let closed = self.lock_writer().close();
        closed.and(self.lock_board().save(&self.options))
    }

    /// How it stands.
    pub fn stats(&self) -> Stats {
        let log_bytes = self.lock_writer().len_bytes();
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        let stats = Stats {
            segments: view.sealed.len(),
            disk_bytes: log_bytes + view.sealed.iter().map(|s| s.bytes).sum::<u64>(),
            memory_bytes: view.active.iter().map(|row| row.memory_bytes()).sum(),
        };
        crate::telemetry::SEGMENTS.set(stats.segments as f64);
        crate::telemetry::BYTES.set(stats.disk_bytes as f64);
        crate::telemetry::MEMORY_BYTES.set(stats.memory_bytes as f64);
        stats
    }

    pub(crate) fn lock_writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock_board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock_profiles(&self) -> MutexGuard<'_, Profiles> {
        self.profiles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the profiles among events apart; gives the others. One that the disk refuses is counted and lost: nothing
    /// that an agent sends after it should have to wait for it.
    fn set_apart(&self, host: &str, events: &[Event]) -> Vec<Event> {
        if self.lock_profiles().add(&self.options, host, events).is_err() {
            WRITE_FAILURES.add(1);
        }
        events.iter().filter(|event| !is_profile(event)).cloned().collect()
    }

    /// Puts a row to those that wait; `None` when its origin says that it was written before.
    fn queue(&self, row: Row) -> Result<Option<Arc<Parcel>>, PushError> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.view.read().unwrap_or_else(PoisonError::into_inner);
        if row.origin.is_some_and(|origin| view.origins.knows(origin)) {
            REPEATED.add(row.count);
            return Ok(None);
        }
        drop(view);
        pending.add(row, PENDING_BYTES_MAX)?;
        Ok(Some(Arc::clone(&pending)))
    }
}

impl EventSink for EventLog {
    fn tell(&self, host: &str, events: &[Event], origin: Option<Origin>) -> Result<(), PushError> {
        if events.iter().any(is_profile) {
            return self.tell(host, &self.set_apart(host, events), origin);
        }
        if events.is_empty() {
            return Ok(());
        }
        match self.queue(Row::new(host, events, origin))? {
            Some(parcel) => self.commit(&parcel),
            None => Ok(()),
        }
    }

    fn stand(&self, host: &str, time_ms: i64, parts: &[Stand<'_>]) -> Result<(), PushError> {
        let changes = self.lock_board().update(host, time_ms, parts)?;
        self.tell(host, &changes, None)
    }
}

impl EventSource for EventLog {
    fn events(&self, query: &EventQuery) -> Result<EventPage, ReadError> {
        crate::query::run(self, query)
    }

    fn standings(&self, host: Option<&str>) -> Vec<HostStandings> {
        self.lock_board().read(host)
    }

    fn profiles(&self, host: &str) -> Result<Vec<Event>, ReadError> {
        self.lock_profiles().read(&self.options, host).map_err(|e| ReadError::Storage(e.to_string()))
    }

    fn problems(&self) -> BTreeMap<String, usize> {
        self.lock_board().problems()
    }
}
