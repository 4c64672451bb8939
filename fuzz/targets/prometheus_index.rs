#![no_main]

use foreign::formats::prometheus::{decode_series, decode_symbols, decode_tombstones};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok((texts, ends)) = decode_symbols(input) {
        assert!(ends.is_sorted() && ends.last().is_none_or(|end| *end as usize == texts.len()));
    }
    if let Ok(series) = decode_series(input, 100) {
        assert!(series.labels.iter().all(|(name, value)| *name < 100 && *value < 100));
    }
    let _ = decode_tombstones(input);
});
