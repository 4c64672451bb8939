//! `csvlog`: a record of fields, some in quotes; one of them may go on over lines.

use super::message::{Kind, Message, more, take};
use crate::messages::{Dialect, Heard, Open};

/// Numbers of fields.
const TIME: usize = 0;
const DATABASE: usize = 2;
const SEVERITY: usize = 11;
const CODE: usize = 12;
const TEXT: usize = 13;

/// The step of an entry that ends within quotes.
const IN_QUOTES: u8 = 1;

#[derive(Debug)]
pub(super) struct Csv;

impl Dialect for Csv {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        let has_odd_quotes = memchr::memchr_iter(b'"', line).count() % 2 == 1;
        if open.step == IN_QUOTES {
            more(line, open, heard);
            open.step = u8::from(!has_odd_quotes);
            return true;
        }
        let Some(message) = read(line) else { return false };
        take(&message, open, heard);
        // The last lines of a message are on this one where it has but one.
        more(message.text, open, heard);
        open.step = u8::from(has_odd_quotes);
        true
    }
}

/// The fields up to the text, as much of that as the line has.
fn read(line: &[u8]) -> Option<Message<'_>> {
    let mut fields = [&b""[..]; TEXT + 1];
    let mut rest = line;
    for (number, field) in fields.iter_mut().enumerate() {
        (*field, rest) = next(rest)?;
        if number < TEXT {
            rest = rest.strip_prefix(b",")?;
        }
    }
    let kind = Kind::of(fields[SEVERITY]).filter(|kind| *kind != Kind::More)?;
    fields[TIME].first().filter(|byte| byte.is_ascii_digit())?;
    Some(Message { kind, code: fields[CODE], database: fields[DATABASE], text: fields[TEXT] })
}

/// A field without its quotes (those in it stay doubled), and what follows.
fn next(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let end = memchr::memchr(b',', text).unwrap_or(text.len());
        return Some(text.split_at(end));
    };
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', &quoted[at..]).map(|len| at + len) {
        if quoted.get(quote + 1) != Some(&b'"') {
            return Some((&quoted[..quote], &quoted[quote + 1..]));
        }
        at = quote + 2;
    }
    // It goes on with the next line.
    Some((quoted, b""))
}
