//! Files that grow in place, as `rrdtool update` makes them grow: what changes is read once, and each update writes the
//! rows that it closed and the numbers in the making. A file of a million rows so costs a few hundred bytes an update.
//!
//! Files are of 64-bit little endian machines and have one source. Whoever writes by this must be the only one.

use super::binary::{self, Head};
use super::layout::{COOKIE, Layout, NAME_BYTES, READING_BYTES, SLOTS};
use super::update::{ArchiveDefinition, Reading, SourceDefinition, UpdateError, Updater};
use super::{Archive, RoundRobin, Source};
use crate::Malformed;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const LAYOUT: Layout = Layout::LE64;
/// More than the head of a file with one source and a hundred archives.
const HEAD_BYTES_MAX: u64 = 64 * 1024;

/// Why a file was not updated.
#[derive(Debug)]
pub enum InPlaceError {
    /// The disk.
    Io(io::Error),
    /// It is no file that can be updated here.
    Malformed(Malformed),
    /// rrdtool would refuse the update too.
    Update(UpdateError),
}

impl fmt::Display for InPlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(e) => e.fmt(f),
            Self::Malformed(e) => e.fmt(f),
            Self::Update(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for InPlaceError {}

impl From<io::Error> for InPlaceError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

impl From<Malformed> for InPlaceError {
    fn from(e: Malformed) -> Self {
        Self::Malformed(e)
    }
}

/// A file that is updated.
#[derive(Debug)]
pub struct InPlace {
    path: PathBuf,
    /// All but the rows.
    head: RoundRobin,
    /// Where the newest row of each archive lies in its ring.
    newest: Vec<usize>,
}

impl InPlace {
    /// Makes a file whose first update must come after `start_s`, as `rrdtool create` does. It gets its name when it is
    /// whole.
    ///
    /// # Errors
    /// The disk.
    pub fn create(
        path: &Path,
        step_s: u64,
        start_s: i64,
        source: &SourceDefinition,
        archives: &[ArchiveDefinition],
    ) -> Result<Self, InPlaceError> {
        let one_row = archives.iter().map(|archive| ArchiveDefinition { rows: 1, ..*archive });
        let one_row: Vec<ArchiveDefinition> = one_row.collect();
        let mut head = Updater::new(step_s, start_s, std::slice::from_ref(source), &one_row).finish();
        for (archive, wanted) in head.archives.iter_mut().zip(archives) {
            archive.rows = wanted.rows;
        }
        let newest = archives.iter().map(|archive| archive.rows - 1).collect();
        let file = Self { path: path.to_owned(), head, newest };
        let part = path.with_extension("rrd-part");
        let mut out = BufWriter::new(File::create(&part)?);
        out.write_all(&file.definitions())?;
        out.write_all(&file.live())?;
        for _ in 0..archives.iter().map(|archive| archive.rows).sum() {
            out.write_all(&f64::NAN.to_le_bytes())?;
        }
        out.into_inner().map_err(io::IntoInnerError::into_error)?;
        std::fs::rename(&part, path)?;
        Ok(file)
    }

    /// Goes on with a file.
    ///
    /// # Errors
    /// The disk, or a file that is none, of another machine, or of several sources.
    pub fn open(path: &Path) -> Result<Self, InPlaceError> {
        let mut bytes = Vec::new();
        File::open(path)?.take(HEAD_BYTES_MAX).read_to_end(&mut bytes)?;
        let Head { file, newest, layout } = binary::read_head(&bytes)?;
        if layout != LAYOUT || file.version != 3 {
            return Err(Malformed::new(
                "is of another machine or version; `rrdtool dump` and restore it here",
            )
            .into());
        }
        if file.sources.len() != 1 || file.archives.iter().any(|archive| !archive.function.is_measured()) {
            return Err(
                Malformed::new("has several sources or forecasts, which are not updated in place").into()
            );
        }
        file.check_times()?;
        let newest = newest.into_iter().zip(&file.archives).map(|(newest, archive)| {
            let newest = usize::try_from(newest).ok().filter(|newest| *newest < archive.rows);
            newest.ok_or_else(|| Malformed::new("has a pointer outside of its rows"))
        });
        let newest = newest.collect::<Result<_, _>>()?;
        Ok(Self { path: path.to_owned(), head: file, newest })
    }

    /// Applies one reading of the instant `time_us` (Unix microseconds).
    ///
    /// # Errors
    /// The disk, or what rrdtool would refuse.
    pub fn update(&mut self, time_us: i64, reading: Reading) -> Result<(), InPlaceError> {
        let closed: Vec<u64> =
            self.head.archives.iter().map(|archive| self.closed(archive, time_us)).collect();
        let mut working = self.head.clone();
        for (archive, closed) in working.archives.iter_mut().zip(&closed) {
            // As many rows as are to be written, so that they come out in their order.
            archive.rows = (*closed).clamp(1, archive.rows as u64) as usize;
            archive.values = vec![f64::NAN; archive.rows];
        }
        let mut updater = Updater::resumed(working);
        updater.update(time_us, &[reading]).map_err(InPlaceError::Update)?;
        let mut updated = updater.finish();
        let file = OpenOptions::new().write(true).open(&self.path)?;
        let mut start = self.values_at();
        for (number, (archive, closed)) in updated.archives.iter_mut().zip(&closed).enumerate() {
            let values = std::mem::take(&mut archive.values);
            archive.rows = self.head.archives[number].rows;
            if *closed > 0 {
                self.write_rows(&file, number, start, &values)?;
            }
            start += 8 * archive.rows as u64;
        }
        self.head = updated;
        file.write_all_at(&self.live(), self.definitions_bytes() as u64)?;
        Ok(())
    }

    /// Rows that an update closes.
    fn closed(&self, archive: &Archive, time_us: i64) -> u64 {
        let row_s = self.head.row_s(archive);
        let rows = time_us.div_euclid(1_000_000).div_euclid(row_s) - self.head.updated_s.div_euclid(row_s);
        rows.max(0) as u64
    }

    /// Writes rows behind the newest, round the ring.
    fn write_rows(&mut self, file: &File, number: usize, start: u64, values: &[f64]) -> io::Result<()> {
        let rows = self.head.archives[number].rows;
        for value in values {
            let row = (self.newest[number] + 1) % rows;
            file.write_all_at(&value.to_le_bytes(), start + 8 * row as u64)?;
            self.newest[number] = row;
        }
        Ok(())
    }

    fn definitions_bytes(&self) -> usize {
        LAYOUT.header_bytes() + LAYOUT.source_bytes() + self.head.archives.len() * LAYOUT.archive_bytes()
    }

    fn values_at(&self) -> u64 {
        let archives = self.head.archives.len();
        let live =
            LAYOUT.update_bytes(3) + LAYOUT.point_bytes() + archives * (LAYOUT.row_bytes() + LAYOUT.word);
        (self.definitions_bytes() + live) as u64
    }

    /// What never changes: header, source, archives.
    fn definitions(&self) -> Vec<u8> {
        let mut out = Bytes::default();
        out.text("RRD", 4);
        out.text("0003", 12);
        out.f64(COOKIE);
        [1, self.head.archives.len() as u64, self.head.step_s].into_iter().for_each(|word| out.word(word));
        out.zeros(8 * SLOTS);
        let source = &self.head.sources[0];
        out.text(&source.name, NAME_BYTES);
        out.text(source.kind.as_str(), NAME_BYTES);
        out.word(source.heartbeat_s);
        out.f64(source.min);
        out.f64(source.max);
        out.zeros(8 * (SLOTS - 3));
        for archive in &self.head.archives {
            out.text(archive.function.as_str(), LAYOUT.archive_counts_at());
            out.word(archive.rows as u64);
            out.word(archive.steps);
            out.f64(archive.xff);
            out.zeros(8 * (SLOTS - 1));
        }
        out.0
    }

    /// What every update changes: its time, the point and the rows in the making, the pointers.
    fn live(&self) -> Vec<u8> {
        let mut out = Bytes::default();
        out.word(self.head.updated_s as u64);
        out.word(self.head.updated_us.into());
        let Source { pending, .. } = &self.head.sources[0];
        out.text(&pending.last, READING_BYTES.next_multiple_of(8));
        out.word(pending.unknown_s);
        out.f64(pending.value);
        out.zeros(8 * (SLOTS - 2));
        for row in self.head.archives.iter().map(|archive| archive.pending[0]) {
            out.f64(row.value);
            out.word(row.unknown);
            out.zeros(8 * (SLOTS - 4));
            out.f64(row.primary);
            out.f64(row.secondary);
        }
        self.newest.iter().for_each(|newest| out.word(*newest as u64));
        out.0
    }
}

/// Bytes as such a machine has them.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn word(&mut self, word: u64) {
        self.0.extend_from_slice(&word.to_le_bytes());
    }

    fn f64(&mut self, value: f64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn zeros(&mut self, count: usize) {
        self.0.resize(self.0.len() + count, 0);
    }

    /// Text in so many bytes, with a zero behind it at least.
    fn text(&mut self, text: &str, room: usize) {
        let taken = &text.as_bytes()[..text.len().min(room - 1)];
        self.0.extend_from_slice(taken);
        self.zeros(room - taken.len());
    }
}
