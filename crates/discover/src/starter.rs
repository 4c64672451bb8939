//! Starts what the tree wants: logs are given to the [`Tailer`], ports to the [`Sniffer`], services are asked by errands
//! of their own.

mod asker;
mod dry_run;
mod listener;
mod reader;

use crate::plan::{Log, Source, Work};
use crate::tree::{Running, Starter};
use asker::Asker;
pub use dry_run::DryRun;
use listener::Listener;
use logparse::journal::Wanted;
use logparse::{Envelope, Format, Spec, Tailer};
use model::Sink;
use reader::Reader;
use sniff::Sniffer;
use std::path::Path;
use std::sync::{Arc, Weak};

/// How often services are asked for their numbers unless somebody says otherwise, in milliseconds.
pub const ASK_EVERY_MS: i64 = 10_000;

/// What plugins are given.
pub struct Plugins {
    /// The label `host`.
    pub host: String,
    /// Who follows logs; gone when the agent stops, and then logs are left as they are.
    pub tailer: Weak<Tailer>,
    /// Files and patterns of logs that the settings name: those are read as the settings say, and not twice.
    pub named_logs: Arc<[String]>,
    /// Where numbers go.
    pub sink: Arc<dyn Sink>,
    /// How often services are asked, in milliseconds.
    pub ask_every_ms: i64,
    /// Who reads what passes the network; costs nothing until asked.
    pub sniffer: Option<Arc<Sniffer>>,
}

impl Starter for Plugins {
    fn start(&mut self, path: &str, work: &Work) -> Result<Box<dyn Running>, String> {
        match work {
            Work::Log(log) => {
                let (tailer, named) = (self.tailer.clone(), self.named_logs.clone());
                Ok(Box::new(Reader::start(path, tailer, named, log)?))
            }
            Work::Ask(ask) => {
                let asker = Asker::new(ask, &self.host, self.sink.clone(), self.ask_every_ms)?;
                Ok(Box::new(asker))
            }
            Work::Sniff(sniff) => Ok(Box::new(Listener::start(sniff, self.sniffer.as_ref())?)),
            Work::Instance | Work::Nothing => Err("there is nothing to start".to_owned()),
        }
    }
}

/// The specification of a log. Its series bear the name of the service.
fn spec(path: &str, log: &Log, named: &[String]) -> Result<Spec, String> {
    let format = Format::compile(log.syntax, &log.format)
        .map_err(|why| format!("the format {} cannot be used: {why}", log.format_name))?;
    let service = path.split([' ', ':']).next().unwrap_or(path);
    let mut spec = Spec::new(service, log.path.clone(), Arc::new(format));
    spec.root.clone_from(&log.root);
    spec.except.clone_from(&log.except);
    match &log.source {
        Source::Plain => {}
        Source::Wrapped(wrapped) => {
            spec.envelope = Envelope::named(wrapped.envelope);
            spec.stream = wrapped.stream;
            spec.log_file = Some(log.named.clone());
            let labels = wrapped.labels.iter();
            spec.labels.extend(labels.map(|(name, value)| ((*name).to_owned(), value.clone())));
        }
        Source::Journal(field) => {
            spec.journal = Some(Wanted::Field(field.clone()));
            spec.log_file = Some(log.named.clone());
        }
    }
    if log.root == Path::new("/") {
        spec.except.extend_from_slice(named);
    }
    if !log.container.is_empty() {
        spec.labels.push(("container".to_owned(), log.container.clone()));
    }
    Ok(spec)
}

#[cfg(test)]
mod tests;
