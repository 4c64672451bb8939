//! Fewer values.

use super::parts::{LIST, N, row};
use crate::graphite::functions as f;
use crate::names::graphite::Function;

/// The rows.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "removeAboveValue",
        "Filter Data",
        &[LIST, N],
        f::gaps::remove_above_value,
        "Null instead of what is greater.",
        "removeAboveValue(temperature, 100)",
    ),
    row(
        "removeBelowValue",
        "Filter Data",
        &[LIST, N],
        f::gaps::remove_below_value,
        "Null instead of what is less.",
        "removeBelowValue(temperature, 0)",
    ),
    row(
        "removeAbovePercentile",
        "Filter Data",
        &[LIST, N],
        f::gaps::remove_above_percentile,
        "Null instead of what is above a percentile of the series.",
        "removeAbovePercentile(latency, 99)",
    ),
    row(
        "removeBelowPercentile",
        "Filter Data",
        &[LIST, N],
        f::gaps::remove_below_percentile,
        "Null instead of what is below a percentile of the series.",
        "removeBelowPercentile(latency, 1)",
    ),
];
