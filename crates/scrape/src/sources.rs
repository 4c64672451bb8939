//! Where targets come from besides the settings. A source that fails keeps what it found before.

mod dns;
mod files;

pub(crate) use dns::Names;
pub(crate) use files::Files;
pub use files::count_targets;

use crate::Job;
use crate::target::Group;
use net::{Interrupt, Resolve};
use std::time::Duration;

/// How often files are looked at; that costs no more than asking for their age.
const FILES_EVERY: Duration = Duration::from_secs(5);

/// A source of targets.
#[derive(Debug)]
pub(crate) enum Source {
    Files(Files),
    Names(Names),
}

/// What a source found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// All its groups; `None` when they are those of the time before.
    pub(crate) groups: Option<Vec<Group>>,
    /// What is wrong, for people.
    pub(crate) problems: Vec<String>,
}

impl Source {
    /// The sources of a job.
    pub(crate) fn all_of(job: &Job) -> Vec<Self> {
        let files = (!job.files.is_empty()).then(|| Self::Files(Files::new(job.files.clone())));
        let names = job.dns.clone().map(|dns| Self::Names(Names::new(dns)));
        files.into_iter().chain(names).collect()
    }

    /// What it is called in lists.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Files(_) => "files",
            Self::Names(_) => "names",
        }
    }

    /// How often it is looked at.
    pub(crate) fn every(&self) -> Duration {
        match self {
            Self::Files(_) => FILES_EVERY,
            Self::Names(names) => names.every(),
        }
    }

    /// Looks.
    pub(crate) fn look(&mut self, resolver: &dyn Resolve, interrupt: &Interrupt) -> Found {
        match self {
            Self::Files(files) => files.look(),
            Self::Names(names) => names.look(resolver, interrupt),
        }
    }
}
