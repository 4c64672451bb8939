//! What rows are made of: arguments that several functions have.

use crate::graphite::Kernel;
use crate::names::graphite::Function;
use lang::Signature;
use lang::signature::{Choice, Parameter, Type};

/// A row.
pub(super) const fn row(
    name: &'static str,
    group: &'static str,
    args: &'static [Parameter],
    kernel: Kernel,
    summary: &'static str,
    example: &'static str,
) -> Function {
    let signature = Signature { name, aliases: &[], summary, source: false, args, open: false, example };
    Function { signature, group, is_aggregator: false, kernel }
}

impl Function {
    /// It answers to other names, too.
    pub(super) const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.signature.aliases = aliases;
        self
    }

    /// It makes one series of a list.
    pub(super) const fn aggregator(mut self) -> Self {
        self.is_aggregator = true;
        self
    }

    /// It takes no series.
    pub(super) const fn source(mut self) -> Self {
        self.signature.source = true;
        self
    }
}

const fn one(name: &'static str, types: &'static [Type], doc: &'static str) -> Parameter {
    Parameter::new(name, types, doc)
}

pub(super) const fn list(name: &'static str, doc: &'static str) -> Parameter {
    maybe_list(name, doc).required()
}

pub(super) const fn maybe_list(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::SeriesList], doc)
}

pub(super) const fn any(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Any], doc)
}

pub(super) const fn text(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Text], doc)
}

pub(super) const fn number(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Float], doc)
}

pub(super) const fn integer(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Integer], doc)
}

/// A whole number usually, but not always.
pub(super) const fn amount(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Integer, Type::Float], doc)
}

pub(super) const fn interval(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Interval], doc)
}

pub(super) const fn date(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Date], doc)
}

pub(super) const fn limit(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::IntOrInf], doc).default("inf")
}

pub(super) const fn flag(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Boolean], doc).default("false")
}

pub(super) const fn flag_on(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::Boolean], doc).default("true")
}

pub(super) const fn node_or_tag(name: &'static str, doc: &'static str) -> Parameter {
    one(name, &[Type::NodeOrTag], doc)
}

pub(super) const fn tags(name: &'static str) -> Parameter {
    one(name, &[Type::Tag], "Which tags.").multi()
}

pub(super) const fn callback(name: &'static str) -> Parameter {
    one(name, &[Type::AggOrSeriesFunc], "How to make one series of each group.").suggest(FUNCS)
}

pub(super) const LIST: Parameter = list("seriesList", "Which series.");
pub(super) const LISTS: Parameter =
    list("seriesLists", "Which series; several lists are taken as one.").multi();
pub(super) const MAYBE_LISTS: Parameter = maybe_list("seriesLists", "Which series.").multi();
pub(super) const FIRST: Parameter = list("seriesListFirstPos", "The first list.");
pub(super) const SECOND: Parameter = list("seriesListSecondPos", "The second list.");
pub(super) const FUNC: Parameter =
    one("func", &[Type::AggFunc], "How to make one number of many.").suggest(FUNCS);
pub(super) const XFF: Parameter = number("xFilesFactor", "Which share of values must be there, 0 to 1.");
pub(super) const POSITIONS: Parameter =
    one("position", &[Type::Node], "Which nodes to leave out of names.").multi();
pub(super) const NODES: Parameter = node_or_tag("nodes", "Which nodes or tags.").multi();
pub(super) const MAYBE_NODES: Parameter = NODES;
pub(super) const N: Parameter = number("n", "The limit, or which percentile.").required();
pub(super) const COUNT: Parameter = integer("n", "How many.");
pub(super) const MAX_VALUE: Parameter =
    number("maxValue", "Where a counter starts anew; greater values are none.");
pub(super) const MIN_VALUE: Parameter =
    number("minValue", "Where it starts from then; smaller values are none.");
pub(super) const WINDOW: Parameter =
    one("windowSize", &[Type::IntOrInterval], "How many values, or how long.").required().suggest(WINDOWS);
pub(super) const NAME: Parameter = text("name", "The name of the series.").required();
pub(super) const STEP: Parameter = integer("step", "Seconds from one value to the next.").default("60");
pub(super) const BOOTSTRAP: Parameter =
    interval("bootstrapInterval", "How much before the range is learnt from.")
        .default("7d")
        .suggest(BOOTSTRAPS);
pub(super) const SEASON: Parameter =
    interval("seasonality", "How long a season is.").default("1d").suggest(SEASONS);
pub(super) const DELTA: Parameter = amount("delta", "How many deviations are usual.").default("3");

const fn choice(value: &'static str, doc: &'static str) -> Choice {
    Choice { value, doc }
}

const FUNCS: &[Choice] = &[
    choice("average", "Their mean"),
    choice("avg", "Their mean"),
    choice("avg_zero", "Their mean, with null as 0"),
    choice("count", "How many there are"),
    choice("current", "The last one"),
    choice("diff", "The first less all others"),
    choice("last", "The last one"),
    choice("max", "The greatest"),
    choice("median", "The one in the middle"),
    choice("min", "The least"),
    choice("multiply", "Their product"),
    choice("range", "From the least to the greatest"),
    choice("rangeOf", "From the least to the greatest"),
    choice("stddev", "Their standard deviation"),
    choice("sum", "Their sum"),
    choice("total", "Their sum"),
];
pub(super) const CONSOLIDATIONS: &[Choice] = &[
    choice("average", "Their mean"),
    choice("avg", "Their mean"),
    choice("avg_zero", "Their mean, with null as 0"),
    choice("first", "The first one"),
    choice("last", "The last one"),
    choice("max", "The greatest"),
    choice("min", "The least"),
    choice("sum", "Their sum"),
];
pub(super) const OPERATORS: &[Choice] = &[
    choice("=", "equal"),
    choice("!=", "not equal"),
    choice(">", "greater"),
    choice(">=", "greater or equal"),
    choice("<", "less"),
    choice("<=", "less or equal"),
];
pub(super) const SYSTEMS: &[Choice] = &[choice("si", "By thousands"), choice("binary", "By 1024")];
pub(super) const LEGENDS: &[Choice] = &[
    choice("average", "The mean"),
    choice("last", "The last value"),
    choice("max", "The greatest"),
    choice("min", "The least"),
    choice("sum", "The sum"),
    choice("si", "Written by thousands"),
    choice("binary", "Written by 1024"),
];
pub(super) const SHIFTS: &[Choice] =
    &[choice("1h", "An hour"), choice("1d", "A day"), choice("7d", "A week"), choice("30d", "A month")];
pub(super) const BUCKETS: &[Choice] =
    &[choice("10min", "Ten minutes"), choice("1h", "An hour"), choice("1d", "A day")];
pub(super) const UNITS: &[Choice] = &[
    choice("minutes", "A minute"),
    choice("hours", "An hour"),
    choice("days", "A day"),
    choice("weeks", "A week, from Monday on; weeks7 from Sunday on"),
    choice("months", "A month"),
    choice("years", "A year"),
];
const WINDOWS: &[Choice] = &[
    choice("1min", "A minute"),
    choice("5min", "Five minutes"),
    choice("10min", "Ten minutes"),
    choice("30min", "Half an hour"),
    choice("1hour", "An hour"),
];
const BOOTSTRAPS: &[Choice] = &[choice("7d", "A week"), choice("30d", "A month")];
const SEASONS: &[Choice] = &[choice("1d", "A day"), choice("7d", "A week")];
