//! Finds the parts of one line; see the drawing in [`super`]. Nothing is copied or unescaped here.

/// The value of a field.
#[derive(Debug, PartialEq)]
pub(super) enum Field<'a> {
    /// Anything without quotes.
    Bare(&'a [u8]),
    /// Quoted text.
    Text,
}

/// A walk over one line, part by part: [`Scan::head`], [`Scan::field`] until `None`, [`Scan::time`].
pub(super) struct Scan<'a> {
    input: &'a [u8],
    /// The byte reached; at the end, that of the line end or the input's length.
    pub(super) at: usize,
    /// Measurement and tags as written.
    pub(super) head: &'a [u8],
    /// The time as written, empty when there is none.
    pub(super) time: &'a [u8],
    first_field: bool,
}

/// Where a line that holds nothing ends.
pub(super) fn blank_or_comment(input: &[u8]) -> Option<usize> {
    let start = input.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r')).unwrap_or(input.len());
    match input.get(start) {
        None | Some(b'\n') => Some(start),
        Some(b'#') => Some(line_end(input, start)),
        Some(_) => None,
    }
}

/// The first line end at or after `from`, or the input's length.
pub(super) fn line_end(input: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &input[from..]).map_or(input.len(), |len| from + len)
}

impl<'a> Scan<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0, head: &[], time: &[], first_field: true }
    }

    fn byte(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn at_line_end(&self) -> bool {
        matches!(self.byte(), None | Some(b'\n'))
            || (self.byte() == Some(b'\r') && matches!(self.input.get(self.at + 1), None | Some(b'\n')))
    }

    fn blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Steps to the first of `stops` (or a line end) that no `\` stands before.
    fn run(&mut self, stops: &[u8]) -> &'a [u8] {
        let start = self.at;
        while let Some(byte) = self.byte() {
            if byte == b'\\' && self.input.get(self.at + 1).is_some_and(|next| *next != b'\n') {
                self.at += 2;
            } else if byte == b'\n' || stops.contains(&byte) {
                break;
            } else {
                self.at += 1;
            }
        }
        &self.input[start..self.at]
    }

    /// Steps over measurement and tags and the blanks after them.
    pub(super) fn head(&mut self) -> Result<(), String> {
        self.blanks();
        self.head = self.run(b" ");
        if self.head.is_empty() || self.head[0] == b',' {
            return Err("the measurement is missing".to_owned());
        }
        self.blanks();
        if self.at_line_end() { Err("the fields are missing".to_owned()) } else { Ok(()) }
    }

    /// Takes the next field, or `None` after the last.
    pub(super) fn field(&mut self) -> Result<Option<(&'a [u8], Field<'a>)>, String> {
        if !std::mem::take(&mut self.first_field) {
            if self.byte() != Some(b',') {
                return Ok(None);
            }
            self.at += 1;
        }
        let key = self.run(b"=, ");
        if key.is_empty() {
            return Err("a field without a name".to_owned());
        }
        if self.byte() != Some(b'=') {
            return Err(format!("field `{}` has no value", String::from_utf8_lossy(key)));
        }
        self.at += 1;
        if self.byte() == Some(b'"') {
            self.text()?;
            return Ok(Some((key, Field::Text)));
        }
        let start = self.at;
        while !self.at_line_end() && !matches!(self.byte(), Some(b',' | b' ')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(format!("field `{}` has no value", String::from_utf8_lossy(key)));
        }
        Ok(Some((key, Field::Bare(&self.input[start..self.at]))))
    }

    /// Steps over quoted text. When its end is missing, the byte reached is its start, so that reading goes on with
    /// the next line.
    fn text(&mut self) -> Result<(), String> {
        let start = self.at;
        let mut at = start + 1;
        while let Some(len) = memchr::memchr2(b'"', b'\\', &self.input[at..]) {
            at += len;
            if self.input[at] == b'"' {
                self.at = at + 1;
                return match self.at_line_end() || matches!(self.byte(), Some(b',' | b' ')) {
                    true => Ok(()),
                    false => Err("text after a closing quote".to_owned()),
                };
            }
            at = (at + 2).min(self.input.len());
        }
        Err("a quote is not closed".to_owned())
    }

    /// Takes the time, if any, and checks that the line ends.
    pub(super) fn time(&mut self) -> Result<(), String> {
        self.blanks();
        let start = self.at;
        while !self.at_line_end() && !matches!(self.byte(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.time = &self.input[start..self.at];
        self.blanks();
        if !self.at_line_end() {
            return Err("text after the time".to_owned());
        }
        if self.byte() == Some(b'\r') {
            self.at += 1;
        }
        Ok(())
    }
}
