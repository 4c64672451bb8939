//! From a frame to a TCP segment: the headers of link, IP and TCP.

use crate::capture::{Frame, Link};
use std::net::{IpAddr, Ipv6Addr};

/// An address and a port. IPv4 addresses are mapped into IPv6 ones, so that there is one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    address: u128,
    /// TCP port.
    pub port: u16,
}

impl Endpoint {
    /// The address, IPv4 as such.
    pub fn ip(&self) -> IpAddr {
        Ipv6Addr::from_bits(self.address).to_canonical()
    }

    pub(crate) fn address(&self) -> u128 {
        self.address
    }
}

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const ACK: u8 = 0x10;

/// A TCP segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Who sent it.
    pub source: Endpoint,
    /// To whom.
    pub target: Endpoint,
    /// Number of its first byte.
    pub sequence: u32,
    /// Number of the byte its sender waits for.
    pub acknowledged: u32,
    /// FIN, SYN, RST, ACK and so on, as in the header.
    pub flags: u8,
    /// What was kept of its data.
    pub payload: &'a [u8],
    /// How many bytes of data it had on the wire.
    pub payload_len: u32,
}

const ETHERNET_BYTES: usize = 14;
const VLAN_TYPES: [u16; 3] = [0x8100, 0x88a8, 0x9100];
/// Tags within tags; more than two are not in use.
const VLAN_TAGS_MAX: usize = 4;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const TCP: u8 = 6;
const TCP_BYTES_MIN: usize = 20;
/// IPv6 headers between the first and TCP's.
const EXTENSIONS_MAX: usize = 8;

/// The TCP segment of a frame; `None` for whatever else it is, and for what was cut off before its data.
#[inline]
pub fn segment<'a>(frame: &Frame<'a>) -> Option<Segment<'a>> {
    let packet = after_link(frame)?;
    let header_bytes = frame.bytes.len() - packet.len();
    let wire_len = (frame.len as usize).saturating_sub(header_bytes);
    match packet.first()? >> 4 {
        4 => ipv4(packet, wire_len),
        6 => ipv6(packet, wire_len),
        _ => None,
    }
}

#[inline]
fn after_link<'a>(frame: &Frame<'a>) -> Option<&'a [u8]> {
    let bytes = frame.bytes;
    match frame.link {
        Link::Ip => Some(bytes),
        Link::Ethernet => after_type(bytes, ETHERNET_BYTES),
        Link::Tagged => after_type(bytes, 4),
        Link::Cooked => after_type(bytes, 16),
        Link::Cooked2 => match [IPV4, IPV6].contains(&be16(bytes, 0)?) {
            true => bytes.get(20..),
            // A tag, whose own two bytes follow the head.
            false => after_type(bytes.get(18..)?, 4),
        },
        Link::Null | Link::Loop => bytes.get(4..),
    }
}

/// What follows a head that ends with the type of what follows, beyond VLAN tags.
fn after_type(bytes: &[u8], head: usize) -> Option<&[u8]> {
    let mut end = head;
    for _ in 0..VLAN_TAGS_MAX {
        let kind = be16(bytes, end - 2)?;
        if kind == IPV4 || kind == IPV6 {
            return bytes.get(end..);
        }
        if !VLAN_TYPES.contains(&kind) {
            return None;
        }
        end += 4;
    }
    None
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A length of 0 means that it did not fit, or that the network card fills it in: then the frame tells.
fn told_len(told: usize, wire_len: usize) -> usize {
    if told == 0 { wire_len } else { told }
}

fn ipv4(packet: &[u8], wire_len: usize) -> Option<Segment<'_>> {
    let header_len = usize::from(packet[0] & 0xf) * 4;
    let total = told_len(usize::from(be16(packet, 2)?), wire_len);
    let is_later_fragment = be16(packet, 6)? & 0x1fff != 0;
    if header_len < 20 || is_later_fragment || *packet.get(9)? != TCP {
        return None;
    }
    let mapped = |at| Some(0xffff_0000_0000 | u128::from(be32(packet, at)?));
    let (source, target) = (mapped(12)?, mapped(16)?);
    tcp(source, target, packet.get(header_len..)?, total.checked_sub(header_len)?)
}

fn ipv6(packet: &[u8], wire_len: usize) -> Option<Segment<'_>> {
    let len = told_len(usize::from(be16(packet, 4)?), wire_len.saturating_sub(40));
    let address = |at: usize| Some(u128::from_be_bytes(*packet.get(at..)?.first_chunk()?));
    let (source, target) = (address(8)?, address(24)?);
    let (mut next, mut at) = (*packet.get(6)?, 40);
    for _ in 0..EXTENSIONS_MAX {
        match next {
            TCP => return tcp(source, target, packet.get(at..)?, len.checked_sub(at - 40)?),
            // Hop by hop, routing, options for the destination.
            0 | 43 | 60 => {
                next = *packet.get(at)?;
                at += (usize::from(*packet.get(at + 1)?) + 1) * 8;
            }
            // A fragment: only the first has TCP's head.
            44 if be16(packet, at + 2)? & 0xfff8 == 0 => {
                next = *packet.get(at)?;
                at += 8;
            }
            // Authentication, in units of four bytes.
            51 => {
                next = *packet.get(at)?;
                at += (usize::from(*packet.get(at + 1)?) + 2) * 4;
            }
            _ => return None,
        }
    }
    None
}

#[inline]
fn tcp(source: u128, target: u128, bytes: &[u8], wire_len: usize) -> Option<Segment<'_>> {
    let head = bytes.get(..TCP_BYTES_MIN)?;
    let header_len = usize::from(head[12] >> 4) * 4;
    let payload_len = wire_len.checked_sub(header_len)?;
    if header_len < TCP_BYTES_MIN {
        return None;
    }
    // Options may have been cut off, then there is no data; padding of short frames is no data either.
    let payload = bytes.get(header_len..).unwrap_or_default();
    Some(Segment {
        source: Endpoint { address: source, port: be16(head, 0)? },
        target: Endpoint { address: target, port: be16(head, 2)? },
        sequence: be32(head, 4)?,
        acknowledged: be32(head, 8)?,
        flags: head[13],
        payload: &payload[..payload.len().min(payload_len)],
        payload_len: u32::try_from(payload_len).ok()?,
    })
}
