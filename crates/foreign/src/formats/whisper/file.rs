//! The file, and reading it as Graphite does.

use crate::Malformed;

/// How go-carbon's compressed files start.
pub const COMPRESSED: &[u8] = b"whisper_compressed";
/// Most archives of a file.
const ARCHIVES_MAX: u32 = 256;
const HEADER_BYTES: usize = 16;
const ARCHIVE_BYTES: usize = 12;
const POINT_BYTES: usize = 12;
/// The highest number of an aggregation that any writer has had. The numbers from 6 on mean one thing to Python's whisper
/// and another to go-carbon; points are read alike.
const AGGREGATION_MAX: u32 = 8;

/// A file in memory.
#[derive(Debug, Clone)]
pub struct Whisper<'a> {
    bytes: &'a [u8],
    /// Number of the aggregation.
    pub aggregation: u32,
    /// Share of finer points that a coarser one needs.
    pub x_files_factor: f32,
    /// The finest first.
    pub archives: Vec<Archive>,
}

/// A ring of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archive {
    offset: usize,
    /// Seconds of a point.
    pub step_s: u32,
    /// Slots of the ring.
    pub points: u32,
}

impl Archive {
    /// Seconds that it covers.
    pub fn retention_s(&self) -> i64 {
        i64::from(self.step_s) * i64::from(self.points)
    }
}

/// What Graphite shows of a range.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// Time of the first value, Unix seconds.
    pub start_s: i64,
    /// Time after the last value.
    pub end_s: i64,
    /// Seconds between two values.
    pub step_s: i64,
    /// The values; `None` where nothing is known.
    pub values: Vec<Option<f64>>,
}

impl<'a> Whisper<'a> {
    /// Reads the header; points are read when they are asked for.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.starts_with(COMPRESSED) {
            return Err(Malformed::new(
                "is a compressed whisper file of go-carbon; turn it into a plain one with go-whisper's `convert`",
            ));
        }
        if bytes.len() < HEADER_BYTES {
            return Err(Malformed::new(format!("is no whisper file: it has {} bytes", bytes.len())));
        }
        let aggregation = u32_at(bytes, 0);
        let (x_files_factor, count) = (f32::from_bits(u32_at(bytes, 8)), u32_at(bytes, 12));
        if !(1..=AGGREGATION_MAX).contains(&aggregation) || !(0.0..=1.0).contains(&x_files_factor) {
            return Err(Malformed::new(format!(
                "is no whisper file: its aggregation is {aggregation} and its xFilesFactor {x_files_factor}"
            )));
        }
        if !(1..=ARCHIVES_MAX).contains(&count) {
            return Err(Malformed::new(format!("claims {count} archives")));
        }
        let archives = (0..count as usize).map(|n| archive(bytes, n)).collect::<Result<_, _>>()?;
        Ok(Self { bytes, aggregation, x_files_factor, archives })
    }

    /// The points of an archive that belong to its newest lap, in the order of the ring from its oldest slot on:
    /// (Unix seconds, value), ascending.
    pub fn points(&self, archive: &Archive) -> impl Iterator<Item = (i64, f64)> + use<'a> {
        let slots = self.slots(archive);
        let (step_s, length) = (i64::from(archive.step_s), i64::from(archive.points));
        let base_s = slots.clone().next().map_or(0, |(time_s, _)| time_s);
        let newest = newest(slots.clone(), base_s, step_s, length).filter(|_| base_s != 0);
        let (newest_slot, newest_s) = newest.unwrap_or((0, i64::MAX));
        let ring = slots.clone().skip(newest_slot + 1).chain(slots.take(newest_slot + 1));
        // Where nothing is in its place, no slot has the time that it stands for.
        let oldest_s = newest_s - step_s * (length - 1);
        let expected = ring.zip((0..length).map(move |n| oldest_s + n * step_s));
        expected
            .filter(|((time_s, _), expected_s)| *time_s != 0 && time_s == expected_s)
            .map(|(point, _)| point)
    }

    fn slots(&self, archive: &Archive) -> impl Iterator<Item = (i64, f64)> + Clone + use<'a> {
        let end = archive.offset + archive.points as usize * POINT_BYTES;
        self.bytes[archive.offset..end].chunks_exact(POINT_BYTES).map(point)
    }

    /// What Graphite shows of the times after `from_s` up to `until_s` at the instant `now_s`: the archive is chosen by
    /// the age of `from_s`, and is the only one asked. `None` when the range lies outside of what is kept.
    pub fn fetch(&self, from_s: i64, until_s: i64, now_s: i64) -> Option<Fetched> {
        let oldest_s = now_s - self.archives.iter().map(Archive::retention_s).max()?;
        if from_s > now_s || until_s < oldest_s || from_s > until_s {
            return None;
        }
        let (from_s, until_s) = (from_s.max(oldest_s), until_s.min(now_s));
        let archive = self.archives.iter().find(|a| a.retention_s() >= now_s - from_s)?;
        let step_s = i64::from(archive.step_s);
        let start_s = from_s - from_s.rem_euclid(step_s) + step_s;
        let mut end_s = until_s - until_s.rem_euclid(step_s) + step_s;
        if end_s == start_s {
            end_s += step_s;
        }
        let times = (start_s..end_s).step_by(archive.step_s as usize);
        Some(Fetched { start_s, end_s, step_s, values: times.map(|t| self.value(archive, t)).collect() })
    }

    /// The value at a time that is a multiple of the archive's step.
    fn value(&self, archive: &Archive, time_s: i64) -> Option<f64> {
        let slot = |n: usize| point(&self.bytes[archive.offset + n * POINT_BYTES..][..POINT_BYTES]);
        let (base_s, _) = slot(0);
        let step_s = i64::from(archive.step_s);
        let place = (time_s - base_s).div_euclid(step_s).rem_euclid(i64::from(archive.points));
        let (stored_s, value) = slot(place as usize);
        (base_s != 0 && stored_s == time_s).then_some(value)
    }
}

/// The slot with the newest time that is in its place: as many steps from the first slot's time as slots, but for whole
/// laps of the ring.
fn newest(
    slots: impl Iterator<Item = (i64, f64)>,
    base_s: i64,
    step_s: i64,
    length: i64,
) -> Option<(usize, i64)> {
    let mut newest: Option<(usize, i64)> = None;
    for (slot, (time_s, _)) in slots.enumerate() {
        let is_newer = newest.is_none_or(|(_, newest_s)| time_s > newest_s);
        if is_newer && time_s != 0 && (time_s - base_s - slot as i64 * step_s) % (step_s * length) == 0 {
            newest = Some((slot, time_s));
        }
    }
    newest
}

fn archive(bytes: &[u8], number: usize) -> Result<Archive, Malformed> {
    let at = HEADER_BYTES + number * ARCHIVE_BYTES;
    if bytes.len() < at + ARCHIVE_BYTES {
        return Err(Malformed::new(format!("is cut short in its header: archive {number} is missing")));
    }
    let [offset, step_s, points] = [at, at + 4, at + 8].map(|at| u32_at(bytes, at));
    if step_s == 0 || points == 0 {
        return Err(Malformed::new(format!("has archive {number} of {points} points of {step_s} s")));
    }
    let end = u64::from(offset) + u64::from(points) * POINT_BYTES as u64;
    if end > bytes.len() as u64 || (offset as usize) < HEADER_BYTES {
        let has = bytes.len();
        let reason = format!("is cut short: archive {number} lies from byte {offset} to {end}, it has {has}");
        return Err(Malformed::new(reason));
    }
    Ok(Archive { offset: offset as usize, step_s, points })
}

/// Whether bytes start as a whisper file does: there is no magic, but its archives follow each other without a gap.
pub fn looks_like_header(head: &[u8]) -> bool {
    if head.len() < HEADER_BYTES + ARCHIVE_BYTES {
        return false;
    }
    let (aggregation, retention_s) = (u32_at(head, 0), u32_at(head, 4));
    let (factor, count) = (f32::from_bits(u32_at(head, 8)), u32_at(head, 12));
    let is_head = (1..=AGGREGATION_MAX).contains(&aggregation) && (0.0..=1.0).contains(&factor);
    if !is_head || !(1..=ARCHIVES_MAX).contains(&count) {
        return false;
    }
    let mut offset = (HEADER_BYTES + count as usize * ARCHIVE_BYTES) as u64;
    let mut longest = 0;
    for number in 0..count as usize {
        let at = HEADER_BYTES + number * ARCHIVE_BYTES;
        if head.len() < at + ARCHIVE_BYTES || u64::from(u32_at(head, at)) != offset {
            return false;
        }
        let (step_s, points) = (u64::from(u32_at(head, at + 4)), u64::from(u32_at(head, at + 8)));
        offset += points * POINT_BYTES as u64;
        longest = longest.max(step_s * points);
    }
    longest == u64::from(retention_s)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn point(bytes: &[u8]) -> (i64, f64) {
    let value = f64::from_be_bytes(bytes[4..12].try_into().expect("eight bytes"));
    (i64::from(u32_at(bytes, 0)), value)
}
