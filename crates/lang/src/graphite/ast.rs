//! The syntax tree: what was written, and where.

use crate::Span;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: Kind,
    /// Which characters.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A path as written, with its escapes.
    Path(String),
    /// A call. `a|f(b)` is the same as `f(a,b)`.
    Call(Call),
    /// A template: an expression with variables, and their values.
    Template(Call),
    /// A whole number.
    Integer(i64),
    /// Another number, or infinity.
    Float(f64),
    /// A text without its quotes; backslashes stay, they belong to regular expressions.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// `none`
    Null,
}

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Which function.
    pub name: String,
    /// Where its name stands.
    pub name_span: Span,
    /// Arguments by position.
    pub args: Vec<Expression>,
    /// Arguments by name, after them.
    pub named: Vec<Named>,
    /// The call from its name to its closing bracket, as written.
    pub text: String,
    /// The first argument stands before a `|`.
    pub piped: bool,
}

/// An argument with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The value.
    pub value: Expression,
}

impl Expression {
    /// The first path, going down first arguments only; series are named by it.
    pub fn first_path(&self) -> Option<String> {
        match &self.kind {
            Kind::Path(path) => Some(unescaped(path)),
            Kind::Call(call) | Kind::Template(call) => call.args.first()?.first_path(),
            _ => None,
        }
    }
}

/// A path without the backslashes of its escapes.
pub fn unescaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}
