//! Looks.

use super::parts::{LIST, amount, date, number, row, text};
use crate::graphite::functions as f;
use crate::names::graphite::Function;

/// The rows.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "alpha",
        "Graph",
        &[LIST, number("alpha", "From 0 to 1.").required()],
        f::draw::alpha,
        "How opaque series are drawn.",
        "alpha(load, 0.5)",
    ),
    row(
        "areaBetween",
        "Graph",
        &[LIST],
        f::draw::area_between,
        "Fills the area between two series.",
        "areaBetween(group(low, high))",
    ),
    row(
        "color",
        "Graph",
        &[LIST, text("theColor", "A name, or digits such as ff0000.").required()],
        f::draw::color,
        "In which colour series are drawn.",
        "color(load, 'green')",
    ),
    row(
        "dashed",
        "Graph",
        &[LIST, amount("dashLength", "In pixels.").default("5")],
        f::draw::dashed,
        "Draws series with dashes.",
        "dashed(forecast, 3)",
    ),
    row(
        "drawAsInfinite",
        "Graph",
        &[LIST],
        f::draw::draw_as_infinite,
        "Draws a vertical line at each value other than 0.",
        "drawAsInfinite(deploys)",
    ),
    row(
        "lineWidth",
        "Graph",
        &[LIST, number("width", "In pixels.").required()],
        f::draw::line_width,
        "How wide lines are drawn.",
        "lineWidth(load, 3)",
    ),
    row(
        "secondYAxis",
        "Graph",
        &[LIST],
        f::draw::second_y_axis,
        "Draws series on the right axis.",
        "secondYAxis(temperature)",
    ),
    row(
        "stacked",
        "Graph",
        &[LIST, text("stack", "The name of the stack.")],
        f::draw::stacked,
        "Stacks series one upon the other.",
        "stacked(cpu.*)",
    ),
    row(
        "threshold",
        "Graph",
        &[number("value", "How high.").required(), text("label", "Its name."), text("color", "Its colour.")],
        f::draw::threshold,
        "A line at a height.",
        "threshold(90, 'full', 'red')",
    )
    .source(),
    row(
        "verticalLine",
        "Graph",
        &[date("ts", "When.").required(), text("label", "Its name."), text("color", "Its colour.")],
        f::draw::vertical_line,
        "A line at an instant.",
        "verticalLine('noon', 'release')",
    )
    .source(),
];
