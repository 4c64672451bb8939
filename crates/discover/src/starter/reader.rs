//! A log that is read.

use super::spec;
use crate::plan::{Log, Work};
use crate::tree::Running;
use logparse::Tailer;
use model::Standing;
use std::sync::{Arc, Weak};

/// Under its path in the tree.
pub(super) struct Reader {
    path: String,
    tailer: Weak<Tailer>,
    /// Those that the settings name.
    named: Arc<[String]>,
}

impl Reader {
    pub(super) fn start(
        path: &str,
        tailer: Weak<Tailer>,
        named: Arc<[String]>,
        log: &Log,
    ) -> Result<Self, String> {
        let reader = Self { path: path.to_owned(), tailer, named };
        reader.put(log)?;
        Ok(reader)
    }

    fn put(&self, log: &Log) -> Result<(), String> {
        let spec = spec(&self.path, log, &self.named)?;
        let Some(tailer) = self.tailer.upgrade() else { return Err("the agent stops".to_owned()) };
        tailer.put(&*self.path, spec).map_err(|error| format!("logs cannot be read: {error}"))
    }
}

impl Running for Reader {
    // The same files go on where they were, whatever the format.
    fn change(&mut self, work: &Work) -> bool {
        let Work::Log(log) = work else { return false };
        self.put(log).is_ok()
    }

    fn tick(&mut self, _now_ms: i64) {}

    // The tailer tells.
    fn standing(&self) -> Option<Standing> {
        None
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(tailer) = self.tailer.upgrade() {
            tailer.remove(&*self.path);
        }
    }
}
