#![no_main]

use sniff::Wiretap;
use sniff::capture::{Frame, Link};
use sniff::protocols::PROTOCOLS;

// The input is what both sides say: the protocol, then for each piece who speaks, its length, whether it is lost, and
// the piece itself.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, mut rest)) = bytes.split_first() else { return };
    let row = &PROTOCOLS[usize::from(*first) % PROTOCOLS.len()];
    let mut tap = Wiretap::default();
    assert!(tap.watch(row.port, row));
    let mut numbers = [1u32, 1];
    let mut asked = 0u64;
    if *first & 0x80 != 0 {
        take(&mut tap, row.port, true, 0x02, [0, 0], &[]);
        take(&mut tap, row.port, false, 0x12, [1, 0], &[]);
    }
    while let [head, len, tail @ ..] = rest {
        let (piece, after) = tail.split_at(usize::from(*len).min(tail.len()));
        rest = after;
        let is_client = head & 1 == 0;
        let (own, other) = if is_client { (0, 1) } else { (1, 0) };
        if head & 6 != 6 {
            take(&mut tap, row.port, is_client, 0x10, [numbers[other], numbers[own]], piece);
            asked += piece.len() as u64;
        }
        numbers[own] = numbers[own].wrapping_add(piece.len() as u32);
    }
    tap.finish();
    // No exchange is made of less than a byte of what was said.
    let heard: u64 = tap.tally.lines(false).iter().map(|line| line.counts.requests).sum();
    assert!(heard <= asked);
});

fn take(tap: &mut Wiretap, port: u16, is_client: bool, flags: u8, [acknowledged, number]: [u32; 2], payload: &[u8]) {
    let (source, target) = if is_client { (40_000, port) } else { (port, 40_000) };
    let mut packet = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 1];
    packet[2..4].copy_from_slice(&(40 + payload.len() as u16).to_be_bytes());
    packet.extend(u16::to_be_bytes(source));
    packet.extend(u16::to_be_bytes(target));
    packet.extend(number.to_be_bytes());
    packet.extend(acknowledged.to_be_bytes());
    packet.extend([0x50, flags, 0, 0, 0, 0, 0, 0]);
    packet.extend(payload);
    let len = packet.len() as u32;
    tap.frame(&Frame { time_ns: 1, link: Link::Ip, bytes: &packet, len });
}
