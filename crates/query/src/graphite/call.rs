//! What a function sees of its call.

use super::aggregate::Aggregate;
use super::context::Context;
use super::evaluate::{Evaluator, Range};
use super::series::Series;
use crate::QueryError;
use crate::names::graphite::{self as names, Function};
use lang::plan::path::{Argument, PathCall, Value as Planned};
use lang::{Error, Plan, Span};

/// An evaluated value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// Explicitly nothing.
    Null,
    /// Series.
    Series(Vec<Series>),
}

/// What a function gives.
pub(crate) type Outcome = Result<Vec<Series>, QueryError>;
/// A function.
pub type Kernel = fn(Call<'_, '_>) -> Outcome;

/// A call with its arguments evaluated.
pub struct Call<'e, 'a> {
    pub(super) evaluator: &'e Evaluator<'a>,
    plan: Option<&'e Plan>,
    written: &'e [Argument],
    row: &'static Function,
    span: Span,
    /// Within which to answer.
    pub(super) range: Range,
    args: Vec<Vec<Value>>,
}

impl<'e, 'a> Call<'e, 'a> {
    /// Evaluates all arguments.
    pub(super) fn evaluated(
        evaluator: &'e Evaluator<'a>,
        plan: &'e Plan,
        call: &'e PathCall,
        row: &'static Function,
        span: Span,
        range: Range,
    ) -> Result<Self, QueryError> {
        let mut args = Vec::with_capacity(call.args.len());
        for argument in &call.args {
            let values = argument.values.iter().map(|value| evaluate(evaluator, plan, value, range));
            args.push(values.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self { evaluator, plan: Some(plan), written: &call.args, row, span, range, args })
    }

    /// Another function over these lists.
    pub(super) fn apply(&self, function: &str, lists: Vec<Vec<Series>>) -> Outcome {
        let Some(row) = names::find(function) else {
            return Err(self.fail(format!("There is no function {function}")));
        };
        let mut args = vec![Vec::new(); row.signature.args.len()];
        for (at, list) in lists.into_iter().enumerate() {
            let last = args.len().saturating_sub(1);
            if let Some(values) = args.get_mut(at.min(last)) {
                values.push(Value::Series(list));
            }
        }
        let call = Call { plan: None, written: &[], row, args, ..*self };
        (row.kernel)(call)
    }

    /// The first argument once more, within another range.
    pub(super) fn again(&self, range: Range) -> Outcome {
        let (Some(plan), Some(argument)) = (self.plan, self.written.first()) else {
            return Err(
                self.fail(format!("{} cannot be called for another function", self.row.signature.name))
            );
        };
        let mut all = Vec::new();
        for value in &argument.values {
            if let Planned::Series(node) = value {
                all.extend(self.evaluator.node(plan, *node, range)?);
            }
        }
        Ok(all)
    }

    /// The series of a target.
    pub(super) fn target(&self, text: &str) -> Outcome {
        self.evaluator.text(text, self.range, self.span)
    }

    /// The request.
    pub(super) fn context(&self) -> &'a Context<'a> {
        self.evaluator.context
    }

    /// An error at this call.
    pub(super) fn fail(&self, message: impl Into<String>) -> QueryError {
        QueryError::Expression(Error::new(self.span, message))
    }

    /// Takes all series of an argument, of several lists one after the other.
    pub(super) fn list(&mut self, at: usize) -> Vec<Series> {
        self.lists(at).into_iter().flatten().collect()
    }

    /// Takes the lists of an argument.
    pub(super) fn lists(&mut self, at: usize) -> Vec<Vec<Series>> {
        let values = self.args.get_mut(at).map(std::mem::take).unwrap_or_default();
        let lists = values.into_iter().filter_map(|value| match value {
            Value::Series(series) => Some(series),
            _ => None,
        });
        lists.collect()
    }

    /// The values given for an argument.
    pub(super) fn values(&self, at: usize) -> &[Value] {
        self.args.get(at).map_or(&[], Vec::as_slice)
    }

    /// The value given for an argument; `None` when not given or null.
    pub(super) fn value(&self, at: usize) -> Option<&Value> {
        self.values(at).first().filter(|value| **value != Value::Null)
    }

    fn default(&self, at: usize) -> Option<&'static str> {
        self.row.signature.args.get(at).map(|p| p.default).filter(|default| !default.is_empty())
    }

    /// A number, given or by default.
    pub(super) fn number(&self, at: usize) -> Option<f64> {
        match self.value(at) {
            Some(Value::Integer(number)) => Some(*number as f64),
            Some(Value::Float(number)) => Some(*number),
            Some(_) => None,
            None => self.default(at)?.parse().ok(),
        }
    }

    /// A number that the table says is there.
    pub(super) fn required(&self, at: usize) -> Result<f64, QueryError> {
        self.number(at).ok_or_else(|| {
            self.fail(format!("{} of {} is missing", self.name_of(at), self.row.signature.name))
        })
    }

    fn name_of(&self, at: usize) -> &'static str {
        self.row.signature.args.get(at).map_or("an argument", |p| p.name)
    }

    /// A whole number, given or by default.
    pub(super) fn integer(&self, at: usize) -> Option<i64> {
        match self.value(at) {
            Some(Value::Integer(number)) => Some(*number),
            Some(_) => None,
            None => self.default(at)?.parse().ok(),
        }
    }

    /// A text, given or by default.
    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self.value(at) {
            Some(Value::Text(text)) => Some(text),
            Some(_) => None,
            None => self.default(at),
        }
    }

    /// A text that the table says is there.
    pub(super) fn required_text(&self, at: usize) -> Result<String, QueryError> {
        let missing = || self.fail(format!("{} of {} is missing", self.name_of(at), self.row.signature.name));
        self.text(at).map(str::to_owned).ok_or_else(missing)
    }

    /// True or false, given or by default.
    pub(super) fn boolean(&self, at: usize) -> bool {
        match self.value(at) {
            Some(Value::Boolean(boolean)) => *boolean,
            _ => self.default(at).is_some_and(|default| default == "true"),
        }
    }

    /// How to make one number of many.
    pub(super) fn aggregate(&self, at: usize) -> Result<Aggregate, QueryError> {
        let name = self.required_text(at)?;
        Aggregate::parse(&name).ok_or_else(|| self.no_way(&name))
    }

    /// That many numbers cannot be made one in this way.
    pub(super) fn no_way(&self, name: &str) -> QueryError {
        let known = ["average", "sum", "min", "max", "median", "last", "count", "diff", "range", "stddev"];
        let hint = match lang::nearest::nearest(name, known) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("such as {}", known.join(", ")),
        };
        let error = Error::new(self.span, format!("There is no way `{name}` to make one number of many"));
        QueryError::Expression(error.hint(hint))
    }

    /// Seconds of a length of time, given or by default, whatever its sign.
    pub(super) fn interval_s(&self, at: usize) -> Result<i64, QueryError> {
        let text = self.required_text(at)?;
        let seconds = lang::graphite::interval_s(&text).filter(|seconds| *seconds != 0);
        let wrong = || self.fail(format!("`{text}` is not a length of time such as \"5min\""));
        // A hundred years: what is longer would only overflow.
        let seconds = seconds.filter(|seconds| seconds.abs() <= 100 * 31_536_000);
        seconds.ok_or_else(wrong)
    }

    /// An instant in Unix seconds.
    pub(super) fn date_s(&self, text: &str) -> Result<i64, QueryError> {
        let context = self.context();
        let time = super::time::parse(text, context.now_s.saturating_mul(1000), &context.zone);
        time.map(|time_ms| time_ms.div_euclid(1000)).map_err(|error| self.fail(error.to_string()))
    }
}

fn evaluate(
    evaluator: &Evaluator<'_>,
    plan: &Plan,
    value: &Planned,
    range: Range,
) -> Result<Value, QueryError> {
    Ok(match value {
        Planned::Integer(number) => Value::Integer(*number),
        Planned::Float(number) => Value::Float(*number),
        Planned::Text(text) => Value::Text(text.clone()),
        Planned::Boolean(boolean) => Value::Boolean(*boolean),
        Planned::Null => Value::Null,
        Planned::Series(node) => Value::Series(evaluator.node(plan, *node, range)?),
    })
}
