//! PostgreSQL's log: lines with any `log_line_prefix`, `csvlog` or `jsonlog`.

mod csv;
mod json;
mod message;
mod prefix;

use super::{Family, Format, FormatError};
use crate::messages::{Dialect, Heard, Open};
use memchr::memmem;
use message::{Kind, Message};
use prefix::Prefix;

pub(super) const FAMILY: Family = Family {
    name: "postgresql",
    summary: "PostgreSQL's log with the `log_line_prefix` given, or `csvlog`, `jsonlog`: messages by severity and SQLSTATE, times \
              of statements, checkpoints, temporary files, waits for locks, deadlocks, vacuum",
    default: "%m [%p] ",
    example: "2026-11-22 08:14:03.123 UTC [913] LOG:  duration: 23.010 ms  statement: SELECT * FROM cart",
    example_format: "",
    needs_text: false,
    compile,
};

fn compile(text: &str) -> Result<Format, FormatError> {
    Ok(match text {
        "csvlog" => Format::messages(csv::Csv),
        "jsonlog" => Format::messages(json::Json),
        prefix => Format::messages(Lines { prefix: Prefix::compile(prefix)? }),
    })
}

/// A message a line, those that belong to it on lines of their own.
#[derive(Debug)]
struct Lines {
    prefix: Prefix,
}

/// How much of a line is searched for the severity.
const HEAD_BYTES_MAX: usize = 600;

impl Dialect for Lines {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        // What does not fit on a line is indented on the next.
        if line.starts_with(b"\t") || line.is_empty() {
            message::more(line, open, heard);
            return open.is_entry || line.is_empty();
        }
        let Some((head, kind, text)) = split(line) else { return false };
        if kind == Kind::More {
            message::more(text, open, heard);
            return true;
        }
        let told = self.prefix.read(head);
        // With `log_error_verbosity = verbose` the code stands before the text.
        let (code, text) = match text.split_first_chunk::<7>() {
            Some((code, rest)) if code.ends_with(b": ") && is_code(&code[..5]) => (&code[..5], rest),
            _ => (told.code, text),
        };
        message::take(&Message { kind, code, database: told.database, text }, open, heard);
        true
    }
}

/// The prefix, the severity and the text behind it.
fn split(line: &[u8]) -> Option<(&[u8], Kind<'_>, &[u8])> {
    let head = &line[..line.len().min(HEAD_BYTES_MAX)];
    memmem::find_iter(head, b":  ").find_map(|colon| {
        let before = line[..colon].iter().rposition(|byte| !byte.is_ascii_alphanumeric());
        let start = before.map_or(0, |before| before + 1);
        let kind = Kind::of(&line[start..colon])?;
        Some((&line[..start], kind, &line[colon + 3..]))
    })
}

fn is_code(text: &[u8]) -> bool {
    text.len() == 5 && text.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}
