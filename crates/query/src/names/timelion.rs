//! Timelion's functions. A row is a function's name, its arguments with their documentation, an example, and what does it.

use crate::kernels as k;
use crate::names::Row;
use lang::signature::{Choice, Names, Parameter, Signature, Type};

use Type::{Boolean, Null, Number, Series, Text};

const fn arg(name: &'static str, types: &'static [Type], doc: &'static str) -> Parameter {
    Parameter::new(name, types, doc)
}

const fn choice(value: &'static str, doc: &'static str) -> Choice {
    Choice { value, doc }
}

const FITS: &[Choice] = &[
    choice("nearest", "The nearest bucket that has a value"),
    choice("carry", "The last value so far"),
    choice("average", "Straight lines between values"),
    choice("scale", "The next value, spread over the empty buckets before it"),
    choice("none", "Leave empty buckets empty"),
];
const POSITIONS: &[Choice] = &[
    choice("center", "The window surrounds the bucket"),
    choice("left", "The window lies before the bucket"),
    choice("right", "The window lies after the bucket"),
];
const OFFSETS: &[Choice] = &[
    choice("-1d", "A day earlier"),
    choice("-1w", "A week earlier"),
    choice("-1M", "A month earlier"),
    choice("timerange:-1", "The range before this one"),
];
const INTERVALS: &[Choice] = &[
    choice("auto", "As the request has it"),
    choice("1s", "Seconds"),
    choice("1m", "Minutes"),
    choice("1h", "Hours"),
    choice("1d", "Days of the calendar"),
    choice("1w", "Weeks from Monday"),
];
const METRICS: &[Choice] = &[
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
const AGGREGATES: &[Choice] = &[
    choice("avg", "Mean"),
    choice("cardinality", "How many different values"),
    choice("min", "Least"),
    choice("max", "Greatest"),
    choice("last", "Last"),
    choice("first", "First"),
    choice("sum", "Sum"),
];
const OPERATORS: &[Choice] = &[
    choice("eq", "equal"),
    choice("ne", "not equal"),
    choice("lt", "less than"),
    choice("lte", "less than or equal"),
    choice("gt", "greater than"),
    choice("gte", "greater than or equal"),
];
const SYMBOLS: &[Choice] = &[
    choice("triangle", ""),
    choice("cross", ""),
    choice("square", ""),
    choice("diamond", ""),
    choice("circle", ""),
];
const CORNERS: &[Choice] = &[
    choice("nw", "Top left"),
    choice("ne", "Top right"),
    choice("sw", "Bottom left"),
    choice("se", "Bottom right"),
    choice("false", "No legend"),
];
const UNITS: &[Choice] = &[
    choice("bits", "1000 bits are 1kb"),
    choice("bits/s", "Bits per second"),
    choice("bytes", "1024 bytes are 1KB"),
    choice("bytes/s", "Bytes per second"),
    choice("percent", "0.5 is 50%"),
    choice("currency:EUR", "An amount in a currency by its ISO code"),
    choice("custom::ms", "custom:prefix:suffix"),
];
const TERM: &[Parameter] = &[arg(
    "term",
    &[Number, Series],
    "A number or series; without it the list's own series are combined into one",
)
.multi()];

const fn chained(
    name: &'static str,
    summary: &'static str,
    args: &'static [Parameter],
    example: &'static str,
) -> Signature {
    Signature { name, aliases: &[], summary, source: false, args, open: false, example }
}

const fn alias(signature: Signature, aliases: &'static [&'static str]) -> Signature {
    Signature { aliases, ..signature }
}

/// All of them, sources first, then by name.
pub static FUNCTIONS: &[Row] = &[
    Row { signature: ES, kernel: k::first::first },
    Row {
        signature: Signature {
            name: "static",
            aliases: &["value"],
            summary: "A flat line, or points such as 10:0:10 spread over the range",
            source: true,
            args: &[
                arg("value", &[Number, Text], "A number, or numbers with colons between them").required(),
                arg("label", &[Text], "Name of the series"),
            ],
            open: false,
            example: ".es(metric=avg:load1), .static(4, label=cores)",
        },
        kernel: k::static_value::static_value,
    },
    Row {
        signature: chained("abs", "Absolute values", &[], ".es(metric=avg:load1).derivative().abs()"),
        kernel: k::abs::abs,
    },
    Row {
        signature: chained(
            "aggregate",
            "A flat line at the mean, sum, least, greatest … of each series",
            &[arg("function", &[Text], "Which value").required().one_of(AGGREGATES)],
            ".es(metric=avg:load1), .es(metric=avg:load1).aggregate(max)",
        ),
        kernel: k::aggregate::aggregate,
    },
    Row {
        signature: chained(
            "bars",
            "Draws bars",
            &[
                arg("width", &[Number], "Width in pixels").default("6"),
                arg("stack", &[Boolean], "Stacked upon each other").default("true"),
            ],
            ".es(metric=count).bars()",
        ),
        kernel: k::bars::bars,
    },
    Row {
        signature: chained(
            "color",
            "Colours series; several colours make a gradient over the list",
            &[arg("color", &[Text], "A colour such as #c60 or orange, or several with colons between them")
                .required()],
            ".es(metric=avg:load1, split=host:5).color(#0af:#f0a)",
        ),
        kernel: k::color::color,
    },
    Row {
        signature: alias(
            chained(
                "condition",
                "Compares each value and replaces it",
                &[
                    arg("operator", &[Text], "How to compare").required().one_of(OPERATORS),
                    arg(
                        "if",
                        &[Number, Series, Null],
                        "What to compare with; null asks whether a value is there",
                    )
                    .required(),
                    arg("then", &[Number, Series, Null], "What it becomes where the comparison holds")
                        .required(),
                    arg(
                        "else",
                        &[Number, Series, Null],
                        "What it becomes elsewhere; without it the value stays",
                    ),
                ],
                ".es(metric=avg:load1).if(gt, 4, null)",
            ),
            &["if"],
        ),
        kernel: k::condition::condition,
    },
    Row {
        signature: chained(
            "cusum",
            "Running sums",
            &[arg("base", &[Number], "Where to start").default("0")],
            ".es(metric=count).cusum()",
        ),
        kernel: k::cusum::cusum,
    },
    Row {
        signature: chained(
            "derivative",
            "Each value minus the one before",
            &[],
            ".es(metric=max:uptime_seconds).derivative()",
        ),
        kernel: k::derivative::derivative,
    },
    Row {
        signature: chained(
            "divide",
            "Divides by a number or series",
            TERM,
            ".es(metric=avg:memory_used_bytes).divide(1024)",
        ),
        kernel: k::divide::divide,
    },
    Row {
        signature: chained("first", "The list as it is", &[], ".es(metric=avg:load1).first()"),
        kernel: k::first::first,
    },
    Row {
        signature: chained(
            "fit",
            "Fills empty buckets",
            &[arg("mode", &[Text], "How").required().one_of(FITS)],
            ".es(metric=avg:load1).fit(carry)",
        ),
        kernel: k::fit::fit,
    },
    Row {
        signature: chained(
            "hide",
            "Computes with series without drawing them",
            &[arg("hide", &[Boolean], "false shows them again").default("true")],
            ".es(metric=avg:load1).hide()",
        ),
        kernel: k::hide::hide,
    },
    Row {
        signature: chained(
            "holt",
            "Smooths and forecasts by level, trend and season (Holt-Winters)",
            &[
                arg("alpha", &[Number], "Weight of the newest value, 0 to 1").required(),
                arg("beta", &[Number], "Weight of the newest trend, 0 to 1"),
                arg("gamma", &[Number], "Weight of the newest season, 0 to 1; needs season"),
                arg("season", &[Text, Number], "Length of a season, such as 1d or 1w"),
                arg("sample", &[Number], "How many seasons to learn from; the rest is forecast").default("2"),
            ],
            ".es(metric=avg:load1).holt(0.5, 0.5)",
        ),
        kernel: k::holt::holt,
    },
    Row {
        signature: chained(
            "label",
            "Names series",
            &[
                arg("label", &[Text], "The name; $1 … stand for the groups of regex").required(),
                arg("regex", &[Text], "Replace only what this matches in the old name"),
            ],
            ".es(metric=avg:load1, split=host:5).label('$1', 'host:(\\S+)')",
        ),
        kernel: k::label::label,
    },
    Row {
        signature: chained(
            "legend",
            "Places the legend",
            &[
                arg("position", &[Text, Boolean], "Which corner, or false for none").suggest(CORNERS),
                arg("columns", &[Number], "In how many columns"),
                arg("showTime", &[Boolean], "With the time under the cursor").default("true"),
                arg("timeFormat", &[Text], "How that time is written, in the tokens of moment.js")
                    .default("MMMM Do YYYY, HH:mm:ss.SSS"),
            ],
            ".es(metric=avg:load1).legend(nw, 2)",
        ),
        kernel: k::legend::legend,
    },
    Row {
        signature: chained(
            "lines",
            "Draws lines",
            &[
                arg("width", &[Number], "Width in pixels").default("3"),
                arg("fill", &[Number], "Opacity of the area below, 0 to 10"),
                arg("stack", &[Boolean, Number], "Stacked upon each other"),
                arg("show", &[Boolean, Number], "false draws none"),
                arg("steps", &[Boolean, Number], "As steps"),
            ],
            ".es(metric=avg:load1).lines(fill=2, width=1)",
        ),
        kernel: k::lines::lines,
    },
    Row {
        signature: chained(
            "log",
            "Logarithms",
            &[arg("base", &[Number], "Base of the logarithm").default("10")],
            ".es(metric=sum:requests_total).log()",
        ),
        kernel: k::log::log,
    },
    Row {
        signature: chained(
            "max",
            "The greater of a value and a number or series",
            TERM,
            ".es(metric=avg:load1).max(1)",
        ),
        kernel: k::max::max,
    },
    Row {
        signature: chained(
            "min",
            "The lesser of a value and a number or series",
            TERM,
            ".es(metric=avg:load1).min(10)",
        ),
        kernel: k::min::min,
    },
    Row {
        signature: alias(
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
        ),
        kernel: k::movingaverage::movingaverage,
    },
    Row {
        signature: alias(
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
        ),
        kernel: k::movingstd::movingstd,
    },
    Row {
        signature: chained(
            "multiply",
            "Multiplies by a number or series",
            TERM,
            ".es(metric=avg:cpu_ratio).multiply(100)",
        ),
        kernel: k::multiply::multiply,
    },
    Row {
        signature: chained(
            "points",
            "Draws points",
            &[
                arg("radius", &[Number], "Radius in pixels"),
                arg("weight", &[Number], "Width of the outline in pixels"),
                arg("fill", &[Number], "Opacity of the inside, 0 to 10"),
                arg("fillColor", &[Text], "Colour of the inside"),
                arg("symbol", &[Text], "Shape").one_of(SYMBOLS),
                arg("show", &[Boolean, Number], "false draws none").default("true"),
            ],
            ".es(metric=avg:load1).points(radius=2)",
        ),
        kernel: k::points::points,
    },
    Row {
        signature: chained(
            "precision",
            "Cuts values after so many decimal places",
            &[arg("precision", &[Number], "How many").required()],
            ".es(metric=avg:load1).precision(2)",
        ),
        kernel: k::precision::precision,
    },
    Row {
        signature: Signature {
            open: true,
            ..chained(
                "props",
                "Sets properties of series by dotted name",
                &[arg("global", &[Boolean], "Of the chart instead").default("false")],
                ".es(metric=avg:load1).props(lines.steps=true)",
            )
        },
        kernel: k::props::props,
    },
    Row {
        signature: chained(
            "range",
            "Stretches series between two values",
            &[
                arg("min", &[Number], "New least value").required(),
                arg("max", &[Number], "New greatest value").required(),
            ],
            ".es(metric=avg:load1).range(0, 1)",
        ),
        kernel: k::range::range,
    },
    Row {
        signature: chained(
            "scale_interval",
            "Makes values per bucket values per second, minute …",
            &[arg("interval", &[Text], "Per what").required().suggest(&[
                choice("1s", "per second"),
                choice("1m", "per minute"),
                choice("1h", "per hour"),
            ])],
            ".es(metric=increase:requests_total).scale_interval(1m)",
        ),
        kernel: k::scale_interval::scale_interval,
    },
    Row {
        signature: chained(
            "subtract",
            "Subtracts a number or series",
            TERM,
            ".es(metric=avg:load1).subtract(.es(metric=avg:load1, offset=-1w))",
        ),
        kernel: k::subtract::subtract,
    },
    Row {
        signature: alias(
            chained("sum", "Adds a number or series", TERM, ".es(metric=avg:load1, split=host:10).sum()"),
            &["add", "plus"],
        ),
        kernel: k::sum::sum,
    },
    Row {
        signature: chained(
            "title",
            "Names the chart",
            &[arg("title", &[Text], "The name").required()],
            ".es(metric=avg:load1).title('Load')",
        ),
        kernel: k::title::title,
    },
    Row {
        signature: chained(
            "trend",
            "A line through the points by least squares",
            &[
                arg("mode", &[Text], "Its shape")
                    .default("linear")
                    .one_of(&[choice("linear", "A straight line"), choice("log", "A logarithmic curve")]),
                arg("start", &[Number], "First point to take; negative counts from the end").default("0"),
                arg("end", &[Number], "First point to leave out; 0 is the end, negative counts from it")
                    .default("0"),
            ],
            ".es(metric=avg:disk_used_bytes).trend()",
        ),
        kernel: k::trend::trend,
    },
    Row {
        signature: chained(
            "trim",
            "Empties the first and last buckets",
            &[
                arg("start", &[Number], "How many at the start").default("1"),
                arg("end", &[Number], "How many at the end").default("1"),
            ],
            ".es(metric=count).trim()",
        ),
        kernel: k::trim::trim,
    },
    Row {
        signature: chained(
            "yaxis",
            "Puts series on a y axis",
            &[
                arg("yaxis", &[Number], "Its number; odd ones are on the left").default("1"),
                arg("min", &[Number], "Lower end"),
                arg("max", &[Number], "Upper end"),
                arg("position", &[Text], "Which side").one_of(&[choice("left", ""), choice("right", "")]),
                arg("label", &[Text], "Its name"),
                arg("color", &[Text], "Colour of its name"),
                arg("units", &[Text], "How its numbers are written").suggest(UNITS),
                arg("tickDecimals", &[Number], "Decimal places of its numbers"),
            ],
            ".es(metric=avg:memory_used_bytes).yaxis(2, units=bytes, min=0)",
        ),
        kernel: k::yaxis::yaxis,
    },
];

// Its call becomes a read of the plan, so its kernel never runs on anything but what was read.
const ES: Signature = Signature {
    name: "es",
    aliases: &["elasticsearch"],
    summary: "Series from the store",
    source: true,
    args: &[
        arg("q", &[Text], "Which series, in Lucene's syntax: host:web1 AND load*")
            .default("*")
            .multi()
            .names(Names::LabelQuery),
        arg("metric", &[Text], "What to make of their samples, such as avg:load1")
            .default("count")
            .multi()
            .suggest(METRICS)
            .names(Names::Metric),
        arg("split", &[Text], "A series for each of the N values of a label that stand out most: label:N")
            .multi()
            .names(Names::Split),
        arg("index", &[Text], "Accepted so that imported expressions run; there is one store"),
        arg("timefield", &[Text], "Accepted so that imported expressions run; samples have one time"),
        arg(
            "kibana",
            &[Boolean],
            "Accepted so that imported expressions run; there are no dashboard filters",
        ),
        arg("interval", &[Text], "Bucket size").default("auto").suggest(INTERVALS),
        arg("offset", &[Text], "Look earlier or later").suggest(OFFSETS),
        arg("fit", &[Text], "How to fill empty buckets").one_of(FITS),
    ],
    open: false,
    example: ".es(q='host:web*', metric=avg:load1, split=host:5)",
};
