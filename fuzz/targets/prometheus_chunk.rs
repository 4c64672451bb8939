#![no_main]

use foreign::formats::prometheus::decode_xor;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut samples = 0;
    let result = decode_xor(input, &mut |_, _| samples += 1);
    let told = input.first_chunk().map_or(0, |bytes| u32::from(u16::from_be_bytes(*bytes)));
    assert!(samples <= told && (result.is_err() || samples == told));
});
