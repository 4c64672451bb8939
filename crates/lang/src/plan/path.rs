//! Operations over series of dotted paths: what Graphite lowers to.
//!
//! Each series has a grid of its own (start, end, step), and a function may want its arguments once more over another range,
//! such as the window before the first point. So these nodes are evaluated from the result downwards, each within a range.

use super::NodeId;
use crate::Span;

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Path {
    /// Series whose path matches a pattern with `*`, `?`, `[…]` and `{a,b}`.
    Find(String),
    /// Series whose tags match all conditions.
    Tagged {
        /// The conditions: `name=cpu`, `host=~web.*` …
        conditions: Vec<String>,
        /// The call as it was written: series carry it as their expression.
        text: String,
    },
    /// A function of the language's table.
    Call(PathCall),
    /// A whole target within another language, which is understood when its turn comes: only then are the functions known.
    Target(String),
}

/// A function with its arguments in the order of its signature.
#[derive(Debug, Clone, PartialEq)]
pub struct PathCall {
    /// Its name in the table; never an alias.
    pub function: &'static str,
    /// The name it was called by.
    pub called: String,
    /// One for each argument of the signature.
    pub args: Vec<Argument>,
}

/// What was given for an argument.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Argument {
    /// All values, more than one only where the signature allows it; none when not given.
    pub values: Vec<Value>,
    /// Where.
    pub span: Span,
}

/// A value. Whole numbers are told from others because names of series show them as they were written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// Another number; infinity too.
    Float(f64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// Explicitly nothing.
    Null,
    /// The series of a node.
    Series(NodeId),
}

impl Path {
    /// The nodes it wants.
    pub fn inputs(&self) -> impl Iterator<Item = &NodeId> {
        let args: &[Argument] = match self {
            Self::Call(call) => &call.args,
            _ => &[],
        };
        args.iter().flat_map(|argument| &argument.values).filter_map(|value| match value {
            Value::Series(node) => Some(node),
            _ => None,
        })
    }
}
