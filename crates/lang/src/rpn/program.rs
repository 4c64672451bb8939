//! Programs for a stack: numbers and series are pushed, operators take values off it and push what they make of them.

mod operators;

pub use operators::{OPERATORS, Operator, Row};

use crate::nearest::nearest;
use crate::{Error, Span};

/// Most tokens of a program.
pub const TOKENS_MAX: usize = 10_000;
/// Most values on a stack.
pub const STACK_MAX: usize = 10_000;

/// A step of a program.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Token {
    /// Pushes a number.
    Number(f64),
    /// Pushes the value of a series, by its place in [`Program::variables`].
    Variable(usize),
    /// Pushes the value before of a series.
    PreviousOf(usize),
    /// Computes.
    Operator(Operator),
}

/// A program.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Program {
    /// In order.
    pub tokens: Vec<Token>,
    /// The names of the series it uses, each once, in order of first use.
    pub variables: Vec<String>,
    spans: Vec<Span>,
}

impl Program {
    /// Reads a program whose first character is the `offset`th of a larger text.
    ///
    /// # Errors
    /// Words that mean nothing, and what a look at the program alone shows: too few values on the stack, or too many
    /// left at its end.
    pub fn parse(text: &str, offset: usize) -> Result<Self, Error> {
        let mut program = Self::default();
        let mut start = offset;
        for word in text.split(',') {
            let end = start + word.chars().count();
            let span = Span::new(start, end);
            if program.tokens.len() == TOKENS_MAX {
                return Err(Error::new(span, format!("A program has at most {TOKENS_MAX} words")));
            }
            let token = program.token(word.trim(), span)?;
            program.tokens.push(token);
            program.spans.push(span);
            start = end + 1;
        }
        program.check()?;
        Ok(program)
    }

    fn token(&mut self, word: &str, span: Span) -> Result<Token, Error> {
        if word.is_empty() {
            return Err(Error::new(span, "A number, a name or an operator is missing here"));
        }
        if let Some(number) = number(word) {
            return Ok(Token::Number(number));
        }
        if let Some(operator) = Operator::find(word) {
            return Ok(Token::Operator(operator));
        }
        if let Some(name) = word.strip_prefix("PREV(").and_then(|rest| rest.strip_suffix(')')) {
            return Ok(Token::PreviousOf(self.variable(name)));
        }
        // Names may have small letters and operators not: what has none was meant as an operator.
        let near = nearest(word, OPERATORS.iter().map(|row| row.name));
        if !is_name(word) {
            let error = Error::new(span, format!("`{word}` is not an operator, a number or a name"));
            return Err(error.maybe_hint(near.map(|near| format!("did you mean {near}?"))));
        }
        Ok(Token::Variable(self.variable(word)))
    }

    fn variable(&mut self, name: &str) -> usize {
        let known = self.variables.iter().position(|variable| variable == name);
        known.unwrap_or_else(|| {
            self.variables.push(name.to_owned());
            self.variables.len() - 1
        })
    }

    /// Where a token stands.
    pub fn span(&self, at: usize) -> Span {
        self.spans.get(at).copied().unwrap_or_default()
    }

    /// Where a name is first used.
    pub fn span_of(&self, variable: usize) -> Span {
        let is_it =
            |token: &Token| matches!(token, Token::Variable(at) | Token::PreviousOf(at) if *at == variable);
        self.tokens.iter().position(is_it).map_or_else(Span::default, |at| self.span(at))
    }

    // Follows the height of the stack as far as it does not depend on values.
    fn check(&self) -> Result<(), Error> {
        let mut height = Some(0_usize);
        for (at, token) in self.tokens.iter().enumerate() {
            let Token::Operator(operator) = token else {
                height = height.map(|height| height + 1);
                continue;
            };
            self.check_window(at, *operator)?;
            let Some(before) = height else { continue };
            let effect = operator.effect(&|back| self.literal(at, back));
            height = match effect {
                Some((needs, _)) if before < needs => {
                    return Err(self.underflow(at, *operator, needs, before));
                }
                Some((needs, gives)) => Some(before - needs + gives),
                None => None,
            };
        }
        match height {
            Some(1) | None => Ok(()),
            Some(left) => {
                if let Some(meant) = self.meant_as_operator() {
                    return Err(meant);
                }
                let whole = self.span(0).join(self.span(self.tokens.len() - 1));
                Err(Error::new(whole, format!("{left} values are left on the stack at the end, not one"))
                    .hint("an operator is missing, or POP"))
            }
        }
    }

    // A name at the very end is a value too many, unless it was meant as an operator.
    fn meant_as_operator(&self) -> Option<Error> {
        let (at, Token::Variable(variable)) = (self.tokens.len() - 1, self.tokens.last()?) else {
            return None;
        };
        let name =
            self.variables.get(*variable).filter(|name| !name.contains(|c: char| c.is_ascii_lowercase()))?;
        let near = nearest(name, OPERATORS.iter().map(|row| row.name));
        let hint = near.map(|near| format!("did you mean {near}?"));
        Some(Error::new(self.span(at), format!("`{name}` is not an operator")).maybe_hint(hint))
    }

    fn underflow(&self, at: usize, operator: Operator, needs: usize, has: usize) -> Error {
        let name = operator.row().name;
        let values = |n: usize| if n == 1 { "1 value".to_owned() } else { format!("{n} values") };
        Error::new(self.span(at), format!("{name} takes {} and the stack has {}", values(needs), values(has)))
            .hint(format!("operators stand after what they work on: {}", operator.row().example))
    }

    // Operators over a window read the column of a series, so its name must stand in just one place.
    fn check_window(&self, at: usize, operator: Operator) -> Result<(), Error> {
        let Some(back) = operator.column_back() else { return Ok(()) };
        let stands = at.checked_sub(back).map(|at| self.tokens[at]);
        if matches!(stands, Some(Token::Variable(_))) {
            return Ok(());
        }
        let row = operator.row();
        let message = format!("{} needs the name of a series {back} places before it", row.name);
        Err(Error::new(self.span(at), message).hint(format!("such as {}", row.example)))
    }

    fn literal(&self, at: usize, back: usize) -> Option<f64> {
        match self.tokens.get(at.checked_sub(back)?)? {
            Token::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Whether a text can be the name of a series.
pub(super) fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 255
        && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

fn number(word: &str) -> Option<f64> {
    let starts = word.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !starts || word.contains(['_', 'x']) { None } else { word.parse().ok() }
}
