//! Doors on the HTTP port: collectd posts what it also writes down, and a recording of OpenTelemetry's own exporter is posted.

use it::http::{get, try_post};
use it::process::{Folder, Running, Server};
use it::wait::until;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(60);

/// Values by time of every series of a name.
fn samples(server: &Server, matcher: &str) -> Vec<(Value, BTreeMap<i64, f64>)> {
    let answer = get(&server.at(&format!("/api/v1/export?match[]={matcher}")));
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let times = row["timestamps"].as_array().unwrap().iter().filter_map(Value::as_i64);
        let values = row["values"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap_or(f64::NAN));
        (row["metric"].clone(), times.zip(values).collect())
    };
    answer.text.lines().map(row).collect()
}

/// What collectd wrote down: values by time.
fn written(folder: &Path, file: &str, column: usize) -> BTreeMap<i64, f64> {
    let files: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    let of_series = files.iter().filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(file));
    let text: String = of_series.filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let time_s: f64 = cells.first()?.parse().ok()?;
        Some(((time_s * 1000.0).round() as i64, cells.get(column)?.parse().ok()?))
    };
    text.lines().filter_map(row).collect()
}

#[test]
fn collectd_posts_what_it_writes_down() {
    if !Path::new("/usr/sbin/collectd").exists() || !Path::new("/usr/share/doc/libyajl2").exists() {
        return it::skip("collectd-core or libyajl2 is not installed; `cargo xtask test` installs them");
    }
    let (data, folder) = (Folder::new("collectd-http-server"), Folder::new("collectd-http"));
    let server = Server::start("server", data.path(), 0, &[]);
    let config = folder.path().join("collectd.conf");
    let csv = folder.path().join("csv");
    let text = format!(
        "Hostname \"merlin\"\nFQDNLookup false\nInterval 1\nBaseDir {base:?}\nPIDFile \"{pid}\"\nTypesDB \"/usr/share/collectd/types.db\"\n\
         LoadPlugin load\nLoadPlugin memory\nLoadPlugin csv\nLoadPlugin write_http\n\
         <Plugin csv>\n DataDir {csv:?}\n StoreRates false\n</Plugin>\n\
         <Plugin write_http>\n <Node \"windhover\">\n  URL \"{url}\"\n  Format \"JSON\"\n  StoreRates false\n  BufferSize 4096\n </Node>\n</Plugin>\n",
        base = folder.path(),
        pid = folder.path().join("pid").display(),
        url = server.at("/collectd"),
    );
    std::fs::write(&config, text).unwrap();
    let mut collectd = Running::start(Command::new("/usr/sbin/collectd").arg("-f").arg("-C").arg(&config));
    for (matcher, folder, file, column) in [
        ("load_shortterm", "load", "load-", 1),
        ("load_longterm", "load", "load-", 3),
        ("memory%7Btype_instance=%22used%22%7D", "memory", "memory-used", 1),
    ] {
        let both = until("four samples that both have", SOON, || {
            assert!(collectd.is_alive(), "{}", collectd.said());
            let theirs = written(&csv.join("merlin").join(folder), file, column);
            let (labels, ours) = samples(&server, matcher).into_iter().next()?;
            assert_eq!(labels["host"], "merlin");
            // The file has its times in milliseconds, and so have we.
            let both: Vec<(f64, f64)> =
                ours.iter().filter_map(|(time_ms, value)| Some((*value, *theirs.get(time_ms)?))).collect();
            (both.len() >= 4).then_some(both)
        });
        assert!(both.iter().all(|(ours, theirs)| (ours - theirs).abs() < 1e-6), "{matcher}: {both:?}");
    }
}

/// When the exporter was recorded, Unix nanoseconds.
const RECORDED_NS: u64 = 1_795_350_032_067_239_272;

/// The recording as if it were made now, because what came an hour late is refused: its times are fields 2 and 3 of points, eight
/// bytes each.
fn as_of_now(mut message: Vec<u8>) -> Vec<u8> {
    let now_ns = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let (mut at, mut moved) = (0, 0);
    while at + 9 <= message.len() {
        let time_ns = u64::from_le_bytes(message[at + 1..at + 9].try_into().unwrap());
        let before_ns = RECORDED_NS.wrapping_sub(time_ns);
        if matches!(message[at], 0x11 | 0x19) && before_ns < 1_000_000_000 {
            message[at + 1..at + 9].copy_from_slice(&(now_ns - before_ns).to_le_bytes());
            (at, moved) = (at + 8, moved + 1);
        }
        at += 1;
    }
    assert_eq!(moved, 11, "times of the recording");
    message
}

#[test]
fn what_opentelemetrys_exporter_sent_is_taken() {
    let data = Folder::new("otlp");
    let server = Server::start("server", data.path(), 0, &[]);
    let recording = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/wire/otlp/python.in");
    let body = as_of_now(std::fs::read(recording).unwrap());
    let sent = try_post(&server.at("/v1/metrics"), "application/x-protobuf", &body).unwrap();
    // An empty message: all of it was taken.
    assert_eq!((sent.status, sent.text.as_str()), (200, ""));
    let (labels, values) = samples(&server, "requests%7Broute=%22/%22%7D").remove(0);
    assert_eq!((&labels["job"], &labels["host"]), (&"shop".into(), &"web1".into()));
    assert_eq!(values.into_values().collect::<Vec<_>>(), [3.0]);
    assert_eq!(samples(&server, "latency_bucket").len(), 16);
    let json =
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","gauge":{"dataPoints":[{}]}}]}]}]}"#;
    let refused = try_post(&server.at("/otlp/v1/metrics"), "application/json", json.as_bytes()).unwrap();
    assert_eq!(refused.json()["partialSuccess"]["rejectedDataPoints"], "1");
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/http_doors").join(name)
}

#[test]
fn opentelemetrys_own_exporter_is_served() {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python");
    if !packages.join("opentelemetry/exporter/otlp/proto/http").exists() {
        return it::skip("no exporter of OpenTelemetry; `cargo xtask test` installs it");
    }
    let data = Folder::new("otlp-exporter");
    let server = Server::start("server", data.path(), 0, &[]);
    let mut exporter = Command::new("python3");
    exporter.env("PYTHONPATH", packages).arg(script("otlp.py")).arg(&server.url);
    let ended = exporter.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let (labels, values) = samples(&server, "orders%7Broute=%22/%22%7D").remove(0);
    assert_eq!((&labels["job"], &labels["host"]), (&"shop".into(), &"web1".into()));
    assert_eq!(values.into_values().collect::<Vec<_>>(), [3.0]);
    let (_, sum) = samples(&server, "took_sum").remove(0);
    assert_eq!(sum.into_values().collect::<Vec<_>>(), [321.0]);
}

#[test]
fn influxdbs_own_client_is_served() {
    if !Path::new("/usr/lib/python3/dist-packages/influxdb").exists() {
        return it::skip("no python3-influxdb on this machine; `cargo xtask test` installs it");
    }
    let data = Folder::new("influx-client");
    let server = Server::start("server", data.path(), 0, &[]);
    // Debian's packages lie where only Debian's python looks.
    let mut client = Command::new("/usr/bin/python3");
    let ended =
        client.arg(script("influx.py")).args(["127.0.0.1", &server.port().to_string()]).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    for (name, wanted) in [("cpu_idle", 97.5), ("cpu_user", 2.0), ("packed_idle", 97.5)] {
        let (labels, values) = samples(&server, name).remove(0);
        assert_eq!(labels["host"], "web3");
        assert_eq!(values.into_values().collect::<Vec<_>>(), [wanted], "{name}");
    }
}
