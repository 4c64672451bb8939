//! Blocks of a sealed segment: events sorted by host, packed together.

use crate::file::{BLOCK, take, take_text};
use model::Event;
use stdx::varint;
use wire::protocols::native::events::{read_event, write_event};

/// Size at which a block ends when the next event is another host's, in bytes before packing.
const BLOCK_BYTES_MIN: usize = 16 << 10;
/// Size at which a block ends, in bytes before packing.
const BLOCK_BYTES_MAX: usize = 64 << 10;
/// Largest block that is unpacked, in bytes: one event more than fits may be in it.
const RAW_BYTES_MAX: usize = BLOCK_BYTES_MAX + (128 << 10);
/// How hard to pack: the default of zstd, about 8 times for lines of a log.
const PACKING: i32 = 3;

/// An event, its number and its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbered {
    pub(crate) host: std::sync::Arc<str>,
    pub(crate) number: u64,
    pub(crate) event: Event,
}

/// How many of `events`, which are sorted by host and number, go into the next block.
pub(crate) fn fitting(events: &[Numbered]) -> usize {
    let mut bytes = 0;
    for (at, one) in events.iter().enumerate() {
        let ends_host = at > 0 && events[at - 1].host != one.host;
        if bytes >= BLOCK_BYTES_MAX || (ends_host && bytes >= BLOCK_BYTES_MIN) {
            return at;
        }
        bytes += one.host.len() + one.event.text_bytes() + 16 + 4 * one.event.fields.len();
    }
    events.len()
}

/// Appends the payload of a block.
pub(crate) fn pack(events: &[Numbered], out: &mut Vec<u8>) -> std::io::Result<()> {
    let mut raw = Vec::new();
    for run in events.chunk_by(|a, b| a.host == b.host) {
        varint::write_bytes(&mut raw, run[0].host.as_bytes());
        varint::write_u64(&mut raw, run.len() as u64);
        let (mut number, mut before_ms) = (0, 0);
        for one in run {
            varint::write_u64(&mut raw, one.number - number);
            number = one.number;
            write_event(&mut raw, &one.event, &mut before_ms);
        }
    }
    out.push(BLOCK);
    out.extend_from_slice(&(raw.len() as u32).to_le_bytes());
    out.extend_from_slice(&zstd::bulk::compress(&raw, PACKING)?);
    Ok(())
}

/// Reads the payload of a block; `None` when it is of another kind or damaged.
pub(crate) fn unpack(payload: &[u8]) -> Option<Vec<Numbered>> {
    let mut input = payload.strip_prefix(&[BLOCK])?;
    let raw_len = u32::from_le_bytes(*take(&mut input, 4)?.first_chunk()?) as usize;
    if raw_len > RAW_BYTES_MAX {
        return None;
    }
    let raw = zstd::bulk::decompress(input, raw_len).ok()?;
    let (mut raw, mut events) = (raw.as_slice(), Vec::new());
    while !raw.is_empty() {
        let host: std::sync::Arc<str> = take_text(&mut raw)?.into();
        let count = varint::read_u64(&mut raw)?;
        let (mut number, mut before_ms) = (0u64, 0);
        for _ in 0..count {
            number = number.checked_add(varint::read_u64(&mut raw)?)?;
            let event = read_event(&mut raw, &mut before_ms).ok()?;
            events.push(Numbered { host: host.clone(), number, event });
        }
    }
    Some(events)
}
