use super::*;
use crate::packet;
use crate::testing::{Packet, Talk};
use proptest::prelude::*;

/// A number in the byte order of a file.
fn put(out: &mut Vec<u8>, order: Order, width: usize, number: u64) {
    let bytes = number.to_be_bytes();
    let bytes = &bytes[8 - width..];
    if order.is_big { out.extend(bytes) } else { out.extend(bytes.iter().rev()) }
}

fn pcap(order: Order, nanos: bool, link: u32, frames: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, order, 4, if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 });
    [(2, 2), (2, 4), (4, 0), (4, 0), (4, 65_535), (4, u64::from(link))]
        .into_iter()
        .for_each(|(width, number)| put(&mut out, order, width, number));
    for (time_ns, frame) in frames {
        let unit = if nanos { 1 } else { 1000 };
        put(&mut out, order, 4, time_ns / 1_000_000_000);
        put(&mut out, order, 4, time_ns % 1_000_000_000 / unit);
        put(&mut out, order, 4, frame.len() as u64);
        put(&mut out, order, 4, frame.len() as u64);
        out.extend(frame);
    }
    out
}

fn block(out: &mut Vec<u8>, order: Order, kind: u32, body: &[u8]) {
    let len = 12 + body.len().next_multiple_of(4);
    put(out, order, 4, u64::from(kind));
    put(out, order, 4, len as u64);
    out.extend(body);
    out.resize(out.len().next_multiple_of(4), 0);
    put(out, order, 4, len as u64);
}

fn pcapng(order: Order, resolution: u8, link: u32, frames: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let (mut out, mut body) = (Vec::new(), Vec::new());
    for (width, number) in [(4, 0x1a2b_3c4d), (2, 1), (2, 0), (8, u64::MAX)] {
        put(&mut body, order, width, number);
    }
    block(&mut out, order, 0x0a0d_0d0a, &body);
    for kind in [u64::from(link), 147] {
        let mut body = Vec::new();
        [(2, kind), (2, 0), (4, 0), (2, 9), (2, 1)]
            .into_iter()
            .for_each(|(w, n)| put(&mut body, order, w, n));
        body.extend([resolution, 0, 0, 0, 0, 0, 0, 0]);
        block(&mut out, order, 1, &body);
    }
    for (i, (time_ns, frame)) in frames.iter().enumerate() {
        let units = if resolution == 9 { *time_ns } else { time_ns / 1000 };
        // Every third is of an interface whose frames cannot be read.
        for interface in [0, 1].into_iter().take(if i % 3 == 0 { 2 } else { 1 }) {
            let mut body = Vec::new();
            for number in
                [interface, units >> 32, units & 0xffff_ffff, frame.len() as u64, frame.len() as u64]
            {
                put(&mut body, order, 4, number);
            }
            body.extend(frame);
            block(&mut out, order, 6, &body);
        }
    }
    let mut body = Vec::new();
    [(4, 0), (4, 0), (4, 0), (2, 5), (2, 8), (8, 17)]
        .into_iter()
        .for_each(|(w, n)| put(&mut body, order, w, n));
    block(&mut out, order, 5, &body);
    out
}

fn linked(link: u32, packet: &[u8]) -> Vec<u8> {
    let head: &[u8] = match link {
        0 => &[2, 0, 0, 0],
        1 => &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x81, 0, 0, 5, 8, 0],
        108 => &[0, 0, 0, 2],
        113 => &[0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0],
        276 => &[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0],
        _ => &[],
    };
    [head, packet].concat()
}

fn packets() -> Vec<Packet> {
    let mut talk = Talk::opened(80);
    talk.client("GET / HTTP/1.1\r\n\r\n").server("HTTP/1.1 204 No\r\n\r\n").close();
    talk.packets
}

#[test]
fn every_format_link_and_byte_order_is_read_alike() {
    let packets = packets();
    for link in [0, 1, 12, 101, 108, 113, 228, 276] {
        let frames: Vec<_> = packets.iter().map(|p| (p.time_ns, linked(link, &p.bytes))).collect();
        for order in [Order { is_big: false }, Order { is_big: true }] {
            let files = [
                pcap(order, false, link, &frames),
                pcap(order, true, link, &frames),
                pcapng(order, 6, link, &frames),
                pcapng(order, 9, link, &frames),
            ];
            for (i, file) in files.iter().enumerate() {
                let mut at = 0;
                Capture::each(file, |frame| {
                    let wanted = packet::segment(&packets[at].frame()).unwrap();
                    assert_eq!(packet::segment(&frame), Some(wanted), "link {link}, file {i}");
                    assert_eq!(frame.time_ns / 1000, packets[at].time_ns / 1000);
                    at += 1;
                })
                .unwrap();
                assert_eq!(at, packets.len(), "link {link}, file {i}");
            }
        }
    }
}

#[test]
fn a_capture_that_ends_early_gives_what_it_has() {
    let frames: Vec<_> = packets().into_iter().map(|p| (p.time_ns, p.bytes)).collect();
    for file in
        [pcap(Order { is_big: false }, true, 101, &frames), pcapng(Order { is_big: true }, 9, 101, &frames)]
    {
        let mut most = 0;
        for len in 0..=file.len() {
            let mut count = 0;
            if let Err(problem) = Capture::each(&file[..len], |_| count += 1) {
                assert!(problem.at <= len as u64 && !problem.to_string().is_empty());
            }
            assert!(count >= most);
            most = count;
        }
        assert_eq!(most, frames.len());
    }
    let problem = Capture::each(b"what is this?, no capture", |_| {}).unwrap_err();
    assert_eq!(problem.to_string(), "this is neither a pcap nor a pcapng file (at byte 0)");
}

#[test]
fn drops_and_foreign_frames_are_counted() {
    let frames: Vec<_> = packets().into_iter().map(|p| (p.time_ns, p.bytes)).collect();
    let file = pcapng(Order { is_big: false }, 9, 101, &frames);
    let (mut capture, mut at) = (Capture::default(), 0);
    while at < file.len() {
        match capture.next(&file[at..]).unwrap() {
            Record::Frame(used, _) | Record::Other(used) => at += used,
            Record::More(_) => panic!("it is all there"),
        }
    }
    assert_eq!((capture.dropped(), capture.foreign()), (17, frames.len().div_ceil(3) as u64));
}

proptest! {
    #[test]
    fn any_bytes_are_survived(mut bytes in prop::collection::vec(any::<u8>(), 0..400), format in 0usize..4) {
        let heads: [&[u8]; 4] = [&[], &[0xd4, 0xc3, 0xb2, 0xa1], &[0xa1, 0xb2, 0x3c, 0x4d], &[0x0a, 0x0d, 0x0d, 0x0a]];
        bytes.splice(0..0, heads[format].iter().copied());
        let _ = Capture::each(&bytes, |frame| _ = packet::segment(&frame));
    }

    #[test]
    fn any_frame_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..120), len in any::<u32>(), v6 in any::<bool>()) {
        let mut bytes = bytes;
        if let [first, ..] = &mut bytes[..] { *first = if v6 { 0x60 } else { 0x45 } }
        if let Some(next) = bytes.get_mut(if v6 { 6 } else { 9 }) { *next = 6 }
        for link in [Link::Ethernet, Link::Cooked, Link::Cooked2, Link::Null, Link::Loop, Link::Ip] {
            let frame = Frame { time_ns: 0, link, bytes: &bytes, len };
            if let Some(segment) = packet::segment(&frame) {
                prop_assert!(segment.payload.len() <= segment.payload_len as usize);
            }
        }
    }
}

/// Gives a few bytes at a time.
struct Trickle<'a>(&'a [u8], usize);

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let len = self.1.min(self.0.len()).min(out.len());
        out[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

#[test]
fn a_pipe_is_read_as_a_file_is() {
    let mut frames: Vec<_> = packets().into_iter().map(|p| (p.time_ns, p.bytes)).collect();
    frames.push((5, vec![0; 300_000]));
    for file in
        [pcap(Order { is_big: false }, true, 101, &frames), pcapng(Order { is_big: true }, 9, 101, &frames)]
    {
        for step in [1, 7, 1 << 20] {
            let mut count = 0;
            let result = Capture::default().read(Trickle(&file, step), |_| count += 1);
            assert!(result.is_ok() && count == frames.len(), "{result:?}, {count}");
        }
        let cut = Capture::default().read(&file[..file.len() - 1], |_| {});
        assert!(cut.unwrap_err().to_string().contains("within a record"));
    }
    assert!(Capture::default().read(&b""[..], |_| {}).is_ok());
}
