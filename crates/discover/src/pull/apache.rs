//! Apache's page of `mod_status`, the one for machines.

use super::ask::{Ask, number};
use super::session::Once;
use super::{Error, Metric, Row, http};

pub(super) const ROW: Row = Row {
    name: "apache",
    summary: "Apache: requests, traffic, workers by what they do, connections.",
    port: 80,
    needs: "Needs `mod_status` and a `<Location \"/server-status\"> SetHandler server-status; Require local </Location>`, and \
            is then asked for that path. `ExtendedStatus On` (the default) is what counts requests.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

static METRICS: [Metric; 14] = [
    Metric::gauge("apache_info", "", "Always 1; the labels tell.").by(&["version", "mpm"]),
    Metric::gauge("apache_uptime_seconds", "seconds", "Time since it started.").from("ServerUptimeSeconds"),
    Metric::counter("apache_requests_total", "", "Requests.").from("Total Accesses"),
    Metric::counter("apache_sent_bytes_total", "bytes", "Bytes sent.").from("Total kBytes").times(1024.0),
    Metric::counter("apache_request_seconds_total", "seconds", "Time requests took.")
        .from("Total Duration")
        .times(1e-3),
    Metric::counter(
        "apache_cpu_seconds_total",
        "seconds",
        "CPU time by mode; children are those that have ended.",
    )
    .by(&["mode"]),
    Metric::gauge("apache_workers_busy", "", "Workers that serve a request.").from("BusyWorkers"),
    Metric::gauge("apache_workers_idle", "", "Workers that wait for one.").from("IdleWorkers"),
    Metric::gauge("apache_workers_limit", "", "Most workers there may be: the places of the scoreboard.")
        .from("Scoreboard"),
    Metric::gauge("apache_workers", "", "Workers by state; `open` are places without one.").by(&["state"]),
    Metric::gauge("apache_processes", "", "Processes.").from("Processes"),
    Metric::gauge("apache_processes_stopping", "", "Processes that stop once their connections are done.")
        .from("Stopping"),
    Metric::gauge("apache_connections", "", "Connections open (event MPM).").from("ConnsTotal"),
    Metric::gauge("apache_connections_by_state", "", "Connections without a worker, by state (event MPM).")
        .by(&["state"]),
];
/// Where the page usually is.
const PATHS: [&str; 3] = ["/server-status", "/apache-status", "/status"];
/// The letters of the scoreboard.
const STATES: [(char, &str); 11] = [
    ('_', "waiting"),
    ('S', "starting"),
    ('R', "reading"),
    ('W', "writing"),
    ('K', "keepalive"),
    ('D', "resolving"),
    ('C', "closing"),
    ('L', "logging"),
    ('G', "finishing"),
    ('I', "cleaning"),
    ('.', "open"),
];

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let path = ask.target.path.clone();
    if !path.is_empty() {
        let query = if path.ends_with("auto") { "" } else { "?auto" };
        let body = http::get(ask, &format!("{path}{query}"))?;
        return read(&String::from_utf8_lossy(&body), ask);
    }
    for path in PATHS {
        let page = http::page(ask, &format!("{path}?auto"))?;
        let text = String::from_utf8_lossy(&page.body);
        if page.status == 200 && text.contains("\nScoreboard: ") {
            return read(&text, ask);
        }
    }
    Err(Error::Refused(
        "no page of mod_status found: a2enmod status, and `<Location \"/server-status\"> SetHandler server-status; Require \
         local </Location>`"
            .into(),
    ))
}

fn read(text: &str, ask: &mut Ask<'_>) -> Result<(), Error> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let board = field("Scoreboard").ok_or_else(|| Error::malformed("not a page of mod_status"))?;
    for (letter, state) in STATES {
        let workers = board.chars().filter(|c| *c == letter).count();
        ask.push(named("apache_workers"), &[state], workers as f64);
    }
    ask.tell(&METRICS, "Scoreboard", &[], board.trim().len() as f64);
    for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
        if let Some(mode) = name.strip_prefix("CPU").filter(|mode| *mode != "Load") {
            let mode = mode.replace("Children", "children_").to_lowercase();
            ask.push_some(named("apache_cpu_seconds_total"), &[&mode], number(value));
        } else if let Some(state) = name.strip_prefix("ConnsAsync") {
            let state = match state {
                "KeepAlive" => "keepalive",
                "Writing" => "writing",
                "Closing" => "closing",
                _ => "waiting",
            };
            ask.push_some(named("apache_connections_by_state"), &[state], number(value));
        } else if name != "Scoreboard" {
            ask.tell_text(&METRICS, name, &[], value);
        }
    }
    let info = [field("ServerVersion").unwrap_or_default(), field("ServerMPM").unwrap_or_default()];
    ask.push(named("apache_info"), &info, 1.0);
    Ok(())
}

fn named(name: &str) -> &'static Metric {
    METRICS.iter().find(|metric| metric.name == name).expect("a name of the table")
}
