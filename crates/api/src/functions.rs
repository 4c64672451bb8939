//! The functions of a language, from the same table that runs them.

use crate::{Api, respond};
use lang::Signature;
use serde_json::{Value, json};
use serve::{Request, Response};
use std::sync::Arc;

/// `GET /api/v1/functions`.
pub fn get(_: &Arc<Api>, _: &Request) -> Response {
    let rows = query::names::signatures(query::names::timelion::FUNCTIONS);
    let functions: Vec<Value> = rows.into_iter().map(describe).collect();
    respond::json(&json!({ "functions": functions }))
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
