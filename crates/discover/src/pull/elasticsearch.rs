//! Elasticsearch and OpenSearch: the cluster's health, and the numbers of the node that is asked.

use super::ask::Ask;
use super::json::{self, Leaf};
use super::session::Once;
use super::{Error, Metric, Row, http};

pub(super) const ROW: Row = Row {
    name: "elasticsearch",
    summary: "Elasticsearch and OpenSearch: health of the cluster, shards, documents, searches, indexing, memory, thread pools, \
              breakers, disk.",
    port: 9200,
    needs: "Needs a user with the privilege `monitor` where security is on. TLS is not spoken here yet: \
            `xpack.security.http.ssl.enabled: false`, or a proxy on loopback.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

const fn gauge(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).from(source)
}

const fn counter(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

const fn counter_ms(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "seconds", help).from(source).times(1e-3)
}

const POOL: &[&str] = &["pool"];
const BREAKER: &[&str] = &["breaker"];
const COLLECTOR: &[&str] = &["collector"];

static METRICS: [Metric; 57] = [
    Metric::gauge("elasticsearch_info", "", "Always 1; the labels tell.").by(&["version", "cluster", "node"]),
    // The cluster.
    gauge(
        "elasticsearch_cluster_status",
        "",
        "status",
        "0 green, 1 yellow: replicas are missing, 2 red: data is missing.",
    ),
    gauge("elasticsearch_cluster_nodes", "", "number_of_nodes", "Nodes."),
    gauge("elasticsearch_cluster_data_nodes", "", "number_of_data_nodes", "Nodes that hold data."),
    gauge("elasticsearch_shards_active", "", "active_shards", "Shards that are active."),
    gauge("elasticsearch_shards_primary", "", "active_primary_shards", "Primary shards that are active."),
    gauge("elasticsearch_shards_relocating", "", "relocating_shards", "Shards that move."),
    gauge("elasticsearch_shards_initializing", "", "initializing_shards", "Shards that start."),
    gauge("elasticsearch_shards_unassigned", "", "unassigned_shards", "Shards no node has."),
    gauge(
        "elasticsearch_shards_delayed",
        "",
        "delayed_unassigned_shards",
        "Those of them that wait for a node to come back.",
    ),
    gauge("elasticsearch_tasks_pending", "", "number_of_pending_tasks", "Changes of the cluster that wait."),
    Metric::gauge(
        "elasticsearch_task_longest_wait_seconds",
        "seconds",
        "How long the first of them has waited.",
    )
    .from("task_max_waiting_in_queue_millis")
    .times(1e-3),
    // The node.
    gauge("elasticsearch_documents", "", "indices.docs.count", "Documents."),
    gauge(
        "elasticsearch_documents_deleted",
        "",
        "indices.docs.deleted",
        "Documents deleted and still there.",
    ),
    gauge("elasticsearch_store_bytes", "bytes", "indices.store.size_in_bytes", "Size of the shards."),
    gauge("elasticsearch_segments", "", "indices.segments.count", "Segments."),
    counter("elasticsearch_indexed_total", "indices.indexing.index_total", "Documents indexed."),
    counter_ms(
        "elasticsearch_index_seconds_total",
        "indices.indexing.index_time_in_millis",
        "Time that took.",
    ),
    counter(
        "elasticsearch_index_failures_total",
        "indices.indexing.index_failed",
        "Documents that could not be indexed.",
    ),
    counter("elasticsearch_deleted_total", "indices.indexing.delete_total", "Documents deleted."),
    counter_ms(
        "elasticsearch_index_throttle_seconds_total",
        "indices.indexing.throttle_time_in_millis",
        "Time indexing was held back because merges could not keep up.",
    ),
    counter("elasticsearch_queries_total", "indices.search.query_total", "Queries of shards."),
    counter_ms("elasticsearch_query_seconds_total", "indices.search.query_time_in_millis", "Time they took."),
    gauge("elasticsearch_queries_running", "", "indices.search.query_current", "Queries that run."),
    counter("elasticsearch_fetches_total", "indices.search.fetch_total", "Fetches of documents."),
    counter_ms("elasticsearch_fetch_seconds_total", "indices.search.fetch_time_in_millis", "Time they took."),
    gauge("elasticsearch_scrolls_open", "", "indices.search.scroll_current", "Scrolls open."),
    counter("elasticsearch_gets_total", "indices.get.total", "Gets of a document."),
    counter_ms("elasticsearch_get_seconds_total", "indices.get.time_in_millis", "Time they took."),
    counter("elasticsearch_merges_total", "indices.merges.total", "Merges."),
    counter_ms("elasticsearch_merge_seconds_total", "indices.merges.total_time_in_millis", "Time they took."),
    counter("elasticsearch_refreshes_total", "indices.refresh.total", "Refreshes."),
    counter_ms(
        "elasticsearch_refresh_seconds_total",
        "indices.refresh.total_time_in_millis",
        "Time they took.",
    ),
    counter("elasticsearch_flushes_total", "indices.flush.total", "Flushes."),
    counter_ms("elasticsearch_flush_seconds_total", "indices.flush.total_time_in_millis", "Time they took."),
    gauge(
        "elasticsearch_query_cache_bytes",
        "bytes",
        "indices.query_cache.memory_size_in_bytes",
        "Memory of the query cache.",
    ),
    counter(
        "elasticsearch_query_cache_hits_total",
        "indices.query_cache.hit_count",
        "Hits of the query cache.",
    ),
    counter(
        "elasticsearch_query_cache_misses_total",
        "indices.query_cache.miss_count",
        "Misses of the query cache.",
    ),
    gauge(
        "elasticsearch_field_data_bytes",
        "bytes",
        "indices.fielddata.memory_size_in_bytes",
        "Memory of field data.",
    ),
    counter(
        "elasticsearch_field_data_evictions_total",
        "indices.fielddata.evictions",
        "Evictions of field data.",
    ),
    gauge(
        "elasticsearch_translog_bytes",
        "bytes",
        "indices.translog.size_in_bytes",
        "Size of the transaction log.",
    ),
    gauge("elasticsearch_heap_used_bytes", "bytes", "jvm.mem.heap_used_in_bytes", "Heap in use."),
    gauge("elasticsearch_heap_limit_bytes", "bytes", "jvm.mem.heap_max_in_bytes", "Most heap it may have."),
    Metric::counter("elasticsearch_collections_total", "", "Garbage collections.")
        .by(COLLECTOR)
        .from("jvm.gc.collectors.*.collection_count"),
    Metric::counter("elasticsearch_collection_seconds_total", "seconds", "Time they took.")
        .by(COLLECTOR)
        .from("jvm.gc.collectors.*.collection_time_in_millis")
        .times(1e-3),
    gauge("elasticsearch_threads", "", "jvm.threads.count", "Threads."),
    gauge("elasticsearch_open_files", "", "process.open_file_descriptors", "Files open."),
    gauge("elasticsearch_open_files_limit", "", "process.max_file_descriptors", "Most files it may open."),
    gauge("elasticsearch_disk_bytes", "bytes", "fs.total.total_in_bytes", "Size of its disks."),
    gauge(
        "elasticsearch_disk_free_bytes",
        "bytes",
        "fs.total.available_in_bytes",
        "Free space of its disks; from 85 % full on it takes no new shards.",
    ),
    gauge("elasticsearch_http_connections", "", "http.current_open", "HTTP connections open."),
    Metric::gauge("elasticsearch_pool_active", "", "Threads of a pool that work.")
        .by(POOL)
        .from("thread_pool.*.active"),
    Metric::gauge("elasticsearch_pool_queue", "", "Tasks that wait for a pool.")
        .by(POOL)
        .from("thread_pool.*.queue"),
    Metric::counter(
        "elasticsearch_pool_rejected_total",
        "",
        "Tasks a pool refused because its queue was full.",
    )
    .by(POOL)
    .from("thread_pool.*.rejected"),
    Metric::gauge("elasticsearch_breaker_used_bytes", "bytes", "Memory a breaker counts.")
        .by(BREAKER)
        .from("breakers.*.estimated_size_in_bytes"),
    Metric::gauge("elasticsearch_breaker_limit_bytes", "bytes", "Memory at which it trips.")
        .by(BREAKER)
        .from("breakers.*.limit_size_in_bytes"),
    Metric::counter("elasticsearch_breaker_trips_total", "", "Requests it refused.")
        .by(BREAKER)
        .from("breakers.*.tripped"),
];

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut version = String::new();
    let root = http::get(ask, "/")?;
    json::leaves(&root, &mut |path, leaf| {
        if path.join(".") == "version.number" {
            version = leaf.text().unwrap_or_default().to_owned();
        }
    })?;
    let health = http::get(ask, "/_cluster/health")?;
    let cluster = cluster(&health, ask)?;
    let stats = http::get(ask, "/_nodes/_local/stats")?;
    node(&stats, &version, &cluster, ask)
}

/// The cluster's health; gives its name.
fn cluster(health: &[u8], ask: &mut Ask<'_>) -> Result<String, Error> {
    let mut name = String::new();
    json::leaves(health, &mut |path, leaf| match (path, leaf) {
        ([field], Leaf::Text(text)) if field == "cluster_name" => name = text,
        ([field], Leaf::Text(text)) if field == "status" => {
            let status = ["green", "yellow", "red"].iter().position(|color| *color == text);
            if let Some(status) = status {
                ask.tell(&METRICS, "status", &[], status as f64);
            }
        }
        ([field], Leaf::Number(number)) => _ = ask.tell(&METRICS, field, &[], number),
        _ => {}
    })?;
    Ok(name)
}

/// `nodes.ID.…`
fn node(stats: &[u8], version: &str, cluster: &str, ask: &mut Ask<'_>) -> Result<(), Error> {
    json::leaves(stats, &mut |path, leaf| {
        let [nodes, _, path @ ..] = path else { return };
        if nodes != "nodes" {
            return;
        }
        match (path, leaf) {
            ([field], Leaf::Text(name)) if field == "name" => {
                ask.push(&METRICS[0], &[version, cluster, &name], 1.0)
            }
            (path, Leaf::Number(number)) => number_of(path, number, ask),
            _ => {}
        }
    })
}

fn number_of(path: &[String], number: f64, ask: &mut Ask<'_>) {
    if let [folder @ .., name, field] = path
        && matches!(folder.last().map(String::as_str), Some("collectors" | "thread_pool" | "breakers"))
    {
        ask.tell(&METRICS, &format!("{}.*.{field}", folder.join(".")), &[name], number);
        return;
    }
    ask.tell(&METRICS, &path.join("."), &[], number);
}
