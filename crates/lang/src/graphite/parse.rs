//! Text → syntax tree, in one pass over the bytes.

use super::ast::{Call, Expression, Kind, Named};
use crate::{Error, Span};

/// Longest text understood, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 << 10;
/// Deepest nesting of calls, and longest chain of pipes.
pub const DEPTH_MAX: usize = 128;

/// Understands one target.
pub fn parse(text: &str) -> Result<Expression, Error> {
    let (expression, mut parser) = start(text)?;
    parser.skip_space();
    match parser.peek() {
        None => Ok(expression),
        Some(b')') => Err(parser.error_here("There is one closing bracket too many").hint("leave it out")),
        Some(_) => Err(parser
            .error_here("Nothing may follow the target here")
            .hint("separate arguments by commas and calls by |")),
    }
}

/// Understands what a text begins with, whatever follows.
pub(super) fn parse_start(text: &str) -> Result<Expression, Error> {
    start(text).map(|(expression, _)| expression)
}

fn start(text: &str) -> Result<(Expression, Parser<'_>), Error> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, is_ascii: text.is_ascii(), depth: 0 };
    if text.len() > TEXT_BYTES_MAX {
        let message = format!("A target has at most {TEXT_BYTES_MAX} bytes, this one has {}", text.len());
        return Err(Error::new(Span::default(), message));
    }
    parser.skip_space();
    if parser.at == text.len() {
        return Err(parser
            .error_at(parser.at, "A target is missing")
            .hint("write a path such as host.cpu.*"));
    }
    let expression = parser.expression()?;
    Ok((expression, parser))
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    is_ascii: bool,
    depth: usize,
}

/// What ends a path, unless a backslash stands before it.
fn is_symbol(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'{' | b'}' | b',' | b'.' | b'\'' | b'"' | b'\\' | b'|')
}

fn is_path(byte: u8) -> bool {
    byte > b' ' && byte != 0x7f && !is_symbol(byte)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn eat(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    // Places are counted in characters, which are bytes in nearly every target.
    fn place(&self, byte: usize) -> usize {
        if self.is_ascii { byte } else { self.text[..byte].chars().count() }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.place(start), self.place(end))
    }

    fn error_at(&self, start: usize, message: &str) -> Error {
        let end = self.text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
        Error::new(self.span(start, end), message)
    }

    fn error_here(&self, message: &str) -> Error {
        self.error_at(self.at, message)
    }

    fn expression(&mut self) -> Result<Expression, Error> {
        let outer = self.depth;
        self.deeper()?;
        let mut expression = self.head()?;
        loop {
            let before = self.at;
            self.skip_space();
            if !self.eat(b'|') {
                self.at = before;
                self.depth = outer;
                return Ok(expression);
            }
            self.deeper()?;
            self.skip_space();
            let start = self.at;
            if !self.is_call() {
                let error = self.error_here("A function is missing after |");
                return Err(error.hint("such as servers.*.load|sumSeries()"));
            }
            let mut call = self.call()?;
            if call.name == "template" {
                return Err(Error::new(call.name_span, "A template cannot stand after |"));
            }
            let span = expression.span.join(self.span(start, self.at));
            call.args.insert(0, expression);
            call.piped = true;
            expression = Expression { kind: Kind::Call(call), span };
        }
    }

    fn deeper(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self
                .error_here("The target is nested too deep")
                .hint(format!("at most {DEPTH_MAX} deep")));
        }
        Ok(())
    }

    // Whether a name and an opening bracket come next.
    fn is_call(&self) -> bool {
        let rest = &self.bytes[self.at..];
        let word = rest.iter().take_while(|byte| is_word(**byte)).count();
        let space = rest[word..].iter().take_while(|byte| **byte == b' ').count();
        word > 0 && !rest[0].is_ascii_digit() && rest.get(word + space) == Some(&b'(')
    }

    fn head(&mut self) -> Result<Expression, Error> {
        let start = self.at;
        let kind = if self.is_call() {
            let call = self.call()?;
            if call.name == "template" { self.template(call)? } else { Kind::Call(call) }
        } else {
            Kind::Path(self.path()?)
        };
        Ok(Expression { kind, span: self.span(start, self.at) })
    }

    fn template(&self, call: Call) -> Result<Kind, Error> {
        let is_wrong =
            |value: &&Expression| !matches!(value.kind, Kind::Integer(_) | Kind::Float(_) | Kind::Text(_));
        let values = call.args.iter().skip(1).chain(call.named.iter().map(|named| &named.value));
        if let Some(wrong) = values.clone().find(is_wrong) {
            return Err(Error::new(wrong.span, "Values of a template are texts in quotes or numbers"));
        }
        match call.args.first().map(|first| &first.kind) {
            Some(Kind::Call(_) | Kind::Path(_)) => Ok(Kind::Template(call)),
            _ => Err(Error::new(call.name_span, "A template needs an expression first")
                .hint("such as template(hosts.$name.cpu, name=\"web1\")")),
        }
    }

    fn word(&mut self) -> (String, Span) {
        let start = self.at;
        while self.peek().is_some_and(is_word) {
            self.at += 1;
        }
        (self.text[start..self.at].to_owned(), self.span(start, self.at))
    }

    fn call(&mut self) -> Result<Call, Error> {
        let start = self.at;
        let (name, name_span) = self.word();
        while self.eat(b' ') {}
        let opening = self.at;
        self.at += 1;
        let mut call =
            Call { name, name_span, args: Vec::new(), named: Vec::new(), text: String::new(), piped: false };
        self.skip_space();
        if !self.eat(b')') {
            self.arguments(&mut call, opening)?;
        }
        self.text[start..self.at].clone_into(&mut call.text);
        Ok(call)
    }

    fn arguments(&mut self, call: &mut Call, opening: usize) -> Result<(), Error> {
        loop {
            self.skip_space();
            match self.argument_name() {
                Some((name, span)) => {
                    self.skip_space();
                    let value = self.argument()?;
                    call.named.push(Named { name, span, value });
                }
                None if call.named.is_empty() => {
                    let value = self.argument()?;
                    call.args.push(value);
                }
                None => {
                    let error = self.error_here("Arguments without a name must stand before those with one");
                    return Err(error);
                }
            }
            self.skip_space();
            if self.eat(b')') {
                return Ok(());
            }
            if !self.eat(b',') {
                if self.at < self.bytes.len() {
                    return Err(self.error_here("A comma or a closing bracket was expected here"));
                }
                let message = format!("The bracket of {} is not closed", call.name);
                return Err(Error::new(self.span(opening, opening + 1), message).hint("add )"));
            }
        }
    }

    // `name =` before a value. A path may hold `=` too; only a word right at the start of an argument is a name.
    fn argument_name(&mut self) -> Option<(String, Span)> {
        let start = self.at;
        if self.peek()?.is_ascii_digit() {
            return None;
        }
        let (name, span) = self.word();
        self.skip_space();
        if name.is_empty() || !self.eat(b'=') {
            self.at = start;
            return None;
        }
        Some((name, span))
    }

    fn argument(&mut self) -> Result<Expression, Error> {
        let start = self.at;
        let kind = match self.peek() {
            None => return Err(self.error_here("An argument is missing here")),
            Some(b',' | b')') => {
                let error = self.error_here("An argument is missing here");
                return Err(error.hint("a comma must be followed by an argument"));
            }
            Some(quote @ (b'"' | b'\'')) => Kind::Text(self.quoted(quote)?),
            Some(_) => match self.literal() {
                Some(kind) => kind,
                None => return self.expression(),
            },
        };
        Ok(Expression { kind, span: self.span(start, self.at) })
    }

    fn quoted(&mut self, quote: u8) -> Result<String, Error> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(self.text[start + 1..self.at - 1].to_owned());
                }
                // What follows a backslash may be longer than a byte; its other bytes are no quotes.
                Some(b'\\') if self.at + 1 < self.bytes.len() => self.at += 2,
                Some(_) => self.at += 1,
                None => {
                    let message = "The text is not closed";
                    return Err(
                        Error::new(self.span(start, start + 1), message).hint("add the closing quote")
                    );
                }
            }
        }
    }

    // A word or a number with nothing but the end of an argument after it; anything else is a path.
    fn literal(&mut self) -> Option<Kind> {
        let rest = &self.bytes[self.at..];
        let is_end = |byte: &u8| matches!(byte, b',' | b')') || byte.is_ascii_whitespace();
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        let after = rest[length..].iter().find(|byte| !byte.is_ascii_whitespace());
        if !matches!(after, None | Some(b',' | b')')) {
            return None;
        }
        let word = self.text.get(self.at..self.at + length)?;
        let kind = match word.bytes().next()? {
            b'-' | b'0'..=b'9' => number(word)?,
            b't' | b'T' if word.eq_ignore_ascii_case("true") => Kind::Boolean(true),
            b'f' | b'F' if word.eq_ignore_ascii_case("false") => Kind::Boolean(false),
            b'n' | b'N' if word.eq_ignore_ascii_case("none") => Kind::Null,
            b'i' | b'I' if word.eq_ignore_ascii_case("inf") => Kind::Float(f64::INFINITY),
            _ => return None,
        };
        self.at += length;
        Some(kind)
    }

    fn path(&mut self) -> Result<String, Error> {
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'\\') => {
                    let escaped = self.bytes.get(self.at + 1).copied();
                    if !escaped.is_some_and(|byte| is_symbol(byte) || byte == b'=') {
                        let error = self.error_here("A backslash stands only before a symbol here");
                        return Err(error.hint("one of ( ) { } , . ' \" \\ | ="));
                    }
                    self.at += 2;
                }
                Some(b'{') => self.choice()?,
                Some(b'.') => self.dot(start)?,
                Some(byte) if is_path(byte) => self.at += 1,
                Some(b'}') => {
                    return Err(self.error_here("There is one closing brace too many").hint("leave it out"));
                }
                _ => break,
            }
        }
        if self.at == start {
            let error = self.error_here("A path or a function is missing here");
            return Err(error);
        }
        Ok(self.text[start..self.at].to_owned())
    }

    // Nodes are not empty.
    fn dot(&mut self, start: usize) -> Result<(), Error> {
        let next = self.bytes.get(self.at + 1).copied();
        let is_node = next.is_some_and(|byte| is_path(byte) || matches!(byte, b'{' | b'\\'));
        if self.at == start || !is_node {
            let message = "A path has a name on both sides of each dot";
            return Err(self.error_here(message).hint("write servers.web1.load"));
        }
        self.at += 1;
        Ok(())
    }

    fn choice(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') if self.bytes.get(self.at + 1).is_some_and(|byte| is_symbol(*byte)) => {
                    self.at += 2
                }
                Some(byte) if is_path(byte) || byte == b',' => self.at += 1,
                _ => {
                    let message = "The brace is not closed";
                    return Err(Error::new(self.span(start, start + 1), message).hint("write {a,b}"));
                }
            }
        }
    }
}

fn number(word: &str) -> Option<Kind> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = digits.split_once(['e', 'E']).map_or((digits, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.map(|e| e.strip_prefix('-').unwrap_or(e));
    if !is_digits(whole) || !fraction.is_none_or(is_digits) || !exponent_digits.is_none_or(is_digits) {
        return None;
    }
    if fraction.is_none() && exponent.is_none() {
        // What does not fit is a number all the same.
        return word.parse().map(Kind::Integer).or_else(|_| word.parse().map(Kind::Float)).ok();
    }
    word.parse().map(Kind::Float).ok()
}
