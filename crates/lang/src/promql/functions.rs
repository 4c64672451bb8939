//! The functions and aggregators, one row each: enough to check a call, to complete it and to document it.

use super::ast::{Aggregator, ValueType};
use ValueType::{Matrix, Scalar, String as Text, Vector};

/// A function as a text may call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// Types of its arguments. Where more may be given, they are of the last type.
    pub args: &'static [ValueType],
    /// How many of the last argument may be given.
    pub last: Last,
    /// What it gives.
    pub returns: ValueType,
    /// Prometheus has it behind a flag.
    pub is_experimental: bool,
    /// One sentence.
    pub summary: &'static str,
}

/// How often the last argument of a function is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// Once.
    Once,
    /// From not at all up to so many times.
    UpTo(usize),
    /// As often as one likes, or not at all.
    Any,
}

impl Function {
    /// Fewest arguments.
    pub fn args_min(&self) -> usize {
        match self.last {
            Last::Once => self.args.len(),
            _ => self.args.len() - 1,
        }
    }

    /// Most arguments, if there is a limit.
    pub fn args_max(&self) -> Option<usize> {
        match self.last {
            Last::Once => Some(self.args.len()),
            Last::UpTo(times) => Some(self.args.len() - 1 + times),
            Last::Any => None,
        }
    }

    /// The type of the argument at this place.
    pub fn arg(&self, at: usize) -> Option<ValueType> {
        self.args.get(at).or(self.args.last()).copied()
    }

    const fn new(name: &'static str, args: &'static [ValueType], summary: &'static str) -> Self {
        Self { name, args, last: Last::Once, returns: Vector, is_experimental: false, summary }
    }

    const fn scalar(mut self) -> Self {
        self.returns = Scalar;
        self
    }

    const fn last(mut self, last: Last) -> Self {
        self.last = last;
        self
    }

    const fn experimental(mut self) -> Self {
        self.is_experimental = true;
        self
    }
}

/// The function of this name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|function| function.name.cmp(name)).ok().map(|at| &FUNCTIONS[at])
}

/// The aggregator of this name, in any case.
pub fn aggregator(name: &str) -> Option<Aggregator> {
    AGGREGATORS.iter().find(|aggregator| aggregator.name.eq_ignore_ascii_case(name)).copied()
}

/// What is called otherwise in Prometheus 2 or in other languages, and how here.
const RENAMED: [(&str, &str); 18] = [
    ("holt_winters", "double_exponential_smoothing"),
    ("aggregate", "sum"),
    ("average", "avg"),
    ("mean", "avg"),
    ("median", "quantile"),
    ("percentile", "quantile"),
    ("len", "count"),
    ("length", "count"),
    ("size", "count"),
    ("top", "topk"),
    ("bottom", "bottomk"),
    ("log", "ln"),
    ("diff", "delta"),
    ("derivative", "deriv"),
    ("movingaverage", "avg_over_time"),
    ("moving_average", "avg_over_time"),
    ("first", "first_over_time"),
    ("last", "last_over_time"),
];

/// How what other languages and older releases call so is called here.
pub fn renamed(name: &str) -> Option<&'static str> {
    RENAMED.iter().find(|(other, _)| name.eq_ignore_ascii_case(other)).map(|(_, name)| *name)
}

const fn aggregate(name: &'static str, parameter: Option<ValueType>, summary: &'static str) -> Aggregator {
    Aggregator { name, parameter, summary }
}

/// All aggregators.
pub static AGGREGATORS: &[Aggregator] = &[
    aggregate("avg", None, "Mean over series"),
    aggregate("bottomk", Some(Scalar), "The k series with the lowest values"),
    aggregate("count", None, "Number of series"),
    aggregate("count_values", Some(Text), "Number of series with each value, which becomes a label"),
    aggregate("group", None, "1 for each group"),
    aggregate("limit_ratio", Some(Scalar), "A share of the series, always the same ones"),
    aggregate("limitk", Some(Scalar), "Some k series"),
    aggregate("max", None, "Highest value over series"),
    aggregate("min", None, "Lowest value over series"),
    aggregate("quantile", Some(Scalar), "The φ-quantile over series"),
    aggregate("stddev", None, "Standard deviation over series"),
    aggregate("stdvar", None, "Variance over series"),
    aggregate("sum", None, "Sum over series"),
    aggregate("topk", Some(Scalar), "The k series with the highest values"),
];

const UP_TO_ONE: Last = Last::UpTo(1);
/// Most quantiles of one call of `histogram_quantiles`.
const QUANTILES_MAX: usize = 10;

/// All functions, by name.
#[rustfmt::skip]
pub static FUNCTIONS: &[Function] = &[
    Function::new("abs", &[Vector], "The value without its sign"),
    Function::new("absent", &[Vector], "1 if there is no series"),
    Function::new("absent_over_time", &[Matrix], "1 if there is no sample in the window"),
    Function::new("acos", &[Vector], "Arc cosine"),
    Function::new("acosh", &[Vector], "Inverse hyperbolic cosine"),
    Function::new("asin", &[Vector], "Arc sine"),
    Function::new("asinh", &[Vector], "Inverse hyperbolic sine"),
    Function::new("atan", &[Vector], "Arc tangent"),
    Function::new("atanh", &[Vector], "Inverse hyperbolic tangent"),
    Function::new("avg_over_time", &[Matrix], "Mean of the window"),
    Function::new("ceil", &[Vector], "Rounded up"),
    Function::new("changes", &[Matrix], "How often the value changed in the window"),
    Function::new("clamp", &[Vector, Scalar, Scalar], "Kept between two numbers"),
    Function::new("clamp_max", &[Vector, Scalar], "Kept from being above a number"),
    Function::new("clamp_min", &[Vector, Scalar], "Kept from being below a number"),
    Function::new("cos", &[Vector], "Cosine"),
    Function::new("cosh", &[Vector], "Hyperbolic cosine"),
    Function::new("count_over_time", &[Matrix], "Number of samples in the window"),
    Function::new("day_of_month", &[Vector], "Day of the month, from 1, in UTC").last(UP_TO_ONE),
    Function::new("day_of_week", &[Vector], "Day of the week, from 0 for Sunday, in UTC").last(UP_TO_ONE),
    Function::new("day_of_year", &[Vector], "Day of the year, from 1, in UTC").last(UP_TO_ONE),
    Function::new("days_in_month", &[Vector], "Number of days of the month, in UTC").last(UP_TO_ONE),
    Function::new("deg", &[Vector], "Radians to degrees"),
    Function::new("delta", &[Matrix], "Difference of a gauge over the window"),
    Function::new("deriv", &[Matrix], "Growth per second by linear regression"),
    Function::new("double_exponential_smoothing", &[Matrix, Scalar, Scalar], "Smoothed with a trend").experimental(),
    Function::new("end", &[], "The last instant of the request, in seconds").scalar().experimental(),
    Function::new("exp", &[Vector], "e to the power of the value"),
    Function::new("first_over_time", &[Matrix], "Oldest value of the window").experimental(),
    Function::new("floor", &[Vector], "Rounded down"),
    Function::new("histogram_avg", &[Vector], "Mean of the observations of native histograms"),
    Function::new("histogram_count", &[Vector], "Number of observations of native histograms"),
    Function::new("histogram_fraction", &[Scalar, Scalar, Vector], "Share of observations between two numbers"),
    Function::new("histogram_quantile", &[Scalar, Vector], "The φ-quantile of histograms"),
    Function::new("histogram_quantiles", &[Vector, Text, Scalar], "Several quantiles of histograms, told apart by a label").last(Last::UpTo(QUANTILES_MAX)).experimental(),
    Function::new("histogram_stddev", &[Vector], "Standard deviation of the observations of native histograms"),
    Function::new("histogram_stdvar", &[Vector], "Variance of the observations of native histograms"),
    Function::new("histogram_sum", &[Vector], "Sum of the observations of native histograms"),
    Function::new("hour", &[Vector], "Hour of the day in UTC").last(UP_TO_ONE),
    Function::new("idelta", &[Matrix], "Difference of the last two samples"),
    Function::new("increase", &[Matrix], "Growth of a counter over the window"),
    Function::new("info", &[Vector, Vector], "Adds the labels of info metrics").last(UP_TO_ONE).experimental(),
    Function::new("irate", &[Matrix], "Growth of a counter per second between the last two samples"),
    Function::new("label_join", &[Vector, Text, Text, Text], "Joins the values of labels into one").last(Last::Any),
    Function::new("label_replace", &[Vector, Text, Text, Text, Text], "Makes a label out of another by a regular expression"),
    Function::new("last_over_time", &[Matrix], "Newest value of the window"),
    Function::new("ln", &[Vector], "Natural logarithm"),
    Function::new("log10", &[Vector], "Decimal logarithm"),
    Function::new("log2", &[Vector], "Binary logarithm"),
    Function::new("mad_over_time", &[Matrix], "Median of the distances from the median").experimental(),
    Function::new("max_of", &[Scalar, Scalar], "The greater of two numbers").scalar().experimental(),
    Function::new("max_over_time", &[Matrix], "Highest value of the window"),
    Function::new("min_of", &[Scalar, Scalar], "The lesser of two numbers").scalar().experimental(),
    Function::new("min_over_time", &[Matrix], "Lowest value of the window"),
    Function::new("minute", &[Vector], "Minute of the hour in UTC").last(UP_TO_ONE),
    Function::new("month", &[Vector], "Month of the year, from 1, in UTC").last(UP_TO_ONE),
    Function::new("pi", &[], "π").scalar(),
    Function::new("predict_linear", &[Matrix, Scalar], "The value some seconds ahead by linear regression"),
    Function::new("present_over_time", &[Matrix], "1 for every series with a sample in the window"),
    Function::new("quantile_over_time", &[Scalar, Matrix], "The φ-quantile of the window"),
    Function::new("rad", &[Vector], "Degrees to radians"),
    Function::new("range", &[], "From the request's first to its last instant, in seconds").scalar().experimental(),
    Function::new("rate", &[Matrix], "Growth of a counter per second over the window"),
    Function::new("resets", &[Matrix], "How often a counter fell in the window"),
    Function::new("round", &[Vector, Scalar], "Rounded to the nearest multiple of a number").last(UP_TO_ONE),
    Function::new("scalar", &[Vector], "The value of the only series as a number").scalar(),
    Function::new("sgn", &[Vector], "1, 0 or -1 by the sign"),
    Function::new("sin", &[Vector], "Sine"),
    Function::new("sinh", &[Vector], "Hyperbolic sine"),
    Function::new("sort", &[Vector], "By value, lowest first"),
    Function::new("sort_by_label", &[Vector, Text], "By the values of labels").last(Last::Any).experimental(),
    Function::new("sort_by_label_desc", &[Vector, Text], "By the values of labels, backwards").last(Last::Any).experimental(),
    Function::new("sort_desc", &[Vector], "By value, highest first"),
    Function::new("sqrt", &[Vector], "Square root"),
    Function::new("start", &[], "The first instant of the request, in seconds").scalar().experimental(),
    Function::new("start_timestamp", &[Vector], "When the counter of a sample started, in seconds").experimental(),
    Function::new("stddev_over_time", &[Matrix], "Standard deviation of the window"),
    Function::new("stdvar_over_time", &[Matrix], "Variance of the window"),
    Function::new("step", &[], "Distance of the request's instants, in seconds").scalar().experimental(),
    Function::new("sum_over_time", &[Matrix], "Sum of the window"),
    Function::new("tan", &[Vector], "Tangent"),
    Function::new("tanh", &[Vector], "Hyperbolic tangent"),
    Function::new("time", &[], "The instant of evaluation, in seconds").scalar(),
    Function::new("timestamp", &[Vector], "The time of each sample, in seconds"),
    Function::new("ts_of_first_over_time", &[Matrix], "The time of the oldest sample of the window").experimental(),
    Function::new("ts_of_last_over_time", &[Matrix], "The time of the newest sample of the window").experimental(),
    Function::new("ts_of_max_over_time", &[Matrix], "The time of the highest sample of the window").experimental(),
    Function::new("ts_of_min_over_time", &[Matrix], "The time of the lowest sample of the window").experimental(),
    Function::new("vector", &[Scalar], "A number as a series without labels"),
    Function::new("year", &[Vector], "Year in UTC").last(UP_TO_ONE),
];
