//! Many series that become one, and series with one another.

use super::parts::{
    FIRST, FUNC, LIST, LISTS, MAYBE_LISTS, N, NODES, POSITIONS, SECOND, XFF, any, flag, list, row,
};
use crate::graphite::functions as f;
use crate::names::graphite::Function;

/// The rows.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "sumSeries",
        "Combine",
        &[LISTS],
        f::combine::sum,
        "Adds series, value by value.",
        "sumSeries(hosts.*.load)",
    )
    .alias(&["sum"])
    .aggregator(),
    row(
        "averageSeries",
        "Combine",
        &[LISTS],
        f::combine::average,
        "The mean of series, value by value.",
        "averageSeries(hosts.*.load)",
    )
    .alias(&["avg"])
    .aggregator(),
    row(
        "avg_zeroSeries",
        "Combine",
        &[LISTS],
        f::combine::avg_zero,
        "The mean of series, with null as 0.",
        "avg_zeroSeries(hosts.*.load)",
    )
    .aggregator(),
    row(
        "maxSeries",
        "Combine",
        &[LISTS],
        f::combine::max,
        "The greatest of series, value by value.",
        "maxSeries(hosts.*.load)",
    )
    .alias(&["max"])
    .aggregator(),
    row(
        "minSeries",
        "Combine",
        &[LISTS],
        f::combine::min,
        "The least of series, value by value.",
        "minSeries(hosts.*.load)",
    )
    .alias(&["min"])
    .aggregator(),
    row(
        "diffSeries",
        "Combine",
        &[LISTS],
        f::combine::diff,
        "The first series less all others.",
        "diffSeries(memory.total, memory.used)",
    )
    .alias(&["diff"])
    .aggregator(),
    row(
        "multiplySeries",
        "Combine",
        &[LISTS],
        f::combine::multiply,
        "Multiplies series, value by value; null if one of them is.",
        "multiplySeries(requests, bytes)",
    )
    .alias(&["multiply"])
    .aggregator(),
    row(
        "powSeries",
        "Combine",
        &[LISTS],
        f::combine::pow_series,
        "The first series to the power of the next.",
        "powSeries(base, exponent)",
    )
    .aggregator(),
    row(
        "stddevSeries",
        "Combine",
        &[LISTS],
        f::combine::stddev,
        "How much series differ: their standard deviation.",
        "stddevSeries(hosts.*.load)",
    )
    .alias(&["stddev"])
    .aggregator(),
    row(
        "rangeOfSeries",
        "Combine",
        &[LISTS],
        f::combine::range_of,
        "From the least to the greatest of series.",
        "rangeOfSeries(hosts.*.load)",
    )
    .alias(&["rangeSeries"])
    .aggregator(),
    row(
        "medianSeries",
        "Combine",
        &[LISTS],
        f::combine::median,
        "The series in the middle, value by value.",
        "medianSeries(hosts.*.load)",
    )
    .aggregator(),
    row(
        "firstSeries",
        "Combine",
        &[LISTS],
        f::combine::first,
        "The first value there is, series by series.",
        "firstSeries(primary.load, spare.load)",
    )
    .aggregator(),
    row(
        "lastSeries",
        "Combine",
        &[LISTS],
        f::combine::last,
        "The last value there is, series by series.",
        "lastSeries(primary.load, spare.load)",
    )
    .alias(&["currentSeries"])
    .aggregator(),
    row(
        "countSeries",
        "Combine",
        &[MAYBE_LISTS],
        f::combine::count,
        "How many series there are.",
        "countSeries(hosts.*.load)",
    )
    .alias(&["count"])
    .aggregator(),
    row(
        "aggregate",
        "Combine",
        &[LIST, FUNC.required(), XFF],
        f::combine::aggregated,
        "One series of many, in a way of your choice.",
        "aggregate(hosts.*.load, 'median')",
    ),
    row(
        "aggregateWithWildcards",
        "Combine",
        &[LIST, FUNC.required(), POSITIONS],
        f::combine::aggregate_wildcards,
        "One series of those that are called the same but for some nodes.",
        "aggregateWithWildcards(hosts.*.cpu.*, 'sum', 3)",
    ),
    row(
        "sumSeriesWithWildcards",
        "Combine",
        &[LIST, POSITIONS],
        f::combine::sum_wildcards,
        "Adds series that are called the same but for some nodes.",
        "sumSeriesWithWildcards(hosts.*.cpu.*, 3)",
    )
    .aggregator(),
    row(
        "averageSeriesWithWildcards",
        "Combine",
        &[LIST, POSITIONS],
        f::combine::average_wildcards,
        "The mean of series that are called the same but for some nodes.",
        "averageSeriesWithWildcards(hosts.*.cpu.*, 3)",
    )
    .aggregator(),
    row(
        "multiplySeriesWithWildcards",
        "Combine",
        &[LIST, POSITIONS],
        f::combine::multiply_wildcards,
        "Multiplies series that are called the same but for some nodes.",
        "multiplySeriesWithWildcards(hosts.*.rate.*, 3)",
    )
    .aggregator(),
    row(
        "percentileOfSeries",
        "Combine",
        &[LIST, N, flag("interpolate", "Between two values instead of the next one.")],
        f::combine::percentile_of_series,
        "A percentile of series, value by value.",
        "percentileOfSeries(hosts.*.load, 95)",
    ),
    row(
        "weightedAverage",
        "Combine",
        &[list("seriesListAvg", "The values."), list("seriesListWeight", "How much each counts."), NODES],
        f::combine::weighted_average,
        "The mean of series, each counting as much as its weight.",
        "weightedAverage(pools.*.latency, pools.*.requests, 1)",
    ),
    row(
        "asPercent",
        "Combine",
        &[
            LIST,
            any("total", "A number, one series, or as many as there are; the sum of all when left out."),
            NODES,
        ],
        f::percent::as_percent,
        "Series in percent of their sum, of a number, or of other series.",
        "asPercent(cpu.*, 400)",
    )
    .alias(&["pct"])
    .aggregator(),
    row(
        "divideSeries",
        "Combine",
        &[list("dividendSeriesList", "What is divided."), list("divisorSeries", "One series to divide by.")],
        f::percent::divide,
        "Divides series by one series.",
        "divideSeries(errors.*, requests)",
    ),
    row(
        "divideSeriesLists",
        "Combine",
        &[list("dividendSeriesList", "What is divided."), list("divisorSeriesList", "As many to divide by.")],
        f::percent::divide_lists,
        "Divides the series of one list by those of another, pair by pair.",
        "divideSeriesLists(errors.*, requests.*)",
    ),
    row(
        "sumSeriesLists",
        "Combine",
        &[FIRST, SECOND],
        f::lists::sum_lists,
        "Adds the series of two lists, pair by pair.",
        "sumSeriesLists(in.*, out.*)",
    )
    .aggregator(),
    row(
        "diffSeriesLists",
        "Combine",
        &[FIRST, SECOND],
        f::lists::diff_lists,
        "The series of one list less those of another, pair by pair.",
        "diffSeriesLists(in.*, out.*)",
    )
    .aggregator(),
    row(
        "multiplySeriesLists",
        "Combine",
        &[FIRST, SECOND],
        f::lists::multiply_lists,
        "Multiplies the series of two lists, pair by pair.",
        "multiplySeriesLists(rate.*, size.*)",
    )
    .aggregator(),
    row(
        "powSeriesLists",
        "Combine",
        &[FIRST, SECOND],
        f::lists::pow_lists,
        "The series of one list to the power of those of another.",
        "powSeriesLists(base.*, exponent.*)",
    ),
    row(
        "aggregateSeriesLists",
        "Combine",
        &[FIRST, SECOND, FUNC.required(), XFF],
        f::lists::aggregate_lists,
        "Two lists, pair by pair, in a way of your choice.",
        "aggregateSeriesLists(in.*, out.*, 'max')",
    ),
];
