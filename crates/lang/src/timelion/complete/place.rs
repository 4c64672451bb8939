//! Where in an unfinished expression the cursor stands: found by walking up to it with a stack of what is open.

use crate::Span;

/// What the cursor is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Where a chain may begin.
    Start,
    /// In the name of a function.
    Function {
        /// The name without its dot.
        span: Span,
        /// There are series before it.
        continues: bool,
    },
    /// In an argument.
    Argument(Argument),
    /// Nowhere a name would help.
    Nothing,
}

/// The argument the cursor is in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Argument {
    /// The function, as written.
    pub(super) function: String,
    /// Its place in the call, from 0.
    pub(super) position: usize,
    /// Its name, if it has one.
    pub(super) name: Option<String>,
    /// Names of the arguments before it.
    pub(super) given: Vec<String>,
    /// The characters of its value without quotes, up to where it ends after the cursor.
    pub(super) value: Span,
    /// The quote it is in.
    pub(super) quote: Option<char>,
}

enum Open {
    Group,
    Call(Argument),
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn in_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '\'' | ',' | '=')
}

/// Walks to the cursor.
pub(super) fn find(chars: &[char], cursor: usize) -> Place {
    let mut walk = Walk { chars, cursor, at: 0, open: Vec::new(), after_series: false };
    loop {
        if let Some(place) = walk.step() {
            return place;
        }
    }
}

struct Walk<'a> {
    chars: &'a [char],
    cursor: usize,
    at: usize,
    open: Vec<Open>,
    /// The last thing was a chain that may go on.
    after_series: bool,
}

impl Walk<'_> {
    fn step(&mut self) -> Option<Place> {
        if self.at >= self.cursor {
            return Some(self.here());
        }
        let c = self.chars[self.at];
        match c {
            _ if c.is_whitespace() => {
                self.at += 1;
                self.space();
            }
            '.' if self.chain_may_be_here() => return self.function(),
            '(' => {
                self.at += 1;
                self.open.push(Open::Group);
                self.after_series = false;
            }
            ')' => {
                self.at += 1;
                self.open.pop();
                self.after_series = true;
            }
            ',' => {
                self.at += 1;
                self.after_series = false;
                self.next_argument();
            }
            '"' | '\'' if matches!(self.open.last(), Some(Open::Call(_))) => return self.quoted(c),
            _ => return self.word(),
        }
        None
    }

    // A number such as .5 is no chain; anything else after a dot is, except in the middle of a value.
    fn chain_may_be_here(&self) -> bool {
        !self.chars.get(self.at + 1).is_some_and(char::is_ascii_digit)
    }

    fn here(&self) -> Place {
        match self.open.last() {
            Some(Open::Call(argument)) if !self.after_series => {
                let end = self.end_of_word(self.cursor);
                Place::Argument(Argument { value: Span::new(self.cursor, end), ..argument.clone() })
            }
            _ if self.after_series => Place::Nothing,
            _ => Place::Start,
        }
    }

    fn end_of_word(&self, from: usize) -> usize {
        let rest = &self.chars[from..];
        from + rest.iter().position(|c| !in_word(*c)).unwrap_or(rest.len())
    }

    // White space after a value ends the argument, as a comma does.
    fn space(&mut self) {
        let ended = self.chars[..self.at - 1].last().is_some_and(|c| in_word(*c) || matches!(c, '"' | '\''));
        let next = self.chars[self.at..].iter().find(|c| !c.is_whitespace());
        if ended && !matches!(next, Some(',' | '=' | ')' | '.' | '(')) && !self.after_series {
            self.next_argument();
        }
    }

    fn next_argument(&mut self) {
        if let Some(Open::Call(argument)) = self.open.last_mut() {
            argument.position += 1;
            argument.given.extend(argument.name.take());
        }
    }

    fn function(&mut self) -> Option<Place> {
        let start = self.at + 1;
        let rest = &self.chars[start..];
        let end = start + rest.iter().position(|c| !in_name(*c)).unwrap_or(rest.len());
        if self.cursor <= end {
            let continues = self.after_series;
            return Some(Place::Function { span: Span::new(start, end), continues });
        }
        let name: String = self.chars[start..end].iter().collect();
        self.at = end;
        while self.at < self.cursor && self.chars[self.at].is_whitespace() {
            self.at += 1;
        }
        if self.at < self.cursor && self.chars[self.at] == '(' {
            self.at += 1;
            self.open.push(Open::Call(Argument { function: name, ..Argument::default() }));
            self.after_series = false;
        }
        None
    }

    fn quoted(&mut self, quote: char) -> Option<Place> {
        let start = self.at + 1;
        let mut end = start;
        while end < self.chars.len() && self.chars[end] != quote {
            end += if self.chars[end] == '\\' { 2 } else { 1 };
        }
        let end = end.min(self.chars.len());
        if self.cursor <= end {
            let Some(Open::Call(argument)) = self.open.last() else { return Some(Place::Nothing) };
            let value = Span::new(start, end);
            return Some(Place::Argument(Argument { value, quote: Some(quote), ..argument.clone() }));
        }
        self.at = end + 1;
        None
    }

    fn word(&mut self) -> Option<Place> {
        let start = self.at;
        let end = self.end_of_word(start).max(start + 1);
        let is_reference = matches!(self.chars[start], '@' | '$');
        if is_reference {
            return self.reference(start);
        }
        if self.cursor <= end && self.chars[start] != '=' {
            let Some(Open::Call(argument)) = self.open.last() else { return Some(Place::Nothing) };
            return Some(Place::Argument(Argument { value: Span::new(start, end), ..argument.clone() }));
        }
        self.at = end;
        if self.chars.get(end) == Some(&'=') && end < self.cursor {
            let name: String = self.chars[start..end].iter().collect();
            if let Some(Open::Call(argument)) = self.open.last_mut() {
                argument.name = Some(name);
            }
            self.at += 1;
        }
        None
    }

    // `@1` and `$x` are series that may go on; `$x=` is not.
    fn reference(&mut self, start: usize) -> Option<Place> {
        let rest = &self.chars[start + 1..];
        let len = rest.iter().position(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':')));
        let end = start + 1 + len.unwrap_or(rest.len());
        if self.cursor <= end {
            return Some(Place::Nothing);
        }
        self.at = end;
        let assigned = self.chars[end] == '=';
        self.after_series = !assigned;
        self.at += usize::from(assigned);
        None
    }
}
