//! The slow log of MySQL, MariaDB and Percona Server. An entry is some lines with `#`, and the statement.

use super::phrases::number_behind;
use super::statement::operation;
use super::{Family, Format, FormatError};
use crate::messages::{Dialect, Heard, Open};
use memchr::memmem;

pub(super) const FAMILY: Family = Family {
    name: "mysql-slow",
    summary: "The slow log of MySQL and MariaDB: how long statements took, and what they do",
    default: "",
    example: "# Query_time: 2.001234  Lock_time: 0.000012 Rows_sent: 1  Rows_examined: 17",
    example_format: "",
    needs_text: false,
    compile,
};

/// Steps of an entry: the lines with `#`, the statement's first line, the rest of it.
const HEAD: u8 = 0;
const STATEMENT: u8 = 1;
const REST: u8 = 2;
/// What the server writes whenever it opens the file.
const BANNERS: [&[u8]; 4] = [b"Time ", b"Tcp port: ", b"TCP Port: ", b"Time\t"];

#[derive(Debug)]
struct MysqlSlow;

fn compile(text: &str) -> Result<Format, FormatError> {
    super::no_text(text)?;
    Ok(Format::messages(MysqlSlow))
}

impl Dialect for MysqlSlow {
    fn line(&self, line: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
        if is_banner(line) {
            *open = Open::default();
            return true;
        }
        if let Some(rest) = line.strip_prefix(b"# ") {
            return head(rest, open, heard);
        }
        if open.step == STATEMENT {
            statement(line, open, heard);
        }
        open.is_entry || line.is_empty()
    }
}

fn is_banner(line: &[u8]) -> bool {
    memmem::find(&line[..line.len().min(200)], b", Version: ").is_some() && line.ends_with(b"started with:")
        || BANNERS.iter().any(|banner| line.starts_with(banner))
}

/// A line with `#`. Those before the times belong to a new entry, of those behind them there may be more.
fn head(rest: &[u8], open: &mut Open, heard: &mut Heard) -> bool {
    if rest.starts_with(b"Time: ") || rest.starts_with(b"User@Host: ") {
        // The second of them goes on with what the first began, as far as there were both.
        open.begin();
        open.name.clear();
    }
    if let Some(schema) = word_behind(rest, b"Schema: ") {
        open.keep(schema);
    }
    if let Some(seconds) = number_behind(rest, "Query_time: ") {
        if !open.is_entry {
            open.begin();
        }
        heard.statement(seconds);
        open.step = STATEMENT;
    } else if rest.starts_with(b"administrator command: ") && open.step == STATEMENT {
        heard.operation("administrator", &open.name);
        open.step = REST;
    }
    open.is_entry
}

/// The first line that is one of the statement's own: the server puts the database and the time before it.
fn statement(line: &[u8], open: &mut Open, heard: &mut Heard) {
    if let Some(database) = line.strip_prefix(b"use ") {
        let name = database.split(|byte| matches!(byte, b';' | b'`')).find(|part| !part.is_empty());
        open.keep(name.unwrap_or_default());
    } else if !line.is_empty()
        && !line.starts_with(b"--")
        && !line.starts_with(b"SET timestamp=")
        && !line.starts_with(b"SET last_insert_id=")
    {
        heard.operation(operation(line), &open.name);
        open.step = REST;
    }
}

fn word_behind<'a>(text: &'a [u8], words: &[u8]) -> Option<&'a [u8]> {
    let rest = &text[memmem::find(text, words)? + words.len()..];
    let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

const _: () = assert!(HEAD == 0, "an entry begins with it");
