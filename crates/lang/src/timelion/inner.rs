//! `.promql('…')`: another language within an expression, lowered into the same plan.

use super::ast::{Call, Value, ValueKind};
use crate::plan::{NodeId, Plan};
use crate::promql::{self, ValueType};
use crate::{Error, Scope, Span};

/// The function whose text is PromQL.
pub(super) const FUNCTION: &str = "promql";

/// Adds the PromQL of a call. Its arguments have been checked against the signature.
pub(super) fn lower(call: &Call, scope: &Scope, plan: &mut Plan) -> Result<NodeId, Error> {
    let query = |arg: &&super::ast::Argument| arg.name.as_ref().is_none_or(|(name, _)| name == "query");
    let Some(Value { kind: ValueKind::Text { text, inner }, span }) =
        call.args.iter().find(query).map(|a| &a.value)
    else {
        return Err(Error::new(call.span, "The query is missing").hint(".promql('avg(load1)')"));
    };
    // Without escapes a place within the text is one of the whole expression.
    let place = |error: Error| match inner {
        Some(inner) => {
            let at = |place: usize| (inner.start + place).min(inner.end);
            Error { span: Span::new(at(error.span.start), at(error.span.end)), ..error }
        }
        None => Error { span: *span, ..error },
    };
    let first = plan.nodes().len();
    let expr = promql::parse(text).map_err(place)?;
    let lowered = promql::lower(&expr, scope, plan).map_err(place)?;
    plan.shift(first, inner.map_or(span.start, |inner| inner.start));
    match lowered.value_type {
        ValueType::Vector | ValueType::Scalar => Ok(lowered.node),
        _ => Err(Error::new(*span, "The query gives no series at single instants")
            .hint("put a function such as rate() around it")),
    }
}
