//! Tree to plan: names become functions, arguments are checked against their signature, variables and references to
//! other expressions are resolved. What is wrong with one expression does not touch the others.

use super::ast::{Call, Chain, Expression, Head, Item, Value, ValueKind};
use super::check::{self, Target};
use super::{inner, parse, read};
use crate::nearest::nearest;
use crate::plan::{self, Given, NodeId, Operation, Plan, Scalar};
use crate::signature::Signature;
use crate::{Error, Span};
use std::collections::HashMap;

/// Most expressions of one request.
pub(super) const EXPRESSIONS_MAX: usize = 100;

/// Understands a sheet of expressions, each with the functions given. PromQL within them that asks for the request's
/// range has none: that is for [`plan_within`].
pub fn plan(texts: &[&str], functions: &[&Signature]) -> Plan {
    plan_within(texts, functions, &crate::Scope::instant(0))
}

/// The same for a request over the instants of `scope`.
pub fn plan_within(texts: &[&str], functions: &[&Signature], scope: &crate::Scope) -> Plan {
    let mut lowering = Lowering {
        texts,
        functions,
        scope,
        trees: texts.iter().map(|text| parse(text)).collect(),
        states: vec![State::Untouched; texts.len()],
        plan: Plan::default(),
    };
    let results = (0..texts.len()).map(|cell| lowering.cell(cell)).collect();
    lowering.plan.results = results;
    lowering.plan
}

#[derive(Clone)]
enum State {
    Untouched,
    Busy,
    Done(Result<NodeId, Error>),
}

struct Lowering<'a> {
    texts: &'a [&'a str],
    functions: &'a [&'a Signature],
    scope: &'a crate::Scope,
    trees: Vec<Result<Expression, Error>>,
    states: Vec<State>,
    plan: Plan,
}

/// What one expression knows of itself.
struct Scope {
    cell: usize,
    variables: HashMap<String, Scalar>,
}

impl Lowering<'_> {
    fn cell(&mut self, cell: usize) -> Result<NodeId, Error> {
        if cell >= EXPRESSIONS_MAX {
            let message = format!("A request has at most {EXPRESSIONS_MAX} expressions");
            return Err(Error::new(Span::default(), message));
        }
        match &self.states[cell] {
            State::Done(result) => return result.clone(),
            State::Busy => return Err(Error::new(Span::default(), "it refers to itself")),
            State::Untouched => self.states[cell] = State::Busy,
        }
        let mut scope = Scope { cell, variables: HashMap::new() };
        let result = match self.trees[cell].clone() {
            Ok(tree) => self.expression(&tree, &mut scope),
            Err(error) => Err(error),
        };
        self.states[cell] = State::Done(result.clone());
        result
    }

    fn expression(&mut self, expression: &Expression, scope: &mut Scope) -> Result<NodeId, Error> {
        let (mut nodes, mut span) = (Vec::new(), Span::default());
        for item in &expression.items {
            match item {
                Item::Chain(chain) => {
                    span = if nodes.is_empty() { chain.span } else { span.join(chain.span) };
                    nodes.push(self.chain(chain, scope)?);
                }
                Item::Assign { name, value, span: whole } => {
                    let scalar = self.value(value, scope)?;
                    scope.variables.insert(name.clone(), scalar);
                    span = if nodes.is_empty() { *whole } else { span };
                }
            }
        }
        match nodes.as_slice() {
            [] => Err(Error::new(span, "Only variables are set here, nothing is shown")
                .hint("write the variable after a comma, such as $x=.es(), $x")),
            [node] => Ok(*node),
            _ => Ok(self.plan.add(Operation::Concat(nodes), span)),
        }
    }

    fn chain(&mut self, chain: &Chain, scope: &mut Scope) -> Result<NodeId, Error> {
        let mut node = match &chain.head {
            Some(head) => Some(self.head(head, scope)?),
            None => None,
        };
        for call in &chain.calls {
            node = Some(self.call(call, node, scope)?);
        }
        node.ok_or_else(|| Error::new(chain.span, "A series expression is missing here"))
    }

    fn head(&mut self, head: &Head, scope: &mut Scope) -> Result<NodeId, Error> {
        match head {
            Head::Group(expression, _) => self.expression(expression, scope),
            Head::Cell { cell, series, span } => self.refer(*cell, *series, *span, scope),
            Head::Variable(name, span) => match self.variable(name, *span, scope)? {
                Scalar::Series(node) => Ok(node),
                _ => Err(Error::new(*span, format!("`${name}` is not a series expression"))),
            },
        }
    }

    fn refer(
        &mut self,
        cell: usize,
        series: Option<usize>,
        span: Span,
        scope: &Scope,
    ) -> Result<NodeId, Error> {
        let count = self.texts.len();
        if cell == 0 || cell > count {
            let message = format!("There is no expression @{cell}");
            return Err(Error::new(span, message).hint(format!("they are counted from @1 to @{count}")));
        }
        if cell - 1 == scope.cell {
            return Err(Error::new(span, "An expression cannot refer to itself"));
        }
        let node = self
            .cell(cell - 1)
            .map_err(|error| Error::new(span, format!("Expression @{cell} has an error: {error}")))?;
        let series = match series {
            Some(0) => return Err(Error::new(span, "Series are counted from 1").hint(format!("@{cell}:1"))),
            series => series.map(|n| n - 1),
        };
        Ok(self.plan.add(Operation::Refer { node, series }, span))
    }

    fn variable(&self, name: &str, span: Span, scope: &Scope) -> Result<Scalar, Error> {
        scope.variables.get(name).cloned().ok_or_else(|| {
            let known = nearest(name, scope.variables.keys().map(String::as_str));
            let hint = known.map_or_else(
                || format!("set it before it is used: ${name}=.es()"),
                |known| format!("did you mean ${known}?"),
            );
            Error::new(span, format!("The variable ${name} is not set")).hint(hint)
        })
    }

    fn value(&mut self, value: &Value, scope: &mut Scope) -> Result<Scalar, Error> {
        Ok(match &value.kind {
            ValueKind::Number(number) => Scalar::Number(*number),
            ValueKind::Text { text, .. } => Scalar::Text(text.clone()),
            ValueKind::Boolean(boolean) => Scalar::Boolean(*boolean),
            ValueKind::Null => Scalar::Null,
            ValueKind::Chain(chain) => match (&chain.head, chain.calls.is_empty()) {
                (Some(Head::Variable(name, span)), true) => self.variable(name, *span, scope)?,
                _ => Scalar::Series(self.chain(chain, scope)?),
            },
        })
    }

    fn call(&mut self, call: &Call, input: Option<NodeId>, scope: &mut Scope) -> Result<NodeId, Error> {
        let function = check::function(self.functions, call)?;
        check::place(function, call, input.is_some())?;
        let mut args: Vec<Given> = vec![Given::default(); function.args.len()];
        let mut extra = Vec::new();
        for (position, argument) in call.args.iter().enumerate() {
            let scalar = self.value(&argument.value, scope)?;
            let span = argument.value.span;
            match check::target(function, position, argument)? {
                Target::Known(at, parameter) => {
                    let scalar =
                        check::fitting(function, parameter, scalar, span, || self.text(scope.cell, span))?;
                    check::once(function, parameter, &args[at], span)?;
                    args[at].push(scalar, span);
                }
                Target::Extra(name) => extra.push((name, Given { values: vec![scalar], span })),
            }
        }
        check::required(function, call, &args)?;
        if function.name == read::FUNCTION {
            let read = read::lower(call, function, &args)?;
            let id = self.plan.add_read(read);
            return Ok(self.plan.add(Operation::Read(id), call.span));
        }
        if ["graphite", inner::FUNCTION].contains(&function.name) {
            return self.other_language(call, function, &args);
        }
        let operation = plan::Call { function: function.name, input, args, extra };
        Ok(self.plan.add(Operation::Call(operation), call.span))
    }

    // A source whose text is of another language, looked up at another time and its gaps filled as told.
    fn other_language(&mut self, call: &Call, function: &Signature, args: &[Given]) -> Result<NodeId, Error> {
        let given = |name| function.arg(name).and_then(|(at, _)| args.get(at));
        let offset = given("offset").map(read::offset).transpose()?.flatten();
        let mut node = match (function.name, args.first()) {
            ("graphite", Some(Given { values, span })) => self.target(values, *span, call.span)?,
            _ => {
                let scope = offset.map_or_else(|| *self.scope, |offset| self.scope.moved(offset));
                inner::lower(call, &scope, &mut self.plan)?
            }
        };
        if let Some(offset) = offset {
            node = self.plan.add(Operation::Moved { node, offset }, call.span);
        }
        match (given("fit"), crate::signature::find(self.functions, "fit")) {
            (Some(mode), Some(fit)) if mode.values.iter().any(|v| *v != Scalar::Null) => {
                let args = vec![mode.clone()];
                let fill = plan::Call { function: fit.name, input: Some(node), args, extra: Vec::new() };
                Ok(self.plan.add(Operation::Call(fill), call.span))
            }
            _ => Ok(node),
        }
    }

    // A target of Graphite; what is wrong with it is told at the argument that holds it.
    fn target(&mut self, values: &[Scalar], place: Span, whole: Span) -> Result<NodeId, Error> {
        let [Scalar::Text(target)] = values else {
            return Err(Error::new(place, "One target of Graphite is wanted here, as a text"));
        };
        crate::graphite::parse(target).map_err(|error| Error {
            span: place,
            message: format!("`{target}`: {}", error.message),
            ..error
        })?;
        Ok(self.plan.add(Operation::Path(plan::Path::Target(target.clone())), whole))
    }

    fn text(&self, cell: usize, span: Span) -> String {
        self.texts[cell].chars().skip(span.start).take(span.end - span.start).collect()
    }
}
