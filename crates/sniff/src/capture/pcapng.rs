//! The format of Wireshark: blocks of a type, a length, a body and the length once more.
//! Source: draft-ietf-opsawg-pcapng.

use super::{Frame, Link, Order, Record};

const SECTION: u32 = 0x0a0d_0d0a;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const STATISTICS: u32 = 5;
const PACKET: u32 = 6;
/// Type, length, and the length at the end.
const BLOCK_BYTES_MIN: usize = 12;
/// Interfaces a section may have.
const INTERFACES_MAX: usize = 4096;

/// Options that are looked at.
const TIME_RESOLUTION: u16 = 9;
const TIME_OFFSET: u16 = 14;
const DROPPED_BY_INTERFACE: u16 = 5;
const DROPPED_BY_SYSTEM: u16 = 7;

pub(super) fn is_section(magic: &[u8; 4]) -> bool {
    u32::from_le_bytes(*magic) == SECTION
}

#[derive(Debug, Clone, Copy)]
struct Interface {
    link: Option<Link>,
    /// Units of time in a second.
    units: u64,
    /// What is added to its times, in seconds.
    offset_s: i64,
    /// What it said it lost; it says so again and again.
    dropped: u64,
}

/// A section: a byte order and the interfaces told so far.
#[derive(Debug, Default)]
pub(super) struct Section {
    order: Option<Order>,
    interfaces: Vec<Interface>,
    pub(super) foreign: u64,
    pub(super) dropped: u64,
}

impl Section {
    pub(super) fn block<'a>(&mut self, bytes: &'a [u8]) -> Result<Record<'a>, &'static str> {
        if bytes.len() < BLOCK_BYTES_MIN {
            return Ok(Record::More(BLOCK_BYTES_MIN));
        }
        if is_section(bytes.first_chunk().expect("a block's head")) {
            self.begin(bytes)?;
        }
        let order = self.order.ok_or("the capture does not begin with a section")?;
        let len = order.u32(bytes, 4) as usize;
        if len < BLOCK_BYTES_MIN || !len.is_multiple_of(4) {
            return Err("a block has an impossible length");
        }
        if bytes.len() < len {
            return Ok(Record::More(len));
        }
        let body = &bytes[8..len - 4];
        let frame = match order.u32(bytes, 0) {
            INTERFACE => return self.interface(order, body).map(|()| Record::Other(len)),
            STATISTICS => self.statistics(order, body),
            PACKET => self.packet(order, body)?,
            OLD_PACKET => self.old_packet(order, body)?,
            SIMPLE_PACKET => self.simple_packet(order, body)?,
            _ => None,
        };
        Ok(frame.map_or(Record::Other(len), |frame| Record::Frame(len, frame)))
    }

    fn begin(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        let orders = [Order { is_big: false }, Order { is_big: true }];
        let order = orders.into_iter().find(|order| order.u32(bytes, 8) == BYTE_ORDER);
        self.order = Some(order.ok_or("a section has no byte order")?);
        self.interfaces.clear();
        Ok(())
    }

    fn interface(&mut self, order: Order, body: &[u8]) -> Result<(), &'static str> {
        if body.len() < 8 {
            return Err("an interface block is too short");
        }
        if self.interfaces.len() == INTERFACES_MAX {
            return Err("a section has too many interfaces");
        }
        let link = Link::from_number(u32::from(order.u16(body, 0)));
        let mut interface = Interface { link, units: 1_000_000, offset_s: 0, dropped: 0 };
        for (code, value) in options(order, &body[8..]) {
            match (code, value.len()) {
                (TIME_RESOLUTION, 1..) => interface.units = units(value[0]).ok_or("a clock is too fine")?,
                (TIME_OFFSET, 8..) => interface.offset_s = order.u64(value, 0) as i64,
                _ => {}
            }
        }
        self.interfaces.push(interface);
        Ok(())
    }

    fn statistics<'a>(&mut self, order: Order, body: &[u8]) -> Option<Frame<'a>> {
        let interface = self.interfaces.get_mut(order.u32(body.get(..12)?, 0) as usize)?;
        let counts = [DROPPED_BY_INTERFACE, DROPPED_BY_SYSTEM];
        let told =
            options(order, &body[12..]).filter(|(code, value)| counts.contains(code) && value.len() == 8);
        let dropped = told.fold(0u64, |sum, (_, value)| sum.saturating_add(order.u64(value, 0)));
        self.dropped = self.dropped.saturating_add(dropped.saturating_sub(interface.dropped));
        interface.dropped = interface.dropped.max(dropped);
        None
    }

    fn packet<'a>(&mut self, order: Order, body: &'a [u8]) -> Result<Option<Frame<'a>>, &'static str> {
        if body.len() < 20 {
            return Err("a packet block is too short");
        }
        let interface = order.u32(body, 0) as usize;
        self.frame(order, body, interface)
    }

    /// The same but for a narrower number of the interface.
    fn old_packet<'a>(&mut self, order: Order, body: &'a [u8]) -> Result<Option<Frame<'a>>, &'static str> {
        if body.len() < 20 {
            return Err("a packet block is too short");
        }
        let interface = usize::from(order.u16(body, 0));
        self.frame(order, body, interface)
    }

    fn frame<'a>(
        &mut self,
        order: Order,
        body: &'a [u8],
        interface: usize,
    ) -> Result<Option<Frame<'a>>, &'static str> {
        let interface = self.interfaces.get(interface).ok_or("a packet of an interface that was not told")?;
        let [high, low, kept, len] = [4, 8, 12, 16].map(|at| order.u32(body, at));
        let bytes = body[20..].get(..kept as usize).ok_or("a packet is longer than its block")?;
        let Some(link) = interface.link else {
            self.foreign += 1;
            return Ok(None);
        };
        let time = u128::from(u64::from(high) << 32 | u64::from(low));
        let since_ns =
            i128::try_from(time * 1_000_000_000 / u128::from(interface.units)).unwrap_or(i128::MAX);
        let time_ns = since_ns.saturating_add(i128::from(interface.offset_s) * 1_000_000_000);
        let time_ns = u64::try_from(time_ns.max(0)).unwrap_or(u64::MAX);
        Ok(Some(Frame { time_ns, link, bytes, len: len.max(kept) }))
    }

    /// A packet without a time, of the first interface.
    fn simple_packet<'a>(&mut self, order: Order, body: &'a [u8]) -> Result<Option<Frame<'a>>, &'static str> {
        let interface = self.interfaces.first().ok_or("a packet of an interface that was not told")?;
        if body.len() < 4 {
            return Err("a packet block is too short");
        }
        let len = order.u32(body, 0);
        let Some(link) = interface.link else {
            self.foreign += 1;
            return Ok(None);
        };
        let bytes = &body[4..];
        let bytes = &bytes[..bytes.len().min(len as usize)];
        Ok(Some(Frame { time_ns: 0, link, bytes, len }))
    }
}

/// Units of time in a second: a power of ten, or of two when the highest bit is set.
fn units(resolution: u8) -> Option<u64> {
    let exponent = u32::from(resolution & 0x7f);
    if resolution & 0x80 == 0 { 10u64.checked_pow(exponent) } else { 2u64.checked_pow(exponent) }
}

/// Code and value of each option; what is cut off is left out.
fn options(order: Order, bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let head = rest.get(..4)?;
        let (code, len) = (order.u16(head, 0), usize::from(order.u16(head, 2)));
        let value = rest.get(4..4 + len)?;
        rest = rest.get(4 + len.next_multiple_of(4)..).unwrap_or_default();
        (code != 0).then_some((code, value))
    })
}
