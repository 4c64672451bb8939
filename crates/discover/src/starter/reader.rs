//! A log that is read.

use super::spec;
use crate::plan::Work;
use crate::tree::Running;
use logparse::{Spec, Tailer};
use model::Standing;
use std::sync::Weak;

/// Under its path in the tree.
pub(super) struct Reader {
    path: String,
    tailer: Weak<Tailer>,
}

impl Reader {
    pub(super) fn start(path: &str, tailer: Weak<Tailer>, spec: Spec) -> Result<Self, String> {
        let reader = Self { path: path.to_owned(), tailer };
        reader.put(spec)?;
        Ok(reader)
    }

    fn put(&self, spec: Spec) -> Result<(), String> {
        let Some(tailer) = self.tailer.upgrade() else { return Err("the agent stops".to_owned()) };
        tailer.put(&*self.path, spec).map_err(|error| format!("logs cannot be read: {error}"))
    }
}

impl Running for Reader {
    // The same files go on where they were, whatever the format.
    fn change(&mut self, work: &Work) -> bool {
        let Work::Log(log) = work else { return false };
        spec(&self.path, log).and_then(|spec| self.put(spec)).is_ok()
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
