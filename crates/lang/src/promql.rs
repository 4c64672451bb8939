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
pub mod complete;
pub mod functions;
mod lex;
mod lower;
mod parse;
mod pretty;
mod print;

pub use ast::{Expr, ValueType};
pub use complete::complete;
pub use lower::{Lowered, lower, plan};
pub use parse::{NESTING_MAX, OPERATORS_MAX, parse, parse_selector};
pub use pretty::pretty;
pub use print::{duration_text, quoted};

/// Whether a name may stand without quotes where a metric is named.
pub fn is_metric_name(name: &str) -> bool {
    let is_first = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b':');
    name.bytes().next().is_some_and(is_first) && name.bytes().all(|b| is_first(b) || b.is_ascii_digit())
}

/// Whether a name may stand without quotes where a label is named.
pub fn is_label_name(name: &str) -> bool {
    is_metric_name(name) && !name.contains(':')
}

#[cfg(test)]
mod tests;
