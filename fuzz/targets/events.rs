#![no_main]

use wire::protocols::native::events;

// The bytes as a frame of events or standings, and as every kind of file of the event log.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _malformed = events::decode(input);
    ::events::read_any(input);
});
