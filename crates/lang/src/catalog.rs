//! Completion: what may stand at the cursor.

use crate::Span;

/// Names that exist, asked for by their beginning. Answers are sorted and at most `limit` long.
pub trait Catalog {
    /// Metric names.
    fn metrics(&self, prefix: &str, limit: usize) -> Vec<String>;
    /// Label names.
    fn labels(&self, prefix: &str, limit: usize) -> Vec<String>;
    /// Values of a label.
    fn values(&self, label: &str, prefix: &str, limit: usize) -> Vec<String>;
    /// Label names of one metric.
    fn labels_of(&self, _metric: &str, prefix: &str, limit: usize) -> Vec<String> {
        self.labels(prefix, limit)
    }
    /// Values of a label of one metric.
    fn values_of(&self, _metric: &str, label: &str, prefix: &str, limit: usize) -> Vec<String> {
        self.values(label, prefix, limit)
    }
}

/// A catalog that knows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmptyCatalog;

impl Catalog for EmptyCatalog {
    fn metrics(&self, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }
    fn labels(&self, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }
    fn values(&self, _: &str, _: &str, _: usize) -> Vec<String> {
        Vec::new()
    }
}

/// What kind of thing an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A function.
    Function,
    /// The name of an argument.
    Argument,
    /// A metric name.
    Metric,
    /// A label name.
    Label,
    /// A value of an argument or of a label.
    Value,
    /// A word of the language.
    Keyword,
}

impl ItemKind {
    /// The name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Argument => "argument",
            Self::Metric => "metric",
            Self::Label => "label",
            Self::Value => "value",
            Self::Keyword => "keyword",
        }
    }
}

/// One thing that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What replaces [`Completion`]'s span.
    pub text: String,
    /// What a list shows.
    pub label: String,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// A few words: arguments, an alias, a default.
    pub detail: String,
    /// One sentence.
    pub doc: String,
}

/// What may stand at the cursor, and which characters it replaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// The characters to replace.
    pub span: Span,
    /// Best first.
    pub items: Vec<Item>,
}

/// Most items a completion offers.
pub const ITEMS_MAX: usize = 50;
