#![no_main]

use foreign::formats::rrd::{binary, choose};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(file) = binary::read(input) {
        choose::lanes(&file);
    }
});
