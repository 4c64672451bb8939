#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| store::inside::block::read(input));
