//! Syntax trees → plan: functions are looked up, arguments put in the order of their signatures, templates filled in.

use super::ast::{Call, Expression, Kind, unescaped};
use super::{check, parse};
use crate::plan::path::{Argument, Path, PathCall, Value};
use crate::plan::{NodeId, Operation, Plan};
use crate::{Error, Signature, Span};

/// Most targets of a request.
const TARGETS_MAX: usize = 1000;
/// Functions that are reads.
const SERIES_BY_TAG: &str = "seriesByTag";

/// A variable of a template with its value.
type Variable = (String, Kind);

pub(super) fn lower(texts: &[&str], functions: &[&Signature], variables: &[(String, String)]) -> Plan {
    let mut lowering = Lowering { functions, outside: variables, plan: Plan::default() };
    let results = texts.iter().enumerate().map(|(at, text)| {
        if at >= TARGETS_MAX {
            return Err(Error::new(Span::default(), format!("A request has at most {TARGETS_MAX} targets")));
        }
        lowering.target(&parse(text)?)
    });
    let results = results.collect();
    lowering.plan.results = results;
    lowering.plan
}

struct Lowering<'a> {
    functions: &'a [&'a Signature],
    outside: &'a [(String, String)],
    plan: Plan,
}

impl Lowering<'_> {
    fn target(&mut self, expression: &Expression) -> Result<NodeId, Error> {
        match self.value(expression, &[])? {
            Value::Series(node) => Ok(node),
            _ => Err(Error::new(expression.span, "A target is a path or a call of a function")),
        }
    }

    fn value(&mut self, expression: &Expression, variables: &[Variable]) -> Result<Value, Error> {
        let span = expression.span;
        Ok(match &expression.kind {
            Kind::Path(path) => self.path(path, span, variables),
            Kind::Call(call) => Value::Series(self.call(call, span, variables)?),
            Kind::Template(call) => self.template(call)?,
            Kind::Integer(number) => Value::Integer(*number),
            Kind::Float(number) => Value::Float(*number),
            Kind::Text(text) => Value::Text(text.clone()),
            Kind::Boolean(boolean) => Value::Boolean(*boolean),
            Kind::Null => Value::Null,
        })
    }

    fn add(&mut self, path: Path, span: Span) -> Value {
        Value::Series(self.plan.add(Operation::Path(path), span))
    }

    // Within a template a path that is nothing but a variable is its value, a number where it looks like one.
    fn path(&mut self, path: &str, span: Span, variables: &[Variable]) -> Value {
        let mut path = unescaped(path);
        for (name, value) in variables {
            let written = format!("${name}");
            if path != written {
                path = path.replace(&written, &text_of(value));
                continue;
            }
            match value {
                Kind::Integer(number) => return Value::Integer(*number),
                Kind::Float(number) => return Value::Float(*number),
                other => match text_of(other) {
                    text if looks_like_number(&text) => {
                        return text.parse().map_or(Value::Text(text), Value::Float);
                    }
                    text => path = text,
                },
            }
        }
        self.add(Path::Find(path), span)
    }

    fn template(&mut self, call: &Call) -> Result<Value, Error> {
        let named = call.named.iter().map(|named| (named.name.clone(), named.value.kind.clone()));
        let placed = call.args.iter().skip(1).enumerate();
        let placed = placed.map(|(at, value)| ((at + 1).to_string(), value.kind.clone()));
        let mut variables: Vec<Variable> = named.chain(placed).collect();
        for (name, value) in self.outside {
            variables.retain(|(known, _)| known != name);
            variables.push((name.clone(), Kind::Text(value.clone())));
        }
        // $10 is not $1 and a zero.
        variables.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        self.value(&call.args[0], &variables)
    }

    fn call(&mut self, call: &Call, span: Span, variables: &[Variable]) -> Result<NodeId, Error> {
        let function = check::function(self.functions, call)?;
        let mut args: Vec<Argument> = vec![Argument::default(); function.args.len()];
        for (at, given) in call.args.iter().enumerate() {
            let place = check::place(function, at, given.span)?;
            self.give(function, place, given, variables, &mut args)?;
        }
        for named in &call.named {
            let place = check::named(function, named)?;
            if !args[place].values.is_empty() {
                let message = format!("The argument {} of {} is given twice", named.name, function.name);
                return Err(Error::new(named.span, message));
            }
            self.give(function, place, &named.value, variables, &mut args)?;
        }
        check::required(function, call, &args)?;
        let operation = match function.name {
            SERIES_BY_TAG => tagged(call, args),
            name => Path::Call(PathCall { function: name, called: call.name.clone(), args }),
        };
        Ok(self.plan.add(Operation::Path(operation), span))
    }

    fn give(
        &mut self,
        function: &Signature,
        place: usize,
        given: &Expression,
        variables: &[Variable],
        args: &mut [Argument],
    ) -> Result<(), Error> {
        let value = self.value(given, variables)?;
        let value = check::fitting(function, &function.args[place], value, given)?;
        let argument = &mut args[place];
        argument.span = if argument.values.is_empty() { given.span } else { argument.span.join(given.span) };
        argument.values.push(value);
        Ok(())
    }
}

fn tagged(call: &Call, args: Vec<Argument>) -> Path {
    let texts = args.into_iter().flat_map(|argument| argument.values).filter_map(|value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    });
    Path::Tagged { conditions: texts.collect(), text: call.text.clone() }
}

fn text_of(value: &Kind) -> String {
    match value {
        Kind::Integer(number) => number.to_string(),
        Kind::Float(number) => format!("{number:?}"),
        Kind::Text(text) => text.clone(),
        _ => String::new(),
    }
}

fn looks_like_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
