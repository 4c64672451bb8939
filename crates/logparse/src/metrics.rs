//! What logs become: every metric with its unit and meaning.

use model::Metric;

pub(crate) const REQUESTS: Metric =
    Metric::counter("log_requests_total", "", &["method", "status"], "Requests in the file.");
pub(crate) const BYTES: Metric =
    Metric::counter("log_bytes_total", "bytes", &["method", "status"], "Bytes sent to clients.");
pub(crate) const CACHE: Metric = Metric::counter(
    "log_cache_requests_total",
    "",
    &["cache"],
    "Requests by what the cache said: HIT, MISS …",
);
pub(crate) const PROTOCOLS: Metric = Metric::counter(
    "log_protocol_requests_total",
    "",
    &["protocol"],
    "Requests by protocol: HTTP/1.1, HTTP/2.0 …",
);
pub(crate) const ATTEMPTS: Metric = Metric::counter(
    "log_upstream_attempts_total",
    "",
    &["upstream", "status"],
    "Times an upstream was asked, by what it answered; a request that was passed on to the next counts with each.",
);
pub(crate) static REQUEST_TIME: Times = Times {
    quantiles: Metric::gauge(
        "log_request_seconds",
        "seconds",
        &["quantile"],
        "How long requests took that were logged since the sample before.",
    ),
    max: Metric::gauge("log_request_seconds_max", "seconds", &[], "The longest of them."),
    sum: Metric::counter("log_request_seconds_sum", "seconds", &[], "Time all requests took together."),
    count: Metric::counter("log_request_seconds_count", "", &[], "Requests with a time."),
    buckets: Some(Metric::counter(
        "log_request_seconds_bucket",
        "",
        &["le"],
        "Requests that took at most so many seconds; a bound is met within 1.6 %.",
    )),
};
pub(crate) static UPSTREAM_TIME: Times = Times {
    quantiles: Metric::gauge(
        "log_upstream_seconds",
        "seconds",
        &["quantile"],
        "How long upstreams took, each attempt by itself, logged since the sample before.",
    ),
    max: Metric::gauge("log_upstream_seconds_max", "seconds", &[], "The longest of these attempts."),
    sum: Metric::counter("log_upstream_seconds_sum", "seconds", &[], "Time all attempts took together."),
    count: Metric::counter("log_upstream_seconds_count", "", &[], "Attempts with a time."),
    buckets: Some(Metric::counter(
        "log_upstream_seconds_bucket",
        "",
        &["le"],
        "Attempts that took at most so many seconds; a bound is met within 1.6 %.",
    )),
};
pub(crate) const URL_REQUESTS: Metric = Metric::counter(
    "log_url_requests_total",
    "",
    &["url", "method", "status"],
    "Requests of the URLs with the most requests; of all others with `url=\"~other\"`.",
);
pub(crate) const URL_BYTES: Metric =
    Metric::counter("log_url_bytes_total", "bytes", &["url"], "Bytes sent to clients for the URL.");
pub(crate) static URL_TIME: Times = Times {
    quantiles: Metric::gauge(
        "log_url_request_seconds",
        "seconds",
        &["url", "quantile"],
        "How long requests of the URL took that were logged since the sample before.",
    ),
    max: Metric::gauge("log_url_request_seconds_max", "seconds", &["url"], "The longest of them."),
    sum: Metric::counter(
        "log_url_request_seconds_sum",
        "seconds",
        &["url"],
        "Time all requests of the URL took together.",
    ),
    count: Metric::counter("log_url_request_seconds_count", "", &["url"], "Requests of the URL with a time."),
    buckets: None,
};
pub(crate) const URL_UPSTREAM_SUM: Metric = Metric::counter(
    "log_url_upstream_seconds_sum",
    "seconds",
    &["url"],
    "Time upstreams took for requests of the URL, all attempts together.",
);
pub(crate) const URL_UPSTREAM_COUNT: Metric = Metric::counter(
    "log_url_upstream_seconds_count",
    "",
    &["url"],
    "Attempts for requests of the URL with a time.",
);
pub(crate) const MESSAGES: Metric = Metric::counter(
    "log_messages_total",
    "",
    &["severity", "database"],
    "Messages by severity, in lower case as the program has it; `database` where the log names one.",
);
pub(crate) const CODES: Metric = Metric::counter(
    "log_message_codes_total",
    "",
    &["code"],
    "Messages by the code that the program gives them: a SQLSTATE, `MY-012468`, `AH00126` …",
);
pub(crate) const EVENTS: Metric = Metric::counter(
    "log_events_total",
    "",
    &["event"],
    "Messages that say a known thing: a checkpoint, a deadlock, an upstream that timed out …",
);
pub(crate) const EVENT_SECONDS: Metric = Metric::counter(
    "log_event_seconds_total",
    "seconds",
    &["event"],
    "How long these took together, where the message says so.",
);
pub(crate) const EVENT_BYTES: Metric = Metric::counter(
    "log_event_bytes_total",
    "bytes",
    &["event"],
    "How large these were together, where the message says so.",
);
pub(crate) const STATEMENTS: Metric = Metric::counter(
    "log_statements_total",
    "",
    &["operation", "database"],
    "Statements in the log by their first word, `SELECT`, and the database where the log names one.",
);
pub(crate) static STATEMENT_TIME: Times = Times {
    quantiles: Metric::gauge(
        "log_statement_seconds",
        "seconds",
        &["quantile"],
        "How long statements took that were logged since the sample before.",
    ),
    max: Metric::gauge("log_statement_seconds_max", "seconds", &[], "The longest of these statements."),
    sum: Metric::counter("log_statement_seconds_sum", "seconds", &[], "Time all statements took together."),
    count: Metric::counter("log_statement_seconds_count", "", &[], "Statements with a time."),
    buckets: Some(Metric::counter(
        "log_statement_seconds_bucket",
        "",
        &["le"],
        "Statements that took at most so many seconds; a bound is met within 1.6 %.",
    )),
};
pub(crate) const SLOW: Metric = Metric::counter(
    "log_slow_requests_total",
    "",
    &["function", "script"],
    "Requests that were found too slow, by what ran at that moment and the script they asked for.",
);
pub(crate) const LINES: Metric = Metric::counter("log_lines_total", "", &[], "Lines read.");
pub(crate) const UNMATCHED: Metric = Metric::counter(
    "log_lines_unmatched_total",
    "",
    &[],
    "Lines that do not have the format, or are too long.",
);
pub(crate) const READ: Metric = Metric::counter("log_read_bytes_total", "bytes", &[], "Bytes read.");

pub(crate) const JOURNAL_MESSAGES: Metric = Metric::counter(
    "journal_messages_total",
    "",
    &["unit", "severity"],
    "Entries of the journal by the unit that wrote them, and severity: `emerg` to `debug`.",
);
/// The metrics of one kind of times.
#[derive(Debug)]
pub(crate) struct Times {
    pub(crate) quantiles: Metric,
    pub(crate) max: Metric,
    pub(crate) sum: Metric,
    pub(crate) count: Metric,
    pub(crate) buckets: Option<Metric>,
}

impl Times {
    fn all(&self) -> impl Iterator<Item = Metric> {
        [self.quantiles, self.max, self.sum, self.count].into_iter().chain(self.buckets)
    }
}

/// Every metric, in the order of the reference page.
pub fn all() -> Vec<Metric> {
    let mut all = vec![REQUESTS, BYTES];
    all.extend(REQUEST_TIME.all());
    all.extend(UPSTREAM_TIME.all());
    all.extend([ATTEMPTS, CACHE, PROTOCOLS, URL_REQUESTS, URL_BYTES]);
    all.extend(URL_TIME.all());
    all.extend([URL_UPSTREAM_SUM, URL_UPSTREAM_COUNT]);
    all.extend([MESSAGES, CODES, EVENTS, EVENT_SECONDS, EVENT_BYTES, STATEMENTS]);
    all.extend(STATEMENT_TIME.all());
    all.extend([SLOW, LINES, UNMATCHED, READ, JOURNAL_MESSAGES]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_tell_the_kind() {
        let mut names: Vec<&str> = all().iter().map(|metric| metric.name).collect();
        for metric in all() {
            let grows = ["_total", "_sum", "_count", "_bucket"].iter().any(|end| metric.name.ends_with(end));
            assert_eq!(grows, metric.kind == model::Kind::Counter, "{}", metric.name);
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
    }
}
