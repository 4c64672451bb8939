//! PHP-FPM: the status of a pool, asked over FastCGI as a web server would.

use super::ask::Ask;
use super::json::{self, Leaf};
use super::link::Link;
use super::session::Once;
use super::{Error, Metric, Row};

pub(super) const ROW: Row = Row {
    name: "php-fpm",
    summary: "PHP-FPM: requests, processes, queue and slow requests of a pool.",
    port: 9000,
    needs: "Needs `pm.status_path = /status` in the pool. While all processes of a pool are busy it cannot answer, unless it \
            has `pm.status_listen` (PHP 8 and later), which is then the address to ask.",
    metrics: &METRICS,
    open: || Box::new(Once(ask)),
};

const fn gauge(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::gauge(name, "", help).by(&["pool"]).from(source)
}

const fn counter(name: &'static str, source: &'static str, help: &'static str) -> Metric {
    Metric::counter(name, "", help).by(&["pool"]).from(source)
}

static METRICS: [Metric; 12] = [
    Metric::gauge("php_fpm_uptime_seconds", "seconds", "Time since the pool was started.")
        .by(&["pool"])
        .from("start since"),
    counter("php_fpm_requests_total", "accepted conn", "Requests taken."),
    gauge("php_fpm_queue", "listen queue", "Requests that wait for a process."),
    gauge("php_fpm_queue_peak", "max listen queue", "Most requests that ever waited."),
    gauge("php_fpm_queue_limit", "listen queue len", "Most requests that may wait; the others are refused."),
    gauge("php_fpm_processes", "total processes", "Processes."),
    gauge("php_fpm_processes_active", "active processes", "Processes that serve a request."),
    gauge("php_fpm_processes_idle", "idle processes", "Processes that wait for one."),
    gauge(
        "php_fpm_processes_active_peak",
        "max active processes",
        "Most processes that ever served at once.",
    ),
    counter(
        "php_fpm_limit_reached_total",
        "max children reached",
        "Times more processes were needed than pm.max_children allows.",
    ),
    counter(
        "php_fpm_slow_requests_total",
        "slow requests",
        "Requests that took longer than request_slowlog_timeout.",
    ),
    Metric::gauge(
        "php_fpm_memory_peak_bytes",
        "bytes",
        "Most memory a script of the pool ever took (PHP 8.4 and later).",
    )
    .by(&["pool"])
    .from("memory peak"),
];

const BEGIN: u8 = 1;
const END: u8 = 3;
const PARAMETERS: u8 = 4;
const INPUT: u8 = 5;
const OUTPUT: u8 = 6;
const ERRORS: u8 = 7;
/// Most records of an answer.
const RECORDS_MAX: usize = 4096;

fn ask(ask: &mut Ask<'_>) -> Result<(), Error> {
    let path = if ask.target.path.is_empty() { "/status".to_owned() } else { ask.target.path.clone() };
    let mut link = ask.connect()?;
    link.send(&request(&path))?;
    let answer = answer(&mut link)?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) =
        text.split_once("\r\n\r\n").ok_or_else(|| Error::malformed("an answer without a head"))?;
    if head.lines().any(|line| line.starts_with("Status:") && !line.contains("200")) {
        return Err(Error::Refused(format!(
            "{path}: there is no such page: set pm.status_path = {path} in the pool"
        )));
    }
    read(body, ask)
}

fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = (body.len() as u16).to_be_bytes();
    [&[1, kind, 0, 1, len[0], len[1], 0, 0], body].concat()
}

fn request(path: &str) -> Vec<u8> {
    let mut parameters = Vec::new();
    for (name, value) in [
        ("REQUEST_METHOD", "GET"),
        ("SCRIPT_NAME", path),
        ("SCRIPT_FILENAME", path),
        ("REQUEST_URI", path),
        ("QUERY_STRING", "json"),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("REMOTE_ADDR", "127.0.0.1"),
    ] {
        // Lengths from 128 on take four bytes.
        parameters.push(name.len() as u8);
        match u8::try_from(value.len()).ok().filter(|len| *len < 128) {
            Some(len) => parameters.push(len),
            None => parameters.extend_from_slice(&(value.len() as u32 | 1 << 31).to_be_bytes()),
        }
        parameters.extend_from_slice(name.as_bytes());
        parameters.extend_from_slice(value.as_bytes());
    }
    // The role of a responder; the connection is closed after the answer.
    let begin = record(BEGIN, &[0, 1, 0, 0, 0, 0, 0, 0]);
    [begin, record(PARAMETERS, &parameters), record(PARAMETERS, &[]), record(INPUT, &[])].concat()
}

fn answer(link: &mut Link) -> Result<Vec<u8>, Error> {
    let mut output = Vec::new();
    for _ in 0..RECORDS_MAX {
        let [version, kind, _, _, high, low, padding, _] = link.array()?;
        if version != 1 {
            return Err(Error::malformed("not FastCGI"));
        }
        let len = usize::from(u16::from_be_bytes([high, low]));
        let body = &link.take(len + usize::from(padding))?[..len];
        match kind {
            OUTPUT => output.extend_from_slice(body),
            // What scripts complain of; a page of status does not.
            ERRORS => {}
            END => return Ok(output),
            _ => return Err(Error::malformed("an unknown record of FastCGI")),
        }
    }
    Err(Error::malformed("an answer without an end"))
}

fn read(body: &str, ask: &mut Ask<'_>) -> Result<(), Error> {
    let mut leaves: Vec<(String, Leaf)> = Vec::new();
    json::leaves(body.as_bytes(), &mut |path, leaf| {
        if let [name] = path {
            leaves.push((name.clone(), leaf));
        }
    })?;
    let pool = leaves.iter().find(|(name, _)| name == "pool").and_then(|(_, leaf)| leaf.text());
    let pool = pool.ok_or_else(|| Error::malformed("not a status of PHP-FPM"))?;
    for (name, number) in leaves.iter().filter_map(|(name, leaf)| Some((name, leaf.number()?))) {
        ask.tell(&METRICS, name, &[pool], number);
    }
    Ok(())
}
