//! Debian's Prometheus writes into us by remote write.

use it::http::{numbers, run};
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use std::process::Command;
use std::time::Duration;

#[test]
fn prometheus_writes_into_us() {
    if Command::new("prometheus").arg("--version").output().is_err() {
        return it::skip("no `prometheus` on this machine; `cargo xtask test` installs it");
    }
    let (data, peer) = (Folder::new("remote-write"), Folder::new("prometheus"));
    let server = Server::start("server", data.path(), 0, &[]);
    let port = free_port();
    let config = format!(
        "global: {{scrape_interval: 1s}}\nscrape_configs:\n- job_name: self\n  static_configs: [{{targets: ['127.0.0.1:{port}']}}]\nremote_write:\n- url: {}/api/v1/write\n  queue_config: {{batch_send_deadline: 1s}}\n",
        server.url
    );
    let file = peer.path().join("prometheus.yml");
    std::fs::write(&file, config).unwrap();
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", peer.path().join("data").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let _prometheus = Running::start(&mut command);
    until("Prometheus' own samples", Duration::from_secs(60), || {
        let up = run(&server.url, ".es(q='job:self', metric=last:up)", "now-5m", "now+1m", "1s");
        let up: Vec<f64> = up.iter().flat_map(numbers).collect();
        (up.len() >= 3 && up.iter().all(|v| *v == 1.0)).then_some(())
    });
    // `instance` became the host, so that it stands in the fleet like any other.
    let hosts = it::http::get(&server.at("/api/v1/label/host/values")).json();
    assert!(hosts["data"].as_array().unwrap().iter().any(|h| h == "127.0.0.1"), "{hosts}");
}
