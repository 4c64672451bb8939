#![no_main]

use profile::{Report, Tree, unpack};

// The bytes as what a child says, as a packed profile, and as folded text, which must come back as it was understood.
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Some(report) = Report::parse(text) {
        let _damaged = unpack(&report.packed);
    }
    let _damaged = unpack(text);
    let tree = Tree::parse(text);
    assert_eq!(Tree::parse(&tree.folded()).folded(), tree.folded());
});
