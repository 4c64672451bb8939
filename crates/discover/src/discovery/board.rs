//! What others may know of it.

use crate::Tree;
use model::{Standing, Standings};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is at work, for whoever asks from another thread how it stands.
#[derive(Default)]
pub struct Board(Mutex<Tree>);

impl Board {
    /// The tree as text, for people.
    pub fn tree(&self) -> String {
        self.lock().to_string()
    }

    /// How many services there are.
    pub fn count(&self) -> usize {
        self.lock().names().count()
    }

    // Nothing panics while it holds the lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standings for Board {
    fn standings(&self) -> Vec<Standing> {
        self.lock().standings()
    }
}
