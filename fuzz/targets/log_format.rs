#![no_main]

//! A family's number, the text of a format, a line feed, lines.

use logparse::formats::FAMILY_NAMES;
use logparse::{Field, Format, Record};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let family = FAMILY_NAMES[usize::from(*first) % FAMILY_NAMES.len()];
    let mut lines = rest.split(|byte| *byte == b'\n');
    let Some(text) = lines.next().and_then(|text| std::str::from_utf8(text).ok()) else { return };
    let Ok(format) = Format::compile(family, text) else { return };
    let format = std::sync::Arc::new(format);
    let text = &rest[rest.len().min(text.len() + 1)..];
    let (read, unmatched) = logparse::read_messages(&format, text);
    assert!(unmatched <= read);
    let mut record = Record::default();
    format.prepare(&mut record);
    for line in lines {
        if format.parse(line, &mut record) {
            let url = record.get(line, Field::Url);
            assert!(logparse::url::normalise(url, &mut Vec::new()).len() <= logparse::url::URL_BYTES_MAX);
        }
    }
});
