//! `/api/v1/format_query` and `/api/v1/parse_query`: expressions printed, and as trees.

use super::ask::Refused;
use super::envelope::{data, failure};
use super::query::unparsed;
use super::{params, tree};
use crate::Api;
use lang::promql::{Expr, parse, pretty};
use serde_json::Value;
use serve::{Request, Response};
use std::sync::Arc;

/// `GET|POST /api/v1/format_query`.
pub fn format_query(_: &Arc<Api>, request: &Request) -> Response {
    parsed(request).map_or_else(|refused| failure(&refused), |expr| data(&Value::from(pretty(&expr))))
}

/// `GET|POST /api/v1/parse_query`.
pub fn parse_query(_: &Arc<Api>, request: &Request) -> Response {
    parsed(request).map_or_else(|refused| failure(&refused), |expr| data(&tree::json(&expr)))
}

fn parsed(request: &Request) -> Result<Expr, Refused> {
    let asked = params(request);
    let text = asked.get("query").unwrap_or_default();
    parse(text).map_err(|error| unparsed("query", text, &error))
}
