//! PromQL: selectors, functions and operators over labelled vectors, as in Prometheus 3.
//!
//! ```text
//! expression  := unary (operator modifiers unary)*            precedence: or < and unless < comparisons < + - < * / % atan2 < ^
//! unary       := ("+" | "-")* operand
//! operand     := (number | "text" | "(" expression ")" | call | aggregation | selector) suffix*
//! suffix      := "[" duration "]" | "[" duration ":" duration? "]" | "offset" term | "@" (number | start() | end())
//!              | "anchored" | "smoothed"
//! selector    := name matchers? | matchers
//! matchers    := "{" (matcher ("," matcher)* ","?)? "}"
//! matcher     := label ("=" | "!=" | "=~" | "!~") "text" | "name"
//! call        := name "(" (expression ("," expression)*)? ")"
//! aggregation := aggregator (by | without)? "(" … ")" (by | without)?
//! modifiers   := "bool"? ((on | ignoring) ((group_left | group_right) labels?)?)? (fill | fill_left | fill_right)*
//! duration    := the same arithmetic over numbers, durations, step(), range(), min_of(,) and max_of(,)
//! term        := ("+" | "-")? one of these without an operator outside parentheses
//! ```

pub mod ast;
mod check;
pub mod functions;
mod lex;
mod lower;
mod parse;

pub use ast::{Expr, ValueType};
pub use lower::{LOOKBACK_MS_DEFAULT, Lowered, SUBQUERY_STEP_MS_DEFAULT, Scope, lower};
pub use parse::{NESTING_MAX, OPERATORS_MAX, parse, parse_selector};

#[cfg(test)]
mod tests;
