#![no_main]

// A spool whose files were damaged as the bytes say, opened and drained.
libfuzzer_sys::fuzz_target!(|edits: &[u8]| ship::inside::damage_and_drain(edits));
