//! How fast an agent's backlog goes to a server on the same machine, and what holds it up: the processor time of both
//! beside the time it took. The spool is what an agent of 500 series writes in days without a server.

use crate::data::Feed;
use crate::data::cpu::Cpu;
use crate::options::Options;
use crate::peer::{Peer, disk_bytes, folder, mb, windhover};
use crate::servers::Server;
use model::{Batch, Kind, Slot};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use wire::protocols::native::{AgentId, Encoder, Header};

const STEP_MS: i64 = 1000;
/// Ten series each.
const HOSTS: usize = 50;
/// As in an agent's spool.
const SEGMENT_BYTES: usize = 1 << 20;
/// Longest time a drain may take.
const PATIENCE: Duration = Duration::from_secs(1200);

/// Fills a spool, then lets an agent drain it.
pub fn run(options: &Options) -> Result<(), String> {
    let data = folder("drain")?;
    let spool = data.join("agent/spool");
    fs::create_dir_all(&spool).map_err(|e| e.to_string())?;
    let samples = fill(&spool, options.size(1 << 20, 20 << 20, 200 << 20))?;
    let bytes = disk_bytes(&spool);
    let reading = read_all(&spool)?;
    println!(
        "{} in segments, {:.2} bytes a sample; read alone in {reading:.2} s",
        mb(bytes),
        bytes as f64 / samples as f64
    );

    let (server, port) = Server::Windhover.start(&data.join("server"))?;
    let before = server.cost();
    let started = Instant::now();
    let mut command = Command::new(windhover());
    command.args(["agent", "--host", "bench", "--backlog-bytes-per-second", "0", "--interval", "10s"]);
    command.args(["--server", &format!("http://127.0.0.1:{port}"), "--data"]).arg(data.join("agent"));
    let agent = Peer::start("agent", &mut command)?;
    let anonymous_bytes = wait(&spool, &agent)?;
    let seconds = started.elapsed().as_secs_f64();
    let (ours, theirs) = (agent.cost().cpu_seconds, server.cost().cpu_seconds - before.cpu_seconds);
    println!(
        "{:>12} {:>12} {:>14} {:>16} {:>17} {:>18}",
        "seconds", "MB/s", "samples/s", "agent's CPU-s", "server's CPU-s", "agent's anonymous"
    );
    println!(
        "{seconds:>12.2} {:>12.2} {:>14.0} {ours:>16.2} {theirs:>17.2} {:>18}",
        bytes as f64 / 1e6 / seconds,
        samples as f64 / seconds,
        mb(anonymous_bytes)
    );
    agent.stop();
    server.stop();
    let _ = fs::remove_dir_all(data);
    Ok(())
}

/// Writes segments of `bytes` in all, the last sample now; gives the number of samples.
fn fill(spool: &Path, bytes: usize) -> Result<u64, String> {
    let mut feed = Cpu::new(HOSTS, 1);
    let series = feed.labels().len();
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as i64);
    // The first pass says how many steps fill the room, so that the second can end now.
    let mut steps = 0;
    let mut size = 0;
    let mut segment = Segment::new(&feed, 0);
    while size < bytes {
        let before = segment.bytes.len();
        segment.push(steps * STEP_MS, feed.step());
        size += segment.bytes.len() - before;
        steps += 1;
        if segment.bytes.len() >= SEGMENT_BYTES {
            segment = Segment::new(&feed, 0);
        }
    }
    let (mut feed, start_ms) = (Cpu::new(HOSTS, 1), now_ms - steps * STEP_MS);
    let mut number = 1;
    let mut segment = Segment::new(&feed, number);
    for step in 0..steps {
        segment.push(start_ms + step * STEP_MS, feed.step());
        if segment.bytes.len() >= SEGMENT_BYTES || step + 1 == steps {
            fs::write(spool.join(format!("{number:016x}.whs")), &segment.bytes).map_err(|e| e.to_string())?;
            number += 1;
            segment = Segment::new(&feed, number);
        }
    }
    Ok(steps as u64 * series as u64)
}

/// A stream as it grows.
struct Segment {
    batch: Batch,
    encoder: Encoder,
    bytes: Vec<u8>,
}

impl Segment {
    fn new(feed: &Cpu, stream: u64) -> Self {
        let mut batch = Batch::new();
        for labels in feed.labels() {
            batch.dictionary.add(labels, Kind::Gauge);
        }
        let mut bytes = Vec::new();
        Header { agent: AgentId([7; 16]), stream, first: 0, host: "bench" }.encode(&mut bytes);
        Self { batch, encoder: Encoder::new(), bytes }
    }

    fn push(&mut self, time_ms: i64, values: &[f64]) {
        self.batch.clear_rows();
        self.batch.begin(time_ms);
        values.iter().enumerate().for_each(|(slot, value)| self.batch.push(Slot(slot as u32), *value));
        self.encoder.encode(&self.batch, 0, &mut self.bytes);
    }
}

/// Seconds that reading every segment takes.
fn read_all(spool: &Path) -> Result<f64, String> {
    let started = Instant::now();
    for entry in fs::read_dir(spool).map_err(|e| e.to_string())?.flatten() {
        fs::read(entry.path()).map_err(|e| e.to_string())?;
    }
    Ok(started.elapsed().as_secs_f64())
}

/// Waits until the segments written here are gone; gives the most memory seen.
fn wait(spool: &Path, agent: &Peer) -> Result<u64, String> {
    let (deadline, mut most) = (Instant::now() + PATIENCE, 0);
    while Instant::now() < deadline {
        most = most.max(agent.cost().anonymous_bytes);
        let left = fs::read_dir(spool).map_err(|e| e.to_string())?.flatten();
        // The agent's own are numbered by the clock.
        if !left.into_iter().any(|e| e.file_name().to_string_lossy().starts_with("00000000")) {
            return Ok(most);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("not drained within {PATIENCE:?}"))
}
