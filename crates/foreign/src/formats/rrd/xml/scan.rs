//! The little of XML that dumps are made of: elements, text and comments. Attributes are passed over.

use std::io::BufRead;

/// Longest tag or text, in bytes; comments may be of any length.
const TOKEN_BYTES_MAX: usize = 64 << 10;

/// Deepest nesting of elements.
const DEPTH_MAX: usize = 32;

/// What comes next; its name or text is [`Scanner::token`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// `<name>`.
    Open,
    /// `</name>`.
    Close,
    /// Text without the blanks around it, never empty.
    Text,
    /// The end of the input.
    End,
}

pub(super) struct Scanner<'r> {
    reader: &'r mut dyn BufRead,
    line: usize,
    token: Vec<u8>,
    text: String,
    /// The elements that are open.
    open: Vec<String>,
    /// The `<` of a tag was read.
    in_tag: bool,
    /// The tag read last was `<name/>`.
    closes: bool,
}

impl<'r> Scanner<'r> {
    pub(super) fn new(reader: &'r mut dyn BufRead) -> Self {
        let (token, text, open) = (Vec::new(), String::new(), Vec::new());
        Self { reader, line: 1, token, text, open, in_tag: false, closes: false }
    }

    /// The line that was reached, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The name or text of the event before.
    pub(super) fn token(&self) -> &str {
        &self.text
    }

    pub(super) fn next(&mut self) -> Result<Event, String> {
        if std::mem::take(&mut self.closes) {
            self.open.pop();
            return Ok(Event::Close);
        }
        loop {
            if !self.in_tag {
                self.token.clear();
                self.in_tag = self.until(b'<')?;
                if !self.token.trim_ascii().is_empty() {
                    self.unescape()?;
                    return Ok(Event::Text);
                }
                if !self.in_tag {
                    return Ok(Event::End);
                }
            }
            self.in_tag = false;
            if let Some(event) = self.tag()? {
                return Ok(event);
            }
        }
    }

    /// What follows `<`; nothing for comments and declarations.
    fn tag(&mut self) -> Result<Option<Event>, String> {
        self.token.clear();
        if !self.until(b'>')? {
            return Err("the file is cut short in a tag".into());
        }
        if self.token.starts_with(b"!--") {
            while !(self.token.ends_with(b"--") && self.token.len() >= 5) {
                self.continue_comment()?;
            }
            return Ok(None);
        }
        if matches!(self.token.first(), Some(b'!' | b'?')) {
            return Ok(None);
        }
        let is_close = self.token.first() == Some(&b'/');
        self.closes = !is_close && self.token.last() == Some(&b'/');
        let name = &self.token[usize::from(is_close)..self.token.len() - usize::from(self.closes)];
        let name = name.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        let name = std::str::from_utf8(name).map_err(|_| "a name that is no text")?;
        self.text.clear();
        self.text.push_str(name);
        if is_close {
            self.close()?;
            return Ok(Some(Event::Close));
        }
        if self.open.len() == DEPTH_MAX {
            return Err(format!("elements are nested deeper than {DEPTH_MAX}"));
        }
        self.open.push(self.text.clone());
        Ok(Some(Event::Open))
    }

    /// Closes the innermost element, which must be the one that was named.
    fn close(&mut self) -> Result<(), String> {
        match self.open.pop() {
            Some(name) if name == self.text => Ok(()),
            Some(name) => Err(format!("</{}> where </{name}> was expected", self.text)),
            None => Err(format!("</{}> closes nothing", self.text)),
        }
    }

    /// A `>` was inside a comment: goes on to the next, keeping only what can be its end.
    fn continue_comment(&mut self) -> Result<(), String> {
        self.token.clear();
        self.token.extend_from_slice(b"!-- ");
        if self.until(b'>')? { Ok(()) } else { Err("the file is cut short in a comment".into()) }
    }

    /// Appends to the token what comes before `end`, which is consumed; whether it came.
    fn until(&mut self, end: u8) -> Result<bool, String> {
        loop {
            let buffer = self.reader.fill_buf().map_err(|e| e.to_string())?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let found = memchr::memchr(end, buffer);
            let taken = &buffer[..found.unwrap_or(buffer.len())];
            self.line += memchr::memchr_iter(b'\n', taken).count();
            self.token.extend_from_slice(taken);
            let used = taken.len() + usize::from(found.is_some());
            self.reader.consume(used);
            if self.token.len() > TOKEN_BYTES_MAX && !self.token.starts_with(b"!--") {
                return Err(format!("a tag or text of more than {TOKEN_BYTES_MAX} bytes"));
            }
            if found.is_some() {
                return Ok(true);
            }
            if self.token.starts_with(b"!--") {
                // Of a comment only its last two bytes matter.
                let kept = self.token.len().saturating_sub(2).max(4).min(self.token.len());
                self.token.drain(4.min(kept)..kept);
            }
        }
    }

    fn unescape(&mut self) -> Result<(), String> {
        let raw = std::str::from_utf8(self.token.trim_ascii()).map_err(|_| "text that is not UTF-8")?;
        self.text.clear();
        self.text.push_str(raw);
        if raw.contains('&') {
            let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
            for (entity, character) in entities {
                self.text = self.text.replace(entity, character);
            }
        }
        Ok(())
    }
}
