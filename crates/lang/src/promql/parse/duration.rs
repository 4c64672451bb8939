//! Lengths of time: within brackets with all arithmetic, after `offset` one term only, so that `x offset 1m + 1` adds
//! 1 to `x offset 1m`.

use super::super::ast::{Duration, DurationKind};
use super::super::lex::{Kind as Word, number};
use super::Parser;
use crate::plan::vector::Operator;
use crate::{Error, Span};

const EXPECTED: &str = "number, duration, step(), or range()";
const SIGN: u8 = 2;

impl Parser<'_> {
    /// A length of time that must not be negative.
    pub(super) fn duration(&mut self, context: &str) -> Result<Duration, Error> {
        let duration = self.sum(0, context)?;
        match duration.kind {
            DurationKind::Seconds { seconds, .. } if seconds <= 0.0 => {
                Err(Error::new(duration.span, "duration must be greater than 0"))
            }
            _ => Ok(duration),
        }
    }

    /// What follows `offset`.
    pub(super) fn offset_duration(&mut self) -> Result<Duration, Error> {
        let start = self.word.start;
        let is_minus = self.word.kind == Word::Minus;
        self.sign();
        let term = self.term("offset")?;
        Ok(if is_minus { negated(term, start) } else { Duration { span: self.since(start), ..term } })
    }

    fn sum(&mut self, least: u8, context: &str) -> Result<Duration, Error> {
        let mut left = self.signed(context)?;
        while let Some((operator, power)) = self.duration_operator() {
            if power < least {
                break;
            }
            self.take();
            let least = power + u8::from(operator != Operator::Power);
            let right = self.nested(|parser| parser.sum(least, context))?;
            let span = left.span.join(right.span);
            left = Duration { kind: DurationKind::Binary(operator, Box::new(left), Box::new(right)), span };
            self.operators += 1;
            if self.operators > super::OPERATORS_MAX {
                let message = format!("expression has more than {} operators", super::OPERATORS_MAX);
                return Err(Error::new(span, message));
            }
        }
        Ok(left)
    }

    fn duration_operator(&self) -> Option<(Operator, u8)> {
        Some(match self.word.kind {
            Word::Plus => (Operator::Add, 1),
            Word::Minus => (Operator::Subtract, 1),
            Word::Star => (Operator::Multiply, 2),
            Word::Slash => (Operator::Divide, 2),
            Word::Percent => (Operator::Modulo, 2),
            Word::Caret => (Operator::Power, 3),
            _ => return None,
        })
    }

    fn signed(&mut self, context: &str) -> Result<Duration, Error> {
        let start = self.word.start;
        match self.word.kind {
            Word::Plus | Word::Minus => {
                let is_minus = self.sign() < 0.0;
                let inner = self.nested(|parser| parser.sum(SIGN + 1, context))?;
                Ok(if is_minus {
                    negated(inner, start)
                } else {
                    Duration { span: self.since(start), ..inner }
                })
            }
            _ => self.term(context),
        }
    }

    fn term(&mut self, context: &str) -> Result<Duration, Error> {
        let word = self.word;
        let kind = match word.kind {
            Word::Number | Word::Duration => {
                self.take();
                DurationKind::Seconds {
                    seconds: number(self.text_of(word)).unwrap_or(f64::NAN),
                    is_duration: word.kind == Word::Duration,
                }
            }
            Word::LeftParen => {
                self.take();
                let inner = self.nested(|parser| parser.sum(0, context))?;
                self.expect(Word::RightParen, context, "\")\"")?;
                DurationKind::Paren(Box::new(inner))
            }
            Word::Word if self.is_keyword("step") => self.constant(DurationKind::Step, context)?,
            Word::Word if self.is_keyword("range") => self.constant(DurationKind::Range, context)?,
            Word::Word if self.is_keyword("min_of") || self.is_keyword("min") => {
                let (one, other) = self.pair(context)?;
                DurationKind::Min(one, other)
            }
            Word::Word if self.is_keyword("max_of") || self.is_keyword("max") => {
                let (one, other) = self.pair(context)?;
                DurationKind::Max(one, other)
            }
            _ => return Err(self.unexpected(context, EXPECTED)),
        };
        Ok(Duration { kind, span: self.since(word.start) })
    }

    fn constant(&mut self, kind: DurationKind, context: &str) -> Result<DurationKind, Error> {
        self.take();
        self.expect(Word::LeftParen, context, "\"(\"")?;
        self.expect(Word::RightParen, context, "\")\"")?;
        Ok(kind)
    }

    fn pair(&mut self, context: &str) -> Result<(Box<Duration>, Box<Duration>), Error> {
        self.take();
        self.expect(Word::LeftParen, context, "\"(\"")?;
        let one = self.nested(|parser| parser.sum(0, context))?;
        self.expect(Word::Comma, context, "\",\"")?;
        let other = self.nested(|parser| parser.sum(0, context))?;
        self.expect(Word::RightParen, context, "\")\"")?;
        Ok((Box::new(one), Box::new(other)))
    }
}

// A number keeps its sign, as in expressions.
fn negated(inner: Duration, start: usize) -> Duration {
    let span = Span::new(start, inner.span.end);
    let kind = match inner.kind {
        DurationKind::Seconds { seconds, is_duration } => {
            DurationKind::Seconds { seconds: -seconds, is_duration }
        }
        _ => DurationKind::Negate(Box::new(inner)),
    };
    Duration { kind, span }
}
