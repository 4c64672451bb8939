//! Settings that a server gave this host: what is on disk, and the trial each version must pass.
//!
//! The folder `given` in the data folder holds `current.toml`, the settings in use, `previous.toml`, those to go back to, and
//! `state`, a few lines that say which versions these are and whether the current ones are still on trial.

mod state;
pub mod trial;

pub use state::{Refused, State, Trial, Which};

use std::io;
use std::path::{Path, PathBuf};
use stdx::disk::{Disk, RealDisk, write_atomically};
use trial::Cost;

/// The file with the settings in use.
pub fn current_file(data: &Path) -> PathBuf {
    data.join("given/current.toml")
}

/// The folder.
pub struct Given {
    folder: PathBuf,
    /// As on disk.
    pub state: State,
}

impl Given {
    /// Reads what is there. A damaged state counts as none: the server will say again what to use.
    pub fn open(data: &Path) -> Self {
        let folder = data.join("given");
        let text = std::fs::read_to_string(folder.join("state")).unwrap_or_default();
        Self { folder, state: State::parse(&text) }
    }

    /// Puts other settings in place, on trial from now on; those in use become the ones to go back to.
    pub fn replace(&mut self, which: Option<Which>, text: &str, cost: Cost, now_ms: i64) -> io::Result<()> {
        let disk = RealDisk;
        disk.create_dir_all(&self.folder)?;
        let (current, previous) = (self.folder.join("current.toml"), self.folder.join("previous.toml"));
        match std::fs::read(&current) {
            Ok(old) => write_atomically(&disk, &previous, &old)?,
            Err(_) => remove(&previous)?,
        }
        // The state first: settings that nobody knows to be on trial would never be taken back.
        let state = State {
            before: self.state.current.take(),
            trial: which.is_some().then_some(Trial { since_ms: now_ms, starts: 0, cost }),
            current: which,
            refused: self.state.refused.take(),
        };
        self.keep(state)?;
        if self.state.current.is_some() {
            write_atomically(&disk, &current, text.as_bytes())
        } else {
            remove(&current)
        }
    }

    /// Counts a start of a version on trial. Returns how many there were, this one included; 0 when none is on trial.
    pub fn count_start(&mut self) -> io::Result<u32> {
        let mut state = self.state.clone();
        let Some(trial) = &mut state.trial else { return Ok(0) };
        trial.starts += 1;
        let starts = trial.starts;
        self.keep(state).map(|()| starts)
    }

    /// The trial is passed.
    pub fn pass(&mut self) -> io::Result<()> {
        self.keep(State { trial: None, ..self.state.clone() })
    }

    /// Goes back to what was before, and remembers why.
    pub fn take_back(&mut self, why: &str) -> io::Result<()> {
        let (current, previous) = (self.folder.join("current.toml"), self.folder.join("previous.toml"));
        match (&self.state.before, std::fs::read(&previous)) {
            (Some(_), Ok(old)) => write_atomically(&RealDisk, &current, &old)?,
            _ => remove(&current)?,
        }
        let State { current, before, .. } = self.state.clone();
        let refused = current.map(|which| Refused { which, why: why.replace('\n', " ") });
        self.keep(State { current: before, before: None, trial: None, refused })
    }

    fn keep(&mut self, state: State) -> io::Result<()> {
        write_atomically(&RealDisk, &self.folder.join("state"), state.to_string().as_bytes())?;
        self.state = state;
        Ok(())
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
