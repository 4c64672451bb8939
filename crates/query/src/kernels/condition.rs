//! `.condition(operator, if, then, else)`

use crate::call::{Call, Outcome, Value};

/// Compares each value with `if` and takes `then` where it holds, `else` where it does not; without `else` the value
/// stays. `null` compares only with `null` (then `eq` and `ne` ask whether a value is there); a value that is null
/// otherwise stays null. A compatible request orders null as if it were 0, and finds it equal to nothing else.
pub(crate) fn condition(call: Call<'_>) -> Outcome {
    let operator = Operator::parse(call.text("operator").unwrap_or("eq"));
    let asks_null = call.values("if").first() == Some(&Value::Null);
    let with = Operand::of(&call, "if");
    let then = Operand::of(&call, "then");
    let otherwise = call.values("else").first().map(|_| Operand::of(&call, "else"));
    let compatible = call.compatible;
    call.each(|series| {
        for (at, value) in series.values.iter_mut().enumerate() {
            let against = with.at(at);
            let has_null = value.is_nan() || against.is_nan();
            if has_null && !asks_null && !compatible {
                continue;
            }
            let holds = match compatible {
                true => operator.coerced(*value, against),
                false => operator.holds(*value, against),
            };
            match (holds, &otherwise) {
                (true, _) => *value = then.at(at),
                (false, Some(otherwise)) => *value = otherwise.at(at),
                (false, None) => {}
            }
        }
    })
}

enum Operand {
    Number(f64),
    Column(Vec<f64>),
}

impl Operand {
    // A number; the first series of a list; null otherwise.
    fn of(call: &Call<'_>, name: &str) -> Self {
        match call.value(name) {
            Some(Value::Number(number)) => Self::Number(*number),
            Some(Value::Series(frame)) => frame
                .series
                .first()
                .map_or(Self::Number(f64::NAN), |series| Self::Column(series.values.clone())),
            _ => Self::Number(f64::NAN),
        }
    }

    fn at(&self, at: usize) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Column(values) => values.get(at).copied().unwrap_or(f64::NAN),
        }
    }
}

#[derive(Clone, Copy)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    fn parse(name: &str) -> Self {
        match name {
            "ne" => Self::NotEqual,
            "lt" => Self::Less,
            "lte" => Self::LessOrEqual,
            "gt" => Self::Greater,
            "gte" => Self::GreaterOrEqual,
            _ => Self::Equal,
        }
    }

    /// As JavaScript compares what may be null: `null < 30`, but `null !== 0`.
    fn coerced(self, a: f64, b: f64) -> bool {
        let number = |value: f64| if value.is_nan() { 0.0 } else { value };
        match self {
            Self::Equal | Self::NotEqual => self.holds(a, b),
            _ => self.holds(number(a), number(b)),
        }
    }

    fn holds(self, a: f64, b: f64) -> bool {
        let equal = a == b || (a.is_nan() && b.is_nan());
        match self {
            Self::Equal => equal,
            Self::NotEqual => !equal,
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
        }
    }
}
