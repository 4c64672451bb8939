//! Remote-write ingest: TSBS-like `cpu-only` data sent to one server after the other, processor time of each.

use crate::peer::{Peer, disk_bytes, folder, free_port, mb, ready, windhover};
use crate::proto::Fleet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const HOSTS: usize = 1000;
const STEP_MS: i64 = 10_000;
/// Prometheus' own default for `max_samples_per_send`.
const SERIES_PER_REQUEST: usize = 2000;

/// Measures us and victoria-metrics. `WINDHOVER_BENCH_STEPS` sets the length (default 360: an hour at 10 s).
pub fn run() -> Result<(), String> {
    let steps: i64 = std::env::var("WINDHOVER_BENCH_STEPS").ok().and_then(|s| s.parse().ok()).unwrap_or(360);
    println!(
        "{:<18} {:>10} {:>16} {:>14} {:>14}",
        "server", "samples", "CPU-s/M samples", "anonymous", "bytes/sample"
    );
    let ours = |port: u16, data: &Path| {
        let mut command = Command::new(windhover());
        command
            .args(["server", "--listen", &format!("127.0.0.1:{port}"), "--store-late", "1000d", "--data"])
            .arg(data);
        (command, format!("http://127.0.0.1:{port}/health"), "/api/v1/write")
    };
    let victoria = |port: u16, data: &Path| {
        let mut command = Command::new("victoria-metrics");
        command
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .arg(format!("-storageDataPath={}", data.display()));
        command.arg("-retentionPeriod=100y");
        (command, format!("http://127.0.0.1:{port}/health"), "/api/v1/write")
    };
    let first = measure("windhover", steps, ours)?;
    match measure("victoria-metrics", steps, victoria) {
        Ok(second) => println!("victoria-metrics needs {:.1} times the processor time", second / first),
        Err(why) => println!("victoria-metrics not measured ({why}); apt install victoria-metrics"),
    }
    Ok(())
}

fn measure(
    name: &str,
    steps: i64,
    server: impl Fn(u16, &Path) -> (Command, String, &'static str),
) -> Result<f64, String> {
    let (data, port) = (folder(name)?, free_port());
    let (mut command, health, path) = server(port, &data);
    let peer = Peer::start(name, &mut command)?;
    ready(&health)?;
    let before = peer.cost();
    let samples = send(port, path, steps)?;
    settle(&peer);
    let after = peer.cost();
    let cpu = (after.cpu_seconds - before.cpu_seconds) / (samples as f64 / 1e6);
    peer.stop();
    let bytes = disk_bytes(&data) as f64 / samples as f64;
    println!("{name:<18} {samples:>10} {cpu:>16.3} {:>14} {bytes:>14.3}", mb(after.anonymous_bytes));
    let _ = std::fs::remove_dir_all(data);
    Ok(cpu)
}

/// Waits until the server has nothing left to do in the background, at most 20 s: that work belongs to the price.
fn settle(peer: &Peer) {
    let mut last = peer.cost().cpu_seconds;
    for _ in 0..20 {
        std::thread::sleep(Duration::from_secs(1));
        let now = peer.cost().cpu_seconds;
        if now - last < 0.02 {
            return;
        }
        last = now;
    }
}

fn send(port: u16, path: &str, steps: i64) -> Result<u64, String> {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?.as_millis() as i64;
    let start_ms = (now_ms - steps * STEP_MS) / STEP_MS * STEP_MS;
    let mut fleet = Fleet::new(HOSTS, 1);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|e| e.to_string())?;
    stream.set_nodelay(true).map_err(|e| e.to_string())?;
    for step in 0..steps {
        for body in fleet.step(start_ms + step * STEP_MS, SERIES_PER_REQUEST) {
            post(&mut stream, path, &body)?;
        }
    }
    Ok(steps as u64 * fleet.len() as u64)
}

fn post(stream: &mut TcpStream, path: &str, body: &[u8]) -> Result<(), String> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).map_err(|e| e.to_string())?;
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let n = stream.read(&mut buffer).map_err(|e| e.to_string())?;
        if n == 0 {
            return Err("the server hung up".into());
        }
        answer.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, rest)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        if rest.len() < length.unwrap_or(0) {
            continue;
        }
        let status = head.split(' ').nth(1).unwrap_or("");
        return if status.starts_with('2') { Ok(()) } else { Err(text.into_owned()) };
    }
}
