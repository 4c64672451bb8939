#![no_main]

use foreign::formats::rrd::{choose, xml};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Ok(file) = xml::read(&mut &*input) {
        choose::lanes(&file);
        // What was understood can be written and understood again, but for what cannot be written.
        let mut written = Vec::new();
        if xml::write::write(&file, &mut written).is_ok() {
            let again = xml::read(&mut &*written).expect("what we wrote");
            assert_eq!(again.archives.len(), file.archives.len());
        }
    }
});
