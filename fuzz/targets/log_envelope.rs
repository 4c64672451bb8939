#![no_main]

//! A number that chooses envelope and stream, then wrapped lines.

use logparse::envelope::{ENVELOPE_NAMES, read_wrapped};
use logparse::{Envelope, Stream};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((first, text)) = input.split_first() else { return };
    let Some(envelope) = Envelope::named(ENVELOPE_NAMES[usize::from(*first) % ENVELOPE_NAMES.len()]) else { return };
    let stream = [None, Some(Stream::Stdout), Some(Stream::Stderr)][usize::from(*first >> 4) % 3];
    let (lines, foreign) = read_wrapped(envelope, stream, text);
    // A text within an envelope may have line feeds of its own, each for two bytes at least.
    assert!(lines + foreign <= text.len() as u64 + 1);
});
