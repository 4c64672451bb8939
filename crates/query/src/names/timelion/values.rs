//! What is computed with series.

use super::arguments::{AGGREGATES, FITS, OPERATORS, POSITIONS, TERM, alias, arg, chained, choice};
use lang::signature::Signature;
use lang::signature::Type::{Null, Number, Series, Text};

pub(super) const ABS: Signature =
    chained("abs", "Absolute values", &[], ".es(metric=avg:load1).derivative().abs()");

pub(super) const AGGREGATE: Signature = chained(
    "aggregate",
    "A flat line at the mean, sum, least, greatest … of each series",
    &[arg("function", &[Text], "Which value").required().one_of(AGGREGATES)],
    ".es(metric=avg:load1), .es(metric=avg:load1).aggregate(max)",
);

pub(super) const CONDITION: Signature = alias(
    chained(
        "condition",
        "Compares each value and replaces it",
        &[
            arg("operator", &[Text], "How to compare").required().one_of(OPERATORS),
            arg("if", &[Number, Series, Null], "What to compare with; null asks whether a value is there")
                .required(),
            arg("then", &[Number, Series, Null], "What it becomes where the comparison holds").required(),
            arg("else", &[Number, Series, Null], "What it becomes elsewhere; without it the value stays"),
        ],
        ".es(metric=avg:load1).if(gt, 4, null)",
    ),
    &["if"],
);

pub(super) const CUSUM: Signature = chained(
    "cusum",
    "Running sums",
    &[arg("base", &[Number], "Where to start").default("0")],
    ".es(metric=count).cusum()",
);

pub(super) const DERIVATIVE: Signature = chained(
    "derivative",
    "Each value minus the one before",
    &[],
    ".es(metric=max:uptime_seconds).derivative()",
);

pub(super) const DIVIDE: Signature = chained(
    "divide",
    "Divides by a number or series",
    TERM,
    ".es(metric=avg:memory_used_bytes).divide(1024)",
);

pub(super) const FIRST: Signature =
    chained("first", "The list as it is", &[], ".es(metric=avg:load1).first()");

pub(super) const FIT: Signature = chained(
    "fit",
    "Fills empty buckets",
    &[arg("mode", &[Text], "How").required().one_of(FITS)],
    ".es(metric=avg:load1).fit(carry)",
);

pub(super) const HOLT: Signature = chained(
    "holt",
    "Smooths and forecasts by level, trend and season (Holt-Winters)",
    &[
        arg("alpha", &[Number], "Weight of the newest value, 0 to 1").required(),
        arg("beta", &[Number], "Weight of the newest trend, 0 to 1"),
        arg("gamma", &[Number], "Weight of the newest season, 0 to 1; needs season"),
        arg("season", &[Text, Number], "Length of a season, such as 1d or 1w"),
        arg("sample", &[Number], "How many seasons to learn from, all unless told; the rest is forecast"),
    ],
    ".es(metric=avg:load1).holt(0.5, 0.5)",
);

pub(super) const LOG: Signature = chained(
    "log",
    "Logarithms",
    &[arg("base", &[Number], "Base of the logarithm").default("10")],
    ".es(metric=sum:requests_total).log()",
);

pub(super) const MAX: Signature =
    chained("max", "The greater of a value and a number or series", TERM, ".es(metric=avg:load1).max(1)");

pub(super) const MIN: Signature =
    chained("min", "The lesser of a value and a number or series", TERM, ".es(metric=avg:load1).min(10)");

pub(super) const MOVINGAVERAGE: Signature = alias(
    chained(
        "movingaverage",
        "The mean over a moving window",
        &[
            arg("window", &[Number, Text], "Size in buckets, or a time such as 10m").required(),
            arg("position", &[Text], "Where the window lies").default("center").one_of(POSITIONS),
        ],
        ".es(metric=avg:load1).movingaverage(10)",
    ),
    &["mvavg"],
);

pub(super) const MOVINGSTD: Signature = alias(
    chained(
        "movingstd",
        "The standard deviation over a moving window",
        &[
            arg("window", &[Number, Text], "Size in buckets, or a time such as 10m").required(),
            arg("position", &[Text], "Where the window lies").default("left").one_of(POSITIONS),
        ],
        ".es(metric=avg:load1).movingstd(10)",
    ),
    &["mvstd"],
);

pub(super) const MULTIPLY: Signature =
    chained("multiply", "Multiplies by a number or series", TERM, ".es(metric=avg:cpu_ratio).multiply(100)");

pub(super) const RANGE: Signature = chained(
    "range",
    "Stretches series between two values",
    &[
        arg("min", &[Number], "New least value").required(),
        arg("max", &[Number], "New greatest value").required(),
    ],
    ".es(metric=avg:load1).range(0, 1)",
);

pub(super) const SCALE_INTERVAL: Signature = chained(
    "scale_interval",
    "Makes values per bucket values per second, minute …",
    &[arg("interval", &[Text], "Per what").required().suggest(&[
        choice("1s", "per second"),
        choice("1m", "per minute"),
        choice("1h", "per hour"),
    ])],
    ".es(metric=increase:requests_total).scale_interval(1m)",
);

pub(super) const SUBTRACT: Signature = chained(
    "subtract",
    "Subtracts a number or series",
    TERM,
    ".es(metric=avg:load1).subtract(.es(metric=avg:load1, offset=-1w))",
);

pub(super) const SUM: Signature = alias(
    chained("sum", "Adds a number or series", TERM, ".es(metric=avg:load1, split=host:10).sum()"),
    &["add", "plus"],
);

pub(super) const TREND: Signature = chained(
    "trend",
    "A line through the points by least squares",
    &[
        arg("mode", &[Text], "Its shape")
            .default("linear")
            .one_of(&[choice("linear", "A straight line"), choice("log", "A logarithmic curve")]),
        arg("start", &[Number], "First point to take; negative counts from the end").default("0"),
        arg("end", &[Number], "First point to leave out; 0 is the end, negative counts from it").default("0"),
    ],
    ".es(metric=avg:disk_used_bytes).trend()",
);

pub(super) const TRIM: Signature = chained(
    "trim",
    "Empties the first and last buckets",
    &[
        arg("start", &[Number], "How many at the start").default("1"),
        arg("end", &[Number], "How many at the end").default("1"),
    ],
    ".es(metric=count).trim()",
);
