//! How series are drawn and named.

use super::arguments::{CORNERS, SYMBOLS, UNITS, arg, chained, choice};
use lang::signature::Signature;
use lang::signature::Type::{Boolean, Number, Text};

pub(super) const BARS: Signature = chained(
    "bars",
    "Draws bars",
    &[
        arg("width", &[Number], "Width in pixels").default("6"),
        arg("stack", &[Boolean], "Stacked upon each other").default("true"),
    ],
    ".es(metric=count).bars()",
);

pub(super) const COLOR: Signature = chained(
    "color",
    "Colours series; several colours make a gradient over the list",
    &[arg("color", &[Text], "A colour such as #c60 or orange, or several with colons between them")
        .required()],
    ".es(metric=avg:load1, split=host:5).color(#0af:#f0a)",
);

pub(super) const HIDE: Signature = chained(
    "hide",
    "Computes with series without drawing them",
    &[arg("hide", &[Boolean], "false shows them again").default("true")],
    ".es(metric=avg:load1).hide()",
);

pub(super) const LABEL: Signature = chained(
    "label",
    "Names series",
    &[
        arg("label", &[Text], "The name; $1 … stand for the groups of regex").required(),
        arg("regex", &[Text], "Replace only what this matches in the old name"),
    ],
    ".es(metric=avg:load1, split=host:5).label('$1', 'host:(\\S+)')",
);

pub(super) const LEGEND: Signature = chained(
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
);

pub(super) const LINES: Signature = chained(
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
);

pub(super) const POINTS: Signature = chained(
    "points",
    "Draws points",
    &[
        arg("radius", &[Number], "Radius in pixels"),
        arg("weight", &[Number], "Width of the outline in pixels"),
        arg("fill", &[Number], "Opacity of the inside, 0 to 10"),
        arg("fillColor", &[Text], "Colour of the inside"),
        arg("symbol", &[Text], "Shape").default("circle").one_of(SYMBOLS),
        arg("show", &[Boolean, Number], "false draws none").default("true"),
    ],
    ".es(metric=avg:load1).points(radius=2)",
);

pub(super) const PRECISION: Signature = chained(
    "precision",
    "Cuts values after so many decimal places",
    &[arg("precision", &[Number], "How many").required()],
    ".es(metric=avg:load1).precision(2)",
);

pub(super) const PROPS: Signature = Signature {
    open: true,
    ..chained(
        "props",
        "Sets properties of series by dotted name",
        &[arg("global", &[Boolean], "Of the chart instead").default("false")],
        ".es(metric=avg:load1).props(lines.steps=true)",
    )
};

pub(super) const TITLE: Signature = chained(
    "title",
    "Names the chart",
    &[arg("title", &[Text], "The name").required()],
    ".es(metric=avg:load1).title('Load')",
);

pub(super) const YAXIS: Signature = chained(
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
);
