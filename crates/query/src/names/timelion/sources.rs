//! Where series come from.

use super::arguments::{FITS, INTERVALS, METRICS, OFFSETS, arg};
use lang::signature::Type::{Boolean, Number, Text};
use lang::signature::{Names, Parameter, Signature};

// Every source takes these.
const OFFSET: Parameter = arg("offset", &[Text], "Look earlier or later").suggest(OFFSETS);
const FIT: Parameter = arg("fit", &[Text], "How to fill empty buckets").one_of(FITS);

// Its call becomes a read of the plan, so its kernel never runs on anything but what was read.
pub(super) const ES: Signature = Signature {
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
        OFFSET,
        FIT,
    ],
    open: false,
    example: ".es(q='host:web*', metric=avg:load1, split=host:5)",
};

// Its call becomes a node of the plan, so its kernel never runs on anything but what that gave.
pub(super) const GRAPHITE: Signature = Signature {
    name: "graphite",
    aliases: &[],
    summary: "Series of a target of Graphite, as means over buckets",
    source: true,
    args: &[arg("metric", &[Text], "The target: paths and functions as in Graphite").required(), OFFSET, FIT],
    open: false,
    example: ".graphite('sumSeries(servers.*.load)').label('load')",
};

// Its call becomes nodes of the plan, so its kernel never runs.
pub(super) const PROMQL: Signature = Signature {
    name: "promql",
    aliases: &["prometheus"],
    summary: "Series of a PromQL expression, at the start of each bucket",
    source: true,
    args: &[arg("query", &[Text], "The expression").required(), OFFSET, FIT],
    open: false,
    example: ".promql('avg by (host) (load1)').label('load')",
};

pub(super) const STATIC: Signature = Signature {
    name: "static",
    aliases: &["value"],
    summary: "A flat line, or points such as 10:0:10 spread over the range",
    source: true,
    args: &[
        arg("value", &[Number, Text], "A number, or numbers with colons between them").required(),
        arg("label", &[Text], "Name of the series"),
        OFFSET,
        FIT,
    ],
    open: false,
    example: ".es(metric=avg:load1), .static(4, label=cores)",
};
