//! The metrics that come out, and their values of each count.

use crate::tally::{Counts, Service};
use model::Metric;

const PAIR: &[&str] = &["peer", "operation", "target"];
const OPERATION: &[&str] = &["operation", "target"];

/// Of each client and operation, in the order of [`pair_values`].
pub(super) static PAIR_METRICS: [Metric; 5] = [
    Metric::counter("traffic_requests_total", "", PAIR, "Requests that were answered, or need no answer."),
    Metric::counter("traffic_errors_total", "", PAIR, "Requests whose answer was an error."),
    Metric::counter(
        "traffic_request_bytes_total",
        "bytes",
        PAIR,
        "Bytes of the requests, without headers of TCP and IP.",
    ),
    Metric::counter("traffic_response_bytes_total", "bytes", PAIR, "Bytes of the answers."),
    Metric::counter(
        "traffic_seconds_total",
        "seconds",
        PAIR,
        "Time from the first byte of requests to the last of their answers, summed up.",
    ),
];

pub(super) fn pair_values(counts: &Counts) -> [f64; 5] {
    let Counts { requests, errors, request_bytes, response_bytes, took_ns } = *counts;
    [requests as f64, errors as f64, request_bytes as f64, response_bytes as f64, took_ns as f64 / 1e9]
}

/// Of each operation.
pub(super) static LATENCY: Metric = Metric::gauge(
    "traffic_latency_seconds",
    "seconds",
    &["operation", "target", "quantile"],
    "Time from the first byte of a request to the last of its answer, of all clients, within 0.8 %.",
);
pub(super) static LATENCY_MAX: Metric = Metric::gauge(
    "traffic_latency_max_seconds",
    "seconds",
    OPERATION,
    "The longest such time since the sample before.",
);

pub(super) static CODES: Metric = Metric::counter(
    "traffic_error_codes_total",
    "",
    &["code"],
    "Errors by the code the protocol gives them (SQLSTATE, status, number, first word).",
);

pub(super) static OPEN: Metric =
    Metric::gauge("traffic_connections", "", &[], "Connections that are followed.");

/// Of each service, in the order of [`service_values`].
pub(super) static SERVICE_METRICS: [Metric; 8] = [
    Metric::counter("traffic_connections_total", "", &[], "Connections that were seen."),
    Metric::counter(
        "traffic_encrypted_connections_total",
        "",
        &[],
        "Connections that are encrypted or compressed: nothing can be read of them.",
    ),
    Metric::counter(
        "traffic_compressed_messages_total",
        "",
        &[],
        "Messages that are compressed: only their size is known.",
    ),
    Metric::counter("traffic_pushes_total", "", &[], "Messages that the server sent on its own account."),
    Metric::counter("traffic_unanswered_total", "", &[], "Requests whose answer was not seen."),
    Metric::counter("traffic_unasked_total", "", &[], "Answers whose request was not seen."),
    Metric::counter("traffic_unseen_bytes_total", "bytes", &[], "Bytes on the wire that were not captured."),
    Metric::counter(
        "traffic_unread_bytes_total",
        "bytes",
        &[],
        "Bytes captured of which no message could be made.",
    ),
];

pub(super) fn service_values(service: &Service) -> [f64; 8] {
    let Service { connections, encrypted, compressed, pushed, unanswered, unasked, .. } = *service;
    let counts = [connections, encrypted, compressed, pushed, unanswered, unasked];
    let [a, b, c, d, e, f] = counts.map(|count| count as f64);
    [a, b, c, d, e, f, service.unseen_bytes as f64, service.unread_bytes as f64]
}

/// All metrics that come out.
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    let single = [&LATENCY, &LATENCY_MAX, &CODES, &OPEN];
    PAIR_METRICS.iter().chain(single).chain(&SERVICE_METRICS)
}
