//! Targets are asked as Debian's Prometheus asks them: both scrape the same exporter and have the same series and values.

use it::http::{get, try_get};
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// The last value of every series of a job by its labels, without `host`, which is ours.
type Values = BTreeMap<String, f64>;

fn key(labels: &Value) -> String {
    let labels = labels.as_object().unwrap();
    let own = labels.iter().filter(|(name, _)| *name != "host");
    own.map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect::<Vec<_>>().join(",")
}

fn of_prometheus(port: u16, query: &str) -> Values {
    let url = format!("http://127.0.0.1:{port}/api/v1/query?query={query}");
    // It may not listen yet.
    let Some(answer) = try_get(&url).filter(|answer| answer.status == 200) else { return Values::new() };
    let answer = answer.json();
    let row = |row: &Value| {
        let value = row["value"][1].as_str().unwrap().parse().unwrap();
        (key(&row["metric"]), value)
    };
    answer["data"]["result"].as_array().map(|rows| rows.iter().map(row).collect()).unwrap_or_default()
}

fn of_ours(server: &Server, matcher: &str) -> Values {
    let answer = get(&server.at(&format!("/api/v1/export?match[]={matcher}")));
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        let last = row["values"].as_array().unwrap().iter().rev().find_map(Value::as_f64);
        (key(&row["metric"]), last.unwrap_or(f64::NAN))
    };
    answer.text.lines().map(row).collect()
}

/// What does not change from one scrape to the next.
fn is_constant(key: &str) -> bool {
    [
        "node_boot_time",
        "node_uname",
        "node_memory_MemTotal",
        "node_exporter_build",
        "node_filesystem_size",
        "node_cpu_info",
    ]
    .iter()
    .any(|name| key.contains(&format!("__name__={name}")))
}

#[test]
fn we_have_of_an_exporter_what_prometheus_has() {
    if Command::new("prometheus").arg("--version").output().is_err() {
        return it::skip("no `prometheus` on this machine; `cargo xtask test` installs it");
    }
    if Command::new("prometheus-node-exporter").arg("--version").output().is_err() {
        return it::skip("no `prometheus-node-exporter` on this machine; `cargo xtask test` installs it");
    }
    let (exporter_port, peer_port) = (free_port(), free_port());
    let mut command = Command::new("prometheus-node-exporter");
    let exporter = Running::start(command.arg(format!("--web.listen-address=127.0.0.1:{exporter_port}")));
    let (data, folder) = (Folder::new("scraping"), Folder::new("scraping-peer"));
    let rules = "{source_labels: [__name__], regex: 'go_.*', action: drop}";
    let peer_file = folder.path().join("prometheus.yml");
    std::fs::write(&peer_file, format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: node\n  static_configs: [{{targets: ['127.0.0.1:{exporter_port}'], labels: {{rack: a}}}}]\n  metric_relabel_configs: [{rules}]\n"
    )).unwrap();
    let _prometheus = Running::start(
        Command::new("prometheus")
            .arg(format!("--config.file={}", peer_file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{peer_port}")),
    );
    // Ours finds the exporter in a file, and Prometheus, which has series of every type, in its settings.
    let targets = folder.path().join("targets.yml");
    std::fs::write(&targets, format!("- targets: ['127.0.0.1:{exporter_port}']\n  labels: {{rack: a}}\n"))
        .unwrap();
    let config = folder.path().join("windhover.toml");
    std::fs::write(&config, format!(
        "[[scrape]]\njob = 'node'\nfiles = ['{}']\ninterval = '1s'\n[[scrape.metric_relabel]]\nsource_labels = ['__name__']\nregex = 'go_.*'\naction = 'drop'\n\
         [[scrape]]\njob = 'prometheus'\ntargets = ['127.0.0.1:{peer_port}']\ninterval = '1s'\n",
        targets.display()
    )).unwrap();
    let server = Server::start("server", data.path(), 0, &["--config", &config.display().to_string()]);
    let (theirs, ours) = until("the same series", SOON, || {
        let theirs = of_prometheus(peer_port, "%7Bjob=%22node%22%7D");
        let ours = of_ours(&server, "%7Bjob=%22node%22%7D");
        let is_same = theirs.len() > 300 && theirs.keys().all(|key| ours.contains_key(key));
        is_same.then_some((theirs, ours))
    });
    // What this exporter shows only now and then may be in ours alone.
    assert!(ours.len() <= theirs.len() + 20, "{} of {}", ours.len(), theirs.len());
    let constant: Vec<&String> = theirs.keys().filter(|key| is_constant(key)).collect();
    assert!(constant.len() >= 4, "{constant:?}");
    for key in constant {
        assert_eq!(ours[key], theirs[key], "{key}");
    }
    let own = |name: &str| format!("__name__={name},instance=127.0.0.1:{exporter_port},job=node,rack=a");
    assert_eq!(ours[&own("up")], 1.0);
    assert_eq!(
        ours[&own("scrape_samples_post_metric_relabeling")],
        theirs[&own("scrape_samples_post_metric_relabeling")]
    );
    let of_the_peer = until("Prometheus' own page", SOON, || {
        let found = of_ours(&server, "%7Bjob=%22prometheus%22%7D");
        (found.len() > 300).then_some(found)
    });
    assert!(of_the_peer.keys().any(|key| key.contains("quantile=0.99")), "a summary");
    assert!(of_the_peer.keys().any(|key| key.contains("_bucket") && key.contains("le=+Inf")), "a histogram");

    drop(exporter);
    until("the exporter to be down", SOON, || {
        let ours = of_ours(&server, "up%7Bjob=%22node%22%7D");
        (ours.values().copied().collect::<Vec<_>>() == [0.0]).then_some(())
    });
}
