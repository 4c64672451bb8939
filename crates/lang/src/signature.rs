//! What a function looks like from outside: enough to check a call, to complete it and to document it. The rows live
//! beside the kernels; a language gets them as an argument.

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// A number.
    Number,
    /// A text, quoted or not.
    Text,
    /// `true` or `false`.
    Boolean,
    /// One or more series.
    Series,
    /// Explicitly nothing.
    Null,
    /// A list of series on grids of their own.
    SeriesList,
    /// Several such lists.
    SeriesLists,
    /// A whole number.
    Integer,
    /// A number, whole or not.
    Float,
    /// A whole number or infinity.
    IntOrInf,
    /// A length of time such as `5min`.
    Interval,
    /// A number of points, or a length of time.
    IntOrInterval,
    /// An instant such as `-1d` or `noon yesterday`.
    Date,
    /// The number of a node of a path, from 0, negative from the end.
    Node,
    /// A node's number or a tag's name.
    NodeOrTag,
    /// A tag's name.
    Tag,
    /// The name of a function that makes one number of many.
    AggFunc,
    /// The name of such a function, or of one that makes one series of many.
    AggOrSeriesFunc,
    /// Whatever it is.
    Any,
}

impl Type {
    /// The name as documentation shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Text => "string",
            Self::Boolean => "boolean",
            Self::Series => "series",
            Self::Null => "null",
            Self::SeriesList => "seriesList",
            Self::SeriesLists => "seriesLists",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::IntOrInf => "intOrInf",
            Self::Interval => "interval",
            Self::IntOrInterval => "intOrInterval",
            Self::Date => "date",
            Self::Node => "node",
            Self::NodeOrTag => "nodeOrTag",
            Self::Tag => "tag",
            Self::AggFunc => "aggFunc",
            Self::AggOrSeriesFunc => "aggOrSeriesFunc",
            Self::Any => "any",
        }
    }

    /// The name within a sentence: "takes a number or a text".
    pub fn article(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Boolean => "true or false",
            Self::Series => "series",
            Self::Null => "null",
            Self::SeriesList => "a path or a call",
            Self::SeriesLists => "lists of series, as map gives",
            Self::Integer => "a whole number",
            Self::Float => "a number",
            Self::IntOrInf => "a whole number or inf",
            Self::Interval => "a length of time such as \"5min\"",
            Self::IntOrInterval => "a number of points or a length of time such as \"5min\"",
            Self::Date => "a time such as \"-1d\"",
            Self::Node => "a node's number",
            Self::NodeOrTag => "a node's number or a tag",
            Self::Tag => "a tag",
            Self::AggFunc | Self::AggOrSeriesFunc => "a function's name",
            Self::Any => "anything",
        }
    }
}

/// What kind of names an argument holds, so that completion can ask for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// None in particular.
    Free,
    /// A label query in Lucene's syntax.
    LabelQuery,
    /// `aggregate:metric`.
    Metric,
    /// `label:N`.
    Split,
}

/// A value worth offering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The value as it is written.
    pub value: &'static str,
    /// What it does, in a few words.
    pub doc: &'static str,
}

/// An argument of a function.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it may be. Null is always allowed and means "as if not given".
    pub types: &'static [Type],
    /// What it is when not given, as it would be written; "" when there is no such value.
    pub default: &'static str,
    /// A call without it is an error.
    pub required: bool,
    /// It may be given more than once.
    pub multi: bool,
    /// One sentence.
    pub doc: &'static str,
    /// Values worth offering.
    pub suggestions: &'static [Choice],
    /// Nothing but the suggestions is allowed.
    pub closed: bool,
    /// What kind of names it holds.
    pub names: Names,
}

impl Parameter {
    /// An optional argument without default and suggestions; rows change what differs.
    pub const fn new(name: &'static str, types: &'static [Type], doc: &'static str) -> Self {
        Self {
            name,
            types,
            default: "",
            required: false,
            multi: false,
            doc,
            suggestions: &[],
            closed: false,
            names: Names::Free,
        }
    }

    /// It must be given.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// It may be given more than once.
    #[must_use]
    pub const fn multi(mut self) -> Self {
        self.multi = true;
        self
    }

    /// What it is when not given.
    #[must_use]
    pub const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    /// Values worth offering among others.
    #[must_use]
    pub const fn suggest(mut self, suggestions: &'static [Choice]) -> Self {
        self.suggestions = suggestions;
        self
    }

    /// The only values allowed.
    #[must_use]
    pub const fn one_of(mut self, choices: &'static [Choice]) -> Self {
        self.suggestions = choices;
        self.closed = true;
        self
    }

    /// The kind of names it holds.
    #[must_use]
    pub const fn names(mut self, names: Names) -> Self {
        self.names = names;
        self
    }

    /// Whether a value of this type is allowed.
    pub fn takes(&self, given: Type) -> bool {
        given == Type::Null || self.types.contains(&given)
    }
}

/// A function.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// Other names it answers to.
    pub aliases: &'static [&'static str],
    /// One sentence.
    pub summary: &'static str,
    /// It starts a chain; others need one before them.
    pub source: bool,
    /// Its arguments in order.
    pub args: &'static [Parameter],
    /// It also takes arguments of any other name.
    pub open: bool,
    /// A whole expression that uses it.
    pub example: &'static str,
}

impl Signature {
    /// Its name and aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// The argument of this name and its place.
    pub fn arg(&self, name: &str) -> Option<(usize, &'static Parameter)> {
        self.args.iter().enumerate().find(|(_, p)| p.name == name)
    }
}

/// The function of this name or alias.
pub fn find<'a>(functions: &[&'a Signature], name: &str) -> Option<&'a Signature> {
    functions.iter().copied().find(|f| f.names().any(|n| n == name))
}
