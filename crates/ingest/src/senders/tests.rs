use super::*;
use std::net::Ipv4Addr;
use wire::protocols::remote_write::PROTOCOL;

fn peer(number: u32) -> Key {
    key(Some(IpAddr::V4(Ipv4Addr::from(number))), "")
}

fn limits(memories_max: usize, one_bytes_max: usize, all_bytes_max: usize) -> Limits {
    Limits { memories_max, one_bytes_max, all_bytes_max }
}

/// Decodes the example; gives the dictionary's number, which tells whether it was remembered.
fn dictionary(senders: &Senders, key: Key) -> u64 {
    senders.decode(key, PROTOCOL.example, &Context::at(0), |batch, report| {
        assert_eq!((report.accepted, batch.len(), batch.dictionary.len()), (1, 1, 1));
        batch.dictionary.id()
    })
}

#[test]
fn a_sender_keeps_its_dictionary_and_queries_are_apart() {
    let senders = Senders::default();
    let (web, other) = (key(None, ""), key(None, "extra_label=a=b"));
    let first = dictionary(&senders, web);
    let second = dictionary(&senders, other);
    assert_ne!(first, second);
    assert_eq!((dictionary(&senders, web), dictionary(&senders, other)), (first, second));
}

#[test]
fn the_sender_not_heard_of_for_longest_is_forgotten() {
    let senders = Senders::new(limits(2, 1 << 20, 1 << 20));
    let (one, two) = (dictionary(&senders, peer(1)), dictionary(&senders, peer(2)));
    assert_eq!(dictionary(&senders, peer(1)), one);
    dictionary(&senders, peer(3));
    assert_eq!(dictionary(&senders, peer(1)), one);
    assert_ne!(dictionary(&senders, peer(2)), two);
}

#[test]
fn memory_has_limits_for_one_and_for_all() {
    let size = {
        let senders = Senders::default();
        dictionary(&senders, peer(1));
        senders.lock().memory_bytes
    };
    let one_at_a_time = Senders::new(limits(10, size, size * 3 / 2));
    let first = dictionary(&one_at_a_time, peer(1));
    assert_eq!(dictionary(&one_at_a_time, peer(1)), first);
    dictionary(&one_at_a_time, peer(2));
    assert_eq!(one_at_a_time.lock().entries.len(), 1);
    assert_ne!(dictionary(&one_at_a_time, peer(1)), first);
    let none = Senders::new(limits(10, size - 1, usize::MAX));
    assert_ne!(dictionary(&none, peer(1)), dictionary(&none, peer(1)));
    let left = none.lock();
    assert_eq!((left.entries.len(), left.memory_bytes), (0, 0));
}

#[test]
fn requests_at_the_same_time_do_not_wait_for_each_other() {
    /// The dictionaries of requests nested in each other.
    fn nested(senders: &Senders, depth: usize) -> Vec<u64> {
        senders.decode(peer(1), PROTOCOL.example, &Context::at(0), |batch, _| {
            let mut inner = if depth > 1 { nested(senders, depth - 1) } else { Vec::new() };
            inner.push(batch.dictionary.id());
            inner
        })
    }
    let senders = Senders::default();
    let first = nested(&senders, LANES_MAX + 1);
    let second = nested(&senders, LANES_MAX + 1);
    assert_eq!(first[1..], second[1..]);
    assert_ne!(first[0], second[0], "there is no lane for so many");
    assert_eq!(senders.lock().entries.len(), LANES_MAX);
    assert_eq!(dictionary(&senders, peer(1)), first[LANES_MAX]);
}

#[test]
fn a_panic_costs_what_was_remembered_and_nothing_else() {
    let senders = Senders::default();
    let first = dictionary(&senders, peer(1));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        senders.decode(peer(1), PROTOCOL.example, &Context::at(0), |_, _| panic!("asked for"))
    }));
    assert!(panicked.is_err());
    let second = dictionary(&senders, peer(1));
    assert_ne!(second, first);
    assert_eq!(dictionary(&senders, peer(1)), second);
}

#[test]
fn what_cannot_be_read_as_series_is_read_without_memory() {
    let senders = Senders::default();
    let first = dictionary(&senders, peer(1));
    let cut = &PROTOCOL.example[..PROTOCOL.example.len() - 1];
    let report = senders.decode(peer(1), cut, &Context::at(0), |batch, report| {
        assert!(batch.is_empty());
        report
    });
    assert_eq!((report.rejected, report.reasons[0].reason.as_str()), (1, "not a remote-write message"));
    assert_eq!(dictionary(&senders, peer(1)), first);
}
