#![no_main]

use wire::json::{Reader, write_string};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let mut reader = Reader::new(input);
    if reader.skip().is_ok() {
        assert!(reader.position() <= input.len());
    }
    let text = String::from_utf8_lossy(input);
    let mut json = String::new();
    write_string(&mut json, &text);
    assert_eq!(Reader::new(json.as_bytes()).string().as_deref(), Ok(&*text));
});
