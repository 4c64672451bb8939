//! Every path that reads, one row each.

use crate::{
    Api, about, agents, complete, dialects, events, export, fleet, functions, host, live, metrics, path,
    processes, profiles, run, sheets, standings, store,
};
use serve::{Method, Request, Response};
use std::sync::Arc;

/// One path.
pub struct Route {
    /// HTTP methods that are answered.
    pub methods: &'static [Method],
    /// Path; a part in braces stands for any one part.
    pub path: &'static str,
    /// One sentence for the reference page.
    pub summary: &'static str,
    /// Answers.
    pub handler: fn(&Arc<Api>, &Request) -> Response,
}

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];
const PUT: &[Method] = &[Method::PUT];
const DELETE: &[Method] = &[Method::DELETE];
const POST_PUT: &[Method] = &[Method::POST, Method::PUT];
const GET_POST: &[Method] = &[Method::GET, Method::POST];

/// The table.
pub static ROUTES: &[Route] = &[
    row(GET, "/health", "200 when ready", metrics::health),
    row(GET, "/metrics", "The program's own numbers as Prometheus text", metrics::get),
    row(GET, "/api/v1/about", "What this server is and where its data lives", about::get),
    row(GET, "/api/v1/fleet", "All hosts, worst first, with an hour's sparklines", fleet::get),
    row(GET, "/api/v1/host", "One host: facts, and the charts that its series allow", host::get),
    row(GET, "/api/v1/processes", "The top processes of a host at a moment", processes::get),
    row(
        GET,
        "/api/v1/events",
        "Logs, notes and other events, newest first, by host, level, source and text",
        events::get,
    ),
    row(POST, "/api/v1/events", "Takes notes of others, such as deploys: a JSON object a line", events::post),
    row(GET, "/api/v1/events/live", "The same events as a stream of server-sent events", events::live),
    row(
        GET,
        "/api/v1/standings",
        "How collectors, plugins, checks and doors of a host stand, and why not",
        standings::get,
    ),
    row(
        GET,
        "/api/v1/profiles",
        "Where a host's agent spent its own processor time: the profiles that are kept",
        profiles::list,
    ),
    row(GET, "/api/v1/profile", "The stacks of one of them, folded", profiles::get),
    row(POST, "/api/v1/profile", "Has a profile taken, of `seconds`", profiles::ask),
    row(GET, "/api/v1/agents", "Groups of agents, their settings, and how hosts get along", agents::list),
    row(
        PUT,
        "/api/v1/agents/{group}",
        "Makes a version of a group's settings (the body) for `hosts`, at first for a share of `stage` percent",
        agents::put,
    ),
    row(DELETE, "/api/v1/agents/{group}", "Forgets a group", agents::remove),
    row(
        POST,
        "/api/v1/agents/{group}/stage",
        "Gives the newest version to `stage` percent of the hosts",
        agents::set_stage,
    ),
    row(
        POST,
        "/api/v1/agents/{group}/rollback",
        "Gives all hosts the version that all had before",
        agents::roll_back,
    ),
    row(GET, "/api/v1/sheets", "The sheets that are kept", sheets::list),
    row(
        POST,
        "/api/v1/sheets",
        "Keeps a sheet, or those of an export of Kibana; `overwrite=true` replaces those of the same title",
        sheets::post,
    ),
    row(GET, "/api/v1/sheets/{id}", "One sheet with its expressions", sheets::get),
    row(
        PUT,
        "/api/v1/sheets/{id}",
        "The whole sheet anew; with `If-Match` only if it is still the one read, else 412",
        sheets::put,
    ),
    row(DELETE, "/api/v1/sheets/{id}", "Forgets a sheet", sheets::remove),
    row(GET, "/api/v1/sheets/{id}/export", "A sheet as Kibana imports it", sheets::export),
    row(GET, "/api/v1/agent/settings", "What an agent is to use; agents ask", agents::settings),
    row(POST, "/api/v1/run", "Evaluates expressions over a range", run::post),
    row(GET, "/api/v1/live", "The same as a stream of server-sent events", live::get),
    row(POST, "/api/v1/complete", "What may stand at the cursor of an expression", complete::post),
    row(GET, "/api/v1/functions", "The functions of a language", functions::get),
    row(GET, "/api/v1/path", "The story of a data point: rates, queues and drops of every stage", path::get),
    row(GET, "/api/v1/path/trace", "Where a metric or host is and how far it came", path::trace::get),
    row(
        GET_POST,
        "/api/v1/export",
        "Samples as they were stored, as JSON lines, OpenMetrics or CSV",
        export::get,
    ),
    row(GET_POST, "/api/v1/labels", "Label names (Prometheus)", dialects::prometheus::labels),
    row(
        GET,
        "/api/v1/label/{name}/values",
        "Values of a label (Prometheus)",
        dialects::prometheus::label_values,
    ),
    row(GET_POST, "/api/v1/series", "Series that match (Prometheus)", dialects::prometheus::series),
    row(
        GET_POST,
        "/api/v1/search/metric_names",
        "Names of metrics that are like a text, as NDJSON (Prometheus)",
        dialects::prometheus::search::metric_names,
    ),
    row(
        GET_POST,
        "/api/v1/search/label_names",
        "Label names that are like a text, as NDJSON (Prometheus)",
        dialects::prometheus::search::label_names,
    ),
    row(
        GET_POST,
        "/api/v1/search/label_values",
        "Values of a label that are like a text, as NDJSON (Prometheus)",
        dialects::prometheus::search::label_values,
    ),
    row(
        GET,
        "/api/v1/metadata",
        "Kind, unit and help of metrics (Prometheus)",
        dialects::prometheus::metadata,
    ),
    row(
        GET_POST,
        "/api/v1/query",
        "Evaluates PromQL at an instant (Prometheus)",
        dialects::prometheus::query::instant,
    ),
    row(
        GET_POST,
        "/api/v1/query_range",
        "Evaluates PromQL at the instants of a range (Prometheus)",
        dialects::prometheus::query::range,
    ),
    row(
        GET_POST,
        "/api/v1/query_exemplars",
        "Exemplars: none are kept (Prometheus)",
        dialects::prometheus::status::exemplars,
    ),
    row(
        GET_POST,
        "/api/v1/format_query",
        "PromQL on lines that fit (Prometheus)",
        dialects::prometheus::syntax::format_query,
    ),
    row(
        GET_POST,
        "/api/v1/parse_query",
        "PromQL as a tree (Prometheus)",
        dialects::prometheus::syntax::parse_query,
    ),
    row(
        POST,
        "/api/v1/read",
        "Samples for another server (Prometheus' remote read)",
        dialects::prometheus::remote_read::post,
    ),
    row(
        GET,
        "/federate",
        "The newest samples of series that match, as text (Prometheus)",
        dialects::prometheus::federate::get,
    ),
    row(
        GET,
        "/api/v1/status/buildinfo",
        "Which Prometheus is spoken, and our version (Prometheus)",
        dialects::prometheus::status::buildinfo,
    ),
    row(
        GET,
        "/api/v1/status/runtimeinfo",
        "Since when the server runs, and where (Prometheus)",
        dialects::prometheus::status::runtimeinfo,
    ),
    row(
        GET,
        "/api/v1/status/flags",
        "Flags: there are none (Prometheus)",
        dialects::prometheus::status::flags,
    ),
    row(
        GET,
        "/api/v1/status/config",
        "Settings of Prometheus: none (Prometheus)",
        dialects::prometheus::status::config,
    ),
    row(
        GET,
        "/api/v1/targets",
        "Targets: agents have them (Prometheus)",
        dialects::prometheus::status::targets,
    ),
    row(
        GET,
        "/api/v1/targets/metadata",
        "What is known of targets: nothing (Prometheus)",
        dialects::prometheus::status::targets_metadata,
    ),
    row(GET, "/api/v1/rules", "Rules: none (Prometheus)", dialects::prometheus::status::rules),
    row(GET, "/api/v1/alerts", "Alerts: none (Prometheus)", dialects::prometheus::status::alerts),
    row(
        GET,
        "/api/v1/alertmanagers",
        "Alertmanagers: none (Prometheus)",
        dialects::prometheus::status::alertmanagers,
    ),
    row(GET, "/-/healthy", "200 while the server runs (Prometheus)", dialects::prometheus::status::healthy),
    row(GET, "/-/ready", "200 when ready (Prometheus)", dialects::prometheus::status::ready),
    row(
        GET,
        "/api/v1/status/tsdb",
        "How many series there are, of what, since when, and for whom (Prometheus, and more)",
        dialects::prometheus::admin::status,
    ),
    row(
        POST_PUT,
        "/api/v1/admin/tsdb/delete_series",
        "Deletes the samples of series that match, from `start` to `end` (Prometheus)",
        dialects::prometheus::admin::delete_series,
    ),
    row(
        POST_PUT,
        "/api/v1/admin/tsdb/clean_tombstones",
        "Takes deleted samples off the disk now and not by and by (Prometheus)",
        dialects::prometheus::admin::clean_tombstones,
    ),
    row(
        POST_PUT,
        "/api/v1/admin/tsdb/snapshot",
        "Keeps a copy of everything, and says its name (Prometheus)",
        dialects::prometheus::admin::snapshot,
    ),
    row(POST, "/api/v1/store/delete", "Deletes like `delete_series`, and says how much", store::delete),
    row(POST, "/api/v1/store/clean", "The same as `clean_tombstones`", store::clean),
    row(GET, "/api/v1/store/snapshots", "The snapshots there are", store::snapshots),
    row(POST, "/api/v1/store/snapshot", "Makes a snapshot whose name ends with `label`", store::snapshot),
    row(POST, "/api/v1/store/snapshot/remove", "Removes the snapshot `name`", store::remove_snapshot),
    row(
        POST,
        "/api/v1/store/restore",
        "Takes from the snapshot `name` what matches and lies between `start` and `end`",
        store::restore,
    ),
    row(
        GET_POST,
        "/render",
        "Targets over a range as JSON, raw, CSV, pickle, MessagePack, for dygraph or rickshaw, or drawn as PNG or SVG \
         (Graphite)",
        dialects::graphite::render,
    ),
    row(
        GET_POST,
        "/metrics/find",
        "What the tree of paths has at a place (Graphite)",
        dialects::graphite::find,
    ),
    row(GET_POST, "/metrics/expand", "The paths that patterns mean (Graphite)", dialects::graphite::expand),
    row(GET_POST, "/metrics/index.json", "All paths (Graphite)", dialects::graphite::index),
    row(
        GET_POST,
        "/metrics/get-metadata",
        "How samples of paths are put together (Graphite)",
        dialects::graphite::get_metadata,
    ),
    row(
        GET_POST,
        "/metrics/set-metadata",
        "Says why that is not set (Graphite)",
        dialects::graphite::set_metadata,
    ),
    row(GET, "/functions", "The functions of render targets (Graphite)", dialects::graphite::functions),
    row(GET, "/functions/{name}", "One of them (Graphite)", dialects::graphite::function),
    row(GET, "/tags", "Tags that series have (Graphite)", dialects::graphite::tags),
    row(
        GET_POST,
        "/tags/findSeries",
        "Series that satisfy conditions on tags (Graphite)",
        dialects::graphite::find_series,
    ),
    row(
        GET_POST,
        "/tags/autoComplete/tags",
        "Tags to go on with (Graphite)",
        dialects::graphite::complete_tags,
    ),
    row(
        GET_POST,
        "/tags/autoComplete/values",
        "Values of a tag to go on with (Graphite)",
        dialects::graphite::complete_values,
    ),
    row(POST, "/tags/tagSeries", "The name of a tagged series (Graphite)", dialects::graphite::tag_one),
    row(POST, "/tags/tagMultiSeries", "The names of several (Graphite)", dialects::graphite::tag_many),
    row(
        POST,
        "/tags/delSeries",
        "Deletes the samples of tagged series (Graphite)",
        dialects::graphite::delete_series,
    ),
    row(
        GET,
        "/tags/{tag}",
        "Values of a tag with how many series have them (Graphite)",
        dialects::graphite::tag,
    ),
    row(GET_POST, "/events/get_data", "Notes such as deploys (Graphite)", dialects::graphite::events_data),
    row(GET, "/events", "The same as a page (Graphite)", dialects::graphite::events_list),
    row(POST, "/events", "Takes a note (Graphite)", dialects::graphite::events_post),
    row(GET, "/events/{id}", "One note (Graphite)", dialects::graphite::event),
    row(GET, "/version", "The release of Graphite whose API this is", dialects::graphite::version),
    row(POST, "/api/timelion/run", "Evaluates a sheet (Kibana's Timelion)", dialects::timelion::run),
    row(GET, "/api/timelion/functions", "Timelion's functions (Kibana)", dialects::timelion::functions),
    row(POST, "/api/history", "The same as /graph/history (Open-Falcon)", dialects::falcon::history),
    row(POST, "/api/info", "The same as /graph/info (Open-Falcon)", dialects::falcon::info),
    row(
        GET,
        "/api/endpoints",
        "Hosts by words of their names and by tags, for a dashboard (Open-Falcon)",
        dialects::falcon::dashboard::endpoints,
    ),
    row(
        POST,
        "/api/counters",
        "Counters of hosts by words of their names, for a dashboard (Open-Falcon)",
        dialects::falcon::dashboard::counters,
    ),
    row(POST, "/graph/history", "Consolidated values of counters (Open-Falcon)", dialects::falcon::history),
    row(POST, "/graph/last", "Newest value or rate of counters (Open-Falcon)", dialects::falcon::last),
    row(
        POST,
        "/graph/last/raw",
        "Newest value of counters as it came (Open-Falcon)",
        dialects::falcon::last_raw,
    ),
    row(POST, "/graph/info", "Type and step of counters (Open-Falcon)", dialects::falcon::info),
    row(
        POST,
        "/api/v1/graph/history",
        "The same for hosts and counters (Open-Falcon)",
        dialects::falcon::rest::history,
    ),
    row(
        POST,
        "/api/v1/graph/lastpoint",
        "The same as /graph/last (Open-Falcon)",
        dialects::falcon::rest::lastpoint,
    ),
    row(
        GET,
        "/api/v1/graph/endpoint",
        "Hosts by regular expressions and tags (Open-Falcon)",
        dialects::falcon::index::endpoint,
    ),
    row(
        DELETE,
        "/api/v1/graph/endpoint",
        "Deletes all samples of hosts (Open-Falcon)",
        dialects::falcon::remove::endpoint,
    ),
    row(
        GET,
        "/api/v1/graph/endpointobj",
        "Hosts by name, with the time of their newest sample (Open-Falcon)",
        dialects::falcon::index::endpointobj,
    ),
    row(
        GET,
        "/api/v1/graph/endpoint_counter",
        "Counters of hosts by regular expressions (Open-Falcon)",
        dialects::falcon::index::endpoint_counter,
    ),
    row(
        DELETE,
        "/api/v1/graph/counter",
        "Deletes all samples of counters of hosts (Open-Falcon)",
        dialects::falcon::remove::counter,
    ),
    row(
        GET,
        "/api/v1/grafana",
        "Hosts for Grafana's template variables (Open-Falcon)",
        dialects::falcon::grafana::find,
    ),
    row(
        GET,
        "/api/v1/grafana/metrics/find",
        "Hosts, and the next piece of counters' names (Open-Falcon)",
        dialects::falcon::grafana::find,
    ),
    row(
        GET_POST,
        "/api/v1/grafana/render",
        "Consolidated values of targets (Open-Falcon)",
        dialects::falcon::grafana::render,
    ),
];

const fn row(
    methods: &'static [Method],
    path: &'static str,
    summary: &'static str,
    handler: fn(&Arc<Api>, &Request) -> Response,
) -> Route {
    Route { methods, path, summary, handler }
}

impl Route {
    /// Whether the route's pattern covers a path.
    pub fn covers(&self, path: &str) -> bool {
        if !self.path.contains('{') {
            return self.path == path;
        }
        let (mut pattern, mut parts) = (self.path.split('/'), path.split('/'));
        loop {
            match (pattern.next(), parts.next()) {
                (None, None) => return true,
                (Some(p), Some(part)) if p == part || (p.starts_with('{') && !part.is_empty()) => {}
                _ => return false,
            }
        }
    }
}
