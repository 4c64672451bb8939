//! Writing: whoever comes while a write is under way waits for the next one, which then takes all of them at once.

use crate::active::Row;
use crate::event_log::EventLog;
use crate::file;
use crate::telemetry::{WRITE_FAILURES, WRITTEN};
use crate::{Options, Sync};
use model::PushError;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use stdx::disk::Append;

/// Rows that are written together, and what became of them.
#[derive(Debug, Default)]
pub(crate) struct Parcel {
    rows: Mutex<Vec<Row>>,
    outcome: OnceLock<Result<(), PushError>>,
}

impl Parcel {
    /// Adds a row, if there is room.
    pub(crate) fn add(&self, row: Row, bytes_max: usize) -> Result<(), PushError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting: usize = rows.iter().map(Row::memory_bytes).sum();
        if waiting + row.memory_bytes() > bytes_max && !rows.is_empty() {
            return Err(PushError::Busy("too many events wait to be written".into()));
        }
        rows.push(row);
        Ok(())
    }

    fn take(&self) -> Vec<Row> {
        std::mem::take(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The file that is being written.
#[derive(Default)]
pub(crate) struct Writer {
    file: Option<OpenFile>,
    /// A write failed and could not be undone, or a sync failed: nobody knows what is in the file.
    pub(crate) broken: bool,
    pub(crate) closed: bool,
}

/// See [`Writer`].
struct OpenFile {
    append: Box<dyn Append>,
    path: PathBuf,
    len: u64,
    opened_ms: i64,
    dirty: bool,
}

impl EventLog {
    /// Waits until a parcel is written, or writes it.
    pub(crate) fn commit(&self, parcel: &Arc<Parcel>) -> Result<(), PushError> {
        let mut writer = self.lock_writer();
        if let Some(outcome) = parcel.outcome.get() {
            return outcome.clone();
        }
        // Rows come to this parcel until it is not the pending one any more.
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        let outcome = self.write(&mut writer, parcel.take());
        parcel.outcome.get_or_init(|| outcome).clone()
    }

    fn write(&self, writer: &mut Writer, rows: Vec<Row>) -> Result<(), PushError> {
        if writer.closed {
            return Err(PushError::Failed("the event log is closed".into()));
        }
        let failed = |e: io::Error| {
            WRITE_FAILURES.add(1);
            PushError::Failed(e.to_string())
        };
        if writer.broken {
            self.seal(writer).map_err(failed)?;
        }
        let mut next = self.view.read().unwrap_or_else(PoisonError::into_inner).next;
        let (mut bytes, mut numbered) = (Vec::new(), Vec::with_capacity(rows.len()));
        for mut row in rows {
            row.number = next;
            next += row.count;
            file::write_record(&mut bytes, |out| row.encode(out));
            numbered.push(Arc::new(row));
        }
        writer
            .append(&self.options, numbered.first().map_or(next, |row| row.number), &bytes)
            .map_err(failed)?;
        self.show(numbered, next);
        Ok(())
    }

    /// Lets readers see what is written.
    fn show(&self, rows: Vec<Arc<Row>>, next: u64) {
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        for row in &rows {
            WRITTEN.add(row.count);
            row.origin.into_iter().for_each(|origin| view.origins.add(origin));
        }
        view.active.extend(rows);
        view.next = next;
    }

    /// Syncs what is written, and seals the segment when it is large or old enough.
    pub(crate) fn sync_and_seal(&self, now_ms: i64) -> io::Result<()> {
        let mut writer = self.lock_writer();
        let outcome = writer.sync().and_then(|()| {
            if writer.broken || writer.is_due(&self.options, now_ms) {
                self.seal(&mut writer)
            } else {
                Ok(())
            }
        });
        outcome.inspect_err(|_| WRITE_FAILURES.add(1))
    }
}

impl Writer {
    /// Goes on with a file of an earlier run, of which `len` bytes are good.
    pub(crate) fn reopen(&mut self, options: &Options, path: PathBuf, len: u64) -> io::Result<()> {
        let mut append = options.disk.append(&path)?;
        if append.len()? != len {
            append.truncate(len)?;
        }
        let opened_ms = options.clock.now_ms();
        self.file = Some(OpenFile { append, path, len, opened_ms, dirty: true });
        Ok(())
    }

    /// Appends records, the first of which has the number `first`. After an error nothing of them is in the file, or
    /// the writer is broken.
    fn append(&mut self, options: &Options, first: u64, bytes: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(create(options, first)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        file.dirty = true;
        let written = file.append.write_all(bytes);
        if let Err(e) = written {
            self.broken = file.append.truncate(file.len).is_err();
            return Err(e);
        }
        if options.sync == Sync::Always {
            let synced = file.append.sync();
            if synced.is_err() {
                // It may be in the file or not: what readers see goes to a new one.
                self.broken = true;
            }
            synced?;
            file.dirty = false;
        }
        file.len += bytes.len() as u64;
        Ok(())
    }

    /// Brings everything to the medium.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        let Some(file) = self.file.as_mut().filter(|file| file.dirty && !self.broken) else { return Ok(()) };
        let synced = file.append.sync();
        self.broken = synced.is_err();
        file.dirty = synced.is_err();
        synced
    }

    fn is_due(&self, options: &Options, now_ms: i64) -> bool {
        self.file.as_ref().is_some_and(|file| {
            let age_ms = now_ms.saturating_sub(file.opened_ms).max(0) as u128;
            file.len >= options.segment_bytes as u64 || age_ms >= options.segment_age.as_millis()
        })
    }

    /// Takes no more.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        self.closed = true;
        self.sync()
    }

    /// Bytes in the file.
    pub(crate) fn len_bytes(&self) -> u64 {
        self.file.as_ref().map_or(0, |file| file.len)
    }

    /// Lets go of the file, whose events are elsewhere now; gives its path.
    pub(crate) fn let_go(&mut self) -> Option<PathBuf> {
        self.broken = false;
        self.file.take().map(|file| file.path)
    }
}

fn create(options: &Options, first: u64) -> io::Result<OpenFile> {
    let path = file::log(&options.folder, first);
    let opened = options.disk.create(&path).and_then(|mut append| {
        append.write_all(&file::head())?;
        append.sync()?;
        options.disk.sync_dir(&options.folder)?;
        Ok(append)
    });
    let append = opened.inspect_err(|_| {
        // The same name is tried again.
        let _ = options.disk.remove_file(&path);
    })?;
    let opened_ms = options.clock.now_ms();
    Ok(OpenFile { append, path, len: file::HEAD_BYTES as u64, opened_ms, dirty: true })
}
