//! Opening: lock the folder, read the log back, start behind it.

use crate::append::Appender;
use crate::describe::{self, Descriptions};
use crate::head::Head;
use crate::options::millis;
use crate::series::SeriesTable;
use crate::stats::Counters;
use crate::store::{Shared, segment_age_ms};
use crate::wal::record::Decoded;
use crate::wal::replay::replay;
use crate::wal::writer::Writer;
use crate::worker::Bell;
use crate::{Error, Event, Options, names};
use model::{Kind, Series};
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use stdx::disk::{Disk, Lock};

/// Opens the store in the folder of `options`.
pub(crate) fn open(options: Options) -> Result<(Shared, Box<dyn Lock>), Error> {
    let disk = Arc::clone(&options.disk);
    make_folder(&*disk, &options.dir)?;
    let lock = disk.lock(&options.dir.join(names::LOCK)).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock => Error::InUse(options.dir.clone()),
        _ => Error::Disk(error),
    })?;
    disk.create_dir_all(&options.dir.join(names::LOG))?;
    disk.sync_dir(&options.dir)?;
    let counters = Arc::new(Counters::new());
    let mut memory = Memory::new(&options, Arc::clone(&counters));
    memory.descriptions = read_descriptions(&options)?;
    let segments = replay(&*disk, &options.dir, &*options.tell, &mut |_, decoded| memory.take(decoded))?;
    memory.tell_lost(&options);
    let next_number = segments.last().map_or(1, |last| last.number + 1);
    let limits = (options.segment_bytes, segment_age_ms(&options));
    let log = Writer::new(disk, &options.dir, Arc::clone(&counters), segments, next_number, limits);
    let syncer = log.syncer();
    let ids = (0..memory.series.len() as u32).map(|ordinal| memory.series.get(ordinal).id);
    let appender = Appender::new(log, memory.next_id, i64::MIN, ids);
    let shared = Shared {
        options,
        counters,
        work: Mutex::new(()),
        appender: Mutex::new(appender),
        series: RwLock::new(memory.series),
        head: RwLock::new(memory.head),
        descriptions: RwLock::new(memory.descriptions),
        syncer,
        bell: Bell::default(),
        stopped: OnceLock::new(),
        failed: AtomicBool::new(false),
        disk_full: AtomicBool::new(false),
    };
    Ok((shared, lock))
}

/// Makes a folder that survives a power cut, and so do those above it that had to be made too.
fn make_folder(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| {
        !path.as_os_str().is_empty()
            && disk.list(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    let missing = dir.ancestors().take_while(is_missing).count();
    disk.create_dir_all(dir)?;
    let parents = dir.ancestors().skip(1).take(missing);
    parents.filter(|parent| !parent.as_os_str().is_empty()).try_for_each(|parent| disk.sync_dir(parent))
}

fn read_descriptions(options: &Options) -> Result<Descriptions, Error> {
    let path = options.dir.join(names::DESCRIPTIONS);
    let bytes = match options.disk.read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Descriptions::default()),
        read => read?,
    };
    Ok(Descriptions::decode(&bytes).unwrap_or_else(|| {
        let reason = format!("not a whole file of descriptions of version {}", describe::VERSION);
        (options.tell)(Event::FileRebuilt { name: names::DESCRIPTIONS.to_owned(), reason });
        Descriptions::default()
    }))
}

/// What is in memory, while the log is read.
struct Memory {
    series: SeriesTable,
    head: Head,
    descriptions: Descriptions,
    next_id: u64,
    counters: Arc<Counters>,
}

impl Memory {
    fn new(options: &Options, counters: Arc<Counters>) -> Self {
        Self {
            series: SeriesTable::default(),
            head: Head::new(millis(options.block_span)),
            descriptions: Descriptions::default(),
            next_id: 0,
            counters,
        }
    }

    fn take(&mut self, decoded: &Decoded) {
        for (id, kind, labels) in &decoded.definitions {
            self.define(Series { id: *id, labels: labels.clone(), kind: *kind });
        }
        for description in &decoded.descriptions {
            self.descriptions.learn(description.clone());
        }
        for (id, sample) in &decoded.samples {
            // An id is never given out again, not even when its labels were lost.
            self.next_id = self.next_id.max(id.0.saturating_add(1));
            match self.series.ordinal(*id) {
                Some(ordinal) => {
                    self.head.insert(ordinal, sample.time_ms, sample.value);
                    self.counters.replayed.add(1);
                }
                None => self.counters.lost.add(1),
            }
        }
    }

    fn define(&mut self, series: Series) {
        self.next_id = self.next_id.max(series.id.0.saturating_add(1));
        match self.series.ordinal(series.id) {
            Some(ordinal) if series.kind != Kind::Unknown => self.series.set_kind(ordinal, series.kind),
            Some(_) => {}
            // Two ids for the same labels cannot come from one log; the first stays.
            None if self.series.find(series.labels.key()).is_some() => {}
            None => {
                self.series.add(series);
                self.head.grow(self.series.len());
            }
        }
    }

    fn tell_lost(&self, options: &Options) {
        let samples = self.counters.lost.get();
        if samples > 0 {
            (options.tell)(Event::SamplesLost { samples });
        }
    }
}
