//! Runners with real programs.

mod bad;
mod hung;
mod runner;

use crate::{Mode, Notice, Options, Plugin, Runner};
use model::{Batch, PushError, Receipt, Report, Sink, Standing};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stdx::clock::SystemClock;
use stdx::random::Random;

const SOON: Duration = Duration::from_secs(20);

/// Keeps samples as text.
#[derive(Default)]
struct Memory(Mutex<Vec<String>>);

impl Sink for Memory {
    fn push(&self, batch: &Batch) -> Result<Receipt, PushError> {
        let mut said = self.0.lock().unwrap();
        for rows in batch.groups() {
            for (slot, value) in rows.slots.iter().zip(rows.values) {
                said.push(format!("{} {value}", batch.dictionary.labels(*slot)));
            }
        }
        let report = Report { accepted: batch.len() as u64, ..Report::default() };
        Ok(Receipt { report, duplicates: 0 })
    }
}

/// A runner with a folder for scripts.
struct House {
    folder: tempfile::TempDir,
    memory: Arc<Memory>,
    notices: Arc<Mutex<Vec<Notice>>>,
    runner: Option<Runner>,
}

impl House {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Options)) -> Self {
        let (memory, notices) = (Arc::new(Memory::default()), Arc::new(Mutex::new(Vec::new())));
        let mut options = Options { spread: Duration::ZERO, ..Options::new("merlin") };
        change(&mut options);
        let told = notices.clone();
        let tell = Box::new(move |notice: &Notice| told.lock().unwrap().push(notice.clone()));
        let random = Random::from_seed(1);
        let runner = Runner::start(options, memory.clone(), Arc::new(SystemClock), random, tell).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), memory, notices, runner: Some(runner) }
    }

    fn runner(&self) -> &Runner {
        self.runner.as_ref().unwrap()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes an executable file.
    fn script(&self, name: &str, text: &str) -> PathBuf {
        let path = self.at(name);
        // Not written in place: another thread may just be forking, and would hold it open for writing.
        let draft = self.at(&format!(".{name}"));
        std::fs::write(&draft, text).unwrap();
        std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::rename(&draft, &path).unwrap();
        path
    }

    /// A plugin that a shell runs once a minute.
    fn shell(&self, name: &str, script: &str) -> Plugin {
        let mode = Mode::Once { period: Duration::from_secs(60) };
        let mut plugin = Plugin::new(name, "/bin/sh", mode);
        plugin.arguments = vec!["-c".to_owned(), script.to_owned()];
        plugin.folder = Some(self.folder.path().to_owned());
        plugin
    }

    /// The same, to stay.
    fn stream(&self, name: &str, script: &str) -> Plugin {
        let mode = Mode::Stream { interval: Duration::from_secs(1) };
        Plugin { mode, ..self.shell(name, script) }
    }

    /// What came so far that has `words`, without how runs went.
    fn samples(&self, words: &str) -> Vec<String> {
        let said = self.memory.0.lock().unwrap();
        said.iter().filter(|line| line.contains(words) && !line.contains("_run_")).cloned().collect()
    }

    fn standing(&self, name: &str) -> Option<Standing> {
        self.runner().board().standings().into_iter().find(|standing| standing.name == name)
    }

    /// The standing of a plugin once it has run.
    fn after_run(&self, name: &str) -> Standing {
        until(name, || self.standing(name).filter(|standing| standing.last_ms.is_some()))
    }

    /// Runs a script once and says how it stands then.
    fn once(&self, name: &str, script: &str) -> Standing {
        self.runner().put(self.shell(name, script));
        self.after_run(name)
    }
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + SOON;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The number in a file, once it is there.
fn number_in(path: &Path) -> u32 {
    until("a number in a file", || std::fs::read_to_string(path).ok()?.trim().parse().ok())
}

/// Whether a process is there and not a zombie.
fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}
