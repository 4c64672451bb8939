//! Forces the log onto the medium, apart from writing it: one sync serves everybody who waits, and nobody has to wait
//! in order to write.

use super::Offset;
use crate::stats::Counters;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use stdx::disk::{Append, Disk};

struct Files {
    /// Second handles of the segments that may have unsynced bytes; the last is the one written now.
    open: Vec<Box<dyn Append>>,
    /// Segments were created since the folder was synced.
    names_waiting: bool,
    synced: u64,
    /// Why a sync failed. The kernel tells a failure once and then forgets what it could not write, so that a later
    /// sync that succeeds proves nothing.
    failure: Option<String>,
}

/// Shared between whoever writes and whoever waits.
pub(crate) struct Syncer {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    counters: Arc<Counters>,
    /// The offset after the last record written.
    written: AtomicU64,
    files: Mutex<Files>,
}

impl Syncer {
    pub(crate) fn new(disk: Arc<dyn Disk>, dir: &Path, counters: Arc<Counters>) -> Self {
        let files = Files { open: Vec::new(), names_waiting: true, synced: 0, failure: None };
        Self { disk, dir: dir.to_owned(), counters, written: AtomicU64::new(0), files: Mutex::new(files) }
    }

    /// A new segment is being written from now on.
    pub(crate) fn add(&self, file: Box<dyn Append>) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.open.push(file);
        files.names_waiting = true;
    }

    /// Records before this offset were written.
    pub(crate) fn wrote(&self, next: Offset) {
        self.written.store(next, Ordering::SeqCst);
    }

    /// Returns when all records before an offset are on the medium.
    pub(crate) fn sync_to(&self, before: Offset) -> io::Result<()> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.synced >= before {
            return Ok(()); // somebody else's sync covered it while we waited for the lock
        }
        if let Some(failure) = &files.failure {
            return Err(io::Error::other(format!("an earlier sync failed: {failure}")));
        }
        let target = self.written.load(Ordering::SeqCst);
        let start = Instant::now();
        // Noted before anybody else who waits gets the lock.
        self.sync(&mut files).inspect_err(|error| files.failure = Some(error.to_string()))?;
        files.synced = target;
        self.counters.log_syncs.add(1);
        self.counters.log_sync_us.add(start.elapsed().as_micros() as u64);
        Ok(())
    }

    fn sync(&self, files: &mut Files) -> io::Result<()> {
        for file in &mut files.open {
            file.sync()?;
        }
        if files.names_waiting {
            self.disk.sync_dir(&self.dir)?;
            files.names_waiting = false;
        }
        let current = files.open.len().saturating_sub(1);
        files.open.drain(..current);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::disk::{Call, FaultyDisk};

    /// Somebody who waited while a sync failed must not be told that all is well.
    #[test]
    fn after_a_failed_sync_none_succeeds() {
        for call in [Call::Sync, Call::SyncDir] {
            let disk = FaultyDisk::new();
            disk.create_dir_all(Path::new("/log")).unwrap();
            disk.create(Path::new("/log/1")).unwrap().write_all(b"record").unwrap();
            let syncer = Syncer::new(Arc::new(disk.clone()), Path::new("/log"), Arc::new(Counters::new()));
            syncer.add(disk.append(Path::new("/log/1")).unwrap());
            syncer.wrote(1);
            syncer.sync_to(1).unwrap();
            syncer.wrote(2);
            syncer.add(disk.append(Path::new("/log/1")).unwrap());
            disk.fail(call, 1, io::ErrorKind::Other);
            assert!(syncer.sync_to(2).is_err());
            assert!(
                syncer.sync_to(2).unwrap_err().to_string().contains("an earlier sync failed"),
                "{call:?}"
            );
            syncer.sync_to(1).unwrap(); // that was done before
        }
    }
}
