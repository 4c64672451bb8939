#![no_main]

// A relay's log whose files were damaged as the bytes say, opened and read to its end.
libfuzzer_sys::fuzz_target!(|edits: &[u8]| relay::inside::damage_and_read(edits));
