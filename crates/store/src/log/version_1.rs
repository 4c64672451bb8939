//! Reads the log of version 1: numbered segments in a folder of their own, whose records have no offsets. It is not
//! written any more, and removed once its samples are in blocks.

use super::Position;
use super::record::{Decoded, Decoder, Unreadable};
use super::segment::{HEADER_BYTES, Header, Part, Parts, read_header};
use crate::{Error, Event, Options, names};
use std::io;

const VERSION: u16 = 1;

/// Numbers of the segments there are.
pub(crate) fn segments(options: &Options) -> io::Result<Vec<u64>> {
    let entries = match options.disk.list(&options.dir.join(names::OLD_LOG)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed?,
    };
    let number = |entry: stdx::disk::Entry| names::old_segment_number(&entry.name).filter(|_| !entry.is_dir);
    Ok(entries.into_iter().filter_map(number).collect())
}

/// Removes segments; those that are gone are fine.
pub(crate) fn remove(options: &Options, segments: &[u64]) -> io::Result<()> {
    for &number in segments {
        match options.disk.remove_file(&names::old_segment(&options.dir, number)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Reads segments in order and gives every whole record to `visit` with its place. Damage is told and skipped, an
/// unfinished record at the very end is told and left.
pub(crate) fn replay(
    options: &Options,
    segments: &[u64],
    visit: &mut dyn FnMut(Position, &Decoded),
) -> Result<(), Error> {
    for &number in segments {
        let is_last = Some(&number) == segments.last();
        Reading { options, visit: &mut *visit, number, is_last }.read()?;
    }
    Ok(())
}

struct Reading<'a> {
    options: &'a Options,
    visit: &'a mut dyn FnMut(Position, &Decoded),
    number: u64,
    is_last: bool,
}

impl Reading<'_> {
    fn read(&mut self) -> Result<(), Error> {
        let path = names::old_segment(&self.options.dir, self.number);
        let bytes = self.options.disk.read(&path)?;
        match read_header(&bytes, VERSION, self.number) {
            Header::Known => {}
            Header::Newer(version) => return Err(Error::Newer { path, version, known: VERSION }),
            Header::Unreadable if bytes.len() <= HEADER_BYTES => return Ok(()),
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
                            damage = Some((offset as u64, payload.len() as u64, 1));
                        }
                    }
                    (self.visit)(Position { segment: self.number, offset: offset as u64 }, &decoded);
                }
                Part::Damage { offset, len_bytes } => {
                    decoder.lose();
                    self.end_damage(&mut damage);
                    damage = Some((offset as u64, len_bytes as u64, 1));
                }
                Part::Tail { offset } if self.is_last => {
                    let len_bytes = (bytes.len() - offset) as u64;
                    (self.options.tell)(Event::LogCut { file: path.display().to_string(), len_bytes });
                }
                Part::Tail { offset } => {
                    self.end_damage(&mut damage);
                    damage = Some((offset as u64, (bytes.len() - offset) as u64, 1));
                }
            }
        }
        self.end_damage(&mut damage);
        Ok(())
    }

    fn end_damage(&self, damage: &mut Option<(u64, u64, u64)>) {
        if let Some((offset, len_bytes, records_lost)) = damage.take() {
            self.tell_damage(offset, len_bytes, records_lost);
        }
    }

    fn tell_damage(&self, offset: u64, len_bytes: u64, records_lost: u64) {
        let file = names::old_segment(&self.options.dir, self.number).display().to_string();
        (self.options.tell)(Event::LogDamaged { file, offset, len_bytes, records_lost });
    }
}
