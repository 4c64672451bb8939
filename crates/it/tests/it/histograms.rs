//! Native histograms: Debian's Prometheus scrapes them, writes them into us, and reads them back.

use it::http::{get, post};
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

/// Observations by bucket of schema 1, from bucket -1 (0.5 to 0.707…) on; among them some that are none.
const COUNTS: [i64; 9] = [4, 0, 7, 20, 31, 12, 0, 0, 3];

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn number(field: u64, value: u64, out: &mut Vec<u8>) {
    varint(field << 3, out);
    varint(value, out);
}

fn double(field: u64, value: f64, out: &mut Vec<u8>) {
    varint(field << 3 | 1, out);
    out.extend(value.to_le_bytes());
}

fn bytes(field: u64, value: &[u8], out: &mut Vec<u8>) {
    varint(field << 3 | 2, out);
    varint(value.len() as u64, out);
    out.extend(value);
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// A scrape in Prometheus' protobuf format: one histogram, which has counted `times` times what [`COUNTS`] says.
fn scrape(times: i64) -> Vec<u8> {
    let (mut histogram, mut deltas, mut span, mut before) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let all: i64 = COUNTS.iter().sum::<i64>() + 5;
    number(1, (all * times) as u64, &mut histogram);
    double(2, 130.5 * times as f64, &mut histogram);
    number(5, zigzag(1), &mut histogram);
    double(6, 0.001, &mut histogram);
    number(7, 5 * times as u64, &mut histogram);
    number(1, zigzag(-1), &mut span);
    number(2, COUNTS.len() as u64, &mut span);
    bytes(12, &span, &mut histogram);
    for count in COUNTS {
        varint(zigzag(count * times - before), &mut deltas);
        before = count * times;
    }
    bytes(13, &deltas, &mut histogram);
    let (mut metric, mut family, mut out) = (Vec::new(), Vec::new(), Vec::new());
    bytes(7, &histogram, &mut metric);
    bytes(1, b"lat_seconds", &mut family);
    number(3, 4, &mut family);
    bytes(4, &metric, &mut family);
    varint(family.len() as u64, &mut out);
    out.extend(family);
    out
}

/// Answers every request with the next scrape, until the test is over.
fn target() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (times, stream) in (1..).zip(listener.incoming()) {
            let Ok(mut stream) = stream else { return };
            let head = BufReader::new(stream.try_clone().unwrap()).lines();
            let _ = head.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
            let body = scrape(times);
            let kind = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    port
}

fn prometheus(name: &str, config: &str) -> (String, Running, Folder) {
    let folder = Folder::new(name);
    let file = folder.path().join("prometheus.yml");
    std::fs::write(&file, config).unwrap();
    let port = free_port();
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--enable-feature=native-histograms");
    (format!("http://127.0.0.1:{port}"), Running::start(&mut command), folder)
}

/// What an expression comes to at an instant, as JSON.
fn asked(url: &str, query: &str, time_s: i64) -> Value {
    let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let body = format!("query={encoded}&time={time_s}");
    let answer = post(&format!("{url}/api/v1/query"), "application/x-www-form-urlencoded", body);
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json()["data"]["result"].clone()
}

/// Whether two answers have the same labels and numbers, but for the last digits.
/// How far values may lie apart, as a part of them. Debian's Prometheus goes through a bucket on a straight line where
/// Prometheus 3 and ours follow its exponential bounds.
fn tolerance(query: &str) -> f64 {
    let is_within_a_bucket = query.contains("_quantile") || query.contains("_fraction");
    if is_within_a_bucket { 0.05 } else { 1e-9 }
}

fn agree(ours: &Value, theirs: &Value, tolerance: f64) -> bool {
    let close = |a: f64, b: f64| a == b || (a - b).abs() <= tolerance * a.abs().max(b.abs());
    match (ours, theirs) {
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| agree(a, b, tolerance))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, a)| theirs.get(name).is_some_and(|b| agree(a, b, tolerance)))
        }
        (Value::String(a), Value::String(b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => close(a, b),
            _ => a == b,
        },
        _ => ours == theirs,
    }
}

/// What Debian's Prometheus, the first that knew these histograms, answers as those of today do.
const QUERIES: [&str; 8] = [
    "sum by (job) (lat_seconds)",
    "histogram_quantile(0.9, lat_seconds)",
    "histogram_quantile(0.05, sum(rate(lat_seconds[7s])))",
    "histogram_fraction(0, 1.3, lat_seconds)",
    "histogram_sum(lat_seconds) / histogram_count(lat_seconds)",
    "rate(lat_seconds[7s])",
    "histogram_count(increase(lat_seconds[7s]))",
    "count(lat_seconds)",
];

#[test]
fn prometheus_writes_native_histograms_and_reads_them_back() {
    if Command::new("prometheus").arg("--version").output().is_err() {
        return it::skip("no `prometheus` on this machine; `cargo xtask test` installs it");
    }
    let data = Folder::new("histograms");
    let server = Server::start("server", data.path(), 0, &[]);
    let port = target();
    let config = format!(
        "global: {{scrape_interval: 1s, external_labels: {{host: web1}}}}\n\
         scrape_configs:\n- job_name: shop\n  static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n\
         remote_write:\n- url: {}/api/v1/write\n  send_native_histograms: true\n  queue_config: {{batch_send_deadline: 1s}}\n",
        server.url
    );
    let (theirs, _running, _folder) = prometheus("histograms-writer", &config);
    // Ten samples are here, and with them the nine before.
    let newest_s = until("ten histograms", Duration::from_secs(90), || {
        let newest =
            asked(&server.url, "timestamp(lat_seconds) and count_over_time(lat_seconds[1m]) >= 10", now_s());
        newest[0]["value"][1].as_str()?.parse::<f64>().ok()
    });
    let time_s = newest_s.floor() as i64;
    // Ours has the host of the sender.
    let without_host = |query: &str| query.replace("lat_seconds", "sum without (host) (lat_seconds)");
    for query in QUERIES {
        let is_range = query.contains('[');
        let text = if is_range { query.to_owned() } else { without_host(query) };
        let (ours, theirs) = (asked(&server.url, &text, time_s), asked(&theirs, &text, time_s));
        let (ours, theirs) = (unhosted(ours), unhosted(theirs));
        assert!(!ours.as_array().unwrap().is_empty(), "{text}");
        assert!(agree(&ours, &theirs, tolerance(&text)), "{text}\nours   {ours}\ntheirs {theirs}");
    }
    // Old questions still have their answers, in any language.
    let classic = asked(&server.url, "histogram_quantile(0.9, lat_seconds_bucket)", time_s);
    let native = asked(&server.url, "histogram_quantile(0.9, lat_seconds)", time_s);
    let value = |answer: &Value| answer[0]["value"][1].as_str().unwrap().parse::<f64>().unwrap();
    assert!((value(&classic) / value(&native) - 1.0).abs() < 0.2, "{classic} and {native}");
    let labels = get(&server.at("/api/v1/labels?match[]=lat_seconds")).json();
    assert!(!labels["data"].as_array().unwrap().iter().any(|name| name == "__native__"), "{labels}");

    let config = format!("remote_read: [{{url: '{}/api/v1/read', read_recent: true}}]\n", server.url);
    let (reader, _running, _folder) = prometheus("histograms-reader", &config);
    until("the reader to be ready", Duration::from_secs(60), || {
        it::http::try_get(&format!("{reader}/-/ready")).filter(|answer| answer.status == 200)
    });
    // Debian's passes over histograms that it reads from others; their classic series it takes.
    for query in ["histogram_quantile(0.9, lat_seconds_bucket)", "count(lat_seconds_bucket)"] {
        let (ours, theirs) = (asked(&server.url, query, time_s), asked(&reader, query, time_s));
        assert!(agree(&ours, &theirs, tolerance(query)), "{query}\nours   {ours}\nread   {theirs}");
    }
}

/// Answers without the label that only ours have.
fn unhosted(mut answer: Value) -> Value {
    for series in answer.as_array_mut().into_iter().flatten() {
        series["metric"].as_object_mut().map(|labels| labels.remove("host"));
    }
    answer
}

fn now_s() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_secs() as i64
}
