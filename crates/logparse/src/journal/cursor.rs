//! How far entries were read. Listeners that have read the same share one; who begins elsewhere has one of his own until he has
//! read as much as the others.

use super::file::{JournalFile, Walk};
use super::layout::Header;
use super::listener::file_number;
use crate::tail::Position;

/// Where one is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file_id: [u8; 16],
    /// So many entries were read.
    pub(super) read: u64,
    pub(super) walk: Walk,
}

/// Where a file is begun of which nothing is known.
#[derive(Debug, Clone)]
pub(super) enum Begin {
    Start,
    End,
    /// As an earlier start left it: files of which it did not know are new when they were begun after it.
    Known(Vec<Position>),
}

/// See the module's text.
#[derive(Debug)]
pub(super) struct Cursor {
    pub(super) places: Vec<Place>,
    /// Numbers of listeners, as bits.
    pub(super) listeners: u64,
    /// How it begins with what is there at first; what appears later is new.
    begin: Option<Begin>,
}

impl Cursor {
    pub(super) fn new(listeners: u64, begin: Begin) -> Self {
        Self { places: Vec::new(), listeners, begin: Some(begin) }
    }

    /// Has met all that was there at first.
    pub(super) fn settle(&mut self) {
        self.begin = None;
    }

    /// Begins with a file where that is new for it. `is_left` says that all others had read it to its end.
    pub(super) fn meet(&mut self, file: &JournalFile, is_left: bool) {
        if self.places.iter().any(|place| place.file_id == file.header.file_id) {
            return;
        }
        let read = match &self.begin {
            None if is_left => file.header.entries,
            None | Some(Begin::Start) => 0,
            Some(Begin::End) => file.header.entries,
            Some(Begin::Known(known)) => resumed(known, &file.header),
        };
        self.places.push(Place { file_id: file.header.file_id, read, walk: Walk::default() });
    }

    /// Where it is in a file.
    pub(super) fn place(&mut self, file_id: [u8; 16]) -> Option<&mut Place> {
        self.places.iter_mut().find(|place| place.file_id == file_id)
    }

    /// Whether there is nothing left of a file.
    pub(super) fn is_done(&self, header: &Header) -> bool {
        let place = self.places.iter().find(|place| place.file_id == header.file_id);
        place.is_none_or(|place| place.read >= header.entries)
    }

    /// Whether another one has read the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_in = |place: &Place, all: &[Place]| {
            all.iter().any(|other| other.file_id == place.file_id && other.read == place.read)
        };
        self.places.len() == other.places.len() && self.places.iter().all(|place| is_in(place, &other.places))
    }
}

/// How many entries of a file an earlier start had read.
fn resumed(known: &[Position], header: &Header) -> u64 {
    let id = file_number(header.file_id);
    if let Some(position) = known.iter().find(|position| position.id == id) {
        return position.offset.min(header.entries);
    }
    let saved_us =
        known.iter().map(|position| position.saved_ms).max().unwrap_or_default().saturating_mul(1000);
    let is_newer = i64::try_from(header.first_us).is_ok_and(|first_us| first_us > saved_us);
    if is_newer { 0 } else { header.entries }
}
