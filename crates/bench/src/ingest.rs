//! Remote-write ingest: TSBS-like `cpu-only` data sent to one server after the other, processor time of each. The data
//! end now, so that every server takes them as it takes live ones.

use crate::data::Feed;
use crate::data::cpu::Cpu;
use crate::options::Options;
use crate::peer::{Peer, disk_bytes, folder, free_port, mb, ready, windhover};
use crate::sender::Sender;
use crate::victoria::Victoria;
use crate::write;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

const STEP_MS: i64 = 10_000;
/// Prometheus' own default for `max_samples_per_send`.
const SERIES_PER_REQUEST: usize = 2000;

/// Measures us, victoria-metrics and prometheus.
pub fn run(options: &Options) -> Result<(), String> {
    let load = Load { hosts: options.size(10, 1000, 1000), steps: options.size(5, 360, 4320) };
    println!(
        "{:<18} {:>10} {:>16} {:>14} {:>14} {:>14}",
        "server", "samples", "CPU-s/M samples", "anonymous", "resident", "bytes/sample"
    );
    let ours = load.measure(windhover_server)?;
    for (name, start) in [("victoria-metrics", victoria_server as Start), ("prometheus", prometheus_server)] {
        match load.measure(start) {
            Ok(theirs) => println!("{name} needs {:.1} times the processor time", theirs / ours),
            Err(why) => println!("{name} not measured: {why} (apt install {name})"),
        }
    }
    println!(
        "bytes are those of all files as the servers leave them when they end: `bytes` settles them first"
    );
    Ok(())
}

/// A server on a folder: the process, its port, where it takes remote write.
type Start = fn(&Path) -> Result<(Peer, u16, &'static str), String>;

fn windhover_server(data: &Path) -> Result<(Peer, u16, &'static str), String> {
    let port = free_port();
    let mut command = Command::new(windhover());
    command
        .args(["server", "--listen", &format!("127.0.0.1:{port}"), "--store-late", "1000d", "--data"])
        .arg(data);
    let peer = Peer::start("windhover", &mut command)?;
    ready(&format!("http://127.0.0.1:{port}/health"))?;
    Ok((peer, port, "/api/v1/write"))
}

fn victoria_server(data: &Path) -> Result<(Peer, u16, &'static str), String> {
    let victoria = Victoria::start(data)?;
    Ok((victoria.peer, victoria.port, "/api/v1/write"))
}

fn prometheus_server(data: &Path) -> Result<(Peer, u16, &'static str), String> {
    let port = free_port();
    let config = data.join("prometheus.yml");
    std::fs::create_dir_all(data)
        .and_then(|()| std::fs::write(&config, "global: {}\n"))
        .map_err(|e| e.to_string())?;
    let mut command = Command::new("prometheus");
    command.arg(format!("--config.file={}", config.display()));
    command.arg(format!("--storage.tsdb.path={}", data.join("data").display()));
    command.arg(format!("--web.listen-address=127.0.0.1:{port}")).arg("--web.enable-remote-write-receiver");
    let peer = Peer::start("prometheus", &mut command)?;
    ready(&format!("http://127.0.0.1:{port}/-/ready"))?;
    Ok((peer, port, "/api/v1/write"))
}

struct Load {
    hosts: usize,
    steps: i64,
}

impl Load {
    /// CPU seconds a million samples.
    fn measure(&self, start: Start) -> Result<f64, String> {
        let data = folder("ingest")?;
        let (peer, port, path) = start(&data.join("data"))?;
        let before = peer.cost();
        let samples = self.send(&mut Sender::open(port, path)?)?;
        peer.settle();
        let after = peer.cost();
        let cpu = (after.cpu_seconds - before.cpu_seconds) / (samples as f64 / 1e6);
        let name = peer.name.clone();
        peer.stop();
        let bytes = disk_bytes(&data) as f64 / samples as f64;
        let (anonymous, resident) = (mb(after.anonymous_bytes), mb(after.resident_bytes));
        println!("{name:<18} {samples:>10} {cpu:>16.3} {anonymous:>14} {resident:>14} {bytes:>14.3}");
        let _ = std::fs::remove_dir_all(data);
        Ok(cpu)
    }

    fn send(&self, sender: &mut Sender) -> Result<u64, String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?;
        let start_ms = (now.as_millis() as i64 - self.steps * STEP_MS) / STEP_MS * STEP_MS;
        let mut feed = Cpu::new(self.hosts, 1);
        let labels: Vec<Vec<u8>> = feed.labels().iter().map(write::labels).collect();
        for step in 0..self.steps {
            let values = feed.step();
            for (labels, values) in labels.chunks(SERIES_PER_REQUEST).zip(values.chunks(SERIES_PER_REQUEST)) {
                let rows = labels.iter().zip(values.iter().copied());
                sender.send(&write::request(rows, start_ms + step * STEP_MS))?;
            }
        }
        Ok(self.steps as u64 * labels.len() as u64)
    }
}
