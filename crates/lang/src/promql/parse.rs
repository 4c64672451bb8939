//! Words to a tree, by precedence climbing; then types are checked. The first thing that is wrong is told.
//!
//! Sentences are Prometheus' own where it has one, because people search for them; hints are ours.

mod advice;
mod duration;
mod modifier;
mod operand;
mod place;
mod selector;

use super::ast::{Binary, Expr, Kind, Selector};
use super::check;
use super::lex::{Kind as Word, Lexer, Token};
use crate::plan::vector::Operator;
use crate::{Error, Span};

/// Deepest nesting of parentheses, calls and signs.
pub const NESTING_MAX: usize = 100;

/// Most operators of one text. Together with [`NESTING_MAX`] it bounds the depth of trees.
pub const OPERATORS_MAX: usize = 500;

/// Understands an expression.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse(text: &str) -> Result<Expr, Error> {
    let parsed = Parser::new(text).whole().and_then(|mut expr| {
        check::check(&mut expr)?;
        Ok(expr)
    });
    place::in_characters(text, parsed.map_err(|error| advice::advised(text, error)))
}

/// Understands a text that is one selector, as `match[]` of requests takes it.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn parse_selector(text: &str) -> Result<Selector, Error> {
    let expr = parse(text)?;
    match expr.kind {
        Kind::Selector(selector) if expr.span == selector.span => Ok(*selector),
        _ => Err(Error::new(expr.span, "expected a selector of series only").hint("such as up{job=\"api\"}")),
    }
}

pub(super) struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// The word to look at.
    word: Token,
    /// Where the word before it ended.
    end: usize,
    nesting: usize,
    operators: usize,
}

/// How tightly operators bind; a sign binds as `*` does.
const SIGN: u8 = 5;

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let mut lexer = Lexer::new(text);
        let word = lexer.next();
        Self { text, lexer, word, end: 0, nesting: 0, operators: 0 }
    }

    fn whole(&mut self) -> Result<Expr, Error> {
        if self.word.kind == Word::End {
            return Err(Error::new(Span::default(), "no expression found in input"));
        }
        let expr = self.expression(0)?;
        match self.word.kind {
            Word::End => Ok(expr),
            _ => Err(self.unexpected("", "")),
        }
    }

    fn take(&mut self) -> Token {
        let word = self.word;
        self.end = word.end;
        self.word = self.lexer.next();
        word
    }

    fn eat(&mut self, kind: Word) -> bool {
        let found = self.word.kind == kind;
        if found {
            self.take();
        }
        found
    }

    fn expect(&mut self, kind: Word, context: &str, expected: &str) -> Result<Token, Error> {
        if self.word.kind == kind { Ok(self.take()) } else { Err(self.unexpected(context, expected)) }
    }

    fn text_of(&self, word: Token) -> &'a str {
        &self.text[word.start..word.end]
    }

    /// Whether the word to look at is this keyword, in any case.
    fn is_keyword(&self, keyword: &str) -> bool {
        self.word.kind == Word::Word && self.text_of(self.word).eq_ignore_ascii_case(keyword)
    }

    fn since(&self, start: usize) -> Span {
        Span::new(start, self.end)
    }

    /// One level deeper.
    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.nesting += 1;
        if self.nesting > NESTING_MAX {
            let span = Span::new(self.word.start, self.word.end);
            return Err(Error::new(
                span,
                format!("expression is nested more than {NESTING_MAX} levels deep"),
            ));
        }
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    /// An expression whose operators bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Expr, Error> {
        let mut left = self.unary()?;
        while let Some((operator, power)) = self.operator() {
            if power < least {
                break;
            }
            left = self.binary(left, operator, power)?;
        }
        Ok(left)
    }

    fn binary(&mut self, left: Expr, operator: Operator, power: u8) -> Result<Expr, Error> {
        let word = self.take();
        let operator_span = Span::new(word.start, word.end);
        self.operators += 1;
        if self.operators > OPERATORS_MAX {
            return Err(Error::new(
                operator_span,
                format!("expression has more than {OPERATORS_MAX} operators"),
            ));
        }
        let (is_bool, matching) = self.modifiers()?;
        // Powers are taken from the right, all else from the left.
        let least = power + u8::from(operator != Operator::Power);
        let right = self.nested(|parser| parser.expression(least))?;
        let span = left.span.join(right.span);
        let binary = Binary { operator, operator_span, is_bool, left, right, matching };
        Ok(Expr { kind: Kind::Binary(Box::new(binary)), span })
    }

    fn operator(&self) -> Option<(Operator, u8)> {
        Some(match self.word.kind {
            Word::Plus => (Operator::Add, 4),
            Word::Minus => (Operator::Subtract, 4),
            Word::Star => (Operator::Multiply, 5),
            Word::Slash => (Operator::Divide, 5),
            Word::Percent => (Operator::Modulo, 5),
            Word::Caret => (Operator::Power, 6),
            Word::Equal => (Operator::Equal, 3),
            Word::NotEqual => (Operator::NotEqual, 3),
            Word::Greater => (Operator::Greater, 3),
            Word::Less => (Operator::Less, 3),
            Word::GreaterOrEqual => (Operator::GreaterOrEqual, 3),
            Word::LessOrEqual => (Operator::LessOrEqual, 3),
            Word::TrimUpper => (Operator::TrimUpper, 3),
            Word::TrimLower => (Operator::TrimLower, 3),
            Word::Word if self.is_keyword("and") => (Operator::And, 2),
            Word::Word if self.is_keyword("unless") => (Operator::Unless, 2),
            Word::Word if self.is_keyword("or") => (Operator::Or, 1),
            Word::Word if self.is_keyword("atan2") => (Operator::Atan2, 5),
            _ => return None,
        })
    }

    fn unary(&mut self) -> Result<Expr, Error> {
        let is_minus = match self.word.kind {
            Word::Plus => false,
            Word::Minus => true,
            _ => return self.operand(),
        };
        let start = self.take().start;
        let operand = self.nested(|parser| parser.expression(SIGN + 1))?;
        let span = Span::new(start, operand.span.end);
        let kind = match operand.kind {
            Kind::Number { value, is_duration } => {
                Kind::Number { value: if is_minus { -value } else { value }, is_duration }
            }
            _ => Kind::Unary { is_minus, operand: Box::new(operand) },
        };
        Ok(Expr { kind, span })
    }

    /// What stands here does not belong here.
    fn unexpected(&mut self, context: &str, expected: &str) -> Error {
        let span = Span::new(self.word.start, self.word.end);
        if let Some(complaint) = self.lexer.complaint.take() {
            return Error::new(span, complaint);
        }
        let mut message = format!("unexpected {}", self.described(self.word));
        if !context.is_empty() {
            message.push_str(" in ");
            message.push_str(context);
        }
        if !expected.is_empty() {
            message.push_str(", expected ");
            message.push_str(expected);
        }
        Error::new(span, message)
    }

    fn described(&self, word: Token) -> String {
        let text = self.text_of(word);
        match word.kind {
            Word::End => "end of input".to_owned(),
            Word::Number => format!("number {}", shortened(text)),
            Word::Duration => format!("duration {}", shortened(text)),
            Word::Text => format!("string {}", shortened(text)),
            Word::Word => operand::described(text),
            Word::LeftParen | Word::RightParen | Word::LeftBrace | Word::RightBrace => format!("\"{text}\""),
            Word::LeftBracket | Word::RightBracket | Word::Comma | Word::Colon => format!("\"{text}\""),
            Word::Assign => "\"=\"".to_owned(),
            _ => format!("<op:{text}>"),
        }
    }
}

// Long words are cut as in Prometheus' messages.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 10;
    match text.char_indices().nth(SHOWN) {
        None => format!("{text:?}"),
        Some((at, _)) => format!("{:?}...", &text[..at]),
    }
}
