#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _any = foreign::carbon::schemas(text);
    let _any = foreign::carbon::aggregations(text);
});
