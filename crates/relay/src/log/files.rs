//! Names on disk, and what an earlier run left.
//!
//! ```text
//! <folder>/<number>.wrl       a segment: 16 hexadecimal digits, older ones sort first
//! <folder>/<output>.cursor    how far an output is: `segment offset sample note` in decimal
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

fn cursor(folder: &Path, output: &str) -> PathBuf {
    // Any name may be given to an output, but not every name to a file.
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = output.chars().map(plain).collect();
    let mark = stdx::crc::crc32(output.as_bytes());
    folder.join(format!("{name}-{mark:08x}.cursor"))
}

/// Remembers how far an output is.
pub(super) fn write_cursor(
    folder: &Path,
    disk: &dyn Disk,
    output: &str,
    at: Position,
    note: i64,
) -> io::Result<()> {
    let text = format!("{} {} {} {note}\n", at.segment, at.offset, at.sample);
    write_atomically(disk, &cursor(folder, output), text.as_bytes())
}

/// How far an output was; `None` when it is new.
pub(super) fn read_cursor(folder: &Path, disk: &dyn Disk, output: &str) -> Option<(Position, i64)> {
    let text = String::from_utf8(disk.read(&cursor(folder, output)).ok()?).ok()?;
    let mut numbers = text.split_whitespace().map_while(|word| word.parse::<u64>().ok());
    let at = Position { segment: numbers.next()?, offset: numbers.next()?, sample: numbers.next()? };
    Some((at, text.split_whitespace().nth(3)?.parse().ok()?))
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
