//! Label queries in the syntax of Lucene's query strings, as Timelion's `q` and the search boxes of log viewers use it.
//!
//! ```text
//! query  := clause ("OR"? clause)*                 any one must hold, unless some are required
//! clause := ("+" | "-" | "!" | "NOT")? both        "+": required, the others: excluded
//! both   := unary (("AND" | "&&") unary)*
//! unary  := ("-" | "!" | "NOT" | "+")* (field ":")? ("(" query ")" | "phrase" | word)
//! ```
//!
//! A word may hold `*` (any characters) and `?` (one), and `\` before a character that stands for itself. Without a
//! field it is looked for in the metric name and all label values. `metric` is the metric name;
//! `_exists_:label` and `label:*` ask for the label itself.

mod word;

use crate::cursor::Cursor;
use crate::plan::{Field, Filter, Pattern};
use crate::{Error, Span};

/// Longest query, in characters.
pub const TEXT_CHARS_MAX: usize = 16_384;
/// Deepest nesting of parentheses and negations.
pub const DEPTH_MAX: usize = 64;

/// Parses a query; an empty one means everything.
pub fn parse(text: &str) -> Result<Filter, Error> {
    let mut parser = Parser { cursor: Cursor::new(text), depth: 0 };
    if parser.cursor.len() > TEXT_CHARS_MAX {
        let span = Span::new(TEXT_CHARS_MAX, parser.cursor.len());
        return Err(Error::new(span, format!("The query is longer than {TEXT_CHARS_MAX} characters")));
    }
    parser.cursor.skip_space();
    if parser.cursor.peek().is_none() {
        return Ok(Filter::All);
    }
    let filter = parser.query(&Field::Any)?;
    match parser.cursor.peek() {
        None => Ok(filter),
        Some(_) => Err(Error::new(parser.cursor.here(), "This `)` closes nothing in the query")),
    }
}

struct Parser {
    cursor: Cursor,
    depth: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
    Not,
}

#[derive(Default)]
struct Clauses {
    required: Vec<Filter>,
    any: Vec<Filter>,
}

impl Clauses {
    // Once something is required or excluded, Lucene's "should" clauses only rank; without required ones they decide.
    fn filter(self, has_required: bool) -> Filter {
        let Self { mut required, any } = self;
        if !has_required && !any.is_empty() {
            required.push(Filter::or(any));
        }
        Filter::and(required)
    }
}

impl Parser {
    fn query(&mut self, field: &Field) -> Result<Filter, Error> {
        let mut clauses = Clauses::default();
        let (mut has_required, mut after_or) = (false, true);
        loop {
            self.cursor.skip_space();
            if matches!(self.cursor.peek(), None | Some(')')) {
                break;
            }
            let start = self.cursor.at();
            if self.operator() == Some(Operator::Or) {
                if after_or {
                    return Err(Error::new(
                        self.cursor.since(start),
                        "Something must stand before and after OR",
                    ));
                }
                after_or = true;
                continue;
            }
            self.cursor.go(start);
            after_or = false;
            match self.clause(field)? {
                (Modifier::Required, filter) => {
                    has_required = true;
                    clauses.required.push(filter);
                }
                (Modifier::Excluded, filter) => clauses.required.push(Filter::Not(Box::new(filter))),
                (Modifier::None, filter) => clauses.any.push(filter),
            }
        }
        if after_or {
            return Err(Error::new(self.cursor.here(), "The query ends where a word was expected")
                .hint("such as host:web1 OR host:web2"));
        }
        Ok(clauses.filter(has_required))
    }

    fn clause(&mut self, field: &Field) -> Result<(Modifier, Filter), Error> {
        let modifier = self.modifier();
        self.cursor.skip_space();
        let first = self.unary(field)?;
        let mut all = vec![first];
        loop {
            let end = self.cursor.at();
            self.cursor.skip_space();
            if self.operator() != Some(Operator::And) {
                self.cursor.go(end);
                break;
            }
            self.cursor.skip_space();
            all.push(self.unary(field)?);
        }
        if all.len() == 1 {
            return Ok((modifier, all.remove(0)));
        }
        if modifier == Modifier::Excluded {
            let first = all.remove(0);
            all.insert(0, Filter::Not(Box::new(first)));
        }
        Ok((Modifier::None, Filter::And(all)))
    }

    fn modifier(&mut self) -> Modifier {
        if self.cursor.eat('+') {
            return Modifier::Required;
        }
        if self.negation() { Modifier::Excluded } else { Modifier::None }
    }

    fn negation(&mut self) -> bool {
        if self.cursor.eat('-') || self.cursor.eat('!') {
            return true;
        }
        let start = self.cursor.at();
        let found = self.operator() == Some(Operator::Not);
        if !found {
            self.cursor.go(start);
        }
        found
    }

    // Takes AND, OR, NOT, && or || when it stands alone.
    fn operator(&mut self) -> Option<Operator> {
        for (sign, operator) in [('&', Operator::And), ('|', Operator::Or)] {
            if self.cursor.peek() == Some(sign) && self.cursor.peek_at(1) == Some(sign) {
                self.cursor.go(self.cursor.at() + 2);
                return Some(operator);
            }
        }
        let start = self.cursor.at();
        let word = self.cursor.take_while(char::is_alphabetic);
        let alone = self.cursor.peek().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"'));
        match (word.as_str(), alone) {
            ("AND", true) => Some(Operator::And),
            ("OR", true) => Some(Operator::Or),
            ("NOT", true) => Some(Operator::Not),
            _ => {
                self.cursor.go(start);
                None
            }
        }
    }

    fn unary(&mut self, field: &Field) -> Result<Filter, Error> {
        let start = self.cursor.at();
        self.enter(start)?;
        let filter = if self.negation() {
            self.cursor.skip_space();
            Filter::Not(Box::new(self.unary(field)?))
        } else {
            self.cursor.eat('+');
            self.primary(field)?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn enter(&mut self, start: usize) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("The query is nested deeper than {DEPTH_MAX} levels");
            return Err(Error::new(self.cursor.since(start), message));
        }
        Ok(())
    }

    fn primary(&mut self, field: &Field) -> Result<Filter, Error> {
        let start = self.cursor.at();
        match self.cursor.peek() {
            Some('(') => self.group(field),
            Some('"') => Ok(Filter::Term(field.clone(), self.phrase()?)),
            Some('[' | '{') => Err(self.no_ranges()),
            Some('/') if *field != Field::Any || self.cursor.peek_at(1).is_some() => {
                Err(Error::new(self.cursor.here(), "Regular expressions are not part of label queries here")
                    .hint("use the wildcards * and ?, or quote a value that starts with /"))
            }
            Some('<' | '>') => Err(self.no_ranges()),
            _ => {
                let word = self.word(*field == Field::Any)?;
                let fielded = *field == Field::Any && self.cursor.peek() == Some(':') && !word.is_empty();
                if fielded {
                    self.cursor.take();
                    return self.fielded(&self.cursor.text(Span::new(start, self.cursor.at() - 1)));
                }
                self.term(field, &word, start)
            }
        }
    }

    fn group(&mut self, field: &Field) -> Result<Filter, Error> {
        let open = self.cursor.here();
        self.cursor.take();
        let filter = self.query(field)?;
        if !self.cursor.eat(')') {
            return Err(Error::new(open, "This parenthesis of the query is never closed").hint("add `)`"));
        }
        Ok(filter)
    }

    fn fielded(&mut self, name: &str) -> Result<Filter, Error> {
        self.cursor.skip_space();
        let start = self.cursor.at();
        let name = name.replace('\\', "");
        if name == "_exists_" {
            let label = self.word(false)?;
            if label.is_empty() {
                return Err(Error::new(self.cursor.here(), "The name of a label must follow _exists_:"));
            }
            return Ok(Filter::Exists(Field::label(&label)));
        }
        let field = Field::Label(Field::label(&name));
        self.enter(start)?;
        let filter = self.primary(&field)?;
        self.depth -= 1;
        Ok(filter)
    }

    fn term(&mut self, field: &Field, word: &str, start: usize) -> Result<Filter, Error> {
        if word.is_empty() {
            let what = match self.cursor.peek() {
                Some(c) => format!("`{c}` cannot stand here in the query"),
                None => "The query ends where a word was expected".to_owned(),
            };
            return Err(Error::new(self.cursor.here(), what).hint("quote a value that has signs in it"));
        }
        let pattern = Pattern::wildcard(word);
        Ok(match (field, pattern.is_everything()) {
            (Field::Any, true) => Filter::All,
            (Field::Label(label), true) => Filter::Exists(label.clone()),
            _ => {
                self.no_suffix(start)?;
                Filter::Term(field.clone(), pattern)
            }
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Modifier {
    None,
    Required,
    Excluded,
}

#[cfg(test)]
mod tests;
