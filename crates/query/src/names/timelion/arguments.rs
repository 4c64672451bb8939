//! What arguments of several functions have in common: how a row writes them, and the values that they may have.

use lang::signature::Type::{Number, Series};
use lang::signature::{Choice, Parameter, Signature, Type};

pub(super) const fn arg(name: &'static str, types: &'static [Type], doc: &'static str) -> Parameter {
    Parameter::new(name, types, doc)
}

pub(super) const fn choice(value: &'static str, doc: &'static str) -> Choice {
    Choice { value, doc }
}

pub(super) const FITS: &[Choice] = &[
    choice("nearest", "The nearest bucket that has a value"),
    choice("carry", "The last value so far"),
    choice("average", "Straight lines between values"),
    choice("scale", "The next value, spread over the empty buckets before it"),
    choice("none", "Leave empty buckets empty"),
];
pub(super) const POSITIONS: &[Choice] = &[
    choice("center", "The window surrounds the bucket"),
    choice("left", "The window lies before the bucket"),
    choice("right", "The window lies after the bucket"),
];
pub(super) const OFFSETS: &[Choice] = &[
    choice("-1d", "A day earlier"),
    choice("-1w", "A week earlier"),
    choice("-1M", "A month earlier"),
    choice("timerange:-1", "The range before this one"),
];
pub(super) const INTERVALS: &[Choice] = &[
    choice("auto", "As the request has it"),
    choice("1s", "Seconds"),
    choice("1m", "Minutes"),
    choice("1h", "Hours"),
    choice("1d", "Days of the calendar"),
    choice("1w", "Weeks from Monday"),
];
pub(super) const METRICS: &[Choice] = &[
    choice("avg:", "Mean of the samples in a bucket"),
    choice("sum:", "Sum of the samples"),
    choice("min:", "Least sample"),
    choice("max:", "Greatest sample"),
    choice("count", "How many samples"),
    choice("last:", "Latest sample"),
    choice("first:", "Earliest sample"),
    choice("rate:", "Growth per second of counters, summed over the series"),
    choice("increase:", "Growth of counters, summed over the series"),
    choice("cardinality:", "How many different values"),
    choice("percentiles:", "Percentiles, such as percentiles:latency:50,95"),
];
pub(super) const AGGREGATES: &[Choice] = &[
    choice("avg", "Mean"),
    choice("cardinality", "How many different values"),
    choice("min", "Least"),
    choice("max", "Greatest"),
    choice("last", "Last"),
    choice("first", "First"),
    choice("sum", "Sum"),
];
pub(super) const OPERATORS: &[Choice] = &[
    choice("eq", "equal"),
    choice("ne", "not equal"),
    choice("lt", "less than"),
    choice("lte", "less than or equal"),
    choice("gt", "greater than"),
    choice("gte", "greater than or equal"),
];
pub(super) const SYMBOLS: &[Choice] = &[
    choice("triangle", ""),
    choice("cross", ""),
    choice("square", ""),
    choice("diamond", ""),
    choice("circle", ""),
];
pub(super) const CORNERS: &[Choice] = &[
    choice("nw", "Top left"),
    choice("ne", "Top right"),
    choice("sw", "Bottom left"),
    choice("se", "Bottom right"),
    choice("false", "No legend"),
];
pub(super) const UNITS: &[Choice] = &[
    choice("bits", "1000 bits are 1kb"),
    choice("bits/s", "Bits per second"),
    choice("bytes", "1024 bytes are 1KB"),
    choice("bytes/s", "Bytes per second"),
    choice("percent", "0.5 is 50%"),
    choice("currency:EUR", "An amount in a currency by its ISO code"),
    choice("custom::ms", "custom:prefix:suffix"),
];
pub(super) const TERM: &[Parameter] = &[arg(
    "term",
    &[Number, Series],
    "A number or series; without it the list's own series are combined into one",
)
.multi()];

pub(super) const fn chained(
    name: &'static str,
    summary: &'static str,
    args: &'static [Parameter],
    example: &'static str,
) -> Signature {
    Signature { name, aliases: &[], summary, source: false, args, open: false, example }
}

pub(super) const fn alias(signature: Signature, aliases: &'static [&'static str]) -> Signature {
    Signature { aliases, ..signature }
}
