use super::*;
use proptest::prelude::*;

const PEER: Peer = Peer { id: Id(0x0123_4567_89ab_cdef), period_ms: 1000 };

fn written(message: Message<'_>) -> String {
    let mut out = Vec::new();
    message.write(WORD, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn every_message_as_it_is_documented() {
    assert_eq!(written(Message::Ping(PEER)), "ping 0123456789abcdef 1000\n");
    assert_eq!(written(Message::Hello(PEER)), "hello 0123456789abcdef 1000\n");
    assert_eq!(written(Message::Clock(PEER)), "clock 0123456789abcdef 1000\n");
    assert_eq!(written(Message::Leave(PEER)), "leave 0123456789abcdef 1000\n");
    let heard = Message::Heard {
        id: PEER.id,
        time_ms: 1_700_000_000_123,
        address: "192.0.2.7".parse().unwrap(),
        lines: b"badazz:load_5:0.97:GAUGE\n",
    };
    assert_eq!(written(heard), "heard 0123456789abcdef 1700000000123 192.0.2.7\nbadazz:load_5:0.97:GAUGE\n");
}

#[test]
fn what_others_send_is_foreign() {
    for text in ["ping\n", "ping", "", "ping 0123456789abcdef\n", "ping 0123456789ABCDEF 1000\n", "\u{0}\n"] {
        assert_eq!(ping(text.as_bytes(), WORD), None, "{text:?}");
    }
    assert_eq!(Message::read(b"badazz:load_5:0.97:GAUGE\n", WORD), None);
    assert_eq!(Message::read(b"hello 0123456789abcdef 0\n", WORD), None, "no period is 0");
    assert_eq!(Message::read(b"hello 0123456789abcdef 86400001\n", WORD), None, "nor longer than a day");
}

#[test]
fn the_word_is_part_of_the_dialect() {
    let mut out = Vec::new();
    Message::Ping(PEER).write("wake up", &mut out);
    assert_eq!(out, b"wake up 0123456789abcdef 1000\n");
    assert_eq!(ping(&out, "wake up"), Some(PEER));
    assert_eq!(ping(&out, WORD), None);
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        id in any::<u64>(), period_ms in 1..=PERIOD_MS_MAX, time_ms in 0..i64::MAX, kind in 0..5,
        address in any::<IpAddr>(), lines in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let peer = Peer { id: Id(id), period_ms };
        let message = match kind {
            0 => Message::Ping(peer),
            1 => Message::Hello(peer),
            2 => Message::Clock(peer),
            3 => Message::Leave(peer),
            _ => Message::Heard { id: peer.id, time_ms, address, lines: &lines },
        };
        let mut out = Vec::new();
        message.write(WORD, &mut out);
        prop_assert_eq!(Message::read(&out, WORD), Some(message));
    }

    #[test]
    fn whatever_is_read_is_written_the_same(input in "(ping|hello|clock|leave|heard) ?[0-9a-f]{15,17} ?[0-9 .:a-f]{0,20}\n?.{0,4}") {
        if let Some(message) = Message::read(input.as_bytes(), WORD) {
            let mut out = Vec::new();
            message.write(WORD, &mut out);
            let is_same = out == input.as_bytes() || matches!(message, Message::Heard { .. });
            prop_assert!(is_same, "{:?}", message);
        }
    }
}
