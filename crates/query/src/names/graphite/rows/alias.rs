//! Names.

use super::parts::{LEGENDS, LIST, MAYBE_NODES, any, integer, node_or_tag, row, text};
use crate::graphite::functions as f;
use crate::names::graphite::Function;

/// The rows.
pub(super) static FUNCTIONS: &[Function] = &[
    row(
        "alias",
        "Alias",
        &[LIST, text("newName", "The name.").required()],
        f::alias::alias,
        "Gives a name.",
        "alias(hosts.web1.load, 'Load')",
    ),
    row(
        "aliasByMetric",
        "Alias",
        &[LIST],
        f::alias::by_metric,
        "Names series by the last node of their path.",
        "aliasByMetric(hosts.web1.load)",
    ),
    row(
        "aliasByNode",
        "Alias",
        &[LIST, MAYBE_NODES],
        f::alias::by_node,
        "Names series by nodes of their path, or by tags.",
        "aliasByNode(hosts.*.load, 1)",
    ),
    row(
        "aliasByTags",
        "Alias",
        &[LIST, node_or_tag("tags", "Which tags.").required().multi()],
        f::alias::by_node,
        "Names series by tags.",
        "aliasByTags(seriesByTag('name=cpu'), 'host')",
    ),
    row(
        "aliasSub",
        "Alias",
        &[
            LIST,
            text("search", "A regular expression.").required(),
            text("replace", r"Instead of what matches; \1 is the first group.").required(),
        ],
        f::alias::sub,
        "Replaces a part of names.",
        "aliasSub(hosts.*.load, 'hosts.([^.]*).*', '\\1')",
    ),
    row(
        "aliasQuery",
        "Alias",
        &[
            LIST,
            text("search", "A regular expression.").required(),
            text("replace", "Instead of what matches: gives a target.").required(),
            text("newName", "A name, with %d or the like for that target's last value.").required(),
        ],
        f::alias::query,
        "Puts the last value of another series into names.",
        "aliasQuery(hosts.*.load, 'load', 'cpus', '%d processors')",
    ),
    row(
        "aliasByBase64",
        "Alias",
        &[LIST, integer("node", "Which node; the whole name when left out.")],
        f::foreign::alias_by_base64,
        "Names series by a text in base 64.",
        "aliasByBase64(links.*, 1)",
    ),
    row(
        "legendValue",
        "Alias",
        &[
            LIST,
            text("valuesTypes", "Which numbers, and si or binary for how to write them.")
                .multi()
                .suggest(LEGENDS),
        ],
        f::draw::legend_value,
        "Adds numbers to names.",
        "legendValue(hosts.*.load, 'avg', 'max')",
    ),
    row(
        "lower",
        "Alias",
        &[LIST, integer("pos", "Only these letters.").multi()],
        f::alias::lower,
        "Names in small letters.",
        "lower(HOSTS.*.load)",
    )
    .alias(&["toLowerCase"]),
    row(
        "upper",
        "Alias",
        &[LIST, integer("pos", "Only these letters.").multi()],
        f::alias::upper,
        "Names in capitals.",
        "upper(hosts.*.load)",
    )
    .alias(&["toUpperCase"]),
    row(
        "aliasByPostgres",
        "Alias",
        &[LIST, any("nodes", "Of which database, by which question, and by which nodes.").multi()],
        f::alias::alias_by_postgres,
        "Always an error, which says what to use instead of names in another database.",
        "aliasByPostgres(switches.*.load, 'inventory', 'names', 1)",
    ),
    row(
        "aliasByRedis",
        "Alias",
        &[LIST, text("keyName", "Where in Redis.").required()],
        f::alias::alias_by_redis,
        "Always an error, which says what to use instead of names in another database.",
        "aliasByRedis(switches.*.load, 'names')",
    ),
];
