use super::*;
use crate::packet::Endpoint;
use proptest::prelude::*;

fn segment<'a>(sequence: u32, payload: &'a [u8]) -> Segment<'a> {
    let bytes = [
        0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0,
        0x50,
    ];
    let mut bytes = bytes.to_vec();
    bytes.resize(40, 0);
    let frame = crate::capture::Frame { time_ns: 0, link: crate::capture::Link::Ip, bytes: &bytes, len: 40 };
    let end: Endpoint = crate::packet::segment(&frame).unwrap().source;
    let payload_len = payload.len() as u32;
    Segment { source: end, target: end, sequence, acknowledged: 0, flags: 0x10, payload, payload_len }
}

/// What came out: bytes, with a `None` for each that was not seen.
#[derive(Default)]
struct Out(Vec<Option<u8>>);

impl Out {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Bytes(_, bytes) => self.0.extend(bytes.iter().copied().map(Some)),
            Piece::Unseen(len) => self.0.extend(std::iter::repeat_n(None, len as usize)),
            Piece::Torn | Piece::Met => {}
        }
    }
}

fn run(
    start: u32,
    text: &[u8],
    parts: &[(usize, usize)],
    acknowledged: Option<usize>,
) -> (Stream, Vec<Option<u8>>) {
    let (mut stream, mut out) = (Stream::default(), Out::default());
    stream.begin(start);
    for (from, to) in parts {
        let sequence = start.wrapping_add(*from as u32);
        stream.take(&segment(sequence, &text[*from..*to]), 0, |piece| out.take(piece));
    }
    if let Some(at) = acknowledged {
        stream.acknowledged(start.wrapping_add(at as u32), |piece| out.take(piece));
    }
    (stream, out.0)
}

proptest! {
    #[test]
    fn bytes_come_in_order_whatever_came_first_twice_or_overlapping(
        start in prop_oneof![Just(u32::MAX - 50), any::<u32>()],
        mut extra in prop::collection::vec((0usize..200, 1usize..60), 0..20),
        cuts in prop::collection::btree_set(1usize..200, 0..20),
        order in any::<u64>(),
    ) {
        let text: Vec<u8> = (0..200u8).collect();
        let edges: Vec<usize> = [0].into_iter().chain(cuts).chain([200]).collect();
        let mut parts: Vec<(usize, usize)> = edges.windows(2).map(|pair| (pair[0], pair[1])).collect();
        parts.extend(extra.drain(..).map(|(from, len)| (from, (from + len).min(200))));
        // A shuffle from a seed.
        parts.sort_by_key(|(from, to)| (*from as u64 * 31 + *to as u64).wrapping_mul(order | 1));
        let (stream, out) = run(start, &text, &parts, None);
        prop_assert_eq!(out, text.into_iter().map(Some).collect::<Vec<_>>());
        prop_assert_eq!((stream.held_bytes(), stream.held.len()), (0, 0));
    }

    #[test]
    fn what_is_lost_is_told_and_the_rest_is_in_its_place(
        cuts in prop::collection::btree_set(1usize..200, 1..20),
        lost in any::<u32>(),
        start in any::<u32>(),
    ) {
        let text: Vec<u8> = (0..200u8).collect();
        let edges: Vec<usize> = [0].into_iter().chain(cuts).chain([200]).collect();
        let parts: Vec<(usize, usize)> = edges.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let kept: Vec<(usize, usize)> =
            parts.iter().enumerate().filter(|(i, _)| lost >> (i % 32) & 1 == 0).map(|(_, part)| *part).collect();
        let (_, out) = run(start, &text, &kept, Some(200));
        prop_assert_eq!(out.len(), 200);
        for (i, byte) in out.into_iter().enumerate() {
            let is_kept = kept.iter().any(|(from, to)| (*from..*to).contains(&i));
            prop_assert_eq!(byte, is_kept.then_some(text[i]));
        }
    }
}

#[test]
fn what_was_cut_off_is_unseen() {
    let (mut stream, mut out) = (Stream::default(), Out::default());
    stream.begin(10);
    let cut = Segment { payload_len: 5, ..segment(10, b"abc") };
    stream.take(&cut, 0, |piece| out.take(piece));
    stream.take(&segment(15, b"f"), 0, |piece| out.take(piece));
    // Once more, and a part of what was cut off, which comes too late.
    stream.take(&cut, 0, |piece| out.take(piece));
    assert_eq!(out.0, [Some(b'a'), Some(b'b'), Some(b'c'), None, None, Some(b'f')]);
}

#[test]
fn nothing_is_held_without_bound_nor_for_ever() {
    let (mut stream, mut out) = (Stream::default(), Out::default());
    stream.begin(0);
    for i in 0..2 * HELD_SEGMENTS_MAX as u32 {
        stream.take(&segment(10 + i * 2, b"x"), 0, |piece| out.take(piece));
        assert!(stream.held.len() <= HELD_SEGMENTS_MAX);
    }
    let (mut stream, mut out) = (Stream::default(), Out::default());
    stream.begin(0);
    stream.take(&segment(5, b"a"), 0, |piece| out.take(piece));
    stream.take(&segment(9, b"b"), HELD_NS_MAX + 1, |piece| out.take(piece));
    assert_eq!(out.0.len(), 6, "five are missing, one was held too long");
}

#[test]
fn a_far_jump_is_another_connection() {
    let (mut stream, mut pieces) = (Stream::default(), 0);
    stream.begin(0);
    stream.take(&segment(JUMP_BYTES_MAX + 1, b"a"), 0, |piece| pieces += i32::from(piece == Piece::Torn));
    assert_eq!((pieces, stream.state), (1, State::At(JUMP_BYTES_MAX + 2)));
}

#[test]
fn the_end_is_not_a_missing_byte() {
    let (mut stream, mut out) = (Stream::default(), Out::default());
    stream.begin(0);
    stream.take(&segment(0, b"bye"), 0, |piece| out.take(piece));
    stream.ends(3);
    assert!(stream.is_over());
    stream.acknowledged(4, |piece| out.take(piece));
    assert_eq!(out.0.len(), 3);
}
