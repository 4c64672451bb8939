//! One entry: what its data say, as far as anyone wants to know.

use super::fields::{Class, Fields, Kind};
use super::file::{JournalFile, Payload};
use super::units::Units;
use super::unpack::unpack;
use super::window::Window;
use crate::tail::LINE_BYTES_MAX;
use std::io;
use std::path::{Path, PathBuf};

/// Most packed data of an entry that may be its message.
const PACKED_MAX: usize = 8;
/// So much of a datum is looked at to know what it is: its head, and the longest name of a unit.
const DATUM_BYTES: usize = 352;
/// The name of the field with the text.
pub(super) const MESSAGE: &[u8] = b"MESSAGE=";

/// An entry as far as anyone wants to know.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) unit: Option<u16>,
    pub(super) priority: Option<u8>,
    pub(super) is_of_kernel: bool,
    pub(super) wanted: u64,
    message: Option<Payload>,
    packed: Vec<Payload>,
}

/// What entries are understood with.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) window: Window,
    pub(super) fields: Fields,
    items: Vec<u64>,
}

impl Entries {
    pub(super) fn new() -> Self {
        Self { window: Window::default(), fields: Fields::new(), items: Vec::new() }
    }

    /// Finds out what an entry is.
    pub(super) fn understand(
        &mut self,
        file: &JournalFile,
        offset: u64,
        units: &mut Units,
        entry: &mut Entry,
    ) -> io::Result<()> {
        let Self { window, items, fields } = self;
        entry.packed.clear();
        *entry = Entry { packed: std::mem::take(&mut entry.packed), ..Entry::default() };
        file.items(window, offset, items)?;
        for datum in items.iter().copied() {
            let mut room = [0; DATUM_BYTES];
            let (class, payload) = match fields.known(file.number, datum) {
                Some(class) => (class, None),
                None => {
                    let (payload, head) = file.data(window, datum, &mut room)?;
                    if payload.packed != 0 {
                        if entry.packed.len() < PACKED_MAX {
                            entry.packed.push(payload);
                        }
                        continue;
                    }
                    let class = fields.class(head, units);
                    // What is of one entry only will not be asked for again.
                    if payload.uses > 1 && class.kind != Kind::Message {
                        fields.keep(file.number, datum, class);
                    }
                    (class, Some(payload))
                }
            };
            entry.add(class, payload);
        }
        Ok(())
    }
}

impl Entry {
    fn add(&mut self, class: Class, payload: Option<Payload>) {
        self.wanted |= class.wanted;
        match class.kind {
            Kind::Message => self.message = payload.or(self.message),
            Kind::Priority(priority) => self.priority = Some(priority),
            Kind::Unit(unit) => self.unit = Some(unit),
            Kind::Kernel => self.is_of_kernel = true,
            Kind::Other => {}
        }
    }
}

/// Reads the field `MESSAGE` of an entry, all of it with its name; whether there is one.
pub(super) fn read_message(file: &JournalFile, entry: &Entry, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let bytes_max = LINE_BYTES_MAX + MESSAGE.len();
    let too_long = || io::Error::new(io::ErrorKind::InvalidData, "it is longer than a line may be");
    if let Some(payload) = entry.message {
        if payload.len > bytes_max as u64 {
            return Err(too_long());
        }
        file.payload(payload, bytes_max, buffer)?;
        return Ok(true);
    }
    for payload in &entry.packed {
        let mut bytes = Vec::new();
        file.payload(*payload, bytes_max, &mut bytes)?;
        let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
        unpack(payload.packed, &bytes, bytes_max, buffer).map_err(invalid)?;
        if buffer.starts_with(MESSAGE) {
            return if buffer.len() == bytes_max { Err(too_long()) } else { Ok(true) };
        }
    }
    Ok(false)
}

/// Reads every entry of a file and hands on the texts of its data; gives how many entries there were, and how many were
/// damaged.
pub(super) fn read_file(path: &Path, take: &mut dyn FnMut(u64, &[u8])) -> io::Result<(u64, u64)> {
    let mut file = JournalFile::open(path, 0)?;
    let (mut window, mut items, mut walk) = (Window::default(), Vec::new(), Default::default());
    let (mut damaged, mut bytes, mut text) = (0, Vec::new(), Vec::new());
    file.path = PathBuf::from(path);
    for number in 0..file.header.entries {
        let Ok(offset) = file.entry_offset(&mut walk, number) else {
            return Ok((number, damaged + 1));
        };
        if file.items(&mut window, offset, &mut items).is_err() {
            damaged += 1;
            continue;
        }
        for datum in &items {
            let mut room = [0; DATUM_BYTES];
            let read = file.data(&window, *datum, &mut room).map(|(payload, _)| payload);
            let read = read.and_then(|it| file.payload(it, LINE_BYTES_MAX, &mut bytes).map(|()| it));
            match read.map(|it| unpack(it.packed, &bytes, LINE_BYTES_MAX, &mut text)) {
                Ok(Ok(())) => take(number, &text),
                _ => damaged += 1,
            }
        }
    }
    Ok((file.header.entries, damaged))
}
