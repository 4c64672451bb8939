#![no_main]

use sniff::Wiretap;
use sniff::capture::{Capture, Record};
use sniff::protocols::PROTOCOLS;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut tap = Wiretap::default();
    PROTOCOLS.iter().for_each(|row| assert!(tap.watch(row.port, row)));
    let (mut capture, mut at) = (Capture::default(), 0);
    while let Ok(record) = capture.next(&bytes[at..]) {
        match record {
            Record::Frame(used, frame) => {
                assert!(frame.bytes.len() <= frame.len as usize);
                tap.frame(&frame);
                at += used;
            }
            // The head of a capture is told before anything of it is taken.
            Record::Other(used) if used > 0 || at == 0 && !bytes.is_empty() => at += used,
            Record::Other(_) | Record::More(_) => break,
        }
        assert!(at <= bytes.len());
    }
    tap.finish();
    assert_eq!(tap.connections(), 0);
});
