//! The syntax tree of an expression; every node knows its characters.

use super::functions::Function;
use crate::Span;
use crate::plan::vector::{Edge, Grouping, Matching, Operator};
use model::Matcher;

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Its characters.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A number.
    Number {
        /// In seconds, if it was written as a duration.
        value: f64,
        /// Written with units: `1h30m`.
        is_duration: bool,
    },
    /// A text.
    Text(String),
    /// Series by their labels.
    Selector(Box<Selector>),
    /// The samples of series within a window.
    Range {
        /// Which series.
        selector: Box<Selector>,
        /// How long.
        range: Duration,
    },
    /// An expression at several instants of a window.
    Subquery(Box<Subquery>),
    /// A function.
    Call {
        /// Which.
        function: &'static Function,
        /// In order.
        args: Vec<Expr>,
    },
    /// Many series to fewer.
    Aggregate(Box<Aggregate>),
    /// Two operands.
    Binary(Box<Binary>),
    /// A sign before an expression.
    Unary {
        /// `-` rather than `+`.
        is_minus: bool,
        /// What it stands before.
        operand: Box<Expr>,
    },
    /// An expression in parentheses.
    Paren(Box<Expr>),
}

/// Series by their labels, and when to look at them.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    /// The name before the braces. It is also the last of the matchers.
    pub name: Option<String>,
    /// All must hold.
    pub matchers: Vec<Matcher>,
    /// When.
    pub when: When,
    /// `anchored` or `smoothed`.
    pub edge: Edge,
    /// `name{…}` or `{…}` without what follows.
    pub span: Span,
}

/// An expression at several instants of a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    /// Which expression.
    pub input: Expr,
    /// How long the window is.
    pub range: Duration,
    /// How far the instants are apart.
    pub step: Option<Duration>,
    /// When.
    pub when: When,
}

/// Modifiers of the time looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct When {
    /// `offset`: how much earlier.
    pub offset: Option<Duration>,
    /// `@`: always then.
    pub at: Option<At>,
}

/// An instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Milliseconds since 1970.
    Time(i64),
    /// The first instant of the request.
    Start,
    /// The last instant of the request.
    End,
}

/// A length of time, possibly to be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Duration {
    /// What it is.
    pub kind: DurationKind,
    /// Its characters.
    pub span: Span,
}

/// What a length of time is.
#[derive(Debug, Clone, PartialEq)]
pub enum DurationKind {
    /// So many seconds.
    Seconds {
        /// How many.
        seconds: f64,
        /// Written with units: `1h30m`.
        is_duration: bool,
    },
    /// `step()`: the distance of the request's instants.
    Step,
    /// `range()`: from the request's first to its last instant.
    Range,
    /// The lesser of two.
    Min(Box<Duration>, Box<Duration>),
    /// The greater of two.
    Max(Box<Duration>, Box<Duration>),
    /// The opposite.
    Negate(Box<Duration>),
    /// One of `+ - * / % ^`.
    Binary(Operator, Box<Duration>, Box<Duration>),
    /// In parentheses.
    Paren(Box<Duration>),
}

/// Many series to fewer.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// How.
    pub function: Aggregator,
    /// `k`, `φ`, the name of a label …
    pub parameter: Option<Expr>,
    /// The series.
    pub input: Expr,
    /// Which go together.
    pub grouping: Grouping,
}

/// Two operands.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// What to compute.
    pub operator: Operator,
    /// The operator's own characters.
    pub operator_span: Span,
    /// `bool` was written.
    pub is_bool: bool,
    /// Left operand.
    pub left: Expr,
    /// Right operand.
    pub right: Expr,
    /// Which series meet.
    pub matching: Matching,
}

/// Ways to make fewer series of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aggregator {
    /// Its name.
    pub name: &'static str,
    /// What it takes before the series.
    pub parameter: Option<ValueType>,
    /// One sentence.
    pub summary: &'static str,
}

/// What kind of value an expression has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One number at each instant.
    Scalar,
    /// One sample of each series at each instant.
    Vector,
    /// Several samples of each series at each instant.
    Matrix,
    /// A text.
    String,
}

impl ValueType {
    /// As answers of the HTTP interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
            Self::String => "string",
        }
    }

    /// As the manual names it.
    pub fn documented(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
            Self::String => "string",
        }
    }
}

impl Expr {
    /// What kind of value it has.
    pub fn value_type(&self) -> ValueType {
        match &self.kind {
            Kind::Number { .. } => ValueType::Scalar,
            Kind::Text(_) => ValueType::String,
            Kind::Selector(_) | Kind::Aggregate(_) => ValueType::Vector,
            Kind::Range { .. } | Kind::Subquery(_) => ValueType::Matrix,
            Kind::Call { function, .. } => function.returns,
            Kind::Binary(binary) => match (binary.left.value_type(), binary.right.value_type()) {
                (ValueType::Scalar, ValueType::Scalar) => ValueType::Scalar,
                _ => ValueType::Vector,
            },
            Kind::Unary { operand, .. } => operand.value_type(),
            Kind::Paren(inner) => inner.value_type(),
        }
    }

    /// The expression within any parentheses.
    pub fn bare(&self) -> &Self {
        match &self.kind {
            Kind::Paren(inner) => inner.bare(),
            _ => self,
        }
    }

    /// The expressions directly below, in order.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::Number { .. } | Kind::Text(_) | Kind::Selector(_) | Kind::Range { .. } => Vec::new(),
            Kind::Subquery(subquery) => vec![&subquery.input],
            Kind::Call { args, .. } => args.iter().collect(),
            Kind::Aggregate(aggregate) => {
                aggregate.parameter.iter().chain(std::iter::once(&aggregate.input)).collect()
            }
            Kind::Binary(binary) => vec![&binary.left, &binary.right],
            Kind::Unary { operand, .. } => vec![operand],
            Kind::Paren(inner) => vec![inner],
        }
    }

    /// Every selector of the expression, in order.
    pub fn selectors(&self) -> Vec<&Selector> {
        match &self.kind {
            Kind::Selector(selector) | Kind::Range { selector, .. } => vec![selector],
            _ => self.children().into_iter().flat_map(Self::selectors).collect(),
        }
    }
}
