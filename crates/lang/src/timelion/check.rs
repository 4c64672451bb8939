//! Is this call allowed? Every refusal points at its characters and says what would be right.

use super::ast::{Argument, Call};
use crate::nearest::nearest;
use crate::plan::{Given, Scalar};
use crate::signature::{self, Parameter, Signature, Type};
use crate::{Error, Span};

/// Which parameter an argument is for.
pub(super) enum Target {
    /// One of the signature, with its place.
    Known(usize, &'static Parameter),
    /// Another name, for a function that takes any.
    Extra(String),
}

/// Functions of Kibana that fetch from services of others.
const OUTSIDE: [&str; 5] = ["quandl", "worldbank", "wb", "worldbank_indicators", "wbi"];

/// The function a call names.
pub(super) fn function<'a>(functions: &[&'a Signature], call: &Call) -> Result<&'a Signature, Error> {
    signature::find(functions, &call.name).ok_or_else(|| {
        if OUTSIDE.contains(&call.name.as_str()) {
            let message = format!(".{} asks a service outside, which is never done here", call.name);
            return Error::new(call.name_span, message)
                .hint("send its numbers to a door, such as /api/v1/import/csv, and read them with .es()");
        }
        let names = functions.iter().flat_map(|f| f.names());
        let hint = nearest(&call.name, names).map(|name| format!("did you mean .{name}?"));
        Error::new(call.name_span, format!("There is no function .{}", call.name)).maybe_hint(hint)
    })
}

/// Sources start chains, the others continue them.
pub(super) fn place(function: &Signature, call: &Call, has_input: bool) -> Result<(), Error> {
    let name = &call.name;
    match (function.source, has_input) {
        (true, true) => {
            Err(Error::new(call.name_span, format!(".{name} starts a chain, it cannot continue one"))
                .hint("put a comma before it"))
        }
        (false, false) => Err(Error::new(call.name_span, format!(".{name} needs series before it"))
            .hint(format!("such as .es().{name}(…)"))),
        _ => Ok(()),
    }
}

/// The parameter an argument is for: by its name, or by its place in the call.
pub(super) fn target(function: &Signature, position: usize, argument: &Argument) -> Result<Target, Error> {
    let Some((name, span)) = &argument.name else {
        return match function.args.get(position) {
            Some(parameter) => Ok(Target::Known(position, parameter)),
            None => Err(too_many(function, argument.value.span)),
        };
    };
    match function.arg(name) {
        Some((at, parameter)) => Ok(Target::Known(at, parameter)),
        None if function.open => Ok(Target::Extra(name.clone())),
        None => {
            let hint = match nearest(name, function.args.iter().map(|p| p.name)) {
                Some(near) => format!("did you mean {near}=?"),
                None => takes(function),
            };
            Err(Error::new(*span, format!(".{} has no argument `{name}`", function.name)).hint(hint))
        }
    }
}

fn too_many(function: &Signature, span: Span) -> Error {
    Error::new(span, format!(".{} has no argument in this place", function.name)).hint(takes(function))
}

fn takes(function: &Signature) -> String {
    let names: Vec<&str> = function.args.iter().map(|p| p.name).collect();
    match names.as_slice() {
        [] => "it takes no arguments".to_owned(),
        names => format!("it takes {}", names.join(", ")),
    }
}

/// Only a parameter that says so is given more than once.
pub(super) fn once(
    function: &Signature,
    parameter: &Parameter,
    given: &Given,
    span: Span,
) -> Result<(), Error> {
    if given.values.is_empty() || parameter.multi {
        return Ok(());
    }
    let message = format!("`{}` of .{} is given twice", parameter.name, function.name);
    Err(Error::new(span, message).hint("leave one of them out"))
}

/// The value as the parameter takes it. `written` is the value as it stands in the text: a bare `404` is a fine text.
pub(super) fn fitting(
    function: &Signature,
    parameter: &Parameter,
    value: Scalar,
    span: Span,
    written: impl FnOnce() -> String,
) -> Result<Scalar, Error> {
    let kind = kind(&value);
    let value = match kind {
        _ if parameter.takes(kind) => value,
        Type::Number | Type::Boolean if parameter.takes(Type::Text) => Scalar::Text(written()),
        _ => return Err(wrong_type(function, parameter, &value, span)),
    };
    match &value {
        Scalar::Text(text) if parameter.closed && parameter.suggestions.iter().all(|c| c.value != text) => {
            Err(not_a_choice(function, parameter, text, span))
        }
        _ => Ok(value),
    }
}

fn kind(value: &Scalar) -> Type {
    match value {
        Scalar::Number(_) => Type::Number,
        Scalar::Text(_) => Type::Text,
        Scalar::Boolean(_) => Type::Boolean,
        Scalar::Null => Type::Null,
        Scalar::Series(_) => Type::Series,
    }
}

fn wrong_type(function: &Signature, parameter: &Parameter, value: &Scalar, span: Span) -> Error {
    let wanted: Vec<&str> = parameter.types.iter().map(|t| t.article()).collect();
    let given = match value {
        Scalar::Text(text) => format!("not the text `{text}`"),
        value => format!("not {}", kind(value).article()),
    };
    let message =
        format!("`{}` of .{} takes {}, {given}", parameter.name, function.name, wanted.join(" or "));
    let hint = match value {
        Scalar::Text(text) if parameter.takes(Type::Number) && text.parse::<f64>().is_ok() => {
            Some(format!("write {text} without quotes"))
        }
        Scalar::Text(text) if parameter.takes(Type::Series) && text.starts_with('.') => {
            Some(format!("write {text}()"))
        }
        Scalar::Text(text) if parameter.takes(Type::Series) => {
            Some(format!("for a metric write .es(metric=avg:{text})"))
        }
        _ => None,
    };
    Error::new(span, message).maybe_hint(hint)
}

fn not_a_choice(function: &Signature, parameter: &Parameter, text: &str, span: Span) -> Error {
    let choices: Vec<&str> = parameter.suggestions.iter().map(|c| c.value).collect();
    let hint = match nearest(text, choices.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("one of {}", choices.join(", ")),
    };
    Error::new(span, format!("`{}` of .{} cannot be `{text}`", parameter.name, function.name)).hint(hint)
}

/// Everything that must be given is given.
pub(super) fn required(function: &Signature, call: &Call, args: &[Given]) -> Result<(), Error> {
    let missing = function.args.iter().zip(args).find(|(p, given)| p.required && given.values.is_empty());
    match missing {
        None => Ok(()),
        Some((parameter, _)) => {
            // As it was called: `.if` and `.condition` are the same function.
            let message = format!(".{} needs `{}`: {}", call.name, parameter.name, parameter.doc);
            Err(Error::new(call.name_span, message).hint(format!("such as {}", function.example)))
        }
    }
}
