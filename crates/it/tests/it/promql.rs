//! PromQL beside Debian's Prometheus over the same samples: answers agree; its tools and Grafana's calls work against us;
//! it reads from us by remote read.

use it::http::{Answer, get, post};
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

const STEP_S: i64 = 15;
const COUNT: i64 = 600;

fn without_prometheus() -> bool {
    let is_missing = |name: &str| Command::new(name).arg("--version").stdout(Stdio::null()).status().is_err();
    let missing = is_missing("prometheus") || is_missing("promtool");
    if missing {
        it::skip("no `prometheus` and `promtool` on this machine; `cargo xtask test` installs them");
    }
    missing
}

/// When the last sample is: 7 s off the minutes at which everything is asked, so that no sample lies on the edge of a
/// window, where Prometheus before 3.0 counted it to both.
fn end_s() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64;
    now / 3600 * 3600 - 600 + 7
}

/// The series of the compliance suite's demo services: labels, and the value at each step. All have a `host`, because we
/// would give them one.
fn demo() -> BTreeMap<String, Vec<f64>> {
    let mut series = BTreeMap::new();
    let mut add = |name: &str, labels: &str, value: &dyn Fn(f64) -> f64| {
        for port in 10_000..10_003 {
            let more = if labels.is_empty() { String::new() } else { format!(",{labels}") };
            let labels = format!("{name}{{host=\"demo\",instance=\"localhost:{port}\",job=\"demo\"{more}}}");
            let own = f64::from(port - 9_999);
            series.insert(labels, (0..COUNT).map(|n| value(n as f64 * own)).collect());
        }
    };
    for (at, kind) in ["buffers", "cached", "free", "used"].iter().enumerate() {
        let base = (at + 1) as f64 * 1e8;
        let value = move |n: f64| (base + (n / 7.0).sin() * 3.3e7 + n * 1000.5).round();
        add("demo_memory_usage_bytes", &format!("type=\"{kind}\""), &value);
    }
    add("demo_num_cpus", "", &|_| 4.0);
    for (mode, speed) in [("idle", 8.25), ("system", 0.5), ("user", 1.75)] {
        // It starts again every 100 samples or so.
        add("demo_cpu_usage_seconds_total", &format!("mode=\"{mode}\""), &move |n| (n % 101.0) * speed + 3.0);
    }
    add("demo_disk_usage_bytes", "", &|n| 5e10 + n * 12_345.0);
    add("demo_disk_total_bytes", "", &|_| 1e11);
    add("demo_batch_last_success_timestamp_seconds", "", &|n| 1.6e9 + (n / 20.0).floor() * 300.0);
    for (bound, share) in [("0.05", 0.3), ("0.1", 0.6), ("0.5", 0.9), ("2.5", 0.98), ("+Inf", 1.0)] {
        let value = move |n: f64| (n * 37.0 * share).floor();
        let labels = format!("le=\"{bound}\",method=\"GET\",path=\"/api/foo\",status=\"200\"");
        add("demo_api_request_duration_seconds_bucket", &labels, &value);
    }
    series
}

/// All samples as text; `unit` is what a second counts.
fn text(series: &BTreeMap<String, Vec<f64>>, end_s: i64, unit: i64) -> String {
    let mut out = String::new();
    for (labels, values) in series {
        for (n, value) in values.iter().enumerate() {
            let time_s = end_s - (COUNT - 1 - n as i64) * STEP_S;
            let _ = writeln!(out, "{labels} {value} {}", time_s * unit);
        }
    }
    out
}

struct Prometheus {
    url: String,
    _process: Running,
    _folder: Folder,
}

impl Prometheus {
    /// With these samples, or none, and this configuration.
    fn start(name: &str, samples: Option<&str>, config: &str) -> Self {
        let folder = Folder::new(name);
        let data = folder.path().join("data");
        if let Some(samples) = samples {
            let file = folder.path().join("samples.txt");
            std::fs::write(&file, format!("{samples}# EOF\n")).unwrap();
            let words =
                ["tsdb", "create-blocks-from", "openmetrics", file.to_str().unwrap(), data.to_str().unwrap()];
            let made = Command::new("promtool").args(words).output().unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        let port = free_port();
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        let process = Running::start(&mut command);
        let url = format!("http://127.0.0.1:{port}");
        until("Prometheus to be ready", Duration::from_secs(60), || {
            it::http::try_get(&format!("{url}/-/ready")).filter(|answer| answer.status == 200)
        });
        Self { url, _process: process, _folder: folder }
    }
}

fn ours(folder: &Folder, series: &BTreeMap<String, Vec<f64>>, end_s: i64) -> Server {
    let server = Server::start("server", folder.path(), 0, &[]);
    // The door would refuse what is hours old; an import is meant for it.
    let file = folder.path().join("demo.prom");
    std::fs::write(&file, text(series, end_s, 1000)).unwrap();
    let mut command = Command::new(it::process::binary());
    command.arg("import").arg(&file).args(["--format", "prometheus-text", "--url", &server.url]);
    let said = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    let all = series.len() * COUNT as usize;
    assert!(said.contains(&format!("{all} samples of {} series taken", series.len())), "{said}");
    server
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        let _ = write!(out, "%{b:02X}");
        out
    })
}

fn range(url: &str, query: &str, end_s: i64) -> Answer {
    let (start, end) = (end_s - 1807, end_s - 7);
    let body = format!("query={}&start={start}&end={end}&step=60", encoded(query));
    post(&format!("{url}/api/v1/query_range"), "application/x-www-form-urlencoded", body)
}

/// The number of each instant of each series.
fn points(answer: &Value) -> BTreeMap<(String, String), f64> {
    let mut points = BTreeMap::new();
    for series in answer["data"]["result"].as_array().into_iter().flatten() {
        let labels: BTreeMap<String, Value> = serde_json::from_value(series["metric"].clone()).unwrap();
        let labels = format!("{labels:?}");
        for pair in series["values"].as_array().into_iter().flatten() {
            let value = pair[1].as_str().unwrap().replace("Inf", "inf").parse().unwrap();
            points.insert((labels.clone(), pair[0].to_string()), value);
        }
    }
    points
}

fn difference(theirs: &Answer, ours: &Answer) -> Option<String> {
    if theirs.status != ours.status {
        return Some(format!("status {} and ours {}: {}", theirs.status, ours.status, ours.text));
    }
    let (theirs, ours) = (points(&theirs.json()), points(&ours.json()));
    if theirs.len() != ours.len() {
        let missing = theirs.keys().find(|key| !ours.contains_key(key));
        let added = ours.keys().find(|key| !theirs.contains_key(key));
        return Some(format!(
            "{} points, ours {}; missing {missing:?}, added {added:?}",
            theirs.len(),
            ours.len()
        ));
    }
    let close =
        |a: f64, b: f64| (a.is_nan() && b.is_nan()) || a == b || (a - b).abs() <= 1e-5 * a.abs().max(b.abs());
    theirs.iter().find_map(|(key, a)| match ours.get(key) {
        Some(b) if close(*a, *b) => None,
        b => Some(format!("{key:?}: {a}, ours {b:?}")),
    })
}

fn conformance() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("WINDHOVER_CONFORMANCE") {
        return Some(named.into());
    }
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    above.map(|folder| folder.join("shared/conformance")).find(|folder| folder.is_dir())
}

/// Where 2.42 answers otherwise than 3.x, and why.
const EXCUSED: [(&str, &str); 0] = [];

#[test]
fn the_compliance_queries_are_answered_as_prometheus_answers_them() {
    if without_prometheus() {
        return;
    }
    let Some(folder) = conformance() else { return it::skip("no queries; set WINDHOVER_CONFORMANCE") };
    let queries = std::fs::read_to_string(folder.join("promql-compliance-queries.json")).unwrap();
    let queries: Value = serde_json::from_str(&queries).unwrap();
    let (data, end_s, series) = (Folder::new("promql"), end_s(), demo());
    let server = ours(&data, &series, end_s);
    let theirs = Prometheus::start("promql-prometheus", Some(&text(&series, end_s, 1)), "global: {}\n");
    let mut wrong = Vec::new();
    let queries = queries["queries"].as_array().unwrap();
    let mut filled = 0;
    for query in queries {
        let text = query["query"].as_str().unwrap();
        let (theirs, ours) = (range(&theirs.url, text, end_s), range(&server.url, text, end_s));
        let is_excused = EXCUSED.iter().any(|(excused, _)| text.contains(excused));
        filled += usize::from(!points(&theirs.json()).is_empty());
        if let Some(difference) = difference(&theirs, &ours).filter(|_| !is_excused) {
            wrong.push(format!("{text}\n    {difference}"));
        }
    }
    assert!(filled > queries.len() / 2, "only {filled} of {} queries have an answer at all", queries.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), queries.len(), wrong.join("\n"));
}

fn promtool(words: &[&str]) -> String {
    let said = Command::new("promtool").args(words).output().unwrap();
    assert!(said.status.success(), "{words:?}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap()
}

#[test]
fn promtool_and_remote_read_work_against_us() {
    if without_prometheus() {
        return;
    }
    let (data, end_s, series) = (Folder::new("promql-tools"), end_s(), demo());
    let server = ours(&data, &series, end_s);
    let (url, end) = (server.url.as_str(), end_s.to_string());
    let said = promtool(&["query", "instant", "--time", &end, url, "sum by (instance) (demo_num_cpus)"]);
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(said.starts_with("{instance=\"localhost:10000\"} => 4 @["), "{said}");
    let start = (end_s - 60).to_string();
    let said = promtool(&[
        "query",
        "range",
        "--start",
        &start,
        "--end",
        &end,
        "--step",
        "30s",
        url,
        "sum(demo_num_cpus)",
    ]);
    assert_eq!(said.matches("12 @[").count(), 3, "{said}");
    let matcher = "--match=demo_num_cpus{instance=\"localhost:10001\"}";
    let said = promtool(&["query", "series", matcher, url]);
    assert!(said.contains("instance=\"localhost:10001\""), "{said}");
    let said = promtool(&["query", "labels", url, "mode"]);
    assert_eq!(said.split_whitespace().collect::<Vec<_>>(), ["idle", "system", "user"]);

    let config = format!("remote_read: [{{url: '{url}/api/v1/read', read_recent: true}}]\n");
    let reader = Prometheus::start("promql-reader", None, &config);
    for query in [
        "demo_memory_usage_bytes",
        "rate(demo_cpu_usage_seconds_total{mode=~\"i.*\"}[5m])",
        "count(demo_num_cpus)",
    ] {
        let (read, own) = (range(&reader.url, query, end_s), range(url, query, end_s));
        assert!(!points(&read.json()).is_empty(), "{}", read.text);
        assert_eq!(difference(&read, &own), None, "{query}");
    }
}

#[test]
fn what_grafana_asks_is_answered() {
    let (data, end_s, series) = (Folder::new("promql-grafana"), end_s(), demo());
    let server = ours(&data, &series, end_s);
    let form = "application/x-www-form-urlencoded";
    let told = |answer: Answer| {
        let json = answer.json();
        assert_eq!((answer.status, json["status"].as_str()), (200, Some("success")), "{}", answer.text);
        json["data"].clone()
    };
    let ask = |path: &str| told(get(&server.at(&format!("/api/v1/{path}"))));
    let send = |path: &str, body: String| told(post(&server.at(&format!("/api/v1/{path}")), form, body));
    let span = format!("start={}&end={end_s}", end_s - 3600);
    // "Save & test"
    assert!(ask("status/buildinfo")["version"].as_str().is_some_and(|version| version.starts_with('3')));
    assert_eq!(send("query", "query=1%2B1&time=4".to_owned())["result"][1], "2");
    // The query builder
    let names = ask(&format!("label/__name__/values?{span}"));
    assert!(names.as_array().unwrap().contains(&"demo_num_cpus".into()), "{names}");
    let labels = send("labels", format!("match[]=demo_num_cpus&{span}"));
    assert_eq!(labels, serde_json::json!(["__name__", "host", "instance", "job"]));
    let values = ask(&format!("label/mode/values?match[]=demo_cpu_usage_seconds_total&{span}"));
    assert_eq!(values, serde_json::json!(["idle", "system", "user"]));
    assert_eq!(ask(&format!("series?match[]=demo_num_cpus&{span}")).as_array().unwrap().len(), 3);
    assert!(ask("metadata?limit=1000").is_object());
    // Panels, with and without exemplars, and the rule list of Explore
    let query = encoded("sum(rate(demo_cpu_usage_seconds_total[1m])) by (mode)");
    let matrix = send("query_range", format!("query={query}&{span}&step=15"));
    assert_eq!(
        (matrix["resultType"].as_str(), matrix["result"].as_array().unwrap().len()),
        (Some("matrix"), 3)
    );
    let vector = send("query", format!("query={query}&time={end_s}"));
    assert_eq!(
        (vector["resultType"].as_str(), vector["result"].as_array().unwrap().len()),
        (Some("vector"), 3)
    );
    assert_eq!(send("query_exemplars", format!("query={query}&{span}")), serde_json::json!([]));
    assert_eq!(ask("rules")["groups"], serde_json::json!([]));
    assert_eq!(
        ask(&format!("format_query?query={query}")),
        "sum by (mode) (rate(demo_cpu_usage_seconds_total[1m]))"
    );
    assert_eq!(ask(&format!("parse_query?query={query}"))["type"], "aggregation");
}

#[test]
fn the_editor_of_grafana_finds_names_and_values() {
    let (data, end_s, series) = (Folder::new("promql-editor"), end_s(), demo());
    let server = ours(&data, &series, end_s);
    let form = "application/x-www-form-urlencoded";
    let span = format!("start={}&end={end_s}", end_s - 3600);
    let told = |answer: Answer| answer.json()["data"].clone();
    // As the data source of Grafana 13 writes it.
    let body = format!("limit=40000&{span}&match%5B%5D=%7B__name__%3D~%22.*num_cpus.*%22%7D");
    let labels = told(post(&server.at("/api/v1/labels"), form, body));
    assert_eq!(labels, serde_json::json!(["__name__", "host", "instance", "job"]));
    let unknown = told(get(&server.at(&format!("/api/v1/label/U__a_2e_b/values?limit=40000&{span}"))));
    assert_eq!(unknown, serde_json::json!([]));
    let matching = "match[]=%7B__name__%3D~%22.*memory.*%22%7D";
    let names = told(get(&server.at(&format!("/api/v1/label/__name__/values?limit=5&{span}&{matching}"))));
    assert_eq!(names, serde_json::json!(["demo_memory_usage_bytes"]));
    let search = "search[]=SYS&sort_by=score&fuzz_threshold=80&fuzz_alg=jarowinkler&case_sensitive=false&batch_size=500";
    let found =
        get(&server.at(&format!("/api/v1/search/label_values?{span}&limit=10000&{search}&label=mode")));
    let lines: Vec<Value> = found.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["results"][0]["value"], "system", "{}", found.text);
    assert_eq!(lines[1], serde_json::json!({"status": "success", "has_more": false}));
}
