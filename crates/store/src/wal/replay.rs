//! Reads the log back when a store is opened.

use super::Position;
use super::record::{Decoded, Decoder, Unreadable};
use super::segment::{HEADER_BYTES, Header, Part, Parts, VERSION, read_header};
use super::writer::Segment;
use crate::{Error, Event, names};
use std::path::Path;
use stdx::disk::Disk;

/// Reads all segments in order and gives every whole record to `visit` with its place. An unfinished record at the
/// very end is cut off; damage elsewhere is told and skipped.
pub(crate) fn replay(
    disk: &dyn Disk,
    dir: &Path,
    tell: &dyn Fn(Event),
    visit: &mut dyn FnMut(Position, &Decoded),
) -> Result<Vec<Segment>, Error> {
    let mut numbers = Vec::new();
    for entry in disk.list(&dir.join(names::LOG))? {
        match names::segment_number(&entry.name) {
            Some(number) if !entry.is_dir => numbers.push(number),
            _ => tell(Event::Skipped {
                name: format!("{}/{}", names::LOG, entry.name),
                reason: "it is not a log segment".to_owned(),
            }),
        }
    }
    let last = numbers.last().copied();
    let mut segments = Vec::with_capacity(numbers.len());
    for number in numbers {
        let mut reading = Reading { disk, dir, tell, visit: &mut *visit, number };
        segments.push(reading.read(Some(number) == last)?);
    }
    Ok(segments)
}

struct Reading<'a> {
    disk: &'a dyn Disk,
    dir: &'a Path,
    tell: &'a dyn Fn(Event),
    visit: &'a mut dyn FnMut(Position, &Decoded),
    number: u64,
}

impl Reading<'_> {
    fn read(&mut self, is_last: bool) -> Result<Segment, Error> {
        let path = names::segment(self.dir, self.number);
        let bytes = self.disk.read(&path)?;
        let mut segment = Segment { number: self.number, len_bytes: bytes.len() as u64, newest_ms: i64::MIN };
        match read_header(&bytes, self.number) {
            Header::Known => {}
            Header::Newer(version) => return Err(Error::Newer { path, version, known: VERSION }),
            Header::Unreadable if bytes.len() <= HEADER_BYTES => return Ok(segment),
            Header::Unreadable => self.tell_damage(0, HEADER_BYTES as u64, 0),
        }
        let mut decoder = Decoder::default();
        let mut decoded = Decoded::default();
        // The damage being crossed: (offset, length, records lost behind it).
        let mut damage: Option<(u64, u64, u64)> = None;
        for part in Parts::new(&bytes) {
            match part {
                Part::Record { offset, payload } => {
                    let read = decoder.decode(payload, &mut decoded);
                    match (read, &mut damage) {
                        (Ok(()), _) => self.end_damage(&mut damage),
                        (Err(_), Some((_, _, records_lost))) => *records_lost += 1,
                        (Err(Unreadable::Astray), None) => {}
                        (Err(Unreadable::Malformed), None) => {
                            damage = Some((offset as u64, payload.len() as u64, 0));
                        }
                    }
                    let newest = decoded.samples.iter().map(|(_, sample)| sample.time_ms).max();
                    segment.newest_ms = segment.newest_ms.max(newest.unwrap_or(i64::MIN));
                    (self.visit)(Position { segment: self.number, offset: offset as u64 }, &decoded);
                }
                Part::Damage { offset, len_bytes } => {
                    decoder.lose();
                    self.end_damage(&mut damage);
                    damage = Some((offset as u64, len_bytes as u64, 0));
                }
                Part::Tail { offset } if is_last => {
                    self.disk.append(&path)?.truncate(offset as u64)?;
                    segment.len_bytes = offset as u64;
                    let len_bytes = (bytes.len() - offset) as u64;
                    (self.tell)(Event::LogCut { file: path.display().to_string(), len_bytes });
                }
                Part::Tail { offset } => {
                    self.end_damage(&mut damage);
                    damage = Some((offset as u64, (bytes.len() - offset) as u64, 0));
                }
            }
        }
        self.end_damage(&mut damage);
        Ok(segment)
    }

    fn end_damage(&self, damage: &mut Option<(u64, u64, u64)>) {
        if let Some((offset, len_bytes, records_lost)) = damage.take() {
            self.tell_damage(offset, len_bytes, records_lost);
        }
    }

    fn tell_damage(&self, offset: u64, len_bytes: u64, records_lost: u64) {
        let file = names::segment(self.dir, self.number).display().to_string();
        (self.tell)(Event::LogDamaged { file, offset, len_bytes, records_lost });
    }
}
