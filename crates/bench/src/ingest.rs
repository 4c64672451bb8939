//! Remote-write ingest: TSBS-like `cpu-only` data sent to one server after the other, processor time of each. The data
//! end now, so that every server takes them as it takes live ones.

use crate::data::Feed;
use crate::data::cpu::Cpu;
use crate::options::Options;
use crate::peer::{disk_bytes, folder, mb};
use crate::sender::Sender;
use crate::servers::{Server, WRITE_PATH};
use crate::write;
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
    let ours = load.measure(Server::Windhover)?;
    let peers = if options.alone { &[][..] } else { &[Server::Victoria, Server::Prometheus] };
    for peer in peers {
        let name = peer.name();
        match load.measure(*peer) {
            Ok(theirs) => println!("{name} needs {:.1} times the processor time", theirs / ours),
            Err(why) => println!("{name} not measured: {why} (apt install {name})"),
        }
    }
    println!(
        "bytes are those of all files as the servers leave them when they end: `bytes` settles them first"
    );
    Ok(())
}

struct Load {
    hosts: usize,
    steps: i64,
}

impl Load {
    /// CPU seconds a million samples.
    fn measure(&self, server: Server) -> Result<f64, String> {
        let data = folder("ingest")?;
        let (peer, port) = server.start(&data.join("data"))?;
        let before = peer.cost();
        let samples = self.send(&mut Sender::open(port, WRITE_PATH)?)?;
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
