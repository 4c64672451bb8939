//! Whether a call fits its function.

use super::ast::{Call, Expression, Kind, Named};
use crate::nearest::nearest;
use crate::plan::path::{Argument, Value};
use crate::signature::{self, Parameter, Type};
use crate::{Error, Signature, Span};

/// What other languages call so.
const ELSEWHERE: [(&str, &str); 6] = [
    ("avg_over_time", "movingAverage"),
    ("bottomk", "lowestCurrent"),
    ("increase", "nonNegativeDerivative"),
    ("irate", "perSecond"),
    ("rate", "perSecond"),
    ("topk", "highestCurrent"),
];

/// The function that is called.
pub(super) fn function<'a>(functions: &[&'a Signature], call: &Call) -> Result<&'a Signature, Error> {
    signature::find(functions, &call.name).ok_or_else(|| {
        let names = functions.iter().flat_map(|function| function.names());
        let elsewhere = ELSEWHERE.iter().find(|(name, _)| *name == call.name).map(|(_, name)| *name);
        let hint =
            elsewhere.or_else(|| nearest(&call.name, names)).map(|name| format!("did you mean {name}?"));
        Error::new(call.name_span, format!("There is no function {}", call.name)).maybe_hint(hint)
    })
}

/// Which argument stands at this position.
pub(super) fn place(function: &Signature, position: usize, span: Span) -> Result<usize, Error> {
    let last = function.args.len().checked_sub(1);
    match last {
        Some(last) if position <= last => Ok(position),
        Some(last) if function.args[last].multi => Ok(last),
        _ => {
            let message = format!("{} takes at most {} arguments", function.name, function.args.len());
            Err(Error::new(span, message).hint(shape(function)))
        }
    }
}

/// Which argument has this name.
pub(super) fn named(function: &Signature, named: &Named) -> Result<usize, Error> {
    let found = function.args.iter().position(|p| p.name.eq_ignore_ascii_case(&named.name));
    found.ok_or_else(|| {
        let hint = nearest(&named.name, function.args.iter().map(|p| p.name));
        let message = format!("{} has no argument {}", function.name, named.name);
        let hint = hint.map_or_else(|| shape(function), |name| format!("did you mean {name}?"));
        Error::new(named.span, message).hint(hint)
    })
}

/// Every argument that must be given is.
pub(super) fn required(function: &Signature, call: &Call, args: &[Argument]) -> Result<(), Error> {
    let missing = function.args.iter().zip(args).find(|(p, given)| p.required && given.values.is_empty());
    missing.map_or(Ok(()), |(parameter, _)| {
        let message = format!("{} needs its argument {}", function.name, parameter.name);
        Err(Error::new(call.name_span, message).hint(shape(function)))
    })
}

/// The value as the argument wants it: texts and numbers are taken for each other where they say the same.
pub(super) fn fitting(
    function: &Signature,
    parameter: &Parameter,
    value: Value,
    given: &Expression,
) -> Result<Value, Error> {
    let fits = match value {
        Value::Null => Some(Value::Null),
        value => parameter.types.iter().find_map(|wanted| fit(*wanted, &value)),
    };
    let fits = fits.ok_or_else(|| {
        let wanted: Vec<&str> = parameter.types.iter().map(|t| t.article()).collect();
        let message = format!("{} of {} is {}", parameter.name, function.name, wanted.join(" or "));
        let hint = match &given.kind {
            Kind::Path(path) if !parameter.types.contains(&Type::SeriesList) => {
                Some(format!("put it in quotes: \"{path}\""))
            }
            _ => Some(shape(function)),
        };
        Error::new(given.span, message).maybe_hint(hint)
    })?;
    choice(function, parameter, fits, given)
}

// Nothing but the suggestions where only those are allowed.
fn choice(
    function: &Signature,
    parameter: &Parameter,
    value: Value,
    given: &Expression,
) -> Result<Value, Error> {
    let Value::Text(text) = &value else { return Ok(value) };
    let choices = || parameter.suggestions.iter().map(|choice| choice.value);
    let bare = |text: &str| text.strip_suffix("Series").map(str::to_owned);
    let known = |text: &str| choices().any(|choice| choice == text);
    let is_old_name = is_function_name(parameter) && bare(text).is_some_and(|text| known(&text));
    // Callbacks may also be functions over lists; the kernel looks for those.
    let is_open = !parameter.closed || parameter.types.contains(&Type::AggOrSeriesFunc);
    if is_open || known(text) || is_old_name {
        return Ok(value);
    }
    let message = format!("{} of {} cannot be `{text}`", parameter.name, function.name);
    let all: Vec<&str> = choices().collect();
    let near = nearest(text, choices()).map(|choice| format!("did you mean {choice}?"));
    Err(Error::new(given.span, message).hint(near.unwrap_or_else(|| format!("one of {}", all.join(", ")))))
}

fn is_function_name(parameter: &Parameter) -> bool {
    parameter.types.contains(&Type::AggFunc)
}

fn fit(wanted: Type, value: &Value) -> Option<Value> {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(format!("{number:?}")),
        Value::Boolean(boolean) => Some(boolean.to_string()),
        _ => None,
    };
    match wanted {
        Type::SeriesList | Type::SeriesLists | Type::Series => {
            matches!(value, Value::Series(_)).then(|| value.clone())
        }
        Type::Any => Some(value.clone()),
        Type::Number | Type::Float => float(value),
        Type::Integer | Type::Node => integer(value),
        Type::IntOrInf => {
            integer(value).or_else(|| float(value).filter(|v| *v == Value::Float(f64::INFINITY)))
        }
        Type::Boolean => boolean(value),
        Type::Interval => match value {
            Value::Text(text) => crate::graphite::is_interval(text).then(|| value.clone()),
            _ => None,
        },
        Type::IntOrInterval => {
            integer(value).filter(|_| !matches!(value, Value::Text(_))).or_else(|| match value {
                Value::Text(text) => crate::graphite::is_interval(text).then(|| value.clone()),
                _ => None,
            })
        }
        Type::NodeOrTag => match value {
            Value::Integer(_) | Value::Text(_) => Some(value.clone()),
            _ => None,
        },
        Type::Text | Type::Tag | Type::Date | Type::AggFunc | Type::AggOrSeriesFunc => {
            text(value).map(Value::Text)
        }
        Type::Null => None,
    }
}

fn float(value: &Value) -> Option<Value> {
    match value {
        Value::Integer(_) | Value::Float(_) => Some(value.clone()),
        Value::Text(text) => text.trim().parse().ok().map(Value::Float),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Integer(_) => Some(value.clone()),
        Value::Text(text) => text.trim().parse().ok().map(Value::Integer),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Boolean(_) => Some(value.clone()),
        Value::Integer(number @ (0 | 1)) => Some(Value::Boolean(*number == 1)),
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(Value::Boolean(true)),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(Value::Boolean(false)),
        _ => None,
    }
}

/// `scale(seriesList, factor)`
pub(super) fn shape(function: &Signature) -> String {
    let args: Vec<String> = function
        .args
        .iter()
        .map(|p| {
            let star = if p.multi { "*" } else { "" };
            if p.required { format!("{star}{}", p.name) } else { format!("[{star}{}]", p.name) }
        })
        .collect();
    format!("{}({})", function.name, args.join(", "))
}
