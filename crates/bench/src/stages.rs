//! Where the processor time of the native protocol goes: the same requests as in `ingest`, without a network, through
//! more and more of the stages that a sample runs through. Everything is in this process.

use crate::cost::cpu_seconds;
use crate::data::Feed;
use crate::data::cpu::Cpu;
use crate::ingest::Agent;
use crate::local::Local;
use crate::options::Options;
use crate::peer::folder;
use ingest::native::{Limits, Sessions};
use model::{Batch, PushError, Receipt, Report, Sink};
use wire::protocols::native::{Decoder, Header, frame};

const START_MS: i64 = 1_767_225_600_000;
const STEP_MS: i64 = 10_000;
/// As in `ingest`.
const SERIES_PER_AGENT: usize = 1000;
const ROUNDS: usize = 5;

/// A row a stage.
pub fn run(options: &Options) -> Result<(), String> {
    let (hosts, steps) = (options.size(10, 1000, 1000), options.size(5, 360, 720));
    let bodies = bodies(hosts, steps)?;
    let samples = (hosts * 10 * steps) as f64;
    println!("{:<44} {:>16}", "through", "CPU ns a sample");
    let rows: [(&str, Stage); 3] = [
        ("frames to batches", |bodies, _| decode(bodies)),
        ("the door, into a sink that takes all", |bodies, _| through(bodies, &TakesAll)),
        ("the door, into the store", into_store),
    ];
    for (name, stage) in rows {
        let mut each = Vec::new();
        for _ in 0..ROUNDS {
            let local = Local::open(&folder("stages")?, START_MS + steps as i64 * STEP_MS)?;
            let before = cpu_seconds();
            stage(&bodies, &local)?;
            each.push((cpu_seconds() - before) * 1e9 / samples);
            local.store.close().map_err(|e| e.to_string())?;
        }
        println!("{name:<44} {:>16.1}", least(&each));
    }
    let (mut seal, mut work) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let local = Local::open(&folder("stages")?, START_MS + steps as i64 * STEP_MS)?;
        into_store(&bodies, &local)?;
        let before = cpu_seconds();
        local.store.seal().map_err(|e| e.to_string())?;
        let sealed = cpu_seconds();
        local.tick(START_MS + 86_400_000)?;
        seal.push((sealed - before) * 1e9 / samples);
        work.push((cpu_seconds() - sealed) * 1e9 / samples);
        local.store.close().map_err(|e| e.to_string())?;
    }
    println!("{:<44} {:>16.1}", "then: from memory into a block", least(&seal));
    println!("{:<44} {:>16.1}", "then: rows of all tiers", least(&work));
    let _ = std::fs::remove_dir_all(folder("stages")?);
    Ok(())
}

/// What disturbs a measurement only ever adds to it.
fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

type Stage = fn(&[Vec<u8>], &Local) -> Result<(), String>;

/// The requests of all agents, step by step.
fn bodies(hosts: usize, steps: usize) -> Result<Vec<Vec<u8>>, String> {
    let mut feed = Cpu::new(hosts, 1);
    let labels = feed.labels().chunks(SERIES_PER_AGENT).enumerate();
    let mut agents: Vec<Agent> = labels.map(|(at, labels)| Agent::new(at, labels)).collect();
    let mut bodies = Vec::new();
    for step in 0..steps as i64 {
        for (agent, values) in agents.iter_mut().zip(feed.step().chunks(SERIES_PER_AGENT)) {
            bodies.push(agent.body(START_MS + step * STEP_MS, values)?.to_vec());
        }
    }
    Ok(bodies)
}

fn decode(bodies: &[Vec<u8>]) -> Result<(), String> {
    let mut streams = std::collections::HashMap::new();
    let mut report = Report::default();
    for body in bodies {
        let (header, mut rest) = Header::decode(body).map_err(|e| e.to_string())?;
        let (decoder, batch): &mut (Decoder, Batch) = streams.entry(header.agent.0).or_default();
        batch.clear_rows();
        while !rest.is_empty() {
            let payload = frame::take(&mut rest).map_err(|e| e.reason())?;
            decoder.decode(payload, batch, &mut report).map_err(|e| e.to_string())?;
        }
    }
    Ok(())
}

fn into_store(bodies: &[Vec<u8>], local: &Local) -> Result<(), String> {
    through(bodies, &local.store.importer())
}

fn through(bodies: &[Vec<u8>], sink: &dyn Sink) -> Result<(), String> {
    let sessions = Sessions::new(Limits::default());
    for body in bodies {
        let answer = sessions.handle(body, sink, START_MS);
        if answer.status != 200 {
            return Err(answer.body);
        }
    }
    Ok(())
}

struct TakesAll;

impl Sink for TakesAll {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut receipt = Receipt::default();
        receipt.report.accepted = batch.len() as u64;
        Ok(receipt)
    }
}
