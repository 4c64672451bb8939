#![no_main]

use model::{Batch, Report};
use wire::protocols::native::{Decoder, decode_body};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let _malformed = decode_body(input, &mut Report::default(), &mut |_| {});
    // Checksums keep a fuzzer out of the frames, so let it in by another door.
    let (mut decoder, mut batch, mut report) = (Decoder::new(), Batch::new(), Report::default());
    for payload in input.split(|byte| *byte == 0xff) {
        let _malformed = decoder.decode(payload, &mut batch, &mut report);
    }
});
