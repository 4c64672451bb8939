//! Where imported samples go: a folder that no server has open, a running server, or nowhere (`--check`).

use crate::command::remote::Remote;
use crate::role::serving::options;
use crate::settings::Settings;
use anyhow::{Context, bail};
use clap::ArgMatches;
use model::{Batch, Report, Sink};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use stdx::clock::{Clock, SystemClock};
use store::Store;
use wire::protocols::native::{AgentId, Encoder, Header};

/// A store without threads is given time to write blocks after so many samples.
const TICK_SAMPLES: u64 = 1 << 20;

/// Where samples go.
pub enum Target {
    /// Nowhere.
    Check,
    /// A store of our own.
    Folder(Box<Folder>),
    /// Somebody else's.
    Server(Box<Server>),
}

/// The target that the command line asks for.
pub fn open(matches: &ArgMatches, settings: &Settings) -> anyhow::Result<Target> {
    if matches.get_flag("check") {
        return Ok(Target::Check);
    }
    let url = server_url(matches);
    if url.is_some() {
        return Server::new(url.as_deref(), settings).map(|server| Target::Server(Box::new(server)));
    }
    match Folder::open(settings)? {
        Some(folder) => Ok(Target::Folder(Box::new(folder))),
        // Whoever has the folder open is the local server.
        None => Server::new(None, settings).map(|server| Target::Server(Box::new(server))),
    }
}

/// `--url URL`, or the flag of the same meaning that agents have.
fn server_url(matches: &ArgMatches) -> Option<String> {
    let url = matches.get_one::<String>("url").cloned();
    url.or_else(|| matches.get_many::<String>("agent.server")?.next().cloned())
}

impl Target {
    /// What happens now, for people.
    pub fn introduction(&self) -> String {
        match self {
            Self::Check => "checking only; nothing is written".to_owned(),
            Self::Folder(folder) => format!("importing into {}", folder.dir.display()),
            Self::Server(server) => format!("importing through the server at {}", server.name),
        }
    }

    /// Since when samples of all series stay as they came; `None` when that is another program's business.
    pub fn samples_since_ms(&self) -> Option<i64> {
        match self {
            Self::Folder(folder) => Some(folder.clock.now_ms().saturating_sub(folder.samples_keep_ms)),
            Self::Check | Self::Server(_) => None,
        }
    }

    /// Takes a batch whole, or fails; what was refused of it is in the report.
    pub fn push(&mut self, batch: &Batch) -> anyhow::Result<Report> {
        if batch.is_empty() && batch.dictionary.descriptions().is_empty() {
            return Ok(Report::default());
        }
        match self {
            Self::Check => Ok(Report { accepted: batch.len() as u64, ..Report::default() }),
            Self::Folder(folder) => folder.push(batch),
            Self::Server(server) => server.push(batch),
        }
    }

    /// Returns when everything is safe.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Folder(folder) => folder.finish(),
            Self::Check | Self::Server(_) => Ok(()),
        }
    }
}

/// A store of our own.
pub struct Folder {
    dir: PathBuf,
    store: Store,
    clock: Arc<dyn Clock>,
    samples_keep_ms: i64,
    samples_since_tick: u64,
}

impl Folder {
    /// Opens the store of the settings; `None` when a server has it open.
    fn open(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let dir = settings.path("data").context("`data` is empty")?;
        std::fs::create_dir_all(&dir).with_context(|| format!("the data folder {}", dir.display()))?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut options = options::store(settings, &dir, Arc::clone(&clock))?;
        options.background = false;
        options.tell = Arc::new(|event| eprintln!("windhover: {event}"));
        let first_tiers = options.policies.iter().filter_map(|policy| policy.tiers.first());
        let samples_keep_ms = first_tiers.map(|tier| tier.keep_ms).min().unwrap_or(i64::MAX);
        match Store::open(options) {
            Ok(store) => Ok(Some(Self { dir, store, clock, samples_keep_ms, samples_since_tick: 0 })),
            Err(store::Error::InUse(_)) => Ok(None),
            Err(error) => Err(error).context("the store cannot be opened"),
        }
    }

    fn push(&mut self, batch: &Batch) -> anyhow::Result<Report> {
        let receipt = self.store.importer().push(batch)?;
        self.samples_since_tick += batch.len() as u64;
        if self.samples_since_tick >= TICK_SAMPLES {
            self.samples_since_tick = 0;
            self.store.tick(self.clock.now_ms()).context("writing a block")?;
        }
        Ok(receipt.report)
    }

    fn finish(&self) -> anyhow::Result<()> {
        self.store.seal().context("writing a block")?;
        self.store.tick(self.clock.now_ms()).context("joining blocks")?;
        self.store.close().context("closing the store")
    }
}

/// A running server, by the door of its own agents: that one takes any age.
pub struct Server {
    remote: Remote,
    name: String,
    agent: AgentId,
    host: String,
    stream: u64,
    encoder: Encoder,
    body: Vec<u8>,
}

impl Server {
    fn new(url: Option<&str>, settings: &Settings) -> anyhow::Result<Self> {
        let remote = Remote::new(url, settings)?;
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        // Told apart from every other sender: when, and which process.
        let agent = AgentId((nanos ^ (u128::from(std::process::id()) << 96)).to_le_bytes());
        let (name, host) = (remote.address(), settings.text("host").to_owned());
        Ok(Self { remote, name, agent, host, stream: 0, encoder: Encoder::new(), body: Vec::new() })
    }

    fn push(&mut self, batch: &Batch) -> anyhow::Result<Report> {
        let (mut report, mut row, mut first_time) = (Report::default(), 0, true);
        while row < batch.len() || first_time {
            first_time = false;
            self.stream += 1;
            self.encoder.clear();
            self.body.clear();
            let header = Header { agent: self.agent, stream: self.stream, first: 0, host: &self.host };
            header.encode(&mut self.body);
            let progress = self.encoder.encode(batch, row, &mut self.body);
            if progress.frames == 0 {
                bail!("a batch that cannot be told in the native protocol");
            }
            row = progress.rows;
            let answer =
                self.remote.post_patiently("/api/v1/native", "application/octet-stream", &self.body)?;
            report.merge(read_answer(&answer, progress.frames)?);
        }
        Ok(report)
    }
}

fn read_answer(answer: &[u8], frames: u64) -> anyhow::Result<Report> {
    let answer: Value = serde_json::from_slice(answer).context("the server's answer is not JSON")?;
    let number = |name: &str| answer[name].as_u64().unwrap_or(0);
    if number("next") != frames {
        bail!("the server took {} of {frames} frames", number("next"));
    }
    let mut report = Report::default();
    for reason in answer["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        report.reject(model::Position::Whole, reason);
    }
    report.accepted = number("accepted");
    report.rejected = number("rejected");
    Ok(report)
}
