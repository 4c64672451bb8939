//! Syntax trees as JSON, in the shape that Prometheus' pages draw.

use lang::plan::vector::{Cardinality, Edge, Matching};
use lang::promql::ast::{At, Binary, Duration, DurationKind, Expr, Kind, Selector, When};
use lang::promql::functions::{Function, Last};
use model::{MatchOp, Matcher};
use serde_json::{Value, json};

/// The tree of an expression.
pub fn json(expr: &Expr) -> Value {
    match &expr.kind {
        Kind::Number { value, .. } => json!({ "type": "numberLiteral", "val": number(*value) }),
        Kind::Text(text) => json!({ "type": "stringLiteral", "val": text }),
        Kind::Paren(inner) => json!({ "type": "parenExpr", "expr": json(inner) }),
        Kind::Unary { is_minus, operand } => {
            json!({ "type": "unaryExpr", "op": if *is_minus { "-" } else { "+" }, "expr": json(operand) })
        }
        Kind::Selector(selector) => self::selector("vectorSelector", selector),
        Kind::Range { selector, range } => {
            let mut value = self::selector("matrixSelector", selector);
            put_length(&mut value, "range", Some(range));
            value
        }
        Kind::Subquery(subquery) => {
            let mut value = json!({ "type": "subquery", "expr": json(&subquery.input) });
            put_length(&mut value, "range", Some(&subquery.range));
            put_length(&mut value, "step", subquery.step.as_ref());
            put_when(&mut value, &subquery.when);
            value
        }
        Kind::Call { function, args } => {
            let args: Vec<Value> = args.iter().map(json).collect();
            json!({ "type": "call", "func": self::function(function), "args": args })
        }
        Kind::Aggregate(aggregate) => json!({
            "type": "aggregation",
            "op": aggregate.function.name,
            "expr": json(&aggregate.input),
            "param": aggregate.parameter.as_ref().map(json),
            "grouping": aggregate.grouping.labels,
            "without": aggregate.grouping.is_without,
        }),
        Kind::Binary(binary) => self::binary(binary),
    }
}

fn number(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}

fn function(function: &Function) -> Value {
    let variadic = match function.last {
        Last::Once => 0,
        Last::UpTo(times) => times as i64,
        Last::Any => -1,
    };
    let types: Vec<&str> = function.args.iter().map(|arg| arg.as_str()).collect();
    json!({
        "name": function.name, "argTypes": types, "variadic": variadic, "returnType": function.returns.as_str(),
    })
}

fn selector(kind: &str, selector: &Selector) -> Value {
    let matcher = |m: &Matcher| {
        let op = match m.op {
            MatchOp::Equal => "=",
            MatchOp::NotEqual => "!=",
            MatchOp::Regex => "=~",
            MatchOp::NotRegex => "!~",
        };
        json!({ "name": m.name, "value": m.value, "type": op })
    };
    let mut value = json!({
        "type": kind,
        "name": selector.name.as_deref().unwrap_or_default(),
        "matchers": selector.matchers.iter().map(matcher).collect::<Vec<_>>(),
        "anchored": selector.edge == Edge::Anchored,
        "smoothed": selector.edge == Edge::Smoothed,
    });
    put_when(&mut value, &selector.when);
    value
}

fn put_when(value: &mut Value, when: &When) {
    put_length(value, "offset", when.offset.as_ref());
    let (time_ms, word) = match when.at {
        None => (None, None),
        Some(At::Time(ms)) => (Some(ms), None),
        Some(At::Start) => (None, Some("start")),
        Some(At::End) => (None, Some("end")),
    };
    value["timestamp"] = json!(time_ms);
    value["startOrEnd"] = json!(word);
}

// Milliseconds, and beside them the text of what is computed only when it is asked.
fn put_length(value: &mut Value, name: &str, length: Option<&Duration>) {
    value[name] = match length.map(|length| &length.kind) {
        Some(DurationKind::Seconds { seconds, .. }) => json!((seconds * 1000.0) as i64),
        _ => json!(0),
    };
    if let Some(length) = length.filter(|length| !matches!(length.kind, DurationKind::Seconds { .. })) {
        value[&format!("{name}Expr")] = json!(length.to_string());
    }
}

fn binary(binary: &Binary) -> Value {
    let vectors =
        [&binary.left, &binary.right].iter().all(|e| e.value_type() == lang::promql::ValueType::Vector);
    json!({
        "type": "binaryExpr",
        "op": binary.operator.as_str(),
        "lhs": json(&binary.left),
        "rhs": json(&binary.right),
        "matching": vectors.then(|| matching(&binary.matching)),
        "bool": binary.is_bool,
    })
}

fn matching(matching: &Matching) -> Value {
    let card = match matching.cardinality {
        Cardinality::OneToOne => "one-to-one",
        Cardinality::ManyToOne => "many-to-one",
        Cardinality::OneToMany => "one-to-many",
        Cardinality::ManyToMany => "many-to-many",
    };
    json!({
        "card": card,
        "labels": matching.labels,
        "on": matching.is_on,
        "include": matching.include,
        "fillValues": {
            "lhs": matching.fill_left.map(number), "rhs": matching.fill_right.map(number),
        },
    })
}
