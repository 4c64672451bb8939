//! What systemd's units and containers use, from the unified hierarchy of control groups
//! (Documentation/admin-guide/cgroup-v2.rst).
//!
//! A unit or a container is one group, whatever is below it: the kernel's numbers contain its children. The tree is
//! walked again when the number of groups changes, when one that was known is gone, and once a minute.

mod family;
mod group;
mod identity;
mod kind;
mod metrics;
mod names;
mod usage;

use crate::folder::Folder;
use crate::{Collector, Error, Host, Metric, Pass, Row, SeriesCell, telemetry};
use family::{Family, Newcomer};
use identity::Identity;
use kind::Kind;
use metrics::METRICS_PER_FAMILY;
use names::Names;
use rustix::io::Errno;

pub(super) static ROW: Row = Row {
    name: "cgroups",
    summary: "CPU, memory, disk traffic and tasks of the systemd units and the containers that use the most (control groups v2; of v1 nothing is read); the rest is `other`.",
    // Every number makes the kernel add up over all cores.
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Cgroups::new(host)),
};

const UNIFIED: Metric = Metric::gauge(
    "cgroups_unified",
    "",
    "1 when the host has the unified hierarchy of control groups (v2), 0 when it has v1, of which nothing is read.",
);

/// First the hierarchy, then the families.
static METRICS: [Metric; 1 + 2 * METRICS_PER_FAMILY] = {
    let mut all = [UNIFIED; 1 + 2 * METRICS_PER_FAMILY];
    let mut at = 0;
    while at < METRICS_PER_FAMILY {
        all[1 + at] = metrics::UNITS[at];
        all[1 + METRICS_PER_FAMILY + at] = metrics::CONTAINERS[at];
        at += 1;
    }
    all
};

/// Units and containers that get series of their own at a time: so many by CPU and as many by memory.
const UNITS_TOP: usize = 10;
const CONTAINERS_TOP: usize = 20;
/// Passes between two walks when nothing seems to have changed.
const WALK_EVERY: u32 = 6;
/// Most groups a walk looks at; the rest is left out and counted.
const WALKED_MAX: usize = 4096;
/// Longest list of their paths, in bytes; what does not fit is left out and counted as well.
const PATHS_BYTES_MAX: usize = 512 << 10;

struct Cgroups {
    folder: Folder,
    names: Names,
    units: Family,
    containers: Family,
    unified: SeriesCell,
    /// How many groups there were at the last pass, if the kernel tells (4.14).
    descendants: Option<u64>,
    is_walk_due: bool,
    passes: u32,
    last_ms: Option<i64>,
    /// Paths met in a walk, each with a line end, which no group's name can hold.
    paths: Vec<u8>,
    path: Vec<u8>,
}

impl Cgroups {
    fn new(host: &Host) -> Self {
        Self {
            folder: host.folder("sys/fs/cgroup"),
            names: Names::new(host),
            units: Family::new(&metrics::UNITS, UNITS_TOP),
            containers: Family::new(&metrics::CONTAINERS, CONTAINERS_TOP),
            unified: SeriesCell::default(),
            descendants: None,
            is_walk_due: true,
            passes: 0,
            last_ms: None,
            paths: Vec::new(),
            path: Vec::new(),
        }
    }

    /// Whether the hierarchy is the unified one; `None` when there is none.
    fn is_unified(&mut self, buffer: &mut Vec<u8>) -> Option<bool> {
        match self.folder.read(b"cgroup.controllers", buffer) {
            Ok(_) => Some(true),
            Err(_) => self.folder.open(b".").ok().map(|_| false),
        }
    }

    fn note_changes(&mut self, buffer: &mut Vec<u8>) {
        let text = self.folder.read(b"cgroup.stat", buffer).unwrap_or_default();
        // Beside it are those that die slowly, whose number changes all the time.
        let [descendants] = usage::keyed(text, ["nr_descendants"]);
        self.is_walk_due |= descendants != self.descendants;
        self.descendants = descendants;
        self.is_walk_due |= self.passes.is_multiple_of(WALK_EVERY);
        self.passes = self.passes.wrapping_add(1);
    }

    fn walk(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.units.begin_walk();
        self.containers.begin_walk();
        self.paths.clear();
        self.step_into_root(pass.buffer)?;
        let (mut newcomers, mut at, mut walked) = (Vec::new(), 0, 0);
        while at < self.paths.len() {
            let rest = &self.paths[at..];
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            self.path.clear();
            self.path.extend_from_slice(&rest[..length]);
            at += length + 1;
            walked += 1;
            if walked > WALKED_MAX {
                telemetry::ENTITIES_REFUSED.add(1);
                break;
            }
            self.visit(&mut newcomers, pass.buffer);
        }
        let is_first = self.last_ms.is_none();
        for newcomer in newcomers {
            let family = if newcomer.is_container { &mut self.containers } else { &mut self.units };
            family.add(newcomer, is_first);
        }
        self.units.end_walk(&mut pass.out);
        self.containers.end_walk(&mut pass.out);
        self.is_walk_due = self.names.end_walk();
        Ok(())
    }

    fn step_into_root(&mut self, buffer: &mut Vec<u8>) -> Result<(), Error> {
        self.path.clear();
        self.step_into(buffer)
            .map_err(|error| Error::Read { path: self.folder.path().to_owned(), source: error.into() })
    }

    /// Notes the groups below the current path.
    fn step_into(&mut self, buffer: &mut Vec<u8>) -> Result<(), Errno> {
        let (paths, path) = (&mut self.paths, &self.path);
        self.folder.list_folders(path, buffer, |name| {
            if paths.len() + path.len() + name.len() > PATHS_BYTES_MAX {
                telemetry::ENTITIES_REFUSED.add(1);
                return;
            }
            if !path.is_empty() {
                paths.extend_from_slice(path);
                paths.push(b'/');
            }
            paths.extend_from_slice(name);
            paths.push(b'\n');
        })
    }

    /// Looks at the group at the current path.
    fn visit(&mut self, newcomers: &mut Vec<Newcomer>, buffer: &mut Vec<u8>) {
        let Ok(path) = std::str::from_utf8(&self.path) else { return };
        let kind = kind::of(path);
        match kind {
            Kind::Folder => {
                // Gone since it was listed: nothing to say.
                let _ = self.step_into(buffer);
            }
            Kind::Nothing => {}
            Kind::Unit(name) => {
                if !self.units.meet(path) {
                    let identity = Identity::named(name);
                    newcomers.push(Newcomer { path: path.into(), identity, is_container: false });
                }
                // It may hold containers.
                let _ = self.step_into(buffer);
            }
            Kind::Container(id) if !self.containers.meet(path) => {
                if let Some(identity) = self.names.find(id) {
                    newcomers.push(Newcomer { path: path.into(), identity, is_container: true });
                }
            }
            Kind::Container(_) => {}
        }
    }
}

impl Collector for Cgroups {
    fn collect(&mut self, pass: &mut Pass<'_>) -> Result<(), Error> {
        let Some(is_unified) = self.is_unified(pass.buffer) else { return Ok(()) };
        pass.out.push(&mut self.unified, &UNIFIED, &[], f64::from(is_unified));
        if !is_unified {
            return Ok(());
        }
        self.note_changes(pass.buffer);
        if self.is_walk_due {
            self.walk(pass)?;
        }
        let elapsed_ms = self.last_ms.map_or(0, |last_ms| pass.now_ms.saturating_sub(last_ms));
        self.last_ms = Some(pass.now_ms);
        for family in [&mut self.units, &mut self.containers] {
            self.is_walk_due |= family.measure(&mut self.folder, &mut self.path, pass.buffer);
            family.finish(elapsed_ms, &mut self.folder, &mut self.path, pass);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
