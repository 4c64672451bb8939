#![no_main]

use scrape::count_targets;
use std::path::Path;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    for name in ["a.yml", "a.json"] {
        // A text has no more targets than bytes: nothing unfolds.
        if let Ok(count) = count_targets(Path::new(name), text) {
            assert!(count <= text.len());
        }
    }
});
