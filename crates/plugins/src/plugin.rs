//! What is to be run: everything a person decides.

use crate::{Format, Owner};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How much earlier than its next start a run has to end, as in Open-Falcon.
pub const BEFORE_NEXT: Duration = Duration::from_millis(500);
/// Output of one run that is taken, in bytes, unless the settings say otherwise.
pub const OUTPUT_BYTES_MAX: usize = 1 << 20;

/// A program that is run again and again, or once for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// Its name among all plugins.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// How it is run.
    pub mode: Mode,
    /// What it prints; recognised by the first line when `None`.
    pub format: Option<&'static Format>,
    /// Working folder; that of the program when `None`.
    pub folder: Option<PathBuf>,
    /// Variables of its environment besides the usual ones.
    pub environment: Vec<(String, String)>,
    /// Labels that its series get, whatever it printed under these names.
    pub labels: Vec<(String, String)>,
    /// Whom it runs as; as ourselves when `None`.
    pub owner: Option<Owner>,
    /// How far it steps back behind other programs: 0 to 19.
    pub niceness: i32,
    /// What it may use.
    pub limits: Limits,
    /// When its file was changed, so that a new version is started anew; for files in a [`crate::Folder`].
    pub changed_ns: i128,
}

/// How a program is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Started every `period`; it prints and ends.
    Once {
        /// Time between two starts.
        period: Duration,
    },
    /// Stays and prints lines as they come; started again when it ends.
    Stream {
        /// Told to the program in its environment.
        interval: Duration,
    },
}

impl Mode {
    /// Time between two starts, or what a program that stays is told.
    pub fn interval(self) -> Duration {
        match self {
            Self::Once { period } => period,
            Self::Stream { interval } => interval,
        }
    }

    /// Whether the program is to stay.
    pub(crate) fn stays(self) -> bool {
        matches!(self, Self::Stream { .. })
    }
}

/// What a child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest run; programs that stay have none.
    pub time: Duration,
    /// Bytes of output that are taken of a run, or the longest line of a program that stays.
    pub output_bytes: usize,
    /// Address space, in bytes (`RLIMIT_AS`).
    pub memory_bytes: Option<u64>,
    /// Open files (`RLIMIT_NOFILE`).
    pub files: Option<u64>,
    /// Processes and threads of its user (`RLIMIT_NPROC`).
    pub processes: Option<u64>,
}

impl Limits {
    /// The usual limits of a plugin that is started every `period`.
    pub fn every(period: Duration) -> Self {
        let time = period.saturating_sub(BEFORE_NEXT).max(period / 2);
        Self { time, output_bytes: OUTPUT_BYTES_MAX, memory_bytes: None, files: None, processes: None }
    }
}

impl Plugin {
    /// A plugin with everything as usual.
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>, mode: Mode) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            arguments: Vec::new(),
            mode,
            format: None,
            folder: None,
            environment: Vec::new(),
            labels: Vec::new(),
            owner: None,
            niceness: 0,
            limits: Limits::every(mode.interval()),
            changed_ns: 0,
        }
    }

    /// Where it is run.
    pub(crate) fn working_folder(&self) -> &Path {
        let beside = || self.program.parent().filter(|parent| parent.is_absolute());
        self.folder.as_deref().or_else(beside).unwrap_or(Path::new("/"))
    }
}
