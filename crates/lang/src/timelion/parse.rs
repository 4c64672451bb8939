//! Text to tree, by recursive descent. The grammar is drawn in [`crate::timelion`].

mod value;

use super::ast::{Argument, Call, Chain, Expression, Head, Item, Value, ValueKind};
use crate::cursor::Cursor;
use crate::{Error, Span};

/// Longest expression, in characters.
pub(super) const TEXT_CHARS_MAX: usize = 65_536;
/// Deepest nesting of chains within arguments and groups.
pub(super) const DEPTH_MAX: usize = 64;

/// Parses one expression.
pub fn parse(text: &str) -> Result<Expression, Error> {
    let mut parser = Parser { cursor: Cursor::new(text), depth: 0 };
    if parser.cursor.len() > TEXT_CHARS_MAX {
        let span = Span::new(TEXT_CHARS_MAX, parser.cursor.len());
        return Err(Error::new(span, format!("The expression is longer than {TEXT_CHARS_MAX} characters")));
    }
    let expression = parser.expression(None)?;
    if expression.items.is_empty() {
        return Err(Error::new(parser.cursor.here(), "The expression is empty").hint("start with .es()"));
    }
    Ok(expression)
}

struct Parser {
    cursor: Cursor,
    depth: usize,
}

fn starts_name(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_alphabetic())
}

fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn in_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | '\'' | ',' | '=')
}

impl Parser {
    // Items up to the end of the text, or up to the `)` of the group that began at `open`.
    fn expression(&mut self, open: Option<Span>) -> Result<Expression, Error> {
        let mut items = Vec::new();
        loop {
            self.cursor.skip_space();
            match (self.cursor.peek(), open) {
                (Some(')'), Some(_)) | (None, None) => return Ok(Expression { items }),
                (None, Some(open)) => {
                    return Err(Error::new(open, "This parenthesis is never closed").hint("add `)`"));
                }
                _ => items.push(self.item()?),
            }
            self.cursor.skip_space();
            self.cursor.eat(',');
        }
    }

    fn item(&mut self) -> Result<Item, Error> {
        let start = self.cursor.at();
        if self.cursor.peek() == Some('$') {
            let name = self.variable()?;
            self.cursor.skip_space();
            if self.cursor.eat('=') {
                self.cursor.skip_space();
                let value = self.value()?;
                return Ok(Item::Assign { name, value, span: self.cursor.since(start) });
            }
            self.cursor.go(start);
        }
        Ok(Item::Chain(self.chain()?))
    }

    fn chain(&mut self) -> Result<Chain, Error> {
        let start = self.cursor.at();
        let head = match self.cursor.peek() {
            Some('.') => None,
            Some('(') => Some(self.group()?),
            Some('@') => Some(self.cell()?),
            Some('$') => {
                let name = self.variable()?;
                Some(Head::Variable(name, self.cursor.since(start)))
            }
            _ => return Err(self.not_a_chain()),
        };
        let mut calls = Vec::new();
        if head.is_none() {
            calls.push(self.call()?);
        }
        loop {
            let end = self.cursor.at();
            self.cursor.skip_space();
            if self.cursor.peek() != Some('.') {
                self.cursor.go(end);
                return Ok(Chain { head, calls, span: self.cursor.since(start) });
            }
            calls.push(self.call()?);
        }
    }

    fn not_a_chain(&mut self) -> Error {
        let start = self.cursor.at();
        let Some(c) = self.cursor.peek() else {
            return Error::new(self.cursor.here(), "A series expression is missing here")
                .hint("such as .es()");
        };
        if starts_name(Some(c)) {
            let name = self.cursor.take_while(in_name);
            let hint = match self.cursor.peek() {
                Some('(') => format!("functions start with a dot: .{name}(…)"),
                _ => format!("to search for it write .es({name}) or .es(metric=avg:{name})"),
            };
            return Error::new(self.cursor.since(start), format!("`{name}` is not a series expression"))
                .hint(hint);
        }
        let error = Error::new(self.cursor.here(), format!("`{c}` cannot stand here"));
        match c {
            ')' => error.hint("no parenthesis is open"),
            ',' => error.hint("there is nothing before the comma"),
            _ => error.hint("expected a chain such as .es(), a group ( … ), @1 or $name"),
        }
    }

    fn group(&mut self) -> Result<Head, Error> {
        let start = self.cursor.at();
        let open = self.cursor.here();
        self.enter(open)?;
        self.cursor.take();
        let expression = self.expression(Some(open))?;
        self.cursor.take();
        self.depth -= 1;
        let span = self.cursor.since(start);
        if expression.items.is_empty() {
            return Err(Error::new(span, "This group is empty").hint("such as (.es(a), .es(b))"));
        }
        Ok(Head::Group(expression, span))
    }

    fn enter(&mut self, span: Span) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::new(span, format!("The expression is nested deeper than {DEPTH_MAX} levels")));
        }
        Ok(())
    }

    fn cell(&mut self) -> Result<Head, Error> {
        let start = self.cursor.at();
        self.cursor.take();
        let Some(cell) = self.integer() else {
            return Err(Error::new(self.cursor.since(start), "The number of an expression must follow `@`")
                .hint("@1 is the first expression, @1:2 its second series"));
        };
        let colon = self.cursor.at();
        let series = if self.cursor.eat(':') { self.integer() } else { None };
        if series.is_none() {
            self.cursor.go(colon);
        }
        Ok(Head::Cell { cell, series, span: self.cursor.since(start) })
    }

    fn integer(&mut self) -> Option<usize> {
        self.cursor.take_while(|c| c.is_ascii_digit()).parse().ok()
    }

    fn variable(&mut self) -> Result<String, Error> {
        let start = self.cursor.at();
        self.cursor.take();
        if !starts_name(self.cursor.peek()) {
            return Err(Error::new(self.cursor.since(start), "A name must follow `$`").hint("such as $load"));
        }
        Ok(self.cursor.take_while(|c| in_name(c) && c != '.'))
    }

    fn call(&mut self) -> Result<Call, Error> {
        let start = self.cursor.at();
        self.cursor.take();
        if !starts_name(self.cursor.peek()) {
            return Err(Error::new(self.cursor.since(start), "The name of a function must follow the dot"));
        }
        let name_start = self.cursor.at();
        let name = self.cursor.take_while(in_name);
        let name_span = self.cursor.since(name_start);
        self.cursor.skip_space();
        let open = self.cursor.here();
        if !self.cursor.eat('(') {
            return Err(Error::new(name_span, format!("`(` is missing after .{name}"))
                .hint(format!("write .{name}()")));
        }
        self.enter(name_span)?;
        let args = self.arguments(open)?;
        self.depth -= 1;
        Ok(Call { name, name_span, args, span: self.cursor.since(start) })
    }

    fn arguments(&mut self, open: Span) -> Result<Vec<Argument>, Error> {
        let mut args = Vec::new();
        self.cursor.skip_space();
        if self.cursor.eat(')') {
            return Ok(args);
        }
        loop {
            args.push(self.argument(open)?);
            let spaced = self.cursor.skip_space();
            match self.cursor.peek() {
                Some(')') => {
                    self.cursor.take();
                    return Ok(args);
                }
                Some(',') => {
                    self.cursor.take();
                    self.cursor.skip_space();
                    // A comma after the last one is allowed, as at the end of a group.
                    if self.cursor.eat(')') {
                        return Ok(args);
                    }
                }
                None => return Err(unclosed(open)),
                Some('=') => {
                    return Err(Error::new(self.cursor.here(), "`=` cannot stand here")
                        .hint("an argument is name=value; put a value that has a = into quotes"));
                }
                // White space separates arguments too; so does the end of a quoted text.
                Some(_) if spaced || ends_itself(&args) => {}
                // The quote that ends such a text has been taken for the beginning of one: it's.
                Some(c @ ('\'' | '"')) => {
                    let hint = format!("put a text that has a {c} into the other quotes, or write \\{c}");
                    return Err(Error::new(self.cursor.here(), format!("`{c}` cannot stand here")).hint(hint));
                }
                Some(c) => {
                    return Err(Error::new(self.cursor.here(), format!("`{c}` cannot stand here"))
                        .hint("separate arguments by a comma"));
                }
            }
        }
    }

    fn argument(&mut self, open: Span) -> Result<Argument, Error> {
        let start = self.cursor.at();
        if starts_name(self.cursor.peek()) {
            let name = self.cursor.take_while(in_name);
            let span = self.cursor.since(start);
            self.cursor.skip_space();
            if self.cursor.eat('=') {
                self.cursor.skip_space();
                let value = self.argument_value(open)?;
                return Ok(Argument { name: Some((name, span)), value });
            }
            self.cursor.go(start);
        }
        Ok(Argument { name: None, value: self.argument_value(open)? })
    }

    fn argument_value(&mut self, open: Span) -> Result<Value, Error> {
        if self.cursor.peek().is_none() {
            return Err(unclosed(open));
        }
        self.value()
    }
}

fn unclosed(open: Span) -> Error {
    Error::new(open, "This parenthesis is never closed").hint("add `)`")
}

fn ends_itself(args: &[Argument]) -> bool {
    let ends = |value: &Value| match &value.kind {
        ValueKind::Chain(_) => true,
        ValueKind::Text { inner, .. } => inner.is_none_or(|inner| inner.end < value.span.end),
        _ => false,
    };
    args.last().is_some_and(|arg| ends(&arg.value))
}
