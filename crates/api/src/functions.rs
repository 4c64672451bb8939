//! The functions of a language, from the same table that runs them.

use crate::params::Params;
use crate::{Api, respond};
use lang::promql::functions::{AGGREGATORS, FUNCTIONS};
use lang::rpn::program::{OPERATORS, Row};
use lang::{Signature, promql};
use serde_json::{Value, json};
use serve::{Request, Response, StatusCode};
use std::sync::Arc;

/// `GET /api/v1/functions`, of the language `language`.
pub fn get(_: &Arc<Api>, request: &Request) -> Response {
    let params = Params::parse(&request.query);
    let name = params.get("language").unwrap_or("timelion");
    let Some(rows) = query::names::table(name) else {
        return respond::error(StatusCode::BAD_REQUEST, format!("no language `{name}`"), None);
    };
    let functions: Vec<Value> = match name {
        // Its statements become functions that nobody writes; what is written are operators.
        "rpn" => OPERATORS.iter().map(operator).collect(),
        "promql" => AGGREGATORS.iter().map(aggregator).chain(FUNCTIONS.iter().map(function)).collect(),
        _ => query::names::signatures(rows).into_iter().map(describe).collect(),
    };
    respond::json(&json!({ "functions": functions }))
}

fn operator(row: &Row) -> Value {
    json!({
        "name": row.name, "aliases": [], "summary": row.doc, "source": false, "args": [], "example": row.example,
    })
}

fn function(function: &promql::functions::Function) -> Value {
    let types = function.args.iter().enumerate();
    let args: Vec<Value> = types.map(|(at, arg)| positional(at, *arg, at < function.args_min())).collect();
    json!({
        "name": function.name, "aliases": [], "summary": function.summary, "source": false, "args": args,
        "example": "",
    })
}

fn aggregator(aggregator: &promql::ast::Aggregator) -> Value {
    let types = aggregator.parameter.into_iter().chain([promql::ValueType::Vector]).enumerate();
    let args: Vec<Value> = types.map(|(at, arg)| positional(at, arg, true)).collect();
    json!({
        "name": aggregator.name, "aliases": [], "summary": aggregator.summary, "source": false, "args": args,
        "example": "",
    })
}

// Arguments of PromQL have places and types, no names.
fn positional(at: usize, arg: promql::ValueType, is_required: bool) -> Value {
    json!({
        "name": (at + 1).to_string(), "types": [arg.documented()], "default": "", "required": is_required,
        "multi": false, "doc": "", "suggestions": [],
    })
}

fn describe(signature: &Signature) -> Value {
    let arg = |p: &lang::Parameter| {
        json!({
            "name": p.name,
            "types": p.types.iter().map(|t| t.as_str()).collect::<Vec<_>>(),
            "default": p.default,
            "required": p.required,
            "multi": p.multi,
            "doc": p.doc,
            "suggestions": p.suggestions.iter().map(|c| c.value).collect::<Vec<_>>(),
        })
    };
    json!({
        "name": signature.name,
        "aliases": signature.aliases,
        "summary": signature.summary,
        "source": signature.source,
        "args": signature.args.iter().map(arg).collect::<Vec<_>>(),
        "example": signature.example,
    })
}
