#![no_main]

//! The bytes of a file of systemd's journal. Nothing that stands in one may make its reader fail, or read on for ever.

use std::fs;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let path = std::env::temp_dir().join(format!("windhover-fuzz-{}.journal", std::process::id()));
    // A file that begins otherwise is none, and that is told at once.
    fs::write(&path, [b"LPKSHHRH\0\0\0\0\x1c\0\0\0", input].concat()).expect("the folder for temporary files");
    let _ = logparse::journal::read_file(&path);
});
