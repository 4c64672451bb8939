//! Names on disk, and what an earlier run left.
//!
//! ```text
//! <folder>/<number>.wrl       a segment: 16 hexadecimal digits, older ones sort first
//! <folder>/<output>.cursor    how far an output is: `segment offset sample note` in decimal, and a checksum
//! <folder>/<cluster>.members  members that registered: address, tab, name; one a line
//! ```

use super::{Position, Segment};
use crate::mark::{Mark, Outs};
use model::{Batch, Report};
use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use stdx::disk::{Disk, write_atomically};
use wire::protocols::native::{Decoder, frame};

const SEGMENT: &str = ".wrl";

pub(super) fn segment(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016x}{SEGMENT}"))
}

pub(super) fn cursor(folder: &Path, output: &str) -> PathBuf {
    folder.join(format!("{}.cursor", plain(output)))
}

/// Any name may be given to an output or a cluster, but not every name to a file.
fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = text.chars().map(plain).collect();
    format!("{name}-{:08x}", stdx::crc::crc32(text.as_bytes()))
}

fn members(folder: &Path, cluster: &str) -> PathBuf {
    folder.join(format!("{}.members", plain(cluster)))
}

/// Writes down the members of a cluster, by name and address.
pub(super) fn write_members(
    folder: &Path,
    disk: &dyn Disk,
    cluster: &str,
    known: &[(String, String)],
) -> io::Result<()> {
    let lines = known.iter().filter(|(name, url)| !format!("{name}{url}").contains(['\n', '\t']));
    let text: String = lines.map(|(name, url)| format!("{url}\t{name}\n")).collect();
    write_atomically(disk, &members(folder, cluster), text.as_bytes())
}

/// What was written down; a line that is none is passed over: that member is known again when it registers.
pub(super) fn read_members(folder: &Path, disk: &dyn Disk, cluster: &str) -> Vec<(String, String)> {
    let bytes = disk.read(&members(folder, cluster)).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    pairs.filter(|(_, name)| !name.is_empty()).map(|(url, name)| (name.to_owned(), url.to_owned())).collect()
}

/// Remembers how far an output is.
pub(super) fn write_cursor(
    folder: &Path,
    disk: &dyn Disk,
    output: &str,
    at: Position,
    note: i64,
) -> io::Result<()> {
    let text = format!("{} {} {} {note}", at.segment, at.offset, at.sample);
    let text = format!("{text} {:08x}\n", stdx::crc::crc32(text.as_bytes()));
    write_atomically(disk, &cursor(folder, output), text.as_bytes())
}

/// What is known of how far an output was.
pub(super) enum Kept {
    /// Its place, and its note.
    At(Position, i64),
    /// It was there, and what it wrote down cannot be read.
    Unreadable,
    /// It is new.
    New,
}

/// How far an output was.
pub(super) fn read_cursor(folder: &Path, disk: &dyn Disk, output: &str) -> Kept {
    match disk.read(&cursor(folder, output)) {
        Ok(bytes) => parse_cursor(&bytes).map_or(Kept::Unreadable, |(at, note)| Kept::At(at, note)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Kept::New,
        Err(_) => Kept::Unreadable,
    }
}

fn parse_cursor(bytes: &[u8]) -> Option<(Position, i64)> {
    let (text, checksum) = std::str::from_utf8(bytes).ok()?.trim_end().rsplit_once(' ')?;
    if u32::from_str_radix(checksum, 16).ok()? != stdx::crc::crc32(text.as_bytes()) {
        return None;
    }
    let words: Vec<&str> = text.split(' ').collect();
    let number = |at: usize| words.get(at)?.parse::<u64>().ok();
    let at = Position { segment: number(0)?, offset: number(1)?, sample: number(2)? };
    Some((at, words.get(3)?.parse().ok()?))
}

/// The segments that are there, the number of the sample that comes next, and who is out.
pub(super) fn find(folder: &Path, disk: &dyn Disk) -> io::Result<(VecDeque<Segment>, u64, Outs)> {
    let mut segments = VecDeque::new();
    for entry in disk.list(folder)? {
        let Some(number) = entry.name.strip_suffix(SEGMENT).and_then(|n| u64::from_str_radix(n, 16).ok())
        else {
            continue;
        };
        match start(disk, &entry.path, entry.len_bytes) {
            Some((sample, _)) => segments.push_back(Segment { number, sample, len_bytes: entry.len_bytes }),
            // Cut while it was begun: nothing was acknowledged from it.
            None => disk.remove_file(&entry.path)?,
        }
    }
    let Some(last) = segments.back_mut() else { return Ok((segments, 0, Outs::new())) };
    let bytes = disk.read(&segment(folder, last.number))?;
    let (good, sample, outs) = walk(&bytes, last.sample);
    last.len_bytes = good;
    Ok((segments, sample, outs))
}

/// The mark that a segment starts with.
fn start(disk: &dyn Disk, path: &Path, len_bytes: u64) -> Option<(u64, Outs)> {
    let mut bytes = vec![0; len_bytes.min(64 << 10) as usize];
    disk.open(path).ok()?.read_exact_at(&mut bytes, 0).ok()?;
    match Mark::read(frame::take(&mut bytes.as_slice()).ok()?)? {
        Mark::Start(sample, outs) => Some((sample, outs)),
        _ => None,
    }
}

/// How far a segment is good, what sample comes after it, and who is out there.
fn walk(bytes: &[u8], sample: u64) -> (u64, u64, Outs) {
    let (mut rest, mut sample, mut outs) = (bytes, sample, Outs::new());
    let (mut decoder, mut batch, mut report) = (Decoder::new(), Batch::new(), Report::default());
    let mut good = 0;
    while let Ok(payload) = frame::take(&mut rest) {
        match Mark::read(payload) {
            Some(Mark::Start(_, all)) => outs = all,
            Some(Mark::Ring(cluster, names)) => _ = outs.insert(cluster, names),
            _ => match decoder.decode(payload, &mut batch, &mut report) {
                Ok(count) => sample += count as u64,
                Err(_) => break,
            },
        }
        batch.clear_rows();
        good = (bytes.len() - rest.len()) as u64;
    }
    (good, sample, outs)
}
