//! The whole: a sink in front of the log, and the threads behind it.

use crate::aggregate::Aggregator;
use crate::launch::{Launch, Ready, Running, spawn};
use crate::leased::{Group, Leased};
use crate::log::{Log, LogOptions};
use crate::mark::Scope;
use crate::members::{self, Check, Leaving, Members, Tell};
use crate::output::Output;
use crate::outputs::Kind;
use crate::route::Routes;
use crate::stats::{self, OutputStats};
use model::{Batch, PushError, Receipt, Report, Sink, Standing, Standings};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use std::{fmt, io};
use stdx::clock::Clock;
use stdx::disk::Disk;
use stdx::random::Random;

/// One output of a relay.
pub struct OutputOptions {
    /// Its name: unique, and the name of its cursor.
    pub name: String,
    /// Which kind it is.
    pub kind: &'static Kind,
    /// The output itself.
    pub output: Box<dyn Output>,
    /// Most bytes of the log that may wait for it; the oldest are dropped, and counted.
    pub queue_bytes_max: u64,
    /// Most samples in one piece.
    pub rows_max: usize,
}

/// What a relay is made of.
pub struct Options {
    /// How the log is kept.
    pub log: LogOptions,
    /// The outputs.
    pub outputs: Vec<OutputOptions>,
    /// Which series goes where.
    pub routes: Routes,
    /// Clusters whose members are checked.
    pub checks: Vec<Check>,
    /// Clusters whose members register.
    pub leased: Vec<Leased>,
    /// How members are reached.
    pub net: net::Options,
    /// Told of members that leave and return.
    pub tell: Tell,
}

/// Why a relay could not be started.
#[derive(Debug)]
pub enum Error {
    /// There is no output, or the rules name one that there is not.
    Settings(String),
    /// The log cannot be opened.
    Log(io::Error),
    /// The system gives no thread.
    Thread(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(why) => f.write_str(why),
            Self::Log(e) => write!(f, "the relay's log: {e}"),
            Self::Thread(e) => write!(f, "a thread of the relay could not be started: {e}"),
        }
    }
}

impl std::error::Error for Error {}

/// Takes batches, keeps them on disk, and has them delivered to every output that is to have them.
pub struct Relay {
    log: Arc<Log>,
    launch: Launch,
    outputs: Mutex<Vec<Running>>,
    groups: Mutex<Vec<Group>>,
    aggregator: Mutex<Option<JoinHandle<()>>>,
    members: Mutex<Vec<Members>>,
}

impl Relay {
    /// Opens the log and starts to deliver what is in it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn start(
        options: Options,
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Result<Self, Error> {
        let names: Vec<String> = options.outputs.iter().map(|output| output.name.clone()).collect();
        check(&names, &options.leased)
            .and_then(|()| options.routes.check(&names))
            .map_err(Error::Settings)?;
        let log = Arc::new(Log::open(options.log, disk).map_err(Error::Log)?);
        let routes = Arc::new(options.routes);
        let leaving: Vec<Arc<Leaving>> = names.iter().map(|_| Arc::default()).collect();
        let mut members = Vec::new();
        for check in options.checks {
            let of = |name: &String| names.iter().position(|n| n == name).map(|at| leaving[at].clone());
            let theirs = check.members.iter().filter_map(|(name, _)| of(name)).collect();
            let started =
                members::start(check, theirs, log.clone(), options.net.clone(), options.tell.clone());
            members.push(started.map_err(Error::Thread)?);
        }
        let mut outputs: Vec<(OutputOptions, Arc<Leaving>)> =
            options.outputs.into_iter().zip(leaving).collect();
        let mut groups = Vec::new();
        for leased in options.leased {
            let (group, theirs) = Group::open(leased, log.clone(), options.tell.clone())?;
            groups.push(group);
            outputs.extend(theirs);
        }
        // All cursors before the first thread: none may see the others' samples forgotten before it stands.
        let largest = outputs.iter().map(|(output, _)| output.queue_bytes_max).max().unwrap_or(0);
        let aggregator =
            routes.aggregates().then(|| Aggregator::new(log.clone(), routes.clone(), clock.clone(), largest));
        let launch = Launch { log: log.clone(), routes, clock, random: Mutex::new(random) };
        let ready: Vec<Ready> =
            outputs.into_iter().map(|(output, leaving)| launch.ready(output, leaving)).collect();
        let outputs = ready.into_iter().map(Ready::run).collect::<Result<Vec<Running>, Error>>()?;
        let aggregator = aggregator.map(|work| spawn("relay-aggregate", move || work.run())).transpose()?;
        Ok(Self {
            log,
            launch,
            outputs: Mutex::new(outputs),
            groups: Mutex::new(groups),
            aggregator: Mutex::new(aggregator),
            members: Mutex::new(members),
        })
    }

    /// A member of a cluster whose members register is there, at this address. May wait for the disk.
    ///
    /// # Errors
    /// A sentence for people: the address is none, there are too many members, or no thread is to be had.
    pub fn join(&self, cluster: &str, member: &str, url: &str) -> Result<(), String> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(group) = groups.iter_mut().find(|group| group.cluster() == cluster) else { return Ok(()) };
        group.join(member, url, |output, leaving| {
            let running = self.launch.ready(output, leaving).run()?;
            self.outputs.lock().unwrap_or_else(PoisonError::into_inner).push(running);
            Ok(())
        })
    }

    /// A member of such a cluster is gone: what waits for it goes to the others. May wait for the disk.
    pub fn leave(&self, cluster: &str, member: &str, why: &str) {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.iter_mut().find(|group| group.cluster() == cluster) {
            group.leave(member, why);
        }
    }

    /// Members of such a cluster and their addresses: after a start, those who were in before it.
    pub fn known(&self, cluster: &str) -> Vec<(String, String)> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.iter().find(|group| group.cluster() == cluster).map(Group::known).unwrap_or_default()
    }

    /// How each output stands.
    pub fn stats(&self) -> Vec<OutputStats> {
        let outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        let all: Vec<OutputStats> = outputs.iter().map(|output| output.shown.lock().clone()).collect();
        stats::LOG_BYTES.set(self.log.disk_bytes() as f64);
        stats::QUEUE_SAMPLES.set(all.iter().map(|output| output.held).max().unwrap_or(0) as f64);
        stats::MISSING.set(all.iter().map(|output| output.missing().abs() as f64).sum());
        stats::OUTPUTS_FAILING.set(all.iter().filter(|output| output.failures > 0).count() as f64);
        all
    }

    /// Takes a copy of what somebody else keeps: what cannot be taken is counted, and the sender is not told.
    pub fn copy(&self, batch: &Batch) {
        if self.push(batch).is_err() {
            stats::UNTAKEN.add(batch.len() as u64);
        }
    }

    /// Samples that the log has taken since it was made: received, made by rules and shared out anew.
    pub fn samples(&self) -> u64 {
        self.log.end().sample
    }

    /// Takes no more, tries for at most `deadline` to deliver what waits, and ends the threads. What could not be
    /// delivered stays on disk for the next start. Calling it again does nothing.
    pub fn close(&self, deadline: Duration) {
        self.members.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.log.close();
        let end = Instant::now() + deadline;
        let mut outputs = self.outputs.lock().unwrap_or_else(PoisonError::into_inner);
        let threads = |outputs: &[Running]| {
            outputs.iter().any(|output| output.thread.as_ref().is_some_and(|thread| !thread.is_finished()))
        };
        while Instant::now() < end && threads(&outputs) {
            std::thread::sleep(Duration::from_millis(5));
        }
        for output in outputs.iter_mut() {
            if output.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
                (output.interrupt)();
            }
            // A panic there has been reported by the thread itself; everything unsent is on disk.
            let _ = output.thread.take().map(JoinHandle::join);
        }
        let aggregator = self.aggregator.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _ = aggregator.map(JoinHandle::join);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.close(Duration::ZERO);
    }
}

impl Sink for Relay {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        self.log.push(batch, &Scope::All)?;
        stats::RECEIVED.add(batch.len() as u64);
        let report = Report { accepted: batch.len() as u64, ..Report::default() };
        Ok(Receipt { report, duplicates: 0 })
    }
}

impl Standings for Relay {
    fn standings(&self) -> Vec<Standing> {
        let standing = |output: OutputStats| Standing {
            part: "output",
            name: output.name.clone(),
            last_ms: output.last_ms,
            took_us: output.took_us,
            samples: output.sent,
            problem: problem(&output),
        };
        // An output that holds what comes before the first member does is no news once somebody is there.
        let is_news = |output: &OutputStats| !(output.is_out && output.name.ends_with('/'));
        self.stats().into_iter().filter(is_news).map(standing).collect()
    }
}

fn problem(output: &OutputStats) -> String {
    let waits = if output.held > 0 { format!("; {} samples wait", output.held) } else { String::new() };
    match (&output.problem, output.is_out) {
        (why, true) => format!("out of its cluster: {why}"),
        (why, false) if !why.is_empty() => format!("{why}{waits}"),
        _ if output.dropped() > 0 => {
            let why = if output.refusal.is_empty() { String::new() } else { format!(": {}", output.refusal) };
            format!("{} samples were lost since the start{why}", output.dropped())
        }
        _ => String::new(),
    }
}

fn check(names: &[String], leased: &[Leased]) -> Result<(), String> {
    if names.is_empty() && leased.is_empty() {
        return Err("there is no output: name one in [[output]]".to_owned());
    }
    let is_theirs = |name: &&String| {
        leased.iter().any(|its| name.strip_prefix(&its.cluster).is_some_and(|rest| rest.starts_with('/')))
    };
    if let Some(name) = names.iter().find(is_theirs) {
        return Err(format!("the output `{name}` is called as a member of a cluster whose members register"));
    }
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        Some((_, name)) => Err(format!("two outputs are called `{name}`")),
        None => Ok(()),
    }
}
