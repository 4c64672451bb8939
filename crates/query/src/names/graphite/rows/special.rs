//! The rest.

use super::parts::{CONSOLIDATIONS, LIST, NAME, STEP, SYSTEMS, list, number, row, text};
use crate::graphite::functions as f;
use crate::names::graphite::Function;
use lang::signature::{Parameter, Type};

/// The rows.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "cactiStyle",
        "Special",
        &[LIST, text("system", "si or binary.").one_of(SYSTEMS), text("units", "What is counted.")],
        f::draw::cacti_style,
        "Adds the last, greatest and least value to names.",
        "cactiStyle(hosts.*.load, 'si')",
    ),
    row(
        "changed",
        "Special",
        &[LIST],
        f::growth::changed,
        "1 where a value is another than before, 0 elsewhere.",
        "changed(version)",
    ),
    row(
        "consolidateBy",
        "Special",
        &[LIST, text("consolidationFunc", "Which one.").required().one_of(CONSOLIDATIONS)],
        f::draw::consolidate_by,
        "How several values become one where a chart is too narrow.",
        "consolidateBy(errors, 'max')",
    ),
    row(
        "constantLine",
        "Special",
        &[number("value", "How high.").required()],
        f::source::constant_line,
        "A line at a height.",
        "constantLine(90)",
    )
    .source(),
    row(
        "cumulative",
        "Special",
        &[LIST],
        f::draw::cumulative,
        "Adds values up where a chart is too narrow.",
        "cumulative(sales)",
    ),
    row(
        "events",
        "Special",
        &[text("tags", "Tags that they all have, or *.").required().multi()],
        f::source::events,
        "How many events there were, second by second.",
        "events('deploy')",
    )
    .source(),
    row(
        "fallbackSeries",
        "Special",
        &[LIST, list("fallback", "Instead, if there is none.")],
        f::lists::fallback,
        "Other series where there is none.",
        "fallbackSeries(hosts.new.load, constantLine(0))",
    ),
    row(
        "randomWalkFunction",
        "Special",
        &[NAME, STEP],
        f::source::random_walk,
        "A walk without aim.",
        "randomWalkFunction('drunk')",
    )
    .alias(&["randomWalk"])
    .source(),
    row(
        "setXFilesFactor",
        "Special",
        &[LIST, number("xFilesFactor", "From 0 to 1.").required()],
        f::draw::set_x_files_factor,
        "Which share of values must be there where several become one.",
        "setXFilesFactor(load, 0.5)",
    )
    .alias(&["xFilesFactor"]),
    row(
        "seriesByTag",
        "Special",
        &[text("tagExpressions", "Conditions: tag=value, tag!=value, tag=~regex, tag!=~regex.")
            .required()
            .multi()],
        f::source::series_by_tag,
        "Series whose tags are as wanted.",
        "seriesByTag('name=cpu', 'host=~web.*')",
    )
    .source(),
    row(
        "substr",
        "Special",
        &[
            LIST,
            Parameter::new("start", &[Type::Node], "The first node.").default("0"),
            Parameter::new("stop", &[Type::Node], "The first one after; 0 for all.").default("0"),
        ],
        f::alias::substr,
        "Names series by a part of their path.",
        "substr(hosts.web1.load, 1, 3)",
    ),
];
