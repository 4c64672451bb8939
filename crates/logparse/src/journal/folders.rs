//! Which files make up a journal.

use super::PATTERNS;
use super::layout::Header;
use crate::watch::expand;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most names of folders that are looked at.
const NAMES_MAX: usize = 100_000;

/// See the module's text.
#[derive(Debug)]
pub(super) struct Folders {
    root: PathBuf,
    patterns: Vec<String>,
    /// Journals of this machine only: containers may have folders beside it.
    machine_id: Option<[u8; 16]>,
}

impl Folders {
    pub(super) fn new(root: &Path, patterns: &[String]) -> Self {
        let is_usual = patterns.iter().all(String::is_empty);
        let usual = || PATTERNS.map(str::to_owned).to_vec();
        Self {
            root: root.to_owned(),
            patterns: if is_usual { usual() } else { patterns.to_vec() },
            machine_id: is_usual.then(|| machine_id(root)).flatten(),
        }
    }

    /// Every file there is now.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let mut names_left = NAMES_MAX;
        let all =
            self.patterns.iter().flat_map(|pattern| expand(&self.root, Path::new(pattern), &mut names_left));
        // While one is made it has another name.
        let mut all: Vec<PathBuf> = all.filter(|path| is_journal(path)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Whether a file is of this machine.
    pub(super) fn has(&self, header: &Header) -> bool {
        self.machine_id.is_none_or(|id| id == header.machine_id || header.machine_id == [0; 16])
    }

    /// Why there is none.
    pub(super) fn why_none(&self) -> String {
        for pattern in &self.patterns {
            let folder = pattern.split(['*', '?', '[']).next().unwrap_or_default();
            let folder = self.root.join(folder.trim_matches('/'));
            if let Err(why) = fs::read_dir(&folder)
                && why.kind() == io::ErrorKind::PermissionDenied
            {
                return told(&folder, &why);
            }
        }
        format!("there is no journal at {}", self.patterns.join(" or "))
    }
}

/// What is wrong with a file, and what helps.
pub(super) fn told(path: &Path, why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "{}: it may not be read; the agent's user has to be in the group `systemd-journal`, or run as root",
            path.display()
        ),
        _ => format!("{}: {why}", path.display()),
    }
}

fn is_journal(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.ends_with(".journal") || name.ends_with(".journal~")
}

/// The number of the machine whose files are below a root.
fn machine_id(root: &Path) -> Option<[u8; 16]> {
    let text = fs::read_to_string(root.join("etc/machine-id")).ok()?;
    let number = u128::from_str_radix(text.trim(), 16).ok().filter(|_| text.trim().len() == 32)?;
    Some(number.to_be_bytes())
}
