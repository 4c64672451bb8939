#![no_main]

//! Exports of Kibana are read; what may be kept comes back from what is written for Kibana.

use meta::sheets::kibana;

libfuzzer_sys::fuzz_target!(|input: &str| {
    for sheet in kibana::read(input).unwrap_or_default() {
        if sheet.check().is_ok() {
            assert_eq!(kibana::read(&kibana::write("id", &sheet)).expect("our own words"), [sheet]);
        }
    }
});
