//! What systemd's units and containers use, from the unified hierarchy of control groups
//! (Documentation/admin-guide/cgroup-v2.rst) or, on an older host, from the hierarchies of the controllers.
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
use usage::{Layout, Reader};

pub(super) static ROW: Row = Row {
    name: "cgroups",
    summary: "CPU, memory, disk traffic and tasks of the systemd units and the containers that use the most; the rest is `other`.",
    // Every number makes the kernel add up over all cores.
    interval_ms: 10_000,
    metrics: &METRICS,
    open: |host, _| Box::new(Cgroups::new(host)),
};

const UNIFIED: Metric = Metric::gauge(
    "cgroups_unified",
    "",
    "1 when the host has the unified hierarchy of control groups (v2), 0 when it has those of v1.",
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

/// Trees whose groups are looked at in the older hierarchies: the first that is there. systemd's own has all units.
const LEGACY_TREES: [&str; 4] = ["systemd", "memory", "cpuacct", "cpu"];

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
    /// Scratch space: a path with the folder before it.
    place: Vec<u8>,
    /// The folder whose groups are walked, in the older hierarchies.
    tree: &'static str,
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
            place: Vec::new(),
            tree: "",
        }
    }

    /// How the groups are laid out; `None` when there are none.
    fn layout(&self, buffer: &mut Vec<u8>) -> Option<Layout> {
        if self.folder.read(b"cgroup.controllers", buffer).is_ok() {
            return Some(Layout::Unified);
        }
        LEGACY_TREES.into_iter().find(|tree| self.folder.open(tree.as_bytes()).is_ok()).map(Layout::Legacy)
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

    fn walk(&mut self, layout: Layout, pass: &mut Pass<'_>) -> Result<(), Error> {
        self.tree = if let Layout::Legacy(tree) = layout { tree } else { "" };
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
        let group = std::str::from_utf8(path).map_err(|_| Errno::ILSEQ)?;
        usage::join(&mut self.place, [self.tree, group, ""]);
        self.folder.list_folders(&self.place, buffer, |name| {
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
        let Some(layout) = self.layout(pass.buffer) else { return Ok(()) };
        pass.out.push(&mut self.unified, &UNIFIED, &[], f64::from(layout == Layout::Unified));
        self.note_changes(pass.buffer);
        if self.is_walk_due {
            self.walk(layout, pass)?;
        }
        let elapsed_ms = self.last_ms.map_or(0, |last_ms| pass.now_ms.saturating_sub(last_ms));
        self.last_ms = Some(pass.now_ms);
        let (folder, path) = (&self.folder, &mut self.path);
        let mut reader = Reader { layout, folder, path, buffer: pass.buffer };
        for family in [&mut self.units, &mut self.containers] {
            self.is_walk_due |= family.measure(&mut reader);
            family.finish(elapsed_ms, &mut reader, &mut pass.out);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
