//! What is in the folders, looked at in errands: a folder may lie on a file system that does not answer.

use super::Worker;
use crate::errand::{Errand, News};
use crate::folder::{Folder, Found, LOOK};
use crate::runner::lock;
use model::Standing;
use std::path::Path;
use std::time::{Duration, Instant};

/// After this time a folder is told to hang.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// A folder that is followed.
pub(super) struct Followed {
    folder: Folder,
    look: Option<Errand<Vec<Found>>>,
    next: Instant,
}

impl Followed {
    /// It is to be looked at at once.
    pub(super) fn new(folder: Folder) -> Self {
        Self { folder, look: None, next: Instant::now() }
    }

    /// When something is to be done about it even if nothing comes back.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.look {
            Some(look) => (!look.is_hung).then(|| look.since() + ANSWER_WITHIN),
            None => Some(self.next),
        }
    }
}

impl Worker {
    /// Has folders looked at whose turn it is, and takes in what changed in them.
    pub(super) fn look_at_folders(&mut self, now: Instant) {
        for at in 0..self.folders.len() {
            let followed = &mut self.folders[at];
            let Some(look) = &mut followed.look else {
                if now >= followed.next {
                    self.start_look(at, now);
                }
                continue;
            };
            match look.news() {
                News::Away => {
                    if !look.is_hung && now >= look.since() + ANSWER_WITHIN {
                        look.is_hung = true;
                        self.complain_of(at, "its file system does not answer");
                    }
                }
                News::Back(found) => {
                    followed.look = None;
                    self.take_found(at, found);
                }
                News::Lost => followed.look = None,
            }
        }
    }

    fn start_look(&mut self, at: usize, now: Instant) {
        let (folder, shared) = (self.folders[at].folder.clone(), self.shared.clone());
        self.folders[at].next = now + LOOK;
        match Errand::start("plugin-folder", move || shared.wake(), move || folder.scan(), drop) {
            Ok(look) => self.folders[at].look = Some(look),
            Err(error) => {
                self.complain_of(at, &format!("cannot be read: the system gives no thread: {error}"))
            }
        }
    }

    fn take_found(&mut self, at: usize, found: Vec<Found>) {
        let is_there = |name: &str| found.iter().any(|f| f.as_ref().is_ok_and(|plugin| plugin.name == name));
        let of_folder = self.instances.iter().filter(|(_, instance)| instance.folder == Some(at));
        let gone: Vec<String> =
            of_folder.map(|(name, _)| name.clone()).filter(|name| !is_there(name)).collect();
        gone.iter().for_each(|name| self.remove(name));
        self.forget_complaints(at);
        for found in found {
            match found {
                Ok(plugin) => self.put(plugin, Some(at)),
                Err((name, problem)) => {
                    self.publish(&Standing { part: "plugin", name, problem, ..Standing::default() });
                }
            }
        }
    }

    fn complain_of(&self, at: usize, problem: &str) {
        let (name, problem) = (self.folders[at].folder.path.display().to_string(), problem.to_owned());
        self.publish(&Standing { part: "plugin", name, problem, ..Standing::default() });
    }

    /// Removes what was said of files that are not run.
    fn forget_complaints(&self, at: usize) {
        let root = &self.folders[at].folder.path;
        let instances = &self.instances;
        lock(&self.shared.standings)
            .retain(|name, _| instances.contains_key(name) || !Path::new(name).starts_with(root));
    }
}
