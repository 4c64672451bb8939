//! Timelion: chains of functions over lists of series, as in Kibana.
//!
//! ```text
//! expression := item (","? item)*                       the lists of all items, one after the other
//! item       := "$" name "=" value | chain
//! chain      := head call*
//! head       := call | "(" expression ")" | "@" cell (":" series)? | "$" name
//! call       := "." name "(" (argument ("," argument)* ","?)? ")"
//! argument   := (name "=")? value                       the comma may be left out after white space
//! value      := chain | "text" | 'text' | true | false | null | number | word
//! name       := [a-zA-Z] [a-zA-Z0-9_.-]*
//! word       := characters without white space and ( ) " ' , =
//! ```

pub mod ast;
mod check;
pub mod complete;
mod inner;
mod lower;
mod parse;
mod read;

pub use complete::complete;
pub use lower::{plan, plan_within};
pub use parse::parse;

#[cfg(test)]
mod tests;
