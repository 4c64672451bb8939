//! The classic format of libpcap: a head of 24 bytes, then records of 16 bytes and a frame.
//! Source: draft-ietf-opsawg-pcap.

use super::{Frame, Link, Order, Record};

pub(super) const HEADER_BYTES: usize = 24;
const RECORD_BYTES: usize = 16;
/// Times in microseconds.
const MAGIC_MICROS: u32 = 0xa1b2_c3d4;
/// Times in nanoseconds.
const MAGIC_NANOS: u32 = 0xa1b2_3c4d;

pub(super) fn is_magic(magic: &[u8; 4]) -> bool {
    order_and_unit(magic).is_some()
}

fn order_and_unit(magic: &[u8; 4]) -> Option<(Order, u32)> {
    let unit_ns = |magic| match magic {
        MAGIC_MICROS => Some(1000),
        MAGIC_NANOS => Some(1),
        _ => None,
    };
    let little = unit_ns(u32::from_le_bytes(*magic)).map(|unit| (Order { is_big: false }, unit));
    little.or_else(|| Some((Order { is_big: true }, unit_ns(u32::from_be_bytes(*magic))?)))
}

#[derive(Debug)]
pub(super) struct Header {
    order: Order,
    unit_ns: u32,
    link: Link,
}

impl Header {
    /// Reads the head, which is there in whole.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let magic = bytes.first_chunk().expect("a whole head");
        let (order, unit_ns) = order_and_unit(magic).ok_or("this is neither a pcap nor a pcapng file")?;
        // The upper bits tell of check sums at the end of frames, which are of no interest.
        let link = Link::from_number(order.u32(bytes, 20) & 0xffff);
        Ok(Self { order, unit_ns, link: link.ok_or("frames of this link type cannot be read")? })
    }

    pub(super) fn record<'a>(&self, bytes: &'a [u8]) -> Result<Record<'a>, &'static str> {
        if bytes.len() < RECORD_BYTES {
            return Ok(Record::More(RECORD_BYTES));
        }
        let [seconds, fraction, kept, len] = [0, 4, 8, 12].map(|at| self.order.u32(bytes, at));
        let end = RECORD_BYTES.saturating_add(kept as usize);
        let Some(frame) = bytes.get(RECORD_BYTES..end) else { return Ok(Record::More(end)) };
        let time_ns = u64::from(seconds) * 1_000_000_000 + u64::from(fraction) * u64::from(self.unit_ns);
        Ok(Record::Frame(end, Frame { time_ns, link: self.link, bytes: frame, len: len.max(kept) }))
    }
}
