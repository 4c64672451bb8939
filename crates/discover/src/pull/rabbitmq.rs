//! RabbitMQ: its page for Prometheus, and of each queue what waits in it.

use super::ask::Ask;
use super::session::Once;
use super::{Error, Metric, Row, http, prometheus};

pub(super) const ROW: Row = Row {
    name: "rabbitmq",
    summary: "RabbitMQ: messages, queues, consumers, connections, alarms, memory and disk, each queue's backlog.",
    port: 15692,
    needs: "Needs `rabbitmq-plugins enable rabbitmq_prometheus` (from version 3.8 on); no user.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

const fn gauge(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).from(source)
}

const fn counter(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

static METRICS: [Metric; 42] = [
    Metric::gauge("rabbitmq_info", "", "Always 1; the labels tell.")
        .by(&["rabbitmq_version", "erlang_version"])
        .from("rabbitmq_build_info"),
    gauge("rabbitmq_uptime_seconds", "seconds", "rabbitmq_erlang_uptime_seconds", "Time since it started."),
    gauge(
        "rabbitmq_alarm_memory",
        "",
        "rabbitmq_alarms_memory_used_watermark",
        "1 while it uses too much memory and takes no messages.",
    ),
    gauge(
        "rabbitmq_alarm_disk",
        "",
        "rabbitmq_alarms_free_disk_space_watermark",
        "1 while the disk is too full and it takes no messages.",
    ),
    gauge(
        "rabbitmq_alarm_files",
        "",
        "rabbitmq_alarms_file_descriptor_limit",
        "1 while it has as many files open as it may.",
    ),
    gauge("rabbitmq_memory_bytes", "bytes", "rabbitmq_process_resident_memory_bytes", "Memory it uses."),
    gauge(
        "rabbitmq_memory_limit_bytes",
        "bytes",
        "rabbitmq_resident_memory_limit_bytes",
        "Memory from which on it takes no messages.",
    ),
    gauge(
        "rabbitmq_disk_free_bytes",
        "bytes",
        "rabbitmq_disk_space_available_bytes",
        "Free space of its disk.",
    ),
    gauge(
        "rabbitmq_disk_free_limit_bytes",
        "bytes",
        "rabbitmq_disk_space_available_limit_bytes",
        "Free space below which it takes no messages.",
    ),
    gauge("rabbitmq_open_files", "", "rabbitmq_process_open_fds", "Files open."),
    gauge("rabbitmq_open_files_limit", "", "rabbitmq_process_max_fds", "Most files it may open."),
    gauge("rabbitmq_erlang_processes", "", "rabbitmq_erlang_processes_used", "Processes of its machine."),
    gauge(
        "rabbitmq_erlang_processes_limit",
        "",
        "rabbitmq_erlang_processes_limit",
        "Most processes there may be.",
    ),
    gauge("rabbitmq_run_queue", "", "rabbitmq_erlang_scheduler_run_queue", "Processes that wait for a core."),
    gauge("rabbitmq_connections", "", "rabbitmq_connections", "Connections open."),
    counter(
        "rabbitmq_connections_opened_total",
        "rabbitmq_connections_opened_total",
        "Connections opened; many are a client that does not keep its own.",
    ),
    counter("rabbitmq_connections_closed_total", "rabbitmq_connections_closed_total", "Connections closed."),
    gauge("rabbitmq_channels", "", "rabbitmq_channels", "Channels open."),
    gauge("rabbitmq_consumers", "", "rabbitmq_consumers", "Consumers."),
    gauge("rabbitmq_publishers", "", "rabbitmq_global_publishers", "Publishers."),
    gauge("rabbitmq_queues", "", "rabbitmq_queues", "Queues."),
    gauge(
        "rabbitmq_messages_ready",
        "",
        "rabbitmq_queue_messages_ready",
        "Messages that wait for a consumer, in all queues.",
    ),
    gauge(
        "rabbitmq_messages_unacknowledged",
        "",
        "rabbitmq_queue_messages_unacked",
        "Messages consumers have and have not acknowledged.",
    ),
    gauge("rabbitmq_messages_persistent", "", "rabbitmq_queue_messages_persistent", "Messages kept on disk."),
    gauge("rabbitmq_messages_bytes", "bytes", "rabbitmq_queue_messages_bytes", "Size of all messages."),
    counter(
        "rabbitmq_messages_received_total",
        "rabbitmq_global_messages_received_total",
        "Messages from publishers.",
    ),
    counter(
        "rabbitmq_messages_confirmed_total",
        "rabbitmq_global_messages_confirmed_total",
        "Messages confirmed to publishers.",
    ),
    counter(
        "rabbitmq_messages_routed_total",
        "rabbitmq_global_messages_routed_total",
        "Messages put into queues.",
    ),
    counter(
        "rabbitmq_messages_delivered_total",
        "rabbitmq_global_messages_delivered_total",
        "Messages handed to consumers.",
    ),
    counter(
        "rabbitmq_messages_acknowledged_total",
        "rabbitmq_global_messages_acknowledged_total",
        "Messages acknowledged.",
    ),
    counter(
        "rabbitmq_messages_redelivered_total",
        "rabbitmq_global_messages_redelivered_total",
        "Messages handed out again.",
    ),
    counter(
        "rabbitmq_messages_dropped_total",
        "rabbitmq_global_messages_unroutable_dropped_total",
        "Messages no queue wanted, dropped.",
    ),
    counter(
        "rabbitmq_messages_returned_total",
        "rabbitmq_global_messages_unroutable_returned_total",
        "Messages no queue wanted, returned.",
    ),
    counter(
        "rabbitmq_messages_expired_total",
        "rabbitmq_global_messages_dead_lettered_expired_total",
        "Messages whose time was over.",
    ),
    counter(
        "rabbitmq_messages_rejected_total",
        "rabbitmq_global_messages_dead_lettered_rejected_total",
        "Messages consumers rejected.",
    ),
    counter(
        "rabbitmq_messages_overflowed_total",
        "rabbitmq_global_messages_dead_lettered_maxlen_total",
        "Messages pushed out of queues that were full.",
    ),
    counter(
        "rabbitmq_authentication_failures_total",
        "rabbitmq_auth_attempts_failed_total",
        "Authentications that failed.",
    ),
    Metric::counter("rabbitmq_io_sync_seconds_total", "seconds", "Time spent in fsync.")
        .from("rabbitmq_io_sync_time_seconds_total"),
    counter("rabbitmq_io_syncs_total", "rabbitmq_io_sync_ops_total", "Calls of fsync."),
    Metric::gauge(
        "rabbitmq_queue_messages_ready",
        "",
        "Messages of a queue that wait for a consumer; of as many queues as fit into 256 KiB.",
    )
    .by(QUEUE)
    .from("rabbitmq_detailed_queue_messages_ready"),
    Metric::gauge(
        "rabbitmq_queue_messages_unacknowledged",
        "",
        "Messages of a queue that are not yet acknowledged.",
    )
    .by(QUEUE)
    .from("rabbitmq_detailed_queue_messages_unacked"),
    Metric::gauge("rabbitmq_queue_consumers", "", "Consumers of a queue.")
        .by(QUEUE)
        .from("rabbitmq_detailed_queue_consumers"),
];
const QUEUE: &[&str] = &["vhost", "queue"];
/// What is asked of each queue.
const DETAILS: &str = "/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count";
/// Longest page about queues that is read, in bytes: some have tens of thousands of them.
const DETAILS_BYTES_MAX: usize = 256 << 10;

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let path = if ask.target.path.is_empty() { "/metrics".to_owned() } else { ask.target.path.clone() };
    let page = http::get(ask, &path)?;
    prometheus::read(&page, &METRICS, ask)?;
    let details = http::page(ask, DETAILS)?;
    if details.status == 200 && !details.body.is_empty() {
        let end = details.body.len().min(DETAILS_BYTES_MAX);
        let whole = details.body[..end].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        if whole < details.body.len() {
            ask.remark(format!(
                "there are more queues than fit into {DETAILS_BYTES_MAX} bytes: only the first are told"
            ));
        }
        // A server without queues tells of none.
        let _ = prometheus::read(&details.body[..whole], &METRICS, ask);
    }
    Ok(())
}
