use super::*;
use stdx::random::Random;

/// An answer to call 7 whose body is the variant `u 42`, in either order of bytes.
fn answer(is_big: bool) -> Vec<u8> {
    let word = |value: u32| if is_big { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut bytes = vec![if is_big { b'B' } else { b'l' }, METHOD_RETURN, 1, 1];
    [8, 3, 8].iter().for_each(|value| bytes.extend_from_slice(&word(*value)));
    bytes.extend_from_slice(&[REPLY_SERIAL, 1, b'u', 0]);
    bytes.extend_from_slice(&word(7));
    bytes.extend_from_slice(&[1, b'u', 0, 0]);
    bytes.extend_from_slice(&word(42));
    bytes
}

#[test]
fn both_orders_of_bytes_are_read() {
    for is_big in [false, true] {
        let bytes = answer(is_big);
        let mut incoming = Incoming::new(&*bytes);
        let wanted = Header { is_answer: true, answers: 7, ..Header::default() };
        assert_eq!(incoming.next_message().unwrap(), wanted);
        incoming.variant(b'u').unwrap();
        assert_eq!(incoming.u32().unwrap(), 42);
        assert!(incoming.u8().is_err() && incoming.next_message().is_err());
    }
}

#[test]
fn what_is_not_read_of_a_message_is_skipped() {
    let bytes = [answer(false), answer(true)].concat();
    let mut incoming = Incoming::new(&*bytes);
    incoming.next_message().unwrap();
    assert_eq!(incoming.next_message().unwrap().answers, 7);
}

#[test]
fn lengths_that_lie_are_errors() {
    let cases: [(usize, &[u8]); 6] = [
        (0, b"x"),
        (3, &[2]),
        (4, &[0xff, 0xff, 0xff, 0xff]),
        (12, &[0xff, 0xff, 0xff, 0x7f]),
        (17, &[2]),
        (12, &[9]),
    ];
    for (at, with) in cases {
        let mut bytes = answer(false);
        bytes[at..at + with.len()].copy_from_slice(with);
        assert!(Incoming::new(&*bytes).next_message().is_err(), "{at}");
    }
    let mut text = answer(false);
    text[24..32].copy_from_slice(&[0xff, 0xff, 0, 0, 0, 0, 0, 0]);
    let mut incoming = Incoming::new(&*text);
    incoming.next_message().unwrap();
    assert!(incoming.text(&mut String::new()).is_err());
}

#[test]
fn random_bytes_never_panic() {
    let mut random = Random::from_seed(11);
    for _ in 0..20_000 {
        let mut bytes = [answer(false), answer(true)].concat();
        for _ in 0..1 + random.below(4) {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] = random.below(256) as u8;
        }
        let mut incoming = Incoming::new(&*bytes);
        while incoming.next_message().is_ok() {
            let _ = incoming.array_of_structures().and_then(|end| incoming.has_more(end));
            let _ = incoming.text(&mut String::new());
        }
    }
}
