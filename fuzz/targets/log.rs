#![no_main]

use store::inside::log;

// The bytes as a segment, as bodies of records, and as what a record is made of.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    log::read_segment(input);
    log::read_bodies(input.split(|byte| *byte == 0xff));
    if let Some((head, body)) = input.split_first_chunk::<33>() {
        let word = |at: usize| u64::from_le_bytes(*head[at..].first_chunk().expect("33 bytes"));
        let producer = (head[32] & 1 == 1).then(|| u128::from(word(24)) << 64 | u128::from(word(8)));
        log::there_and_back(word(0).min(u64::MAX - 1), word(16) as i64, producer, word(8), body);
    }
});
