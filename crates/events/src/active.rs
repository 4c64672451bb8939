//! The segment that is being written, as it is in memory: a row for each record of its file.

use crate::file::{TOLD, take_text, take_u64};
use model::event::HOST_BYTES_MAX;
use model::{Event, Origin};
use std::sync::Arc;
use stdx::varint;
use wire::protocols::native::events::{read_event, write_event};

/// Events that were told at once, packed as in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Number of the first one.
    pub(crate) number: u64,
    pub(crate) host: Arc<str>,
    pub(crate) origin: Option<Origin>,
    pub(crate) count: u64,
    pub(crate) time_min: i64,
    pub(crate) time_max: i64,
    /// A bit for each level among them.
    pub(crate) levels: u8,
    /// The events one after the other.
    pub(crate) events: Arc<[u8]>,
}

impl Row {
    /// Packs events; their number is still to be given.
    pub(crate) fn new(host: &str, events: &[Event], origin: Option<Origin>) -> Self {
        let host = &host[..host.floor_char_boundary(HOST_BYTES_MAX)];
        let (mut bytes, mut before_ms) = (Vec::new(), 0);
        events.iter().for_each(|event| write_event(&mut bytes, event, &mut before_ms));
        let times = || events.iter().map(|event| event.time_ms);
        Self {
            number: 0,
            host: host.into(),
            origin,
            count: events.len() as u64,
            time_min: times().min().unwrap_or(0),
            time_max: times().max().unwrap_or(0),
            levels: levels(events),
            events: bytes.into(),
        }
    }

    /// Number of the last event.
    pub(crate) fn number_last(&self) -> u64 {
        self.number + self.count.saturating_sub(1)
    }

    /// Appends the payload of its record.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.push(TOLD);
        out.extend_from_slice(&self.number.to_le_bytes());
        varint::write_bytes(out, self.host.as_bytes());
        match self.origin {
            None => out.push(0),
            Some(Origin { stream, frame }) => {
                out.push(1);
                out.extend_from_slice(&stream.to_le_bytes());
                varint::write_u64(out, frame);
            }
        }
        varint::write_u64(out, self.count);
        out.extend_from_slice(&self.events);
    }

    /// Reads the payload of a record; `None` when it is of another kind or damaged.
    pub(crate) fn decode(payload: &[u8]) -> Option<Self> {
        let mut input = payload.strip_prefix(&[TOLD])?;
        let number = take_u64(&mut input)?;
        let host = take_text(&mut input)?;
        let origin = match crate::file::take(&mut input, 1)? {
            [0] => None,
            [1] => Some(Origin { stream: take_u64(&mut input)?, frame: varint::read_u64(&mut input)? }),
            _ => return None,
        };
        let count = varint::read_u64(&mut input)?;
        number.checked_add(count)?;
        let events = unpack(input, count)?;
        Some(Self { number, count, ..Self::new(host, &events, origin) })
    }

    /// The events.
    pub(crate) fn unpack(&self) -> Vec<Event> {
        unpack(&self.events, self.count).unwrap_or_default()
    }

    /// Memory held, roughly, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.host.len() + self.events.len()
    }
}

/// A bit for each level among events.
pub(crate) fn levels(events: &[Event]) -> u8 {
    events.iter().fold(0, |mask, event| mask | 1 << event.level as u8)
}

fn unpack(mut input: &[u8], count: u64) -> Option<Vec<Event>> {
    let (mut events, mut before_ms) = (Vec::new(), 0);
    for _ in 0..count {
        events.push(read_event(&mut input, &mut before_ms).ok()?);
    }
    input.is_empty().then_some(events)
}
