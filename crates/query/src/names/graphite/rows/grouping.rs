//! Series in groups.

use super::parts::{LIST, MAYBE_LISTS, NODES, callback, node_or_tag, row, tags, text};
use crate::graphite::functions as f;
use crate::names::graphite::Function;
use lang::signature::{Parameter, Type};

/// The rows.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "group",
        "Combine",
        &[MAYBE_LISTS],
        f::lists::group,
        "Several lists as one.",
        "group(web.*.load, db.*.load)",
    ),
    row(
        "groupByNode",
        "Combine",
        &[
            LIST,
            node_or_tag("nodeNum", "By which node or tag.").required(),
            callback("callback").default("average"),
        ],
        f::group::by_node,
        "One series for each value of a node.",
        "groupByNode(hosts.*.cpu.*, 1, 'sum')",
    ),
    row(
        "groupByNodes",
        "Combine",
        &[LIST, callback("callback").required(), NODES],
        f::group::by_nodes,
        "One series for each combination of nodes.",
        "groupByNodes(hosts.*.cpu.*, 'sum', 1, 3)",
    ),
    row(
        "groupByTags",
        "Combine",
        &[LIST, callback("callback").required(), tags("tags").required()],
        f::group::by_tags,
        "One series for each combination of tags.",
        "groupByTags(seriesByTag('name=cpu'), 'sum', 'host')",
    ),
    row(
        "mapSeries",
        "Combine",
        &[LIST, NODES.required()],
        f::group::map,
        "Puts series that share nodes together, for reduceSeries.",
        "mapSeries(hosts.*.disk.*, 1)",
    )
    .alias(&["map"]),
    row(
        "reduceSeries",
        "Combine",
        &[
            Parameter::new("seriesLists", &[Type::SeriesLists], "Lists, as mapSeries gives.").required(),
            text("reduceFunction", "A function over series.").required(),
            Parameter::new("reduceNode", &[Type::Node], "Which node tells the parts apart.").required(),
            text("reduceMatchers", "Values of that node, in the order of the function's arguments.")
                .required()
                .multi(),
        ],
        f::group::reduce,
        "Calls a function with the series of each group, told apart by a node.",
        "reduceSeries(mapSeries(hosts.*.disk.*, 1), 'asPercent', 3, 'used', 'total')",
    )
    .alias(&["reduce"]),
    row(
        "applyByNode",
        "Combine",
        &[
            LIST,
            Parameter::new("nodeNum", &[Type::Node], "Up to which node.").required(),
            text("templateFunction", "A target in which % stands for the start of the path.").required(),
            text("newName", "A name in which % stands for it."),
        ],
        f::group::apply_by_node,
        "Evaluates a target for each start of the paths.",
        "applyByNode(hosts.*.disk.used, 1, 'sumSeries(%.disk.*)')",
    ),
];
