//! How many bytes are in a folder and all below it, as `du -bs` counts them, by a thread that is given up when it takes
//! too long. A folder that hangs costs its one thread, never a tick.

mod walk;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longest that adding up may take, as in Open-Falcon.
const WITHIN: Duration = Duration::from_secs(30);
/// A folder within a folder takes about a kilobyte of it; what is not used is never there.
const STACK_BYTES: usize = 512 << 10;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing new: not asked, or not done yet.
    Pending,
    Bytes(u64),
    /// It could not be told, or not in time.
    Failed,
}

/// A folder that is added up now and then.
#[derive(Debug)]
pub(super) struct Usage {
    folder: PathBuf,
    within: Duration,
    work: Option<Work>,
    /// Whether it was asked for and nothing was said yet.
    is_asked: bool,
}

/// A thread at work.
#[derive(Debug)]
struct Work {
    deadline: Instant,
    result: Arc<Mutex<Option<Outcome>>>,
}

impl Usage {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, within: WITHIN, work: None, is_asked: false }
    }

    /// Asks for it. While the thread asked before hangs no other is started, and the answer is a failure.
    pub(super) fn start(&mut self) {
        self.is_asked = true;
        if self.work.is_none() {
            self.work = self.spawn().ok();
        }
    }

    /// What came of it, once.
    pub(super) fn take(&mut self) -> Outcome {
        let result =
            self.work.as_ref().map(|work| *work.result.lock().unwrap_or_else(PoisonError::into_inner));
        let outcome = match (result, &self.work) {
            // It could not be started.
            (None, _) => Outcome::Failed,
            (Some(Some(outcome)), _) => {
                self.work = None;
                outcome
            }
            (Some(None), Some(work)) if Instant::now() >= work.deadline => Outcome::Failed,
            (Some(None), _) => Outcome::Pending,
        };
        if !self.is_asked {
            return Outcome::Pending;
        }
        self.is_asked = outcome == Outcome::Pending;
        outcome
    }

    fn spawn(&self) -> std::io::Result<Work> {
        let deadline = Instant::now() + self.within;
        let result = Arc::new(Mutex::new(None));
        let (told, folder) = (result.clone(), self.folder.clone());
        let builder = std::thread::Builder::new().name("du".to_owned()).stack_size(STACK_BYTES);
        builder.spawn(move || {
            let bytes = walk::bytes(&folder, deadline);
            let outcome = bytes.map_or(Outcome::Failed, Outcome::Bytes);
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        })?;
        Ok(Work { deadline, result })
    }
}

#[cfg(test)]
mod tests;
