//! What Redis says.

use super::super::Metric;

/// The metric of this name.
pub(super) fn metric(name: &str) -> &'static Metric {
    METRICS.iter().find(|metric| metric.name == name).expect("a name of the table")
}

const fn gauge(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help).from(source)
}

const fn bytes(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "bytes", help).from(source)
}

const fn seconds(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "seconds", help).from(source)
}

const fn counter(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

pub(super) static METRICS: [Metric; 95] = [
    Metric::gauge("redis_info", "", "Always 1; the labels tell.").by(&["version", "mode", "role"]),
    seconds("redis_uptime_seconds", "uptime_in_seconds", "Time since it started."),
    // Clients.
    gauge("redis_clients", "connected_clients", "Clients connected, replicas not included."),
    gauge("redis_clients_limit", "maxclients", "Most clients it takes."),
    gauge("redis_clients_blocked", "blocked_clients", "Clients that wait in a blocking command."),
    gauge("redis_clients_tracking", "tracking_clients", "Clients that are told of keys they cache."),
    bytes(
        "redis_client_input_buffer_max_bytes",
        "client_recent_max_input_buffer",
        "Largest input buffer among the clients.",
    ),
    bytes(
        "redis_client_output_buffer_max_bytes",
        "client_recent_max_output_buffer",
        "Largest output buffer among the clients.",
    ),
    // Memory.
    bytes("redis_memory_used_bytes", "used_memory", "Memory its allocator gave out."),
    bytes("redis_memory_resident_bytes", "used_memory_rss", "Memory the system gave it."),
    bytes("redis_memory_peak_bytes", "used_memory_peak", "The most memory it ever used."),
    bytes("redis_memory_overhead_bytes", "used_memory_overhead", "Memory used for all but the data."),
    bytes("redis_memory_dataset_bytes", "used_memory_dataset", "Memory used for the data."),
    bytes("redis_memory_startup_bytes", "used_memory_startup", "Memory it used when it started."),
    bytes("redis_memory_scripts_bytes", "used_memory_scripts", "Memory of scripts and functions."),
    bytes("redis_memory_clients_bytes", "mem_clients_normal", "Memory of the buffers of clients."),
    bytes("redis_memory_replicas_bytes", "mem_clients_slaves", "Memory of the buffers of replicas."),
    bytes(
        "redis_memory_append_buffer_bytes",
        "mem_aof_buffer",
        "Memory of the buffers of the append-only file.",
    ),
    bytes("redis_memory_limit_bytes", "maxmemory", "Most memory it may use for data; 0 is without a limit."),
    Metric::gauge(
        "redis_memory_fragmentation_ratio",
        "ratio",
        "Memory the system gave to memory in use; above 1.5 much is lost, below 1 it swaps.",
    )
    .from("mem_fragmentation_ratio"),
    Metric::gauge(
        "redis_memory_allocator_fragmentation_ratio",
        "ratio",
        "The part of that which is the allocator's.",
    )
    .from("allocator_frag_ratio"),
    gauge("redis_defragmentation_active", "active_defrag_running", "1 or more while memory is defragmented."),
    gauge(
        "redis_lazy_free_pending",
        "lazyfree_pending_objects",
        "Objects that wait to be freed in the background.",
    ),
    // Keys.
    Metric::gauge("redis_keys", "", "Keys of a database.").by(&["db"]),
    Metric::gauge("redis_keys_expiring", "", "Keys of a database that expire some time.").by(&["db"]),
    Metric::gauge("redis_keys_ttl_average_seconds", "seconds", "Mean time to live of those.")
        .by(&["db"])
        .times(1e-3),
    counter("redis_keyspace_hits_total", "keyspace_hits", "Look-ups of a key that was there."),
    counter("redis_keyspace_misses_total", "keyspace_misses", "Look-ups of a key that was not there."),
    counter("redis_keys_expired_total", "expired_keys", "Keys removed because their time had come."),
    counter("redis_keys_evicted_total", "evicted_keys", "Keys removed because memory was short."),
    counter(
        "redis_clients_evicted_total",
        "evicted_clients",
        "Clients dropped because their buffers took too much memory.",
    ),
    Metric::gauge(
        "redis_keys_expired_stale_ratio",
        "ratio",
        "Keys that have expired and are still there, estimated.",
    )
    .from("expired_stale_perc")
    .times(1e-2),
    counter(
        "redis_expire_cycles_capped_total",
        "expired_time_cap_reached_count",
        "Times removing expired keys was cut short for lack of time.",
    ),
    // Commands and network.
    counter("redis_commands_total", "total_commands_processed", "Commands."),
    counter("redis_connections_total", "total_connections_received", "Connections taken."),
    counter(
        "redis_connections_rejected_total",
        "rejected_connections",
        "Connections refused because there were too many.",
    ),
    counter("redis_errors_total", "total_error_replies", "Errors answered."),
    Metric::counter("redis_errors_by_kind_total", "", "Errors answered, by their first word.").by(&["error"]),
    counter("redis_access_denied_auth_total", "acl_access_denied_auth", "Authentications that failed."),
    counter(
        "redis_access_denied_commands_total",
        "acl_access_denied_cmd",
        "Commands refused because the user may not.",
    ),
    Metric::counter("redis_received_bytes_total", "bytes", "Bytes read from clients.")
        .from("total_net_input_bytes"),
    Metric::counter("redis_sent_bytes_total", "bytes", "Bytes sent to clients.")
        .from("total_net_output_bytes"),
    Metric::counter("redis_replication_received_bytes_total", "bytes", "Bytes of replication read.")
        .from("total_net_repl_input_bytes"),
    Metric::counter("redis_replication_sent_bytes_total", "bytes", "Bytes of replication sent.")
        .from("total_net_repl_output_bytes"),
    gauge("redis_pubsub_channels", "pubsub_channels", "Channels somebody listens to."),
    gauge("redis_pubsub_patterns", "pubsub_patterns", "Patterns of channels somebody listens to."),
    Metric::counter(
        "redis_command_calls_total",
        "",
        "Calls of a command; those beyond the 48 that took most time are added up as `other`.",
    )
    .by(&["command"]),
    Metric::counter("redis_command_seconds_total", "seconds", "Time a command took.")
        .by(&["command"])
        .times(1e-6),
    Metric::counter("redis_command_failures_total", "", "Calls of a command that failed while it ran.")
        .by(&["command"]),
    Metric::counter(
        "redis_command_rejections_total",
        "",
        "Calls of a command that were refused before it ran.",
    )
    .by(&["command"]),
    gauge("redis_slow_log_entries", "", "Entries of the slow log."),
    counter("redis_slow_commands_total", "", "Commands that were slow enough for the slow log."),
    Metric::gauge(
        "redis_latency_spike_last_seconds",
        "seconds",
        "The newest spike of an event of the latency monitor.",
    )
    .by(&["event"])
    .times(1e-3),
    Metric::gauge("redis_latency_spike_longest_seconds", "seconds", "Its longest spike.")
        .by(&["event"])
        .times(1e-3),
    Metric::counter(
        "redis_cpu_seconds_total",
        "seconds",
        "CPU time by mode; children write snapshots and logs.",
    )
    .by(&["mode"]),
    counter("redis_event_loop_cycles_total", "eventloop_cycles", "Turns of the event loop."),
    Metric::counter("redis_event_loop_seconds_total", "seconds", "Time the event loop worked.")
        .from("eventloop_duration_sum")
        .times(1e-6),
    // Persistence.
    gauge("redis_loading", "loading", "1 while it loads its data and answers nothing."),
    gauge("redis_snapshot_changes", "rdb_changes_since_last_save", "Changes since the last snapshot."),
    gauge("redis_snapshot_running", "rdb_bgsave_in_progress", "1 while a snapshot is written."),
    seconds(
        "redis_snapshot_last_time_seconds",
        "rdb_last_save_time",
        "When the last snapshot was written, as Unix time.",
    ),
    gauge(
        "redis_snapshot_ok",
        "rdb_last_bgsave_status",
        "1 when the last snapshot succeeded, 0 when it did not; a server may refuse writes then.",
    ),
    seconds("redis_snapshot_last_seconds", "rdb_last_bgsave_time_sec", "How long the last snapshot took."),
    Metric::gauge(
        "redis_fork_last_seconds",
        "seconds",
        "How long the last fork took, during which nothing is answered.",
    )
    .from("latest_fork_usec")
    .times(1e-6),
    counter("redis_forks_total", "total_forks", "Forks."),
    bytes("redis_copy_on_write_bytes", "current_cow_size", "Memory copied since the fork that runs."),
    gauge("redis_append_enabled", "aof_enabled", "1 when an append-only file is written."),
    gauge(
        "redis_append_rewrite_running",
        "aof_rewrite_in_progress",
        "1 while the append-only file is rewritten.",
    ),
    gauge("redis_append_rewrite_ok", "aof_last_bgrewrite_status", "1 when the last rewrite succeeded."),
    gauge(
        "redis_append_write_ok",
        "aof_last_write_status",
        "1 when the last write to the append-only file succeeded.",
    ),
    bytes("redis_append_file_bytes", "aof_current_size", "Size of the append-only file."),
    bytes("redis_append_base_bytes", "aof_base_size", "Its size after the last rewrite."),
    counter(
        "redis_append_delayed_syncs_total",
        "aof_delayed_fsync",
        "Writes that had to wait for an fsync: the disk is too slow.",
    ),
    // Replication.
    gauge("redis_replicas", "connected_slaves", "Replicas connected."),
    bytes("redis_replication_offset_bytes", "master_repl_offset", "Bytes of the replication stream so far."),
    bytes("redis_replication_backlog_bytes", "repl_backlog_size", "Size of the replication backlog."),
    Metric::gauge("redis_replica_online", "", "1 when a replica is in step, 0 while it is brought there.")
        .by(&["replica"]),
    Metric::gauge("redis_replica_lag_seconds", "seconds", "Time since a replica last acknowledged.")
        .by(&["replica"]),
    Metric::gauge("redis_replica_lag_bytes", "bytes", "What a replica has yet to acknowledge.")
        .by(&["replica"]),
    gauge("redis_master_link_up", "master_link_status", "On a replica: 1 when the link to its master is up."),
    seconds(
        "redis_master_link_down_seconds",
        "master_link_down_since_seconds",
        "On a replica: how long the link is down.",
    ),
    seconds(
        "redis_master_last_io_seconds",
        "master_last_io_seconds_ago",
        "On a replica: time since its master last said something.",
    ),
    gauge(
        "redis_master_sync_running",
        "master_sync_in_progress",
        "On a replica: 1 while it takes over the whole data.",
    ),
    bytes(
        "redis_replica_offset_bytes",
        "slave_repl_offset",
        "On a replica: bytes of the replication stream it has.",
    ),
    counter("redis_sync_full_total", "sync_full", "Replicas that took over the whole data."),
    counter("redis_sync_partial_total", "sync_partial_ok", "Replicas that went on where they had stopped."),
    counter("redis_sync_partial_failures_total", "sync_partial_err", "Replicas that could not."),
    // Cluster and Sentinel.
    gauge("redis_cluster_ok", "cluster_state", "1 when the cluster serves all slots."),
    gauge("redis_cluster_slots_failed", "cluster_slots_fail", "Slots nobody serves."),
    gauge("redis_cluster_slots_ok", "cluster_slots_ok", "Slots that are served."),
    gauge("redis_cluster_nodes", "cluster_known_nodes", "Nodes known, those that failed included."),
    gauge("redis_sentinel_masters", "sentinel_masters", "Masters a Sentinel watches."),
    Metric::gauge("redis_sentinel_master_ok", "", "1 when a Sentinel finds a master well.").by(&["master"]),
    Metric::gauge("redis_sentinel_master_replicas", "", "Replicas of a master a Sentinel watches.")
        .by(&["master"]),
    Metric::gauge("redis_sentinel_master_sentinels", "", "Sentinels that watch a master.").by(&["master"]),
];
