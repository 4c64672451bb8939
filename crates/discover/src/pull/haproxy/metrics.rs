//! What HAProxy's table and its process tell. A source is `front.COLUMN` or `server.COLUMN`, or a name of `show info`.

use crate::pull::Metric;

const PROXY: &[&str] = &["proxy"];
const SERVER: &[&str] = &["proxy", "server"];
const ANSWERS: &[&str] = &["proxy", "class"];
const SERVER_ANSWERS: &[&str] = &["proxy", "server", "class"];

const fn front(name: &'static str, column: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help).by(PROXY).from(column)
}

const fn front_total(
    name: &'static str,
    unit: &'static str,
    column: &'static str,
    help: &'static str,
) -> Metric {
    Metric::counter(name, unit, help).by(PROXY).from(column)
}

const fn server(name: &'static str, column: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help).by(SERVER).from(column)
}

const fn server_total(
    name: &'static str,
    unit: &'static str,
    column: &'static str,
    help: &'static str,
) -> Metric {
    Metric::counter(name, unit, help).by(SERVER).from(column)
}

const fn mean(name: &'static str, column: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "seconds", help).by(PROXY).from(column).times(1e-3)
}

const fn server_mean(name: &'static str, column: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "seconds", help).by(SERVER).from(column).times(1e-3)
}

const fn process(name: &'static str, unit: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, unit, help).from(source)
}

const fn process_total(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).from(source)
}

/// All of them; the first is the version.
pub(super) static METRICS: [Metric; 69] = [
    Metric::gauge("haproxy_info", "", "Always 1; the label tells.").by(&["version"]),
    process("haproxy_uptime_seconds", "seconds", "Uptime_sec", "Time since it started."),
    process("haproxy_connections", "", "CurrConns", "Connections of clients open."),
    process("haproxy_connections_limit", "", "Maxconn", "Most connections it takes."),
    process_total("haproxy_connections_total", "CumConns", "Connections taken."),
    process_total("haproxy_requests_total", "CumReq", "Requests."),
    process("haproxy_tls_connections", "", "CurrSslConns", "TLS connections open."),
    process_total("haproxy_tls_connections_total", "CumSslConns", "TLS connections."),
    process("haproxy_pipes_used", "", "PipesUsed", "Pipes in use."),
    process("haproxy_run_queue", "", "Run_queue", "Tasks ready to run."),
    process("haproxy_tasks", "", "Tasks", "Tasks there are."),
    process(
        "haproxy_idle_ratio",
        "ratio",
        "Idle_pct",
        "Part of the time it is idle; near 0 it is at its limit.",
    )
    .times(1e-2),
    process("haproxy_stopping", "", "Stopping", "1 while it stops and lets its last clients finish."),
    process_total("haproxy_logs_dropped_total", "DroppedLogs", "Lines of the log that were lost."),
    // Frontends.
    front(
        "haproxy_frontend_up",
        "FRONTEND.status",
        "1 when it takes connections, 0 when it is full or stopped.",
    ),
    front("haproxy_frontend_sessions", "FRONTEND.scur", "Sessions open."),
    front("haproxy_frontend_sessions_limit", "FRONTEND.slim", "Most sessions it takes."),
    front_total("haproxy_frontend_sessions_total", "", "FRONTEND.stot", "Sessions."),
    front_total("haproxy_frontend_connections_total", "", "FRONTEND.conn_tot", "Connections."),
    front_total("haproxy_frontend_requests_total", "", "FRONTEND.req_tot", "Requests."),
    front_total("haproxy_frontend_received_bytes_total", "bytes", "FRONTEND.bin", "Bytes from clients."),
    front_total("haproxy_frontend_sent_bytes_total", "bytes", "FRONTEND.bout", "Bytes to clients."),
    front_total("haproxy_frontend_requests_denied_total", "", "FRONTEND.dreq", "Requests denied by a rule."),
    front_total("haproxy_frontend_answers_denied_total", "", "FRONTEND.dresp", "Answers denied by a rule."),
    front_total(
        "haproxy_frontend_request_errors_total",
        "",
        "FRONTEND.ereq",
        "Requests that were broken, or ended by the client.",
    ),
    Metric::counter("haproxy_frontend_answers_total", "", "Answers by class of their status.")
        .by(ANSWERS)
        .from("FRONTEND.hrsp"),
    // Backends.
    front("haproxy_backend_up", "BACKEND.status", "1 when one of its servers is up."),
    front("haproxy_backend_servers_active", "BACKEND.act", "Servers that are up, those in reserve left out."),
    front("haproxy_backend_servers_backup", "BACKEND.bck", "Servers in reserve that are up."),
    front("haproxy_backend_queue", "BACKEND.qcur", "Requests that wait for a server."),
    front("haproxy_backend_sessions", "BACKEND.scur", "Sessions open."),
    front_total("haproxy_backend_sessions_total", "", "BACKEND.stot", "Sessions."),
    front_total("haproxy_backend_requests_total", "", "BACKEND.req_tot", "Requests."),
    front_total("haproxy_backend_received_bytes_total", "bytes", "BACKEND.bin", "Bytes from clients."),
    front_total("haproxy_backend_sent_bytes_total", "bytes", "BACKEND.bout", "Bytes to clients."),
    front_total(
        "haproxy_backend_connection_errors_total",
        "",
        "BACKEND.econ",
        "Connections to servers that failed.",
    ),
    front_total(
        "haproxy_backend_answer_errors_total",
        "",
        "BACKEND.eresp",
        "Answers of servers that were broken or cut.",
    ),
    front_total("haproxy_backend_retries_total", "", "BACKEND.wretr", "Connections to servers tried again."),
    front_total(
        "haproxy_backend_redispatches_total",
        "",
        "BACKEND.wredis",
        "Requests sent to another server than they were meant for.",
    ),
    front_total(
        "haproxy_backend_client_aborts_total",
        "",
        "BACKEND.cli_abrt",
        "Transfers ended by the client.",
    ),
    front_total(
        "haproxy_backend_server_aborts_total",
        "",
        "BACKEND.srv_abrt",
        "Transfers ended by the server.",
    ),
    front_total("haproxy_backend_down_seconds_total", "seconds", "BACKEND.downtime", "Time it was down."),
    mean(
        "haproxy_backend_queue_time_seconds",
        "BACKEND.qtime",
        "Mean time the last 1024 requests waited for a server.",
    ),
    mean("haproxy_backend_connect_time_seconds", "BACKEND.ctime", "Mean time they took to connect."),
    mean("haproxy_backend_answer_time_seconds", "BACKEND.rtime", "Mean time until the server answered them."),
    mean("haproxy_backend_total_time_seconds", "BACKEND.ttime", "Mean time they took in all."),
    Metric::counter("haproxy_backend_answers_total", "", "Answers by class of their status.")
        .by(ANSWERS)
        .from("BACKEND.hrsp"),
    // Servers.
    server("haproxy_server_up", "server.status", "1 when it is up or not checked, 0 when it is down."),
    server(
        "haproxy_server_maintenance",
        "server.maintenance",
        "1 when it was taken out by hand: maintenance or draining.",
    ),
    server("haproxy_server_weight", "server.weight", "Its weight."),
    server("haproxy_server_queue", "server.qcur", "Requests that wait for it."),
    server("haproxy_server_sessions", "server.scur", "Sessions open."),
    server("haproxy_server_sessions_limit", "server.slim", "Most sessions it takes."),
    server_total("haproxy_server_sessions_total", "", "server.stot", "Sessions."),
    server_total("haproxy_server_received_bytes_total", "bytes", "server.bin", "Bytes sent to it."),
    server_total("haproxy_server_sent_bytes_total", "bytes", "server.bout", "Bytes it sent."),
    server_total(
        "haproxy_server_connection_errors_total",
        "",
        "server.econ",
        "Connections to it that failed.",
    ),
    server_total(
        "haproxy_server_answer_errors_total",
        "",
        "server.eresp",
        "Answers of it that were broken or cut.",
    ),
    server_total("haproxy_server_retries_total", "", "server.wretr", "Connections to it tried again."),
    server_total(
        "haproxy_server_redispatches_total",
        "",
        "server.wredis",
        "Requests meant for it that another server got.",
    ),
    server_total("haproxy_server_check_failures_total", "", "server.chkfail", "Checks of it that failed."),
    server_total("haproxy_server_downs_total", "", "server.chkdown", "Times it went down."),
    server_total("haproxy_server_down_seconds_total", "seconds", "server.downtime", "Time it was down."),
    server_mean(
        "haproxy_server_check_time_seconds",
        "server.check_duration",
        "How long its last check took.",
    ),
    server_mean(
        "haproxy_server_queue_time_seconds",
        "server.qtime",
        "Mean time the last 1024 requests waited for it.",
    ),
    server_mean("haproxy_server_connect_time_seconds", "server.ctime", "Mean time they took to connect."),
    server_mean("haproxy_server_answer_time_seconds", "server.rtime", "Mean time until it answered them."),
    server_mean("haproxy_server_total_time_seconds", "server.ttime", "Mean time they took in all."),
    Metric::counter("haproxy_server_answers_total", "", "Answers by class of their status.")
        .by(SERVER_ANSWERS)
        .from("server.hrsp"),
];
