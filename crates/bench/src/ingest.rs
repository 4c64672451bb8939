//! Ingest: TSBS-like `cpu-only` data sent to one server after the other by remote write, and to ours as agents do;
//! processor time of each. The data end now, so that every server takes them as it takes live ones.

use crate::data::Feed;
use crate::data::cpu::Cpu;
use crate::options::Options;
use crate::peer::{disk_bytes, folder, mb};
use crate::sender::{Protocol, Sender};
use crate::servers::Server;
use crate::write;
use model::{Batch, Kind, Slot};
use std::time::{SystemTime, UNIX_EPOCH};
use wire::protocols::native::{AgentId, Encoder, Header};

const STEP_MS: i64 = 10_000;
/// Prometheus' own default for `max_samples_per_send`.
const SERIES_PER_REQUEST: usize = 2000;
/// As many as an agent has that looks after a host.
const SERIES_PER_AGENT: usize = 1000;

/// Measures us, victoria-metrics and prometheus.
pub fn run(options: &Options) -> Result<(), String> {
    let load = Load { hosts: options.size(10, 1000, 1000), steps: options.size(5, 360, 4320) };
    println!(
        "{:<18} {:>10} {:>16} {:>14} {:>14} {:>14}",
        "server", "samples", "CPU-s/M samples", "anonymous", "resident", "bytes/sample"
    );
    let ours = match options.wants("remote write") {
        true => load.measure(Server::Windhover, Protocol::RemoteWrite)?,
        false => f64::NAN,
    };
    if options.wants("native") {
        load.measure(Server::Windhover, Protocol::Native)?;
    }
    let peers = if options.alone { &[][..] } else { &[Server::Victoria, Server::Prometheus] };
    for peer in peers.iter().filter(|peer| options.wants(peer.name())) {
        let name = peer.name();
        match load.measure(*peer, Protocol::RemoteWrite) {
            Ok(theirs) if ours.is_nan() => println!("{name} needs {theirs:.3}"),
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
    fn measure(&self, server: Server, protocol: Protocol) -> Result<f64, String> {
        let data = folder("ingest")?;
        let (peer, port) = server.start(&data.join("data"))?;
        let before = peer.cost();
        let mut sender = Sender::open(port, protocol)?;
        let samples = match protocol {
            Protocol::RemoteWrite => self.send(&mut sender)?,
            Protocol::Native => self.send_native(&mut sender)?,
        };
        peer.settle();
        let after = peer.cost();
        let cpu = (after.cpu_seconds - before.cpu_seconds) / (samples as f64 / 1e6);
        let name = match protocol {
            Protocol::RemoteWrite => peer.name.clone(),
            Protocol::Native => format!("{}, native", peer.name),
        };
        peer.stop();
        let bytes = disk_bytes(&data) as f64 / samples as f64;
        let (anonymous, resident) = (mb(after.anonymous_bytes), mb(after.resident_bytes));
        println!("{name:<18} {samples:>10} {cpu:>16.3} {anonymous:>14} {resident:>14} {bytes:>14.3}");
        let _ = std::fs::remove_dir_all(data);
        Ok(cpu)
    }

    fn start_ms(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as i64);
        (now - self.steps * STEP_MS) / STEP_MS * STEP_MS
    }

    /// A request a step from each of several agents.
    fn send_native(&self, sender: &mut Sender) -> Result<u64, String> {
        let start_ms = self.start_ms();
        let mut feed = Cpu::new(self.hosts, 1);
        let series = feed.labels().len();
        let mut agents: Vec<Agent> = feed
            .labels()
            .chunks(SERIES_PER_AGENT)
            .enumerate()
            .map(|(at, labels)| Agent::new(at, labels))
            .collect();
        for step in 0..self.steps {
            let values = feed.step();
            for (agent, values) in agents.iter_mut().zip(values.chunks(SERIES_PER_AGENT)) {
                sender.send(agent.body(start_ms + step * STEP_MS, values)?)?;
            }
        }
        Ok(self.steps as u64 * series as u64)
    }

    fn send(&self, sender: &mut Sender) -> Result<u64, String> {
        let start_ms = self.start_ms();
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

/// One stream of the native protocol.
pub struct Agent {
    id: AgentId,
    batch: Batch,
    encoder: Encoder,
    /// Number of the next frame.
    first: u64,
    body: Vec<u8>,
}

impl Agent {
    /// The agent of this number, with the series it sends.
    pub fn new(number: usize, labels: &[model::Labels]) -> Self {
        let mut batch = Batch::new();
        for labels in labels {
            batch.dictionary.add(labels, Kind::Gauge);
        }
        let id = AgentId((number as u128 + 1).to_be_bytes());
        Self { id, batch, encoder: Encoder::new(), first: 0, body: Vec::new() }
    }

    /// The body of a request with a value for each series.
    pub fn body(&mut self, time_ms: i64, values: &[f64]) -> Result<&[u8], String> {
        self.batch.clear_rows();
        self.batch.begin(time_ms);
        values.iter().enumerate().for_each(|(slot, value)| self.batch.push(Slot(slot as u32), *value));
        self.body.clear();
        Header { agent: self.id, stream: 1, first: self.first, host: "bench" }.encode(&mut self.body);
        let progress = self.encoder.encode(&self.batch, 0, &mut self.body);
        self.first += progress.frames;
        if progress.rows == values.len() { Ok(&self.body) } else { Err("the stream is full".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Labels;
    use wire::protocols::native::decode_body;

    #[test]
    fn what_an_agent_sends_is_one_stream() {
        let labels = |name| Labels::from_pairs([(model::NAME, name)]).unwrap();
        let mut agent = Agent::new(0, &[labels("a"), labels("b")]);
        let mut body = agent.body(10, &[1.0, 2.0]).unwrap().to_vec();
        let next = agent.body(20, &[1.5, 2.0]).unwrap();
        let (header, frames) = Header::decode(next).unwrap();
        assert!(header.first > 0, "frames are numbered on");
        body.extend_from_slice(frames);
        let (mut report, mut rows) = (model::Report::default(), Vec::new());
        decode_body(&body, &mut report, &mut |batch| {
            let groups = batch.groups();
            rows.extend(groups.flat_map(|g| g.values.iter().map(move |v| (g.time_ms, *v))));
        })
        .unwrap();
        assert_eq!(rows, [(10, 1.0), (10, 2.0), (20, 1.5), (20, 2.0)]);
    }
}
