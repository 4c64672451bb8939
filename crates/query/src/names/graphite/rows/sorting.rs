//! Order.

use super::parts::{FUNC, LIST, flag, row};
use crate::graphite::functions as f;
use crate::names::graphite::Function;

/// The rows.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "sortBy",
        "Sorting",
        &[LIST, FUNC.default("average"), flag("reverse", "The greatest first.")],
        f::sort::sort_by,
        "Orders series by one number of each.",
        "sortBy(hosts.*.load, 'max', true)",
    ),
    row(
        "sortByMaxima",
        "Sorting",
        &[LIST],
        f::sort::by_maxima,
        "Orders series by their peaks, the highest first.",
        "sortByMaxima(hosts.*.load)",
    ),
    row(
        "sortByMinima",
        "Sorting",
        &[LIST],
        f::sort::by_minima,
        "Orders series by their dips, the lowest first; without those that are never above 0.",
        "sortByMinima(hosts.*.load)",
    ),
    row(
        "sortByName",
        "Sorting",
        &[LIST, flag("natural", "With numbers as numbers."), flag("reverse", "The last first.")],
        f::sort::by_name,
        "Orders series by name.",
        "sortByName(hosts.*.load, true)",
    ),
    row(
        "sortByTotal",
        "Sorting",
        &[LIST],
        f::sort::by_total,
        "Orders series by their sums, the highest first.",
        "sortByTotal(hosts.*.load)",
    ),
];
