//! Requests over HTTP, cut in two anywhere: both halves together give what the whole gives.
#![no_main]

use serve::http::receiver::{Come, Receiver};

const BODY_BYTES_MAX: usize = 1 << 16;

fn requests(pieces: [&[u8]; 2]) -> Vec<(String, String, Vec<u8>)> {
    let (mut receiver, mut out) = (Receiver::default(), Vec::new());
    for piece in pieces {
        receiver.room().extend_from_slice(piece);
        loop {
            match receiver.next(BODY_BYTES_MAX) {
                Come::Nothing => break,
                Come::Head => assert!(receiver.is_within_body()),
                Come::Whole(head, body) => {
                    assert!(body.len() <= BODY_BYTES_MAX);
                    out.push((head.path, head.query, body));
                }
                Come::TooLarge | Come::Broken | Come::Wrong(_) => return out,
            }
        }
    }
    out
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((at, bytes)) = input.split_first() else { return };
    let (one, other) = bytes.split_at(usize::from(*at) * bytes.len() / 256);
    assert_eq!(requests([one, other]), requests([bytes, b""]));
});
