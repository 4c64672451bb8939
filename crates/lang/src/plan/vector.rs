//! Operations over labelled vectors: what PromQL lowers to.
//!
//! A vector is a set of series told apart by their labels, on the instants of a grid of its own: `start + k·step`, both ends
//! included. A sample may be absent, and NaN is a value: neither is so in the other operations of a plan, whose nulls are
//! NaN. Everything that depends on the request's range alone (`@ end()`, `step()`, durations that are computed) is settled
//! when a text is lowered, so that a plan holds plain milliseconds.

use super::NodeId;
use model::Matcher;

/// What to do. Nodes that are pointed to are vectors too.
#[derive(Debug, Clone, PartialEq)]
pub enum Vector {
    /// A number at every instant.
    Number(f64),
    /// A text.
    Text(String),
    /// At each instant the newest sample of every series that matches, if it is not older than the lookback.
    Select(Select),
    /// At each instant the value on the straight line between the samples around it (`smoothed` without a range).
    Smooth(Select),
    /// At each instant all samples of a window before it. Only calls of functions over ranges take it.
    Window(Window),
    /// Another expression at instants of its own, as a window before each instant.
    Subquery(Subquery),
    /// A function of the language's table.
    Call {
        /// Its name.
        function: &'static str,
        /// Its arguments as given; what is left out is not there.
        args: Vec<NodeId>,
    },
    /// Many series to fewer.
    Aggregate {
        /// How: `sum`, `topk` …
        function: &'static str,
        /// The series.
        input: NodeId,
        /// What `topk`, `quantile`, `count_values` … take besides.
        parameter: Option<NodeId>,
        /// Which series go together.
        grouping: Grouping,
    },
    /// Two vectors, or a vector and a number.
    Binary {
        /// What to compute.
        operator: Operator,
        /// Comparisons give 0 and 1 instead of leaving samples out.
        is_bool: bool,
        /// Left operand.
        left: NodeId,
        /// Right operand.
        right: NodeId,
        /// Which series meet. Meaningless where an operand is a number.
        matching: Matching,
    },
    /// The opposite of every value.
    Negate(NodeId),
}

/// Which samples to look for, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// All must hold; the metric's name is one of them.
    pub matchers: Vec<Matcher>,
    /// How much earlier (positive) than the instant to look.
    pub offset_ms: i64,
    /// Look here at every instant.
    pub at_ms: Option<i64>,
}

/// A selection and how far back the window reaches: `(t - range, t]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Of which series.
    pub select: Select,
    /// How long.
    pub range_ms: i64,
    /// What is taken from outside the window.
    pub edge: Edge,
}

/// What functions over a window know of the time around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Edge {
    /// Nothing: growth is extrapolated to the edges.
    #[default]
    Open,
    /// The last sample before the window stands at its start, the last within it at its end (`anchored`).
    Anchored,
    /// Both edges lie on straight lines between the samples around them (`smoothed`).
    Smoothed,
}

/// An expression evaluated at the multiples of a step within `(t - range, t]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    /// The expression.
    pub input: NodeId,
    /// How far back.
    pub range_ms: i64,
    /// Distance of the instants; they are multiples of it.
    pub step_ms: i64,
    /// How much earlier (positive) than the instant to look.
    pub offset_ms: i64,
    /// Look here at every instant.
    pub at_ms: Option<i64>,
}

/// Which series an aggregation takes together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grouping {
    /// All labels but these, instead of these.
    pub is_without: bool,
    /// Names of labels.
    pub labels: Vec<String>,
}

/// Which series of two vectors meet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matching {
    /// These labels alone must be equal (`on`), instead of all but these and the name (`ignoring`).
    pub is_on: bool,
    /// Names of labels.
    pub labels: Vec<String>,
    /// How many may meet one.
    pub cardinality: Cardinality,
    /// Labels taken over from the side of which there is one.
    pub include: Vec<String>,
    /// What stands for a series of the left side that is not there.
    pub fill_left: Option<f64>,
    /// What stands for a series of the right side that is not there.
    pub fill_right: Option<f64>,
}

/// How many series may meet one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cardinality {
    /// One meets one.
    #[default]
    OneToOne,
    /// Many of the left meet one of the right (`group_left`).
    ManyToOne,
    /// One of the left meets many of the right (`group_right`).
    OneToMany,
    /// Sets: `and`, `or`, `unless`.
    ManyToMany,
}

/// What to compute of two values, or of two sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`, with the sign of the dividend.
    Modulo,
    /// `^`
    Power,
    /// `atan2`
    Atan2,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `<`
    Less,
    /// `>=`
    GreaterOrEqual,
    /// `<=`
    LessOrEqual,
    /// `</`: a histogram without what lies above a value.
    TrimUpper,
    /// `>/`: a histogram without what lies below a value.
    TrimLower,
    /// `and`
    And,
    /// `or`
    Or,
    /// `unless`
    Unless,
}

impl Operator {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "^",
            Self::Atan2 => "atan2",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::LessOrEqual => "<=",
            Self::TrimUpper => "</",
            Self::TrimLower => ">/",
            Self::And => "and",
            Self::Or => "or",
            Self::Unless => "unless",
        }
    }

    /// Whether it leaves samples out, or gives 0 and 1.
    pub fn is_comparison(self) -> bool {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        matches!(self, Equal | NotEqual | Greater | Less | GreaterOrEqual | LessOrEqual)
    }

    /// Whether it works on sets of series rather than on values.
    pub fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }
}

impl Vector {
    /// The nodes it wants, each as often as it wants it.
    pub fn inputs(&self) -> Vec<NodeId> {
        match self {
            Self::Number(_) | Self::Text(_) | Self::Select(_) | Self::Smooth(_) | Self::Window(_) => {
                Vec::new()
            }
            Self::Subquery(subquery) => vec![subquery.input],
            Self::Call { args, .. } => args.clone(),
            Self::Aggregate { input, parameter, .. } => parameter.iter().copied().chain([*input]).collect(),
            Self::Binary { left, right, .. } => vec![*left, *right],
            Self::Negate(input) => vec![*input],
        }
    }
}
