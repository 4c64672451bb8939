//! What a function sees of its call.

use crate::frame::{Frame, Series};
use crate::grid::Grid;
use lang::plan::Fit;
use lang::signature::Signature;

/// A call with its arguments evaluated.
pub struct Call<'a> {
    /// The series it works on; empty for a function that makes its own.
    pub frame: Frame,
    /// The buckets.
    pub grid: &'a Grid,
    /// Its signature, in whose order the arguments are.
    pub signature: &'a Signature,
    /// For each argument the values given, none when not given.
    pub args: Vec<Vec<Value>>,
    /// Arguments of other names.
    pub extra: Vec<(String, Value)>,
    /// When the request was made.
    pub now_ms: i64,
    /// Null is treated as JavaScript does: see [`crate::Request::compatible`].
    pub compatible: bool,
}

/// An evaluated value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// Explicitly nothing.
    Null,
    /// Series.
    Series(Frame),
}

/// Why a function cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// One sentence.
    pub message: String,
    /// The argument it is about.
    pub argument: Option<&'static str>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure of the call as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), argument: None, hint: None }
    }

    /// A failure of one argument.
    pub fn of(argument: &'static str, message: impl Into<String>) -> Self {
        Self { message: message.into(), argument: Some(argument), hint: None }
    }

    /// The same with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What a function gives.
pub type Outcome = Result<Frame, Failure>;
/// A function.
pub type Kernel = fn(Call<'_>) -> Outcome;

impl Call<'_> {
    /// The values given for an argument; none when not given.
    pub fn values(&self, name: &str) -> &[Value] {
        let at = self.signature.args.iter().position(|p| p.name == name);
        debug_assert!(at.is_some(), ".{} has no argument {name}", self.signature.name);
        at.and_then(|at| self.args.get(at)).map_or(&[], Vec::as_slice)
    }

    /// The value given for an argument; `None` when not given or null.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values(name).first().filter(|value| **value != Value::Null)
    }

    fn default(&self, name: &str) -> Option<&'static str> {
        self.signature.arg(name).map(|(_, p)| p.default).filter(|d| !d.is_empty())
    }

    /// A number, given or by default.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.value(name) {
            Some(Value::Number(number)) => Some(*number),
            Some(_) => None,
            None => self.default(name)?.parse().ok(),
        }
    }

    /// A text, given or by default.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Some(Value::Text(text)) => Some(text),
            Some(_) => None,
            None => self.default(name),
        }
    }

    /// True or false, given or by default; numbers other than 0 are true.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.value(name) {
            Some(Value::Boolean(boolean)) => Some(*boolean),
            Some(Value::Number(number)) => Some(*number != 0.0),
            Some(_) => None,
            None => self.default(name)?.parse().ok(),
        }
    }

    /// A fit mode.
    pub fn fit(&self, name: &str) -> Option<Fit> {
        self.text(name).and_then(Fit::parse)
    }

    /// A whole number from `least` to `most`, given or by default.
    pub fn whole(&self, name: &'static str, least: i64, most: i64) -> Result<Option<i64>, Failure> {
        let Some(number) = self.number(name) else { return Ok(None) };
        if number.fract() != 0.0 || number < least as f64 || number > most as f64 {
            let message = format!("`{name}` must be a whole number from {least} to {most}, not {number}");
            return Err(Failure::of(name, message));
        }
        Ok(Some(number as i64))
    }

    /// A value as arithmetic takes it: null is 0 in a compatible request, as JavaScript has it.
    pub fn arithmetic(&self) -> impl Fn(f64) -> f64 + use<> {
        let compatible = self.compatible;
        move |value| if compatible && value.is_nan() { 0.0 } else { value }
    }

    /// A number as it was given, whatever the default.
    pub fn given_number(&self, name: &str) -> Option<f64> {
        self.value(name).and_then(|_| self.number(name))
    }

    /// The frame with each series changed.
    pub fn each(self, mut change: impl FnMut(&mut Series)) -> Outcome {
        let mut frame = self.frame;
        frame.series.iter_mut().for_each(&mut change);
        Ok(frame)
    }

    /// The frame with each value changed; null stays null.
    pub fn each_value(self, change: impl Fn(f64) -> f64) -> Outcome {
        // A change of NaN gives NaN for every arithmetic there is, so columns go through without a branch.
        self.each(|series| series.values.iter_mut().for_each(|value| *value = change(*value)))
    }
}
