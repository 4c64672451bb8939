//! A line cut into cells, without a copy unless a quote is doubled.

use std::ops::Range;

/// The cells of one line; reused from line to line.
#[derive(Debug, Default)]
pub(super) struct Cells {
    text: String,
    ranges: Vec<Range<usize>>,
}

impl Cells {
    /// Cuts a line; the error is for people.
    pub(super) fn split(&mut self, line: &str) -> Result<(), String> {
        self.text.clear();
        self.ranges.clear();
        let mut rest = line;
        loop {
            let start = self.text.len();
            let after = match rest.strip_prefix('"') {
                Some(quoted) => self.quoted(quoted)?,
                None => {
                    let end = memchr::memchr(b',', rest.as_bytes()).unwrap_or(rest.len());
                    self.text.push_str(&rest[..end]);
                    &rest[end..]
                }
            };
            self.ranges.push(start..self.text.len());
            rest = match after.strip_prefix(',') {
                Some(rest) => rest,
                None if after.is_empty() => return Ok(()),
                None => return Err("something follows a closing quote".to_owned()),
            };
        }
    }

    /// Takes a cell in quotes; gives what follows it.
    fn quoted<'l>(&mut self, mut rest: &'l str) -> Result<&'l str, String> {
        loop {
            let end = memchr::memchr(b'"', rest.as_bytes()).ok_or("a quote is not closed")?;
            self.text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(more) => {
                    self.text.push('"');
                    rest = more;
                }
                None => return Ok(rest),
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    pub(super) fn get(&self, at: usize) -> &str {
        self.ranges.get(at).map_or("", |range| &self.text[range.clone()])
    }
}
