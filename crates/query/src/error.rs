//! Why there is no answer.

use lang::Span;
use model::ReadError;
use std::fmt;

/// Why an expression, or a whole request, has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryError {
    /// The expression asks for something that cannot be.
    Expression(lang::Error),
    /// A limit was hit; the text names it.
    Limit(lang::Error),
    /// The source could not be read.
    Source(ReadError),
    /// The time range and interval asked for make no sense together.
    Range(lang::Error),
}

impl QueryError {
    /// One sentence.
    pub fn message(&self) -> String {
        match self {
            Self::Expression(e) | Self::Limit(e) | Self::Range(e) => e.message.clone(),
            Self::Source(e) => e.to_string(),
        }
    }

    /// Which characters of the expression it is about, if any.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Expression(e) | Self::Limit(e) => Some(e.span),
            Self::Source(_) | Self::Range(_) => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Expression(e) | Self::Limit(e) | Self::Range(e) => e.hint.as_deref(),
            Self::Source(_) => None,
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expression(e) | Self::Limit(e) | Self::Range(e) => e.fmt(f),
            Self::Source(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for QueryError {}
