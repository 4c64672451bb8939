//! Numbers, texts, parentheses, calls, aggregations and names, and what may follow them.

use super::super::ast::{Aggregate, Aggregator, At, Expr, Kind, Subquery, When};
use super::super::functions;
use super::super::lex::{Kind as Word, Token, number, unquote};
use super::Parser;
use crate::nearest::nearest;
use crate::plan::vector::{Edge, Grouping};
use crate::{Error, Span};

/// Keywords that are never the name of a metric.
const RESERVED: [&str; 6] = ["atan2", "bool", "group_left", "group_right", "ignoring", "on"];

/// Keywords that may be names elsewhere.
const KEYWORDS: [&str; 11] = [
    "anchored",
    "bool",
    "by",
    "fill",
    "group_left",
    "group_right",
    "ignoring",
    "offset",
    "on",
    "smoothed",
    "without",
];

const OPERATORS: [&str; 4] = ["and", "atan2", "or", "unless"];

/// A word as messages call it.
pub(super) fn described(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if KEYWORDS.contains(&&*lower) {
        format!("<{text}>")
    } else if OPERATORS.contains(&&*lower) {
        format!("<op:{text}>")
    } else if functions::aggregator(text).is_some() {
        format!("<aggr:{text}>")
    } else if text.contains(':') {
        format!("metric identifier {text:?}")
    } else {
        format!("identifier {text:?}")
    }
}

fn is_any_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

impl Parser<'_> {
    /// An operand with all that follows it.
    pub(super) fn operand(&mut self) -> Result<Expr, Error> {
        let mut expr = self.bare_operand()?;
        loop {
            match self.word.kind {
                Word::LeftBracket => expr = self.window(expr)?,
                Word::At => self.at(&mut expr)?,
                Word::Word if self.is_keyword("offset") => self.offset(&mut expr)?,
                Word::Word if self.is_keyword("anchored") => self.edge(&mut expr, Edge::Anchored)?,
                Word::Word if self.is_keyword("smoothed") => self.edge(&mut expr, Edge::Smoothed)?,
                _ => return Ok(expr),
            }
        }
    }

    fn bare_operand(&mut self) -> Result<Expr, Error> {
        match self.word.kind {
            Word::Number | Word::Duration => {
                let word = self.take();
                Ok(self.number_literal(word))
            }
            Word::Text => {
                let word = self.take();
                Ok(Expr { kind: Kind::Text(self.unquoted(word)?), span: Span::new(word.start, word.end) })
            }
            Word::LeftParen => {
                let start = self.take().start;
                let inner = self.nested(|parser| parser.expression(0))?;
                self.expect(Word::RightParen, "", "")?;
                Ok(Expr { kind: Kind::Paren(Box::new(inner)), span: self.since(start) })
            }
            Word::LeftBrace => self.selector(None),
            Word::Word => self.named(),
            _ => Err(self.unexpected("", "")),
        }
    }

    fn number_literal(&self, word: Token) -> Expr {
        let value = number(self.text_of(word)).unwrap_or(f64::NAN);
        let kind = Kind::Number { value, is_duration: word.kind == Word::Duration };
        Expr { kind, span: Span::new(word.start, word.end) }
    }

    pub(super) fn unquoted(&self, word: Token) -> Result<String, Error> {
        unquote(self.text_of(word)).map_err(|(at, message)| {
            Error::new(Span::new(word.start + at, word.end.min(word.start + at + 2)), message)
        })
    }

    fn named(&mut self) -> Result<Expr, Error> {
        let text = self.text_of(self.word);
        if is_any_of(text, &RESERVED) {
            return Err(self.unexpected("", ""));
        }
        let word = self.take();
        if let Some(value) = constant(text) {
            let kind = Kind::Number { value, is_duration: false };
            return Ok(Expr { kind, span: Span::new(word.start, word.end) });
        }
        let calls = self.word.kind == Word::LeftParen;
        match functions::aggregator(text) {
            Some(function) if calls || self.is_keyword("by") || self.is_keyword("without") => {
                self.aggregation(word, function)
            }
            _ if calls => self.call(word),
            _ => self.selector(Some(word)),
        }
    }

    fn call(&mut self, name: Token) -> Result<Expr, Error> {
        let text = self.text_of(name);
        let span = Span::new(name.start, name.end);
        let keyword =
            ["start", "end", "step", "range"].into_iter().find(|word| text.eq_ignore_ascii_case(word));
        let function =
            functions::find(keyword.unwrap_or(text)).ok_or_else(|| unknown_function(text, span))?;
        let args = self.arguments()?;
        Ok(Expr { kind: Kind::Call { function, args }, span: self.since(name.start) })
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, Error> {
        self.take();
        let mut args = Vec::new();
        if self.eat(Word::RightParen) {
            return Ok(args);
        }
        loop {
            args.push(self.nested(|parser| parser.expression(0))?);
            if self.eat(Word::RightParen) {
                return Ok(args);
            }
            let comma = self.expect(Word::Comma, "", "")?;
            if self.word.kind == Word::RightParen {
                let message = "trailing commas not allowed in function call args";
                return Err(Error::new(Span::new(comma.start, comma.end), message));
            }
        }
    }

    fn aggregation(&mut self, name: Token, function: Aggregator) -> Result<Expr, Error> {
        let before = self.grouping()?;
        if self.word.kind != Word::LeftParen {
            return Err(self.unexpected("aggregation", ""));
        }
        let args = self.arguments()?;
        let grouping = match before {
            Some(grouping) => grouping,
            None => self.grouping()?.unwrap_or_default(),
        };
        let span = self.since(name.start);
        let wanted = 1 + usize::from(function.parameter.is_some());
        let given = args.len();
        let mut args = args.into_iter();
        let parameter = function.parameter.and_then(|_| args.next());
        match (args.next(), given == wanted) {
            (Some(input), true) => {
                let aggregate = Aggregate { function, parameter, input, grouping };
                Ok(Expr { kind: Kind::Aggregate(Box::new(aggregate)), span })
            }
            _ => Err(wrong_count(function, given, wanted, span)),
        }
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, Error> {
        let is_without = self.is_keyword("without");
        if !is_without && !self.is_keyword("by") {
            return Ok(None);
        }
        self.take();
        Ok(Some(Grouping { is_without, labels: self.labels()? }))
    }

    // `[range]` or `[range:step]`
    fn window(&mut self, expr: Expr) -> Result<Expr, Error> {
        let bracket = self.take();
        let range = self.duration("subquery selector")?;
        if self.eat(Word::Colon) {
            let step = match self.word.kind {
                Word::RightBracket => None,
                _ => Some(self.duration("subquery selector")?),
            };
            self.expect(Word::RightBracket, "subquery selector", "\"]\"")?;
            let span = self.since(expr.span.start);
            let subquery = Subquery { input: expr, range, step, when: When::default() };
            return Ok(Expr { kind: Kind::Subquery(Box::new(subquery)), span });
        }
        self.expect(Word::RightBracket, "subquery or range", "\":\" or \"]\"")?;
        let span = self.since(expr.span.start);
        let message = match expr.kind {
            Kind::Selector(selector) if selector.when == When::default() => {
                return Ok(Expr { kind: Kind::Range { selector, range }, span });
            }
            Kind::Selector(selector) if selector.when.offset.is_some() => {
                "no offset modifiers allowed before range"
            }
            Kind::Selector(_) => "no @ modifiers allowed before range",
            _ => "ranges only allowed for vector selectors",
        };
        let error = Error::new(self.since(bracket.start), message);
        Err(error.hint("write [5m:] for a subquery, [5m] right after a selector"))
    }

    fn offset(&mut self, expr: &mut Expr) -> Result<(), Error> {
        self.take();
        let offset = self.offset_duration()?;
        let span = expr.span;
        let when = when(expr).ok_or_else(|| misplaced(span, "offset"))?;
        if when.offset.is_some() {
            return Err(Error::new(span, "offset may not be set multiple times"));
        }
        when.offset = Some(offset);
        expr.span.end = self.end;
        Ok(())
    }

    fn at(&mut self, expr: &mut Expr) -> Result<(), Error> {
        self.take();
        let at = self.instant(expr.span)?;
        let span = expr.span;
        let when = when(expr).ok_or_else(|| misplaced(span, "@"))?;
        if when.at.is_some() {
            return Err(Error::new(span, "@ <timestamp> may not be set multiple times"));
        }
        when.at = Some(at);
        expr.span.end = self.end;
        Ok(())
    }

    fn instant(&mut self, span: Span) -> Result<At, Error> {
        let at = match () {
            () if self.is_keyword("start") => Some(At::Start),
            () if self.is_keyword("end") => Some(At::End),
            () => None,
        };
        if let Some(at) = at {
            self.take();
            self.expect(Word::LeftParen, "@", "timestamp")?;
            self.expect(Word::RightParen, "@", "timestamp")?;
            return Ok(at);
        }
        let sign = self.sign();
        let word = self.word;
        let value = match word.kind {
            Word::Number | Word::Duration => number(self.text_of(word)),
            Word::Word => constant(self.text_of(word)),
            _ => None,
        };
        let Some(value) = value else { return Err(self.unexpected("@", "timestamp")) };
        self.take();
        let ms = (value * sign * 1000.0).round();
        if ms.is_finite() && ms.abs() < i64::MAX as f64 {
            return Ok(At::Time(ms as i64));
        }
        Err(Error::new(span, format!("timestamp out of bounds for @ modifier: {:.6}", value * sign)))
    }

    /// Takes a sign, if there is one: 1 or -1.
    pub(super) fn sign(&mut self) -> f64 {
        match self.word.kind {
            Word::Minus => {
                self.take();
                -1.0
            }
            Word::Plus => {
                self.take();
                1.0
            }
            _ => 1.0,
        }
    }

    fn edge(&mut self, expr: &mut Expr, edge: Edge) -> Result<(), Error> {
        let name = if edge == Edge::Anchored { "anchored" } else { "smoothed" };
        let word = self.take();
        let span = Span::new(word.start, word.end);
        let selector = match &mut expr.kind {
            Kind::Selector(selector) | Kind::Range { selector, .. } => selector,
            Kind::Subquery(_) => {
                return Err(Error::new(span, format!("{name} modifier is not supported for subqueries")));
            }
            _ => return Err(Error::new(span, format!("{name} modifier not implemented"))),
        };
        if selector.edge != Edge::Open && selector.edge != edge {
            let message = "anchored and smoothed modifiers cannot be used together";
            return Err(Error::new(expr.span, message));
        }
        selector.edge = edge;
        expr.span.end = self.end;
        Ok(())
    }
}

/// The number a word stands for.
pub(super) fn constant(text: &str) -> Option<f64> {
    match text {
        _ if text.len() != 3 => None,
        _ if text.eq_ignore_ascii_case("inf") => Some(f64::INFINITY),
        _ if text.eq_ignore_ascii_case("nan") => Some(f64::NAN),
        _ => None,
    }
}

fn when(expr: &mut Expr) -> Option<&mut When> {
    match &mut expr.kind {
        Kind::Selector(selector) | Kind::Range { selector, .. } => Some(&mut selector.when),
        Kind::Subquery(subquery) => Some(&mut subquery.when),
        _ => None,
    }
}

fn misplaced(span: Span, modifier: &str) -> Error {
    let message = format!(
        "{modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery"
    );
    Error::new(span, message)
}

fn unknown_function(name: &str, span: Span) -> Error {
    let names =
        functions::FUNCTIONS.iter().map(|f| f.name).chain(functions::AGGREGATORS.iter().map(|a| a.name));
    let error = Error::new(span, format!("unknown function with name {name:?}"));
    if let "by" | "without" = name {
        return error.hint(format!("an aggregation comes first: sum {name} (host) (…)"));
    }
    let near = functions::renamed(name).or_else(|| nearest(name, names));
    error.maybe_hint(near.map(|near| format!("did you mean {near}?")))
}

fn wrong_count(function: Aggregator, given: usize, wanted: usize, span: Span) -> Error {
    if given == 0 {
        return Error::new(span, "no arguments for aggregate expression provided").hint(format!(
            "such as {}({}up)",
            function.name,
            if wanted > 1 { "…, " } else { "" }
        ));
    }
    let message = format!(
        "wrong number of arguments for aggregate expression provided, expected {wanted}, got {given}"
    );
    let name = function.name;
    let hint = match function.parameter {
        Some(super::super::ast::ValueType::String) => format!("such as {name}(\"label\", up)"),
        Some(_) if matches!(name, "quantile" | "limit_ratio") => format!("such as {name}(0.9, up)"),
        Some(_) => format!("such as {name}(3, up)"),
        None => format!("such as {name}(up)"),
    };
    Error::new(span, message).hint(hint)
}
