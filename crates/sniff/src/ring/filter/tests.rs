use super::*;
use crate::capture::{Frame, Link};
use crate::packet::{self, FIN, RST, SYN};
use crate::testing::Talk;
use proptest::prelude::*;

const LOOPBACK: i32 = 1;
const SNAP: u32 = 99;

/// What the kernel knows of a packet besides its bytes.
#[derive(Clone, Copy)]
struct About {
    protocol: u32,
    interface: u32,
    kind: u32,
}

const INCOMING: About = About { protocol: IPV4, interface: 7, kind: 0 };

/// Runs a program as the kernel does: what reads beyond the packet refuses it.
fn run(program: &[Instruction], packet: &[u8], about: About) -> u32 {
    fn field(packet: &[u8], at: u32, width: usize) -> Option<u32> {
        let bytes = packet.get(at as usize..at as usize + width)?;
        Some(bytes.iter().fold(0, |sum, b| sum << 8 | u32::from(*b)))
    }
    let (mut a, mut x, mut memory, mut at) = (0u32, 0u32, [0u32; 16], 0usize);
    loop {
        let i = program[at];
        at += 1;
        let mut jump = |holds: bool| at += usize::from(if holds { i.if_true } else { i.if_false });
        let loaded = match (i.code, i.operand) {
            (LD_W_ABS | LD_H_ABS, PROTOCOL) => Some(about.protocol),
            (LD_W_ABS | LD_H_ABS, PACKET_TYPE) => Some(about.kind),
            (LD_W_ABS | LD_H_ABS, INTERFACE) => Some(about.interface),
            (LD_W_LEN, _) => Some(packet.len() as u32),
            (LD_W_ABS, k) => field(packet, k, 4),
            (LD_H_ABS, k) => field(packet, k, 2),
            (LD_B_ABS, k) => field(packet, k, 1),
            (LD_H_IND, k) => field(packet, k + x, 2),
            (LD_B_IND, k) => field(packet, k + x, 1),
            _ => Some(a),
        };
        let Some(loaded) = loaded else { return 0 };
        a = loaded;
        match (i.code, i.operand) {
            (LDX_IMM, k) => x = k,
            (LDX_MEM, k) => x = memory[k as usize],
            (LDX_MSH, k) => match field(packet, k, 1) {
                Some(byte) => x = (byte & 0xf) * 4,
                None => return 0,
            },
            (ST, k) => memory[k as usize] = a,
            (STX, k) => memory[k as usize] = x,
            (ADD_K, k) => a = a.wrapping_add(k),
            (LSH_K, k) => a <<= k,
            (ADD_X, _) => a = a.wrapping_add(x),
            (SUB_X, _) => a = a.wrapping_sub(x),
            (AND_K, k) => a &= k,
            (RSH_K, k) => a >>= k,
            (TAX, _) => x = a,
            (JUMP, k) => at += k as usize,
            (JEQ, k) => jump(a == k),
            (JGT, k) => jump(a > k),
            (JSET, k) => jump(a & k != 0),
            (RET, k) => return k,
            _ => {}
        }
    }
}

/// Whether the program should keep a packet, by what the packet reader says.
fn wanted(packet: &[u8], ports: &[u16], link: Link) -> bool {
    let frame = Frame { time_ns: 0, link, bytes: packet, len: packet.len() as u32 };
    packet::segment(&frame).is_some_and(|segment| {
        let is_watched = ports.contains(&segment.source.port) || ports.contains(&segment.target.port);
        is_watched && (segment.payload_len > 0 || segment.flags & (FIN | SYN | RST) != 0)
    })
}

fn v6(packet: &[u8]) -> Vec<u8> {
    let mut out = vec![0x60, 0, 0, 0];
    out.extend((packet.len() as u16 - 20).to_be_bytes());
    out.extend([6, 64]);
    out.resize(40, 1);
    out.extend(&packet[20..]);
    out
}

/// With headers of these kinds between, each some units longer than it must be.
fn extended(packet: &[u8], kinds: &[u8]) -> Vec<u8> {
    let plain = v6(packet);
    let (mut headers, mut next) = (Vec::new(), 6);
    for (units, kind) in kinds.iter().enumerate().rev() {
        let mut header = vec![1; 8 * (units + 1)];
        (header[0], header[1]) = (next, units as u8);
        headers.splice(..0, header);
        next = *kind;
    }
    let mut out = plain[..40].to_vec();
    let len = (plain.len() - 40 + headers.len()) as u16;
    out[4..6].copy_from_slice(&len.to_be_bytes());
    out[6] = next;
    [&out[..], &headers, &plain[40..]].concat()
}

#[test]
fn more_headers_than_the_program_looks_through_are_left() {
    let mut talk = Talk::opened(80);
    talk.client("x");
    let program = program(&[80], LOOPBACK, SNAP);
    let about = About { protocol: IPV6, ..INCOMING };
    for (kinds, kept) in [(&[0][..], SNAP), (&[0, 43, 60], SNAP), (&[60; 4], 0), (&[59], 0), (&[17], 0)] {
        assert_eq!(run(&program, &extended(&talk.packets[3].bytes, kinds), about), kept, "{kinds:?}");
    }
    // Cut off within them.
    let whole = extended(&talk.packets[3].bytes, &[0, 60]);
    (40..64).for_each(|len| assert_eq!(run(&program, &whole[..len], about), 0));
}

#[test]
fn what_is_kept_is_what_is_read() {
    let mut talk = Talk::opened(5432);
    talk.client("a question").server("an answer").close();
    let all: Vec<u16> = (5000..5000 + crate::limits::PORTS_MAX as u16).collect();
    for ports in [&[5432][..], &[40_000], &[1, 2, 5432], &[80], &[], &all] {
        let program = program(ports, LOOPBACK, SNAP);
        assert!(program.len() <= 4096, "the kernel takes no more");
        let mut kept = 0;
        for packet in &talk.packets {
            let tag = |kind: u16, bytes: &[u8]| [&[0, 5], &kind.to_be_bytes()[..], bytes].concat();
            let cases = [
                (packet.bytes.clone(), IPV4, Link::Ip),
                (v6(&packet.bytes), IPV6, Link::Ip),
                (extended(&packet.bytes, &[0]), IPV6, Link::Ip),
                (extended(&packet.bytes, &[0, 60, 43]), IPV6, Link::Ip),
                (tag(0x0800, &packet.bytes), VLANS[0], Link::Tagged),
                (tag(0x86dd, &v6(&packet.bytes)), VLANS[1], Link::Tagged),
                (packet.bytes.clone(), 0x0806, Link::Null),
            ];
            for (bytes, protocol, link) in cases {
                let wanted = wanted(&bytes, ports, link) && link != Link::Null;
                let found = run(&program, &bytes, About { protocol, ..INCOMING });
                assert_eq!(found, if wanted { SNAP } else { 0 }, "{ports:?} {protocol:x} {bytes:x?}");
                kept += u32::from(wanted);
            }
        }
        // Two SYNs, two with data, two FINs; six forms each.
        let is_watched = ports.contains(&5432) || ports.contains(&40_000);
        assert_eq!(kept, if is_watched { 36 } else { 0 }, "{ports:?}");
    }
}

#[test]
fn nothing_is_seen_twice_on_loopback() {
    let mut talk = Talk::opened(80);
    talk.client("x");
    let program = program(&[80], LOOPBACK, SNAP);
    let packet = &talk.packets[3].bytes;
    for (interface, kind, kept) in [(1, OUTGOING, 0), (1, 0, SNAP), (2, OUTGOING, SNAP), (2, 0, SNAP)] {
        assert_eq!(run(&program, packet, About { interface, kind, ..INCOMING }), kept);
    }
}

proptest! {
    #[test]
    fn any_ipv4_packet_is_judged_as_it_is_read(mut bytes in prop::collection::vec(any::<u8>(), 48..80), port in any::<u16>(), fields in any::<(bool, bool, u8)>()) {
        bytes[0] = 0x45 + (fields.2 & 1);
        bytes[9] = 6;
        let len = bytes.len() as u16;
        bytes[2..4].copy_from_slice(&len.to_be_bytes());
        bytes[6..8].copy_from_slice(&[0, if fields.0 { 0 } else { 8 }]);
        let header = usize::from(bytes[0] & 0xf) * 4;
        bytes[header + 12] = 0x50;
        if fields.1 { bytes[header + 2..header + 4].copy_from_slice(&port.to_be_bytes()) }
        let kept = run(&program(&[port], LOOPBACK, SNAP), &bytes, INCOMING) > 0;
        prop_assert_eq!(kept, wanted(&bytes, &[port], Link::Ip));
    }
}
