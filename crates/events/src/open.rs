//! Opening: sealed segments by their indexes, the log's file record by record.

use crate::Options;
use crate::active::Row;
use crate::commit::Writer;
use crate::event_log::{EventLog, View};
use crate::file;
use crate::sealed::Sealed;
use crate::standings::Board;
use crate::telemetry::{DAMAGED, TORN_BYTES};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, RwLock};

impl EventLog {
    /// Opens the log in its folder, or makes it.
    ///
    /// # Errors
    /// When the disk gives no names or no bytes. Damaged bytes are no error: they cost what is in them.
    pub fn open(options: Options) -> io::Result<Self> {
        options.disk.create_dir_all(&options.folder)?;
        options.disk.sync_dir(options.folder.parent().unwrap_or(Path::new(".")))?;
        let now_ms = options.clock.now_ms();
        let (mut view, mut writer) = (View::default(), Writer::default());
        let entries = options.disk.list(&options.folder)?;
        for entry in &entries {
            if entry.name.ends_with(".tmp") {
                options.disk.remove_file(&entry.path)?;
            }
            if file::number(&entry.name, "seg").is_some()
                && let Some(sealed) = Sealed::open(options.disk.as_ref(), entry.path.clone(), now_ms)?
            {
                view.add(sealed);
            }
        }
        view.sealed.sort_by_key(|sealed| sealed.index.first);
        for entry in &entries {
            if file::number(&entry.name, "log").is_some() {
                view.take_log(&options, &mut writer, &entry.path)?;
            }
        }
        let board = Board::open(&options)?;
        let log = Self {
            options,
            view: RwLock::new(view),
            pending: Mutex::default(),
            writer: Mutex::new(writer),
            board: Mutex::new(board),
            profiles: Mutex::default(),
        };
        log.stats();
        Ok(log)
    }
}

impl View {
    fn add(&mut self, sealed: Sealed) {
        self.next = self.next.max(sealed.index.end);
        sealed.index.origins.iter().for_each(|origin| self.origins.add(*origin));
        self.sealed.push(Arc::new(sealed));
    }

    /// Takes the log's file. Usually there is one; more are left when a seal could not remove it.
    fn take_log(&mut self, options: &Options, writer: &mut Writer, path: &Path) -> io::Result<()> {
        let bytes = options.disk.read(path)?;
        file::check_version(&bytes)?;
        let mut walk = file::records(&bytes);
        let rows: Vec<Row> = walk.by_ref().filter_map(|record| Row::decode(record.payload)).collect();
        DAMAGED.add(walk.damaged());
        TORN_BYTES.add((bytes.len() - walk.good_bytes()) as u64);
        let (kept, sealed): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| !self.sealed.iter().any(|s| s.index.covers(row.number)));
        if kept.is_empty() {
            // Sealed already, or nothing was ever in it.
            return options.disk.remove_file(path);
        }
        for row in kept {
            self.next = self.next.max(row.number + row.count);
            row.origin.into_iter().for_each(|origin| self.origins.add(origin));
            self.active.push(Arc::new(row));
        }
        let good_bytes = walk.good_bytes() as u64;
        let whole = sealed.is_empty() && bytes.starts_with(&file::head());
        if !whole || writer.reopen(options, path.to_owned(), good_bytes).is_err() {
            // What could be read is sealed, and what follows gets a file of its own.
            writer.broken = true;
        }
        Ok(())
    }
}
