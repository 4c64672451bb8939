//! Settings for groups of agents: versions, which hosts get which, and what the hosts say of them.
//!
//! A group is one file, `NAME.json`. Its newest version is offered to a share of its hosts (the *stage*), the others keep the
//! *stable* one; a host's place in the stages follows from its name, so that a stage only ever grows. A version that a host
//! had to take back is not offered to anybody else until a person decides.

mod group;
mod hosts;

pub use group::{Group, VERSIONS_MAX, Version};
pub use hosts::{HOSTS_MAX, Report, State};

use crate::Error;
use hosts::Hosts;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stdx::disk::{Disk, write_atomically};

/// Longest name of a group, in bytes.
pub const NAME_BYTES_MAX: usize = 64;
/// Longest text of settings, in bytes.
pub const TEXT_BYTES_MAX: usize = 64 << 10;

/// What a host is to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Name of the group.
    pub group: String,
    /// Which version.
    pub version: u32,
    /// The settings, as a file would hold them.
    pub text: String,
}

/// All groups.
pub struct Groups {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    known: Mutex<Known>,
}

struct Known {
    groups: BTreeMap<String, Group>,
    hosts: Hosts,
}

impl Groups {
    /// Reads the groups of a folder, which need not be there yet.
    ///
    /// # Errors
    /// When a file cannot be read or is no group.
    pub fn open(disk: Arc<dyn Disk>, folder: PathBuf) -> Result<Self, Error> {
        let groups = read_all(disk.as_ref(), &folder)?;
        Ok(Self { disk, folder, known: Mutex::new(Known { groups, hosts: Hosts::default() }) })
    }

    /// Every group, by name.
    pub fn list(&self) -> Vec<Group> {
        self.lock().groups.values().cloned().collect()
    }

    /// What hosts said last, by name.
    pub fn reports(&self) -> Vec<(String, Report)> {
        self.lock().hosts.list()
    }

    /// Makes a group, or a new version of one, for a share of its hosts. Returns the number of the version.
    pub fn put(
        &self,
        name: &str,
        hosts: &[String],
        stage: u32,
        text: &str,
        now_ms: i64,
    ) -> Result<u32, Error> {
        check_name(name)?;
        check_stage(stage)?;
        if text.len() > TEXT_BYTES_MAX {
            return Err(Error::Bad(format!("settings of {} bytes; at most {TEXT_BYTES_MAX}", text.len())));
        }
        let mut known = self.lock();
        let mut group = known.groups.get(name).cloned().unwrap_or_else(|| Group::new(name));
        if !hosts.is_empty() {
            group.hosts = hosts.to_vec();
        }
        if group.hosts.is_empty() {
            return Err(Error::Bad("which hosts? name patterns such as web*".to_owned()));
        }
        let version = group.add(text, stage, now_ms);
        self.keep(&mut known, group)?;
        Ok(version)
    }

    /// Offers the newest version to this share of the hosts, in percent, also where it was halted.
    pub fn set_stage(&self, name: &str, stage: u32) -> Result<(), Error> {
        check_stage(stage)?;
        self.change(name, |group| {
            group.set_stage(stage);
            Ok(())
        })
    }

    /// Gives all hosts the stable version again. Returns its number.
    pub fn roll_back(&self, name: &str) -> Result<u32, Error> {
        self.change(name, Group::roll_back)
    }

    /// Forgets a group: its hosts go on with what their own files say.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let mut known = self.lock();
        if !known.groups.contains_key(name) {
            return Err(unknown(name));
        }
        let path = self.path(name);
        let removed = self.disk.remove_file(&path).and_then(|()| self.disk.sync_dir(&self.folder));
        removed.map_err(|e| Error::Disk(path, e))?;
        known.groups.remove(name);
        Ok(())
    }

    /// What a host is to use: the first group by name that is for it counts. `None` when none is.
    pub fn offer(&self, host: &str) -> Option<Offer> {
        let known = self.lock();
        let group = known.groups.values().find(|group| group.is_for(host))?;
        let version = group.version_for(host)?;
        Some(Offer { group: group.name.clone(), version: version.number, text: version.text.clone() })
    }

    /// Notes what a host says. A newest version that it had to take back is halted.
    pub fn note(&self, host: &str, report: Report) -> Result<(), Error> {
        let mut known = self.lock();
        let taken_back = report.state == State::TakenBack;
        let group =
            known.groups.get(&report.group).filter(|group| taken_back && group.newest() == report.version);
        let halted = group.filter(|group| group.halted.is_empty()).map(|group| {
            let halted = format!("{host}: {}", report.why);
            Group { halted, ..group.clone() }
        });
        known.hosts.note(host, report);
        match halted {
            Some(group) => self.keep(&mut known, group),
            None => Ok(()),
        }
    }

    fn change<T>(&self, name: &str, change: impl FnOnce(&mut Group) -> Result<T, Error>) -> Result<T, Error> {
        let mut known = self.lock();
        let mut group = known.groups.get(name).cloned().ok_or_else(|| unknown(name))?;
        let value = change(&mut group)?;
        self.keep(&mut known, group)?;
        Ok(value)
    }

    /// The disk first: what is shown is what a restart will find.
    fn keep(&self, known: &mut Known, group: Group) -> Result<(), Error> {
        let path = self.path(&group.name);
        let text = serde_json::to_vec_pretty(&group).map_err(|e| Error::Bad(e.to_string()))?;
        let written = self.disk.create_dir_all(&self.folder);
        let written = written.and_then(|()| write_atomically(self.disk.as_ref(), &path, &text));
        written.map_err(|e| Error::Disk(path, e))?;
        known.groups.insert(group.name.clone(), group);
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_all(disk: &dyn Disk, folder: &Path) -> Result<BTreeMap<String, Group>, Error> {
    let entries = match disk.list(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(Error::Disk(folder.to_owned(), e)),
    };
    let names = entries.iter().filter_map(|entry| entry.name.strip_suffix(".json"));
    names.map(|name| Ok((name.to_owned(), read(disk, &folder.join(format!("{name}.json")))?))).collect()
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Group, Error> {
    let bytes = disk.read(path).map_err(|e| Error::Disk(path.to_owned(), e))?;
    serde_json::from_slice(&bytes).map_err(|e| Error::Malformed(path.to_owned(), e.to_string()))
}

fn check_name(name: &str) -> Result<(), Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_fine =
        !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.starts_with('.') && name.chars().all(fits);
    let why = || format!("`{name}` is no name for a group: letters, digits, `-`, `_` and `.`");
    if is_fine { Ok(()) } else { Err(Error::Bad(why())) }
}

fn check_stage(percent: u32) -> Result<(), Error> {
    if percent <= 100 { Ok(()) } else { Err(Error::Bad(format!("a stage of {percent} %"))) }
}

fn unknown(name: &str) -> Error {
    Error::Unknown(format!("there is no group `{name}`"))
}

#[cfg(test)]
mod tests;
