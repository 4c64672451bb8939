//! Reads the file itself, of any machine and any version that rrdtool has had.

use super::layout::{Layout, NAME_BYTES, READING_BYTES};
use super::{Archive, Consolidation, PendingPoint, PendingRow, RoundRobin, Source, SourceKind};
use crate::Malformed;

/// The newest version that is known.
pub const VERSION_MAX: u8 = 5;
/// Most sources of a file.
pub const SOURCES_MAX: u64 = 1 << 16;
/// Most archives of a file.
pub const ARCHIVES_MAX: u64 = 1 << 12;

/// Reads a whole file. Bytes behind its end are passed over, as rrdtool does.
pub fn read(bytes: &[u8]) -> Result<RoundRobin, Malformed> {
    let (Head { mut file, newest, .. }, mut cursor) = walk(bytes)?;
    let sources = file.sources.len();
    for (number, (archive, newest)) in file.archives.iter_mut().zip(newest).enumerate() {
        archive.values = cursor.values(number, archive.rows, sources, newest)?;
    }
    file.check_times()?;
    Ok(file)
}

/// All of a file but its rows.
#[derive(Debug)]
pub struct Head {
    /// The file; its archives have no values.
    pub file: RoundRobin,
    /// Which row of each archive's ring is its newest, unchecked.
    pub newest: Vec<u64>,
    /// The machine it is of.
    pub layout: Layout,
}

/// Reads the head of a file; what follows may be missing.
pub fn read_head(bytes: &[u8]) -> Result<Head, Malformed> {
    walk(bytes).map(|(head, _)| head)
}

/// Reads up to the rows; the cursor stands before them.
fn walk(bytes: &[u8]) -> Result<(Head, Cursor<'_>), Malformed> {
    let layout = Layout::of(bytes)?;
    let version = version(bytes)?;
    let shape = Shape::of(bytes, layout, version)?;
    let mut cursor = Cursor { bytes, at: layout.header_bytes(), layout: shape.layout };
    let mut sources = cursor.sources(shape.sources)?;
    let mut archives = cursor.archives(shape.archives)?;
    let (updated_s, updated_us) = cursor.update(version)?;
    for source in &mut sources {
        source.pending = cursor.point(&source.name)?;
    }
    for archive in &mut archives {
        archive.pending = (0..sources.len()).map(|_| cursor.row()).collect::<Result<_, _>>()?;
    }
    let newest = archives.iter().map(|_| cursor.word("pointers")).collect::<Result<Vec<_>, _>>()?;
    let file = RoundRobin { version, step_s: shape.step_s, updated_s, updated_us, sources, archives };
    Ok((Head { file, newest, layout: shape.layout }, cursor))
}

fn version(bytes: &[u8]) -> Result<u8, Malformed> {
    let text = bytes.get(4..8).unwrap_or_default();
    let number = std::str::from_utf8(text).ok().and_then(|t| t.parse::<u8>().ok());
    match number {
        Some(number @ 1..=VERSION_MAX) => Ok(number),
        Some(0) | None => Err(Malformed::new(format!("has the version `{}`", text.escape_ascii()))),
        Some(n) => Err(Malformed::new(format!("is of version {n}; the newest known is {VERSION_MAX}"))),
    }
}

/// What the header says of the rest.
struct Shape {
    layout: Layout,
    sources: usize,
    archives: usize,
    step_s: u64,
}

impl Shape {
    fn of(bytes: &[u8], layout: Layout, version: u8) -> Result<Self, Malformed> {
        let count = |n: usize, name: &str| {
            let number = layout.word_at(bytes, layout.counts_at() + n * layout.word);
            number.ok_or_else(|| Malformed::new(format!("is cut short in its header ({name})")))
        };
        let (sources, archives, step_s) = (count(0, "sources")?, count(1, "archives")?, count(2, "step")?);
        if sources > SOURCES_MAX || archives > ARCHIVES_MAX || !(1..=u64::from(u32::MAX)).contains(&step_s) {
            let reason = format!("claims {sources} sources, {archives} archives and a step of {step_s} s");
            return Err(Malformed::new(reason));
        }
        let shape = Self { layout, sources: sources as usize, archives: archives as usize, step_s };
        Ok(shape.with_time_width(bytes, version))
    }

    /// A 32-bit machine with 64-bit times shows in nothing but the length of the file.
    fn with_time_width(self, bytes: &[u8], version: u8) -> Self {
        let wide = Self { layout: Layout { time: 8, ..self.layout }, ..self };
        let is_wide = self.layout.time == 4 && wide.file_bytes(bytes, version) == Some(bytes.len() as u64);
        if is_wide { wide } else { self }
    }

    fn file_bytes(&self, bytes: &[u8], version: u8) -> Option<u64> {
        let layout = self.layout;
        let definitions = layout.header_bytes() + self.sources * layout.source_bytes();
        let mut total = definitions + self.archives * layout.archive_bytes() + layout.update_bytes(version);
        total += self.sources * layout.point_bytes() + self.archives * self.sources * layout.row_bytes();
        total += self.archives * layout.word;
        let mut rows = 0u64;
        for number in 0..self.archives {
            let at = definitions + number * layout.archive_bytes() + layout.archive_counts_at();
            rows = rows.checked_add(layout.word_at(bytes, at)?)?;
        }
        rows.checked_mul(8 * self.sources as u64)?.checked_add(total as u64)
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    layout: Layout,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize, what: &str) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(length);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or_else(|| {
            let (has, at) = (self.bytes.len(), self.at);
            Malformed::new(format!("is cut short: {what} at byte {at} need {length} bytes, it has {has}"))
        })?;
        self.at += length;
        Ok(taken)
    }

    fn word(&mut self, what: &str) -> Result<u64, Malformed> {
        let bytes = self.take(self.layout.word, what)?;
        Ok(self.layout.word_at(bytes, 0).expect("as long as a word"))
    }

    fn sources(&mut self, count: usize) -> Result<Vec<Source>, Malformed> {
        // Grows with what is there, not with what is claimed.
        let mut sources = Vec::new();
        for _ in 0..count {
            sources.push(self.source()?);
        }
        Ok(sources)
    }

    fn source(&mut self) -> Result<Source, Malformed> {
        let layout = self.layout;
        let bytes = self.take(layout.source_bytes(), "definitions of sources")?;
        let name = text(&bytes[..NAME_BYTES], "name of a source")?;
        let kind = text(&bytes[NAME_BYTES..2 * NAME_BYTES], "type of a source")?;
        let kind = SourceKind::parse(&kind)
            .ok_or_else(|| Malformed::new(format!("has the source {name} of the unknown type {kind}")))?;
        let slots = layout.slots_after(2 * NAME_BYTES);
        let slot = |n: usize| layout.f64_of(&bytes[slots + 8 * n..slots + 8 * n + 8]);
        // A computed source has its program where the others have these.
        let (heartbeat_s, min, max) = match kind {
            SourceKind::Compute => (0, f64::NAN, f64::NAN),
            _ => (layout.word_at(bytes, slots).expect("within"), slot(1), slot(2)),
        };
        let pending = PendingPoint { last: String::new(), value: f64::NAN, unknown_s: 0 };
        Ok(Source { name, kind, heartbeat_s, min, max, pending })
    }

    fn archives(&mut self, count: usize) -> Result<Vec<Archive>, Malformed> {
        let mut archives = Vec::new();
        for number in 0..count {
            archives.push(self.archive(number)?);
        }
        Ok(archives)
    }

    fn archive(&mut self, number: usize) -> Result<Archive, Malformed> {
        let layout = self.layout;
        let bytes = self.take(layout.archive_bytes(), "definitions of archives")?;
        let name = text(&bytes[..NAME_BYTES], "function of an archive")?;
        let function = Consolidation::parse(&name)
            .ok_or_else(|| Malformed::new(format!("has archive {number} of the unknown function {name}")))?;
        let at = layout.archive_counts_at();
        let [rows, steps] = [at, at + layout.word].map(|at| layout.word_at(bytes, at).expect("within"));
        if rows == 0 || steps == 0 {
            let reason = format!("has archive {number} of {rows} rows of {steps} steps");
            return Err(Malformed::new(reason));
        }
        let slots = layout.slots_after(at + 2 * layout.word);
        let xff = layout.f64_of(&bytes[slots..slots + 8]);
        let xff = if function.is_measured() { xff } else { f64::NAN };
        let rows = usize::try_from(rows).map_err(Malformed::new)?;
        Ok(Archive { function, steps, xff, rows, values: Vec::new(), pending: Vec::new() })
    }

    fn update(&mut self, version: u8) -> Result<(i64, u32), Malformed> {
        let layout = self.layout;
        let bytes = self.take(layout.update_bytes(version), "time of the last update")?;
        let seconds = layout.time_at(bytes, 0).expect("within");
        let micros = if version < 3 { 0 } else { layout.word_at(bytes, layout.time).expect("within") };
        Ok((seconds, micros.min(999_999) as u32))
    }

    fn point(&mut self, source: &str) -> Result<PendingPoint, Malformed> {
        let layout = self.layout;
        let bytes = self.take(layout.point_bytes(), "last readings")?;
        let last = text(&bytes[..READING_BYTES], &format!("last reading of {source}"))?;
        let slots = layout.slots_after(READING_BYTES);
        let unknown_s = layout.word_at(bytes, slots).expect("within");
        Ok(PendingPoint { last, value: layout.f64_of(&bytes[slots + 8..slots + 16]), unknown_s })
    }

    fn row(&mut self) -> Result<PendingRow, Malformed> {
        let layout = self.layout;
        let bytes = self.take(layout.row_bytes(), "rows in the making")?;
        let slot = |n: usize| layout.f64_of(&bytes[8 * n..8 * n + 8]);
        let unknown = layout.word_at(bytes, 8).expect("within");
        Ok(PendingRow { value: slot(0), unknown, primary: slot(8), secondary: slot(9) })
    }

    /// The rows of an archive, turned so that the oldest comes first.
    fn values(
        &mut self,
        number: usize,
        rows: usize,
        sources: usize,
        newest: u64,
    ) -> Result<Vec<f64>, Malformed> {
        let row_bytes = 8 * sources;
        let length = rows.checked_mul(row_bytes).ok_or_else(|| Malformed::new("is larger than memory"))?;
        let bytes = self.take(length, &format!("rows of archive {number}"))?;
        let newest = usize::try_from(newest).ok().filter(|row| *row < rows).ok_or_else(|| {
            Malformed::new(format!("says that row {newest} of the {rows} of archive {number} is its newest"))
        })?;
        let (newer, older) = bytes.split_at((newest + 1) * row_bytes);
        let mut values = Vec::with_capacity(rows * sources);
        for part in [older, newer] {
            values.extend(part.chunks_exact(8).map(|value| self.layout.f64_of(value)));
        }
        Ok(values)
    }
}

/// Text up to its zero byte.
fn text(bytes: &[u8], what: &str) -> Result<String, Malformed> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(Malformed::new(format!("has a {what} that is no text: {}", bytes.escape_ascii()))),
    }
}
