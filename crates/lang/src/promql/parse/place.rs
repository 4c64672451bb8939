//! The parser counts bytes; everybody else wants characters.

use super::super::ast::{Duration, DurationKind, Expr, Kind, Selector, When};
use crate::{Error, Span};

/// The same with all places counted in characters.
pub(super) fn in_characters(text: &str, parsed: Result<Expr, Error>) -> Result<Expr, Error> {
    if text.is_ascii() {
        return parsed;
    }
    let places = Places::new(text);
    match parsed {
        Ok(mut expr) => {
            places.expr(&mut expr);
            Ok(expr)
        }
        Err(mut error) => {
            places.span(&mut error.span);
            Err(error)
        }
    }
}

struct Places {
    /// Byte at which each character starts, in order.
    starts: Vec<usize>,
}

impl Places {
    fn new(text: &str) -> Self {
        Self { starts: text.char_indices().map(|(at, _)| at).collect() }
    }

    fn span(&self, span: &mut Span) {
        span.start = self.starts.partition_point(|start| *start < span.start);
        span.end = self.starts.partition_point(|start| *start < span.end);
    }

    fn expr(&self, expr: &mut Expr) {
        self.span(&mut expr.span);
        match &mut expr.kind {
            Kind::Number { .. } | Kind::Text(_) => {}
            Kind::Selector(selector) => self.selector(selector),
            Kind::Range { selector, range } => {
                self.selector(selector);
                self.duration(range);
            }
            Kind::Subquery(subquery) => {
                self.expr(&mut subquery.input);
                self.duration(&mut subquery.range);
                subquery.step.iter_mut().for_each(|step| self.duration(step));
                self.when(&mut subquery.when);
            }
            Kind::Call { args, .. } => args.iter_mut().for_each(|arg| self.expr(arg)),
            Kind::Aggregate(aggregate) => {
                aggregate.parameter.iter_mut().for_each(|parameter| self.expr(parameter));
                self.expr(&mut aggregate.input);
            }
            Kind::Binary(binary) => {
                self.span(&mut binary.operator_span);
                self.expr(&mut binary.left);
                self.expr(&mut binary.right);
            }
            Kind::Unary { operand, .. } => self.expr(operand),
            Kind::Paren(inner) => self.expr(inner),
        }
    }

    fn selector(&self, selector: &mut Selector) {
        self.span(&mut selector.span);
        self.when(&mut selector.when);
    }

    fn when(&self, when: &mut When) {
        when.offset.iter_mut().for_each(|offset| self.duration(offset));
    }

    fn duration(&self, duration: &mut Duration) {
        self.span(&mut duration.span);
        match &mut duration.kind {
            DurationKind::Seconds { .. } | DurationKind::Step | DurationKind::Range => {}
            DurationKind::Min(one, other) | DurationKind::Max(one, other) => {
                self.duration(one);
                self.duration(other);
            }
            DurationKind::Binary(_, one, other) => {
                self.duration(one);
                self.duration(other);
            }
            DurationKind::Negate(inner) | DurationKind::Paren(inner) => self.duration(inner),
        }
    }
}
