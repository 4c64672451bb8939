//! Reading the log's files: once from the end when they are opened, and from any offset on.

use super::{LocalLog, Segment};
use crate::log::segment::{HEADER_BYTES, Header, Part, Parts, VERSION, read_frame, read_header};
use crate::log::{BatchId, Damage, Item, Offset, Record, Visit};
use crate::{Error, Event, names};
use std::io;
use std::ops::ControlFlow;

impl LocalLog {
    /// Finds the segments and where the next record goes.
    pub(super) fn find_end(&self, floor: Offset) -> Result<(), Error> {
        let mut segments = Vec::new();
        for entry in self.disk.list(&self.folder)? {
            match names::segment_offset(&entry.name) {
                Some(first) if !entry.is_dir => segments.push(Segment { first, len_bytes: entry.len_bytes }),
                _ => {
                    let name = format!("{}/{}", names::LOG, entry.name);
                    (self.tell)(Event::Skipped { name, reason: "it is not a log segment".to_owned() });
                }
            }
        }
        let mut end = self.end();
        // Segments without a record in them were started just before the end.
        while let Some(last) = segments.last_mut() {
            let next = self.find_next(last, &mut end.recent)?;
            end.next = end.next.max(next);
            if next > last.first {
                break;
            }
            self.disk.remove_file(&self.path(last.first))?;
            segments.pop();
        }
        for segment in &segments {
            self.check_version(segment.first)?;
        }
        end.segments = segments;
        end.next = end.next.max(floor);
        self.syncer.wrote(end.next);
        Ok(())
    }

    /// The offset after the last record of the last segment, where it is cut.
    fn find_next(&self, segment: &mut Segment, recent: &mut super::Recent) -> Result<Offset, Error> {
        let path = self.path(segment.first);
        let bytes = self.disk.read(&path)?;
        if let Header::Newer(version) = read_header(&bytes, VERSION, segment.first) {
            return Err(Error::Newer { path, version, known: VERSION });
        }
        let mut next = segment.first;
        for part in Frames::new(&bytes) {
            match part {
                Frame::Record(record) => {
                    next = next.max(record.offset + 1);
                    if let Some(id) = record.id {
                        recent.add(id, record.offset);
                    }
                }
                Frame::Damage { .. } => {}
                Frame::Tail { at } => {
                    let len_bytes = (bytes.len() - at) as u64;
                    if next > segment.first {
                        self.disk.append(&path)?.truncate(at as u64)?;
                        segment.len_bytes = at as u64;
                    }
                    (self.tell)(Event::LogCut { file: path.display().to_string(), len_bytes });
                }
            }
        }
        Ok(next)
    }

    fn check_version(&self, first: Offset) -> Result<(), Error> {
        let path = self.path(first);
        let mut head = [0; HEADER_BYTES];
        match self.disk.open(&path).and_then(|file| file.read_exact_at(&mut head, 0)) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        match read_header(&head, VERSION, first) {
            Header::Newer(version) => Err(Error::Newer { path, version, known: VERSION }),
            _ => Ok(()),
        }
    }

    /// See [`crate::Log::read`].
    pub(super) fn read_from(&self, from: Offset, visit: &mut Visit<'_>) -> io::Result<Offset> {
        let (segments, end) = {
            let end = self.end();
            (end.segments.clone(), end.next)
        };
        let mut reading = Reading { next: from, damage: None, visit };
        for (at, segment) in segments.iter().enumerate() {
            let limit = segments.get(at + 1).map_or(end, |next| next.first);
            if limit <= reading.next {
                continue;
            }
            let place = self.path(segment.first);
            let bytes = self.disk.read(&place)?;
            reading.begin(&place.display().to_string(), segment.first, &bytes);
            if reading.segment(&bytes, limit).is_break() {
                break;
            }
        }
        Ok(reading.next)
    }
}

/// Goes through segments, and knows which offset is to come next.
struct Reading<'a, 'b> {
    next: Offset,
    /// Bytes crossed since the last record.
    damage: Option<Damage>,
    visit: &'a mut Visit<'b>,
}

impl Reading<'_, '_> {
    /// Starts a segment; what is missing before it is part of the damage before, or of its own header.
    fn begin(&mut self, place: &str, first: Offset, bytes: &[u8]) {
        let is_known = read_header(bytes, VERSION, first) == Header::Known;
        if self.damage.is_none() {
            let len_bytes = if is_known { 0 } else { HEADER_BYTES.min(bytes.len()) as u64 };
            self.damage = Some(Damage { place: place.to_owned(), at: 0, len_bytes, offsets: 0..0 });
        }
    }

    fn segment(&mut self, bytes: &[u8], limit: Offset) -> ControlFlow<()> {
        let place = self.damage.as_ref().map_or_else(String::new, |damage| damage.place.clone());
        for frame in Frames::new(bytes) {
            match frame {
                // A record that is written at this moment, and those after it, are not for now.
                Frame::Record(record) if record.offset >= limit => break,
                Frame::Record(record) if record.offset < self.next => self.damage = None,
                Frame::Record(record) => {
                    self.lose_until(record.offset)?;
                    self.next = record.offset + 1;
                    (self.visit)(Item::Record(record))?;
                }
                Frame::Damage { at, len_bytes } => self.note(&place, at, len_bytes),
                Frame::Tail { at } => self.note(&place, at, bytes.len() - at),
            }
        }
        self.lose_until(limit)
    }

    fn note(&mut self, place: &str, at: usize, len_bytes: usize) {
        let (at, len_bytes) = (at as u64, len_bytes as u64);
        self.damage = Some(Damage { place: place.to_owned(), at, len_bytes, offsets: 0..0 });
    }

    /// Says which records are missing before an offset.
    fn lose_until(&mut self, offset: Offset) -> ControlFlow<()> {
        let damage = self.damage.take();
        if offset <= self.next {
            return ControlFlow::Continue(());
        }
        let offsets = std::mem::replace(&mut self.next, offset)..offset;
        let nowhere = Damage { place: names::LOG.to_owned(), at: 0, len_bytes: 0, offsets: 0..0 };
        (self.visit)(Item::Lost(Damage { offsets, ..damage.unwrap_or(nowhere) }))
    }
}

/// What comes next in a segment.
enum Frame<'a> {
    Record(Record<'a>),
    Damage { at: usize, len_bytes: usize },
    Tail { at: usize },
}

/// Walks the records of a segment and fills in their producers.
struct Frames<'a> {
    parts: Parts<'a>,
    producer: Option<u128>,
}

impl<'a> Frames<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { parts: Parts::new(bytes), producer: None }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        Some(match self.parts.next()? {
            Part::Record { offset: at, payload } => match read_frame(payload) {
                Some(frame) => {
                    self.producer = frame.producer.or(self.producer);
                    let id = self.producer.map(|producer| BatchId { producer, n: frame.n });
                    Frame::Record(Record {
                        offset: frame.offset,
                        id,
                        stored_ms: frame.stored_ms,
                        body: frame.body,
                    })
                }
                None => Frame::Damage { at, len_bytes: payload.len() },
            },
            Part::Damage { offset: at, len_bytes } => {
                self.producer = None;
                Frame::Damage { at, len_bytes }
            }
            Part::Tail { offset: at } => Frame::Tail { at },
        })
    }
}
