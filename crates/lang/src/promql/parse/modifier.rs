//! What stands between an operator and its right operand, and lists of labels.

use super::super::lex::{Kind as Word, number};
use super::Parser;
use super::operand::constant;
use crate::plan::vector::{Cardinality, Matching};
use crate::{Error, Span};

impl Parser<'_> {
    /// `bool`, and which series meet.
    pub(super) fn modifiers(&mut self) -> Result<(bool, Matching), Error> {
        let mut matching = Matching::default();
        if self.word.kind != Word::Word {
            return Ok((false, matching));
        }
        let is_bool = self.eat_keyword("bool");
        matching.is_on = self.is_keyword("on");
        if matching.is_on || self.is_keyword("ignoring") {
            self.take();
            matching.labels = self.labels()?;
            self.group(&mut matching)?;
        }
        while self.fill(&mut matching)? {}
        Ok((is_bool, matching))
    }

    fn eat_keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_keyword(keyword);
        if found {
            self.take();
        }
        found
    }

    fn group(&mut self, matching: &mut Matching) -> Result<(), Error> {
        matching.cardinality = match () {
            () if self.eat_keyword("group_left") => Cardinality::ManyToOne,
            () if self.eat_keyword("group_right") => Cardinality::OneToMany,
            () => return Ok(()),
        };
        if self.word.kind == Word::LeftParen {
            matching.include = self.labels()?;
        }
        Ok(())
    }

    // `fill` without parentheses is the name of a metric.
    fn fill(&mut self, matching: &mut Matching) -> Result<bool, Error> {
        let (left, right) = match () {
            () if self.is_keyword("fill") => (true, true),
            () if self.is_keyword("fill_left") => (true, false),
            () if self.is_keyword("fill_right") => (false, true),
            () => return Ok(false),
        };
        if self.lexer.clone().next().kind != Word::LeftParen {
            return Ok(false);
        }
        if (left && matching.fill_left.is_some()) || (right && matching.fill_right.is_some()) {
            let span = Span::new(self.word.start, self.word.end);
            return Err(Error::new(span, "what stands for missing series is said twice")
                .hint("leave one of them out"));
        }
        self.take();
        self.take();
        let value = self.fill_value()?;
        self.expect(Word::RightParen, "fill modifier", "\")\"")?;
        if left {
            matching.fill_left = Some(value);
        }
        if right {
            matching.fill_right = Some(value);
        }
        Ok(true)
    }

    fn fill_value(&mut self) -> Result<f64, Error> {
        let sign = self.sign();
        let word = self.word;
        let value = match word.kind {
            Word::Number | Word::Duration => number(self.text_of(word)),
            Word::Word => constant(self.text_of(word)),
            _ => None,
        };
        let value = value.ok_or_else(|| self.unexpected("fill modifier", "number"))?;
        self.take();
        Ok(value * sign)
    }

    /// Labels in parentheses.
    pub(super) fn labels(&mut self) -> Result<Vec<String>, Error> {
        const CONTEXT: &str = "grouping opts";
        self.expect(Word::LeftParen, CONTEXT, "\"(\"")?;
        let mut labels = Vec::new();
        while !self.eat(Word::RightParen) {
            labels.push(self.label()?);
            match self.word.kind {
                Word::Comma => _ = self.take(),
                Word::RightParen => {}
                _ => return Err(self.unexpected(CONTEXT, "\",\" or \")\"")),
            }
        }
        Ok(labels)
    }

    fn label(&mut self) -> Result<String, Error> {
        let text = self.text_of(self.word);
        match self.word.kind {
            Word::Word if !text.contains(':') => {
                self.take();
                Ok(text.to_owned())
            }
            Word::Text => {
                let word = self.take();
                self.unquoted(word)
            }
            _ => Err(self.unexpected("grouping opts", "label")),
        }
    }
}
