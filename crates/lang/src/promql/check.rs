//! Do the types fit? Sentences are Prometheus' own; hints are ours.

use super::ast::{Aggregate, Binary, Expr, Kind, Selector, ValueType};
use super::functions::Function;
use crate::plan::vector::{Cardinality, Edge, Matching};
use crate::{Error, Span};
use model::NAME;

/// Functions that know what to do with `anchored` windows.
const ANCHORED: [&str; 5] = ["changes", "delta", "increase", "rate", "resets"];
/// Functions that know what to do with `smoothed` windows.
const SMOOTHED: [&str; 3] = ["delta", "increase", "rate"];

/// Checks a tree and settles what depends on types: how sets and numbers meet. Gives the type of the whole.
///
/// What is on the way down does little itself, so that a deep tree needs little stack.
pub(super) fn check(expr: &mut Expr) -> Result<ValueType, Error> {
    let span = expr.span;
    match &mut expr.kind {
        Kind::Number { .. } => Ok(ValueType::Scalar),
        Kind::Text(_) => Ok(ValueType::String),
        Kind::Selector(selector) => self::selector(selector, span).map(|()| ValueType::Vector),
        Kind::Range { selector, .. } => self::selector(selector, span).map(|()| ValueType::Matrix),
        Kind::Subquery(subquery) => subquery_of(check(&mut subquery.input)?, span),
        Kind::Call { function, args } => call(function, args, span).map(|()| function.returns),
        Kind::Aggregate(aggregate) => self::aggregate(aggregate).map(|()| ValueType::Vector),
        Kind::Binary(binary) => {
            let left = check(&mut binary.left)?;
            let right = check(&mut binary.right)?;
            self::binary(binary, left, right, span)
        }
        Kind::Unary { operand, .. } => unary_of(check(operand)?, span),
        Kind::Paren(inner) => check(inner),
    }
}

fn subquery_of(input: ValueType, span: Span) -> Result<ValueType, Error> {
    if input == ValueType::Vector {
        return Ok(ValueType::Matrix);
    }
    let message = format!("subquery is only allowed on instant vector, got {} instead", input.as_str());
    Err(Error::new(span, message))
}

fn unary_of(operand: ValueType, span: Span) -> Result<ValueType, Error> {
    if matches!(operand, ValueType::Scalar | ValueType::Vector) {
        return Ok(operand);
    }
    let found = operand.documented();
    let message = format!(
        "unary expression only allowed on expressions of type scalar or instant vector, got {found:?}"
    );
    Err(Error::new(span, message))
}

fn selector(selector: &Selector, span: Span) -> Result<(), Error> {
    if let (Some(name), Some((_, others))) = (&selector.name, selector.matchers.split_last()) {
        return match others.iter().find(|matcher| matcher.name == NAME) {
            None => Ok(()),
            Some(other) => {
                let message = format!("metric name must not be set twice: {name:?} or {:?}", other.value);
                Err(Error::new(span, message))
            }
        };
    }
    if selector.matchers.iter().any(|matcher| !matcher.accepts("")) {
        return Ok(());
    }
    Err(Error::new(span, "vector selector must contain at least one non-empty matcher")
        .hint("name a metric or a label that must be there"))
}

fn expect(expr: &Expr, found: ValueType, wanted: ValueType, context: &str) -> Result<(), Error> {
    if found == wanted {
        return Ok(());
    }
    let message = format!("expected type {} in {context}, got {}", wanted.documented(), found.documented());
    let hint = match (wanted, found, &expr.kind) {
        (ValueType::Matrix, ValueType::Vector, Kind::Selector(_)) => Some("add a range, such as [5m]"),
        (ValueType::Matrix, ValueType::Vector, _) => Some("add a subquery, such as [5m:]"),
        (ValueType::Vector, ValueType::Matrix, _) => {
            Some("take away the range or put a function such as rate around it")
        }
        (ValueType::Vector, ValueType::Scalar, _) => Some("put vector() around it"),
        (ValueType::Scalar, ValueType::Vector, _) => Some("put scalar() around it"),
        (ValueType::Scalar, ValueType::String, _) => Some("write a number without quotes"),
        (ValueType::String, ValueType::Vector, Kind::Selector(_)) => Some("put it in quotes"),
        _ => None,
    };
    Err(Error::new(expr.span, message).maybe_hint(hint.map(str::to_owned)))
}

fn aggregate(aggregate: &mut Aggregate) -> Result<(), Error> {
    let found = check(&mut aggregate.input)?;
    if let Err(error) = expect(&aggregate.input, found, ValueType::Vector, "aggregation expression") {
        let first = aggregate.parameter.as_mut().map(check).transpose()?;
        let is_turned = first == Some(ValueType::Vector) && aggregate.function.parameter == Some(found);
        let name = aggregate.function.name;
        let turned = is_turned
            .then(|| format!("the other way round: {name}({}, {})", found.documented(), "instant vector"));
        return Err(error.maybe_hint(turned));
    }
    if let (Some(parameter), Some(wanted)) = (&mut aggregate.parameter, aggregate.function.parameter) {
        let found = check(parameter)?;
        expect(parameter, found, wanted, "aggregation parameter")?;
    }
    Ok(())
}

fn call(function: &Function, args: &mut [Expr], span: Span) -> Result<(), Error> {
    count(function, args.len(), span)?;
    for (at, arg) in args.iter_mut().enumerate() {
        if function.name == "info" && at == 1 {
            labels_only(arg)?;
            continue;
        }
        let found = check(arg)?;
        if let Err(error) = fitting(function, at, arg, found) {
            return Err(error.maybe_hint(turned(function, args, at, found)));
        }
    }
    Ok(())
}

// Whether an argument would fit in the place of another one, and that one here.
fn turned(function: &Function, args: &mut [Expr], at: usize, found: ValueType) -> Option<String> {
    let wanted = function.arg(at)?;
    (0..args.len()).filter(|&other| other != at && function.arg(other) == Some(found)).find_map(|other| {
        (check(&mut args[other]).ok()? == wanted).then(|| {
            let types: Vec<&str> = function.args.iter().map(|arg| arg.documented()).collect();
            format!("in another order: {}({})", function.name, types.join(", "))
        })
    })
}

fn fitting(function: &Function, at: usize, arg: &Expr, found: ValueType) -> Result<(), Error> {
    if let Some(wanted) = function.arg(at).filter(|wanted| *wanted != found) {
        expect(arg, found, wanted, &format!("call to function {:?}", function.name))?;
    }
    edge(function, arg)
}

// A selector without a name; it may match the empty value, because it only chooses among labels.
fn labels_only(arg: &Expr) -> Result<(), Error> {
    let message = match &arg.kind {
        Kind::Selector(selector) if selector.name.is_none() => return Ok(()),
        Kind::Selector(_) => "expected label selectors only, got vector selector instead",
        _ => "expected label selectors only",
    };
    Err(Error::new(arg.span, message).hint("such as {version=~\".+\"}"))
}

fn count(function: &Function, given: usize, span: Span) -> Result<(), Error> {
    let (least, most) = (function.args_min(), function.args_max());
    let expected = match most {
        Some(most) if most == least && given != least => format!("{least}"),
        _ if given < least => format!("at least {least}"),
        Some(most) if given > most => format!("at most {most}"),
        _ => return Ok(()),
    };
    let message = format!("expected {expected} argument(s) in call to {:?}, got {given}", function.name);
    let types: Vec<&str> = function.args.iter().map(|arg| arg.documented()).collect();
    let types = if types.is_empty() { "no arguments".to_owned() } else { types.join(", ") };
    Err(Error::new(span, message).hint(format!("{} takes {types}", function.name)))
}

// Only some functions know what to do with what lies outside a window.
fn edge(function: &Function, arg: &Expr) -> Result<(), Error> {
    let Kind::Range { selector, .. } = &arg.bare().kind else { return Ok(()) };
    let (name, fitting): (&str, &[&str]) = match selector.edge {
        Edge::Open => return Ok(()),
        Edge::Anchored => ("anchored", &ANCHORED),
        Edge::Smoothed => ("smoothed", &SMOOTHED),
    };
    if fitting.contains(&function.name) {
        return Ok(());
    }
    let message =
        format!("{name} modifier can only be used with: {} - not with {}", fitting.join(", "), function.name);
    Err(Error::new(arg.span, message))
}

fn binary(binary: &mut Binary, left: ValueType, right: ValueType, span: Span) -> Result<ValueType, Error> {
    let scalars = left == ValueType::Scalar && right == ValueType::Scalar;
    let operator = binary.operator;
    let fail = |span, message: &str| Err(Error::new(span, message));
    if binary.is_bool && !operator.is_comparison() {
        return fail(binary.operator_span, "bool modifier can only be used on comparison operators");
    }
    if scalars && operator.is_comparison() && !binary.is_bool {
        let message = "comparisons between scalars must use BOOL modifier";
        return Err(Error::new(binary.operator_span, message).hint("write bool after the operator"));
    }
    let twice = binary.matching.include.iter().find(|label| binary.matching.labels.contains(label));
    if let Some(label) = twice.filter(|_| binary.matching.is_on) {
        let message = format!("label {label:?} must not occur in ON and GROUP clause at once");
        return Err(Error::new(binary.operator_span, message));
    }
    for (operand, found) in [(&binary.left, left), (&binary.right, right)] {
        if !matches!(found, ValueType::Scalar | ValueType::Vector) {
            let message = "binary expression must contain only scalar and instant vector types";
            let hint = match found {
                ValueType::Matrix => "take away the range or put a function such as rate around it",
                _ => "texts stand only where a function takes one",
            };
            return Err(Error::new(operand.span, message).hint(hint));
        }
    }
    if left == ValueType::Vector && right == ValueType::Vector {
        if operator.is_set() {
            sets(&mut binary.matching, operator.as_str(), span)?;
        }
        return Ok(ValueType::Vector);
    }
    if !binary.matching.labels.is_empty() {
        return fail(span, "vector matching only allowed between instant vectors");
    }
    if binary.matching.fill_left.is_some() || binary.matching.fill_right.is_some() {
        return fail(span, "filling in missing series only allowed between instant vectors");
    }
    if operator.is_set() {
        let message = format!("set operator {:?} not allowed in binary scalar expression", operator.as_str());
        return Err(Error::new(span, message));
    }
    binary.matching = Matching::default();
    Ok(if scalars { ValueType::Scalar } else { ValueType::Vector })
}

fn sets(matching: &mut Matching, name: &str, span: Span) -> Result<(), Error> {
    if matching.cardinality != Cardinality::OneToOne {
        return Err(Error::new(span, format!("no grouping allowed for {name:?} operation")));
    }
    if matching.fill_left.is_some() || matching.fill_right.is_some() {
        return Err(Error::new(span, "filling in missing series not allowed for set operators"));
    }
    matching.cardinality = Cardinality::ManyToMany;
    Ok(())
}
