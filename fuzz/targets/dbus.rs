#![no_main]

use collect::dbus::{DbusError, Incoming};

/// Reads values of the kinds the first bytes name from the messages the rest holds.
fn read(kinds: &[u8], mut messages: &[u8]) -> Result<(), DbusError> {
    let mut incoming = Incoming::new(&mut messages);
    let (mut text, mut end) = (String::new(), 0);
    loop {
        incoming.next_message()?;
        for kind in kinds {
            match kind % 8 {
                0 => incoming.variant(b's')?,
                1 => drop(incoming.u8()?),
                2 => drop(incoming.u32()?),
                3 => drop(incoming.u64()?),
                4 => incoming.text(&mut text)?,
                5 => incoming.skip_text()?,
                6 => end = incoming.array_of_structures()?,
                _ => drop(incoming.has_more(end)?),
            }
        }
    }
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let (kinds, messages) = input.split_at(input.len().min(8));
    assert!(read(kinds, messages).is_err());
});
