//! One group: its versions and who gets which.

use crate::{Error, glob};
use serde::{Deserialize, Serialize};

/// Versions of a group that are kept.
pub const VERSIONS_MAX: usize = 20;

/// One version of a group's settings; never changed once made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Counted from 1.
    pub number: u32,
    /// When it was made, in Unix milliseconds.
    pub made_ms: i64,
    /// The settings, as a file would hold them.
    pub text: String,
}

/// Hosts that get the same settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Patterns for names of hosts.
    pub hosts: Vec<String>,
    /// The last versions, oldest first.
    pub versions: Vec<Version>,
    /// Share of the hosts that get the newest version, in percent.
    pub stage: u32,
    /// The version of all others; `None` when they get none.
    pub stable: Option<u32>,
    /// Why the newest version is not offered any more; "" when it is.
    pub halted: String,
}

impl Group {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            hosts: Vec::new(),
            versions: Vec::new(),
            stage: 100,
            stable: None,
            halted: String::new(),
        }
    }

    /// Number of the newest version; 0 before the first.
    pub fn newest(&self) -> u32 {
        self.versions.last().map_or(0, |version| version.number)
    }

    /// Whether a host belongs to it.
    pub fn is_for(&self, host: &str) -> bool {
        self.hosts.iter().any(|pattern| glob::matches(pattern, host))
    }

    /// What a host of the group is to use.
    pub fn version_for(&self, host: &str) -> Option<&Version> {
        let is_in_stage = self.halted.is_empty() && place(&self.name, host) < self.stage;
        let number = if is_in_stage { Some(self.newest()) } else { self.stable };
        self.versions.iter().find(|version| Some(version.number) == number)
    }

    pub(super) fn add(&mut self, text: &str, stage: u32, made_ms: i64) -> u32 {
        if self.stage == 100 && self.halted.is_empty() && self.newest() > 0 {
            self.stable = Some(self.newest());
        }
        let number = self.newest() + 1;
        self.versions.push(Version { number, made_ms, text: text.to_owned() });
        self.stage = stage;
        self.halted.clear();
        self.forget_old();
        number
    }

    fn forget_old(&mut self) {
        while self.versions.len() > VERSIONS_MAX {
            let (stable, newest) = (self.stable, self.newest());
            let is_needed = |version: &Version| Some(version.number) == stable || version.number == newest;
            let Some(oldest) = self.versions.iter().position(|version| !is_needed(version)) else { return };
            self.versions.remove(oldest);
        }
    }

    pub(super) fn set_stage(&mut self, stage: u32) {
        self.stage = stage;
        self.halted.clear();
    }

    pub(super) fn roll_back(&mut self) -> Result<u32, Error> {
        let stable = self.stable.ok_or_else(|| {
            Error::Bad(format!(
                "the group `{}` has no version that all its hosts had; remove it instead",
                self.name
            ))
        })?;
        self.stage = 0;
        self.halted.clear();
        Ok(stable)
    }
}

/// A host's place in the stages of a group, 0 … 99: FNV-1a of both names, so that it is the same for ever and another one
/// in another group.
fn place(group: &str, host: &str) -> u32 {
    let bytes = group.bytes().chain([0]).chain(host.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    ((hash >> 32) % 100) as u32
}
