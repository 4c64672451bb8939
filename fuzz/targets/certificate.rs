#![no_main]

use stdx::x509::Certificate;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some(certificate) = Certificate::from_der(input) {
        // The year 9999 is the last that can be written.
        assert!(certificate.not_after_s < 253_402_300_801);
        assert!(certificate.subject.chars().count() <= 128 && !certificate.issuer.contains('\n'));
    }
});
