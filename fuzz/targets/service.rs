#![no_main]

use discover::pull::{Puller, ROWS, Tapes, Target};

// The first byte says which service, the others what it says over every connection.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [which, tape @ ..] = input else { return };
    let row = &ROWS[usize::from(*which) % ROWS.len()];
    let target = Target { user: "u".into(), password: "p".into(), ..Target::default() };
    let tapes = std::iter::repeat_n(tape.to_vec(), 8).collect();
    let mut puller = Puller::new(row, target, Vec::new()).through(Box::new(Tapes(tapes)), 0);
    // Whatever is said, whether the service is up is always told; and the second time over what was kept from the first.
    assert!(puller.pull(0).len() >= 2);
    assert!(!puller.pull(10_000).is_empty());
});
