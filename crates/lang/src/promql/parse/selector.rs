//! Names and matchers.

use super::super::ast::{Expr, Kind, Selector, When};
use super::super::lex::{Kind as Word, Token};
use super::Parser;
use crate::plan::vector::Edge;
use crate::{Error, Span};
use model::matcher::MatchOp;
use model::{Matcher, NAME};

const CONTEXT: &str = "label matching";

impl Parser<'_> {
    /// A selector whose name has been taken, if it has one.
    pub(super) fn selector(&mut self, name: Option<Token>) -> Result<Expr, Error> {
        let start = name.map_or(self.word.start, |word| word.start);
        let mut matchers = match self.word.kind {
            Word::LeftBrace => self.matchers()?,
            _ => Vec::new(),
        };
        let name = name.map(|word| self.text_of(word).to_owned());
        matchers.extend(name.iter().map(|name| Matcher::equal(NAME, name.as_str())));
        let span = self.since(start);
        let selector = Selector { name, matchers, when: When::default(), edge: Edge::Open, span };
        Ok(Expr { kind: Kind::Selector(Box::new(selector)), span })
    }

    fn matchers(&mut self) -> Result<Vec<Matcher>, Error> {
        self.take();
        let mut matchers = Vec::new();
        while !self.eat(Word::RightBrace) {
            matchers.push(self.matcher()?);
            match self.word.kind {
                Word::Comma => _ = self.take(),
                Word::RightBrace => {}
                _ => return Err(self.unexpected(CONTEXT, "\",\" or \"}\"")),
            }
        }
        Ok(matchers)
    }

    fn matcher(&mut self) -> Result<Matcher, Error> {
        let label = self.word;
        let name = match label.kind {
            Word::Word => self.text_of(label).to_owned(),
            Word::Text => self.unquoted(label)?,
            _ => return Err(self.unexpected(CONTEXT, "identifier or \"}\"")),
        };
        self.take();
        let op = match self.word.kind {
            Word::Assign => MatchOp::Equal,
            Word::NotEqual => MatchOp::NotEqual,
            Word::Matches => MatchOp::Regex,
            Word::MatchesNot => MatchOp::NotRegex,
            _ if label.kind == Word::Text => return Ok(Matcher::equal(NAME, name)),
            _ => return Err(self.unexpected(CONTEXT, "label matching operator")),
        };
        self.take();
        let value = self.expect(Word::Text, CONTEXT, "string")?;
        let text = self.unquoted(value)?;
        Matcher::new(name, op, text).map_err(|message| Error::new(Span::new(label.start, value.end), message))
    }
}
