//! The syntax tree of an expression; every node knows its characters.

use crate::Span;

/// Items separated by commas.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// In order.
    pub items: Vec<Item>,
}

/// A chain, or a name for a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A chain whose series belong to the answer.
    Chain(Chain),
    /// `$name=value`
    Assign {
        /// Without the `$`.
        name: String,
        /// What it stands for.
        value: Value,
        /// The whole item.
        span: Span,
    },
}

/// Something that has series, and the functions they go through.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// Where the series come from; `None` when the first call is a source.
    pub head: Option<Head>,
    /// In order.
    pub calls: Vec<Call>,
    /// The whole chain.
    pub span: Span,
}

/// The start of a chain that is not a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Head {
    /// `( … )`
    Group(Expression, Span),
    /// `@2` or `@2:1`, both counted from 1.
    Cell {
        /// Which expression of the sheet.
        cell: usize,
        /// Which of its series; all when absent.
        series: Option<usize>,
        /// The reference.
        span: Span,
    },
    /// `$name`
    Variable(String, Span),
}

/// A function with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// As written.
    pub name: String,
    /// The name alone.
    pub name_span: Span,
    /// In order.
    pub args: Vec<Argument>,
    /// From the dot to the closing parenthesis.
    pub span: Span,
}

/// An argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its name, if it was given by name.
    pub name: Option<(String, Span)>,
    /// What it is.
    pub value: Value,
}

/// A value with its characters.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: ValueKind,
    /// Its characters, quotes included.
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// A number.
    Number(f64),
    /// A text; `inner` are its characters without the quotes, if it has no escapes (then an error inside has a place).
    Text {
        /// Escapes resolved.
        text: String,
        /// Where the text itself stands.
        inner: Option<Span>,
    },
    /// `true` or `false`
    Boolean(bool),
    /// `null`
    Null,
    /// Series.
    Chain(Chain),
}
