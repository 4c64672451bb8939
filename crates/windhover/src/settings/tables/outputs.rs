//! `[[output]]`, `[[cluster]]` and `[[route]]`: where samples go besides the store.

use super::{Column, Kind, Table};

/// What stands in the brackets.
pub const OUTPUT: &str = "output";
/// What stands in the brackets.
pub const CLUSTER: &str = "cluster";
/// What stands in the brackets.
pub const ROUTE: &str = "route";

/// `[[output]]`
pub(super) const OUTPUTS: Table = Table {
    key: OUTPUT,
    summary: "Another program that gets what comes in, through a queue on disk of its own",
    columns: &[
        Column::required(
            "kind",
            Kind::Text,
            "What it speaks: `windhover`, `remote_write`, `carbon`, `carbon_pickle` …",
        ),
        Column::required(
            "url",
            Kind::Text,
            "Where it is: a URL, or `HOST:PORT` where it is no HTTP; carbon's `HOST:PORT:INSTANCE` is taken, too",
        ),
        Column::optional(
            "name",
            Kind::Text,
            "",
            "What rules, numbers and its queue call it; the kind when left out",
        ),
        Column::optional("token_file", Kind::Path, "", "File with the token to show, on one line"),
        Column::optional(
            "queue_bytes_max",
            Kind::Bytes,
            "10GB",
            "Most bytes that wait for it on disk; the oldest go first, and are counted",
        ),
        Column::optional("timeout", Kind::Duration, "30s", "How long an answer may take"),
        Column::optional(
            "rows_max",
            Kind::Count,
            "",
            "Most samples in one request; what suits the kind when left out",
        ),
        Column::optional(
            "path",
            Kind::Text,
            "",
            "Graphite's path of a series that has none: `{host}.{__name__}.{*}` when left out; `{;}` at the end for tags",
        ),
        Column::optional(
            "step",
            Kind::Duration,
            "60s",
            "Time between two samples of a series, for Open-Falcon",
        ),
        Column::optional("form", Kind::Text, "", "Which form, where the kind has several"),
        Column::optional(
            "utf8",
            Kind::Switch,
            "false",
            "Whether names go as they are; otherwise what Prometheus 2 refuses becomes `_`",
        ),
        Column::optional(
            "default",
            Kind::Switch,
            "true",
            "Whether it gets what no `[[route]]` has sent somewhere; a member of a cluster never does",
        ),
    ],
    example: "kind = \"remote_write\"\nurl = \"http://10.0.0.9:9090/api/v1/write\"\nqueue_bytes_max = \"20GB\"",
};

/// `[[cluster]]`
pub(super) const CLUSTERS: Table = Table {
    key: CLUSTER,
    summary: "Outputs that share series among them",
    columns: &[
        Column::required("name", Kind::Text, "What rules call it"),
        Column::optional("members", Kind::Texts, "", "Names of outputs"),
        Column::optional(
            "leases",
            Kind::Text,
            "",
            "Instead of `members`: all who are registered in this group, as they come and go; needs `leases.nats`",
        ),
        Column::optional("kind", Kind::Text, "windhover", "What members that register speak"),
        Column::optional(
            "token_file",
            Kind::Path,
            "",
            "File with the token to show to members that register, on one line",
        ),
        Column::optional(
            "queue_bytes_max",
            Kind::Bytes,
            "10GB",
            "Most bytes that wait on disk for a member that registers; the oldest go first, and are counted",
        ),
        Column::optional(
            "hash",
            Kind::Text,
            "rendezvous",
            "How series are spread: `rendezvous`, `carbon_ch`, `fnv1a_ch`, `relay_fnv1a_ch`, `jump_fnv1a_ch` or `falcon`",
        ),
        Column::optional("replicas", Kind::Count, "1", "How many of them get each series"),
        Column::optional("diverse", Kind::Switch, "false", "Whether replicas go to different hosts"),
        Column::optional(
            "check",
            Kind::Text,
            "tcp",
            "How `members` are checked: `tcp`, a connection; `http:/health`, a page that answers 200, or `http:PORT/PAGE`; `off`. One that fails leaves, what waits for it goes to the others, and it comes back when it does",
        ),
        Column::optional("check_every", Kind::Duration, "5s", "Time between two checks of a member"),
        Column::optional("fall", Kind::Count, "3", "Failures in a row after which a member leaves"),
        Column::optional("rise", Kind::Count, "2", "Successes in a row after which it comes back"),
        Column::optional(
            "default",
            Kind::Switch,
            "true",
            "Whether it gets what no `[[route]]` has sent somewhere",
        ),
    ],
    example: "name = \"graphite\"\nmembers = [\"a\", \"b\", \"c\"]\nhash = \"carbon_ch\"\nreplicas = 2",
};

/// `[[route]]`
pub(super) const ROUTES: Table = Table {
    key: ROUTE,
    summary: "A rule for series on their way to outputs; rules are asked in order, and what one changes the next sees",
    columns: &[
        Column::optional("match", Kind::Text, "", "Which series: `name{label=\"value\"}`; all when left out"),
        Column::optional(
            "path",
            Kind::Text,
            "",
            "Graphite's glob of the whole metric name: `servers.*.cpu.{user,system}`",
        ),
        Column::optional("regex", Kind::Text, "", "An expression found anywhere in the metric name"),
        Column::optional("drop", Kind::Switch, "false", "They end here"),
        Column::optional("keep", Kind::Switch, "false", "All others end here"),
        Column::optional("set", Kind::Pairs, "", "Labels that they get; an empty text takes one away"),
        Column::optional("rename", Kind::Text, "", "Their metric name from here on"),
        Column::optional(
            "rewrite",
            Kind::Texts,
            "",
            "An expression and what it becomes in the metric name: `[\"^old\\\\.\", \"new.\"]`",
        ),
        Column::optional(
            "every",
            Kind::Duration,
            "",
            "One sample for each stretch of time; by itself of each series",
        ),
        Column::optional(
            "how",
            Kind::Text,
            "avg",
            "What that sample is: `sum`, `avg`, `min`, `max`, `count`, `last`, `first`, `range`, `stddev`, `median`, `p95` …",
        ),
        Column::optional("by", Kind::Texts, "", "Series that agree in these labels become one"),
        Column::optional("without", Kind::Texts, "", "Series that agree in all but these labels become one"),
        Column::optional("as", Kind::Text, "", "The metric name of what is made"),
        Column::optional("late", Kind::Duration, "5s", "How long after its end a stretch is told first"),
        Column::optional("original", Kind::Switch, "false", "Whether the samples themselves go on, too"),
        Column::optional("to", Kind::Texts, "", "Outputs and clusters that get a copy"),
        Column::optional(
            "stop",
            Kind::Switch,
            "true",
            "Whether `to` was all; otherwise later rules see them, too",
        ),
    ],
    example: "match = '{__name__=~\"http_.*\"}'\nevery = \"60s\"\nhow = \"sum\"\nwithout = [\"host\"]\noriginal = true",
};
