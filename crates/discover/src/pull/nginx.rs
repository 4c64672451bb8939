//! nginx' page of `stub_status`, also as Tengine and Angie write it.

use super::ask::{Ask, number};
use super::session::Once;
use super::{Error, Metric, Row, http};

pub(super) const ROW: Row = Row {
    name: "nginx",
    summary: "nginx: connections by state, connections and requests served.",
    port: 80,
    needs: "Needs a `location = /nginx_status { stub_status; allow 127.0.0.1; deny all; }` in one of its servers, and is \
            then asked for that path. `http://host:port/path` and `unix:/socket:/path` say where.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

static METRICS: [Metric; 8] = [
    Metric::gauge("nginx_connections", "", "Connections open, idle ones included.").from("Active connections"),
    Metric::gauge("nginx_connections_reading", "", "Connections whose request is being read.").from("Reading"),
    Metric::gauge("nginx_connections_writing", "", "Connections whose request is worked on or answered.")
        .from("Writing"),
    Metric::gauge("nginx_connections_waiting", "", "Connections kept open that wait for a request.")
        .from("Waiting"),
    Metric::counter("nginx_connections_accepted_total", "", "Connections taken.").from("accepts"),
    Metric::counter("nginx_connections_handled_total", "", "Connections taken that were not dropped for want of worker_connections; less than those accepted is an alarm.")
        .from("handled"),
    Metric::counter("nginx_requests_total", "", "Requests.").from("requests"),
    Metric::counter("nginx_request_seconds_total", "seconds", "Time all requests took (Tengine only).")
        .from("request_time")
        .times(1e-3),
];
/// Where the page usually is.
const PATHS: [&str; 5] = ["/nginx_status", "/stub_status", "/basic_status", "/nginx-status", "/status"];

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let path = ask.target.path.clone();
    if !path.is_empty() {
        let body = http::get(ask, &path)?;
        return read(&body, ask);
    }
    for path in PATHS {
        let page = http::page(ask, path)?;
        // A catch-all answers every path with a page of its own.
        if page.status == 200 && page.body.starts_with(b"Active connections") {
            return read(&page.body, ask);
        }
    }
    Err(Error::Refused(
        "no page of stub_status found: add `location = /nginx_status { stub_status; allow 127.0.0.1; deny all; }` to a \
         server of nginx"
            .into(),
    ))
}

/// ```text
/// Active connections: 291
/// server accepts handled requests
///  16630948 16630948 31070465
/// Reading: 6 Writing: 179 Waiting: 106
/// ```
fn read(body: &[u8], ask: &mut Ask<'_>) -> Result<(), Error> {
    let text = String::from_utf8_lossy(body);
    let mut lines = text.lines();
    let mut is_it = false;
    while let Some(line) = lines.next() {
        if let Some(names) = line.trim().strip_prefix("server ") {
            let values = lines.next().unwrap_or_default();
            for (name, value) in names.split_whitespace().zip(values.split_whitespace()) {
                ask.tell_text(&METRICS, name, &[], value);
                is_it = true;
            }
        } else if let Some(value) = line.strip_prefix("Active connections:") {
            ask.tell_text(&METRICS, "Active connections", &[], value);
        } else {
            states(line, ask);
        }
    }
    if is_it { Ok(()) } else { Err(Error::malformed("not a page of stub_status")) }
}

fn states(line: &str, ask: &mut Ask<'_>) {
    let mut words = line.split_whitespace();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        if let (Some(name), Some(value)) = (name.strip_suffix(':'), number(value)) {
            ask.tell(&METRICS, name, &[], value);
        }
    }
}
