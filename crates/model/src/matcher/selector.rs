//! Conditions as text: PromQL's vector selector, `name{label="value", other=~"a|b"}`, with quoted UTF-8 names.

use super::{MatchOp, Matcher};
use crate::NAME;
use std::iter::Peekable;
use std::str::Chars;

impl Matcher {
    /// Reads a selector; `{}` has no conditions.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn parse_selector(text: &str) -> Result<Vec<Self>, String> {
        Parser { rest: text.chars().peekable() }.selector()
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Parser<'_> {
    fn selector(&mut self) -> Result<Vec<Matcher>, String> {
        let mut matchers = Vec::new();
        self.spaces();
        let name = self.word();
        if !name.is_empty() {
            matchers.push(Matcher::equal(NAME, name));
        }
        self.spaces();
        if self.eat('{') {
            self.matchers(&mut matchers)?;
        }
        self.spaces();
        match self.rest.next() {
            None => Ok(matchers),
            Some(c) => Err(format!("unexpected {c:?} after the selector")),
        }
    }

    fn matchers(&mut self, matchers: &mut Vec<Matcher>) -> Result<(), String> {
        loop {
            self.spaces();
            if self.eat('}') {
                return Ok(());
            }
            let quoted = matches!(self.rest.peek(), Some('"' | '\'' | '`'));
            let name = if quoted { self.quoted()? } else { self.word() };
            self.spaces();
            if quoted && matches!(self.rest.peek(), Some(',' | '}')) {
                matchers.push(Matcher::equal(NAME, name)); // {"metric.name"}
            } else if name.is_empty() {
                return Err("a label name is missing".into());
            } else {
                let op = self.operator()?;
                self.spaces();
                let value = self.quoted()?;
                matchers.push(Matcher::new(name, op, value)?);
            }
            self.spaces();
            if !self.eat(',') && self.rest.peek() != Some(&'}') {
                return Err("expected `,` or `}` after a label matcher".into());
            }
        }
    }

    fn operator(&mut self) -> Result<MatchOp, String> {
        match (self.rest.next(), self.rest.peek()) {
            (Some('='), Some('~')) => Ok((MatchOp::Regex, self.rest.next()).0),
            (Some('!'), Some('=')) => Ok((MatchOp::NotEqual, self.rest.next()).0),
            (Some('!'), Some('~')) => Ok((MatchOp::NotRegex, self.rest.next()).0),
            (Some('='), _) => Ok(MatchOp::Equal),
            _ => Err("expected one of =, !=, =~, !~".into()),
        }
    }

    fn quoted(&mut self) -> Result<String, String> {
        let quote = match self.rest.next() {
            Some(c @ ('"' | '\'' | '`')) => c,
            _ => return Err("a quoted value is missing".into()),
        };
        let mut out = String::new();
        loop {
            match self.rest.next().ok_or("a quote is not closed")? {
                c if c == quote => return Ok(out),
                '\\' if quote != '`' => match self.rest.next().ok_or("a quote is not closed")? {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    c @ ('\\' | '"' | '\'') => out.push(c),
                    c => return Err(format!("unknown escape \\{c}")),
                },
                c => out.push(c),
            }
        }
    }

    fn word(&mut self) -> String {
        let mut out = String::new();
        let good = |c: &char, first: bool| {
            c.is_ascii_alphabetic() || matches!(c, '_' | ':') || (!first && c.is_ascii_digit())
        };
        while let Some(c) = self.rest.next_if(|c| good(c, out.is_empty())) {
            out.push(c);
        }
        out
    }

    fn spaces(&mut self) {
        while self.rest.next_if(|c| c.is_whitespace()).is_some() {}
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }
}
