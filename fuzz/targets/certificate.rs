#![no_main]

use collect::collectors::certificates::Certificate;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some(certificate) = Certificate::read(input) {
        assert!(certificate.subject.len() <= 3 * input.len());
    }
});
