//! A process as discovery looks at it: read once, when it is new or started another program.

pub mod listeners;

use crate::Root;
use crate::machine::{Machine, link};
use crate::root::path;
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;

/// Most that is read of a command line or an environment, in bytes.
const TEXT_BYTES_MAX: u64 = 256 << 10;

/// A process. The same pid with another `start_ticks` is another process.
#[derive(Debug, Clone)]
pub struct Process {
    /// The kernel's number for it.
    pub pid: u32,
    /// When it began, in ticks since boot.
    pub start_ticks: u64,
    /// Pid of the process that it belongs to.
    pub parent: u32,
    /// Name as the kernel keeps it, at most 15 bytes.
    pub name: String,
    /// Path of its program as it sees it; `None` when that is hidden from us.
    pub program: Option<String>,
    /// Its arguments; of a program that gave itself a title, the title.
    pub arguments: Vec<String>,
    /// Its working folder as it sees it; `None` when hidden.
    pub folder: Option<String>,
    /// Its user.
    pub user: Option<u32>,
    /// Its group.
    pub group: Option<u32>,
    /// Its files.
    pub root: Root,
    /// The network name space it is in, as a file, unless it is ours.
    pub network: Option<PathBuf>,
    /// Whether its files may be others than we see, because the kernel hides its root from us.
    pub is_hidden: bool,
    /// Whether it has mounts of its own: a container.
    pub has_own_mounts: bool,
    pub(crate) machine: Machine,
}

impl Process {
    /// Reads what the kernel tells of a process; `None` when it is gone, or has no command line: a thread of the kernel.
    pub fn read(machine: &Machine, pid: u32, start_ticks: u64, parent: u32, name: &str) -> Option<Self> {
        let folder = machine.process(pid);
        let arguments = arguments(&read_text(&folder.join("cmdline"))?);
        if arguments.is_empty() {
            return None;
        }
        let mounts = link(&folder.join("ns/mnt"));
        let has_own_mounts = mounts.as_ref().is_some_and(|mounts| *mounts != machine.mounts);
        let root = link(&folder.join("root")).map(|root| machine.inside(&root));
        let outside = link(&folder.join("exe")).map(|path| machine.inside(&path));
        let is_jailed = !has_own_mounts && has_jailed_itself(root.as_deref(), outside.as_deref());
        let root = if is_jailed { Some("/".to_owned()) } else { root };
        let below = |path: String| below(root.as_deref().unwrap_or("/"), &path);
        let program = outside.map(&below);
        let working = link(&folder.join("cwd")).map(|path| machine.inside(&path)).map(&below);
        let network = link(&folder.join("ns/net")).filter(|space| *space != machine.network);
        let ids = ids(&folder);
        Some(Self {
            pid,
            start_ticks,
            parent,
            name: name.to_owned(),
            program: program.map(without_mark),
            arguments,
            folder: working,
            user: ids.map(|(user, _)| user),
            group: ids.map(|(_, group)| group),
            root: files(machine, pid, root.as_deref(), has_own_mounts),
            network: network.map(|_| folder.join("ns/net")),
            is_hidden: root.is_none(),
            has_own_mounts,
            machine: machine.clone(),
        })
    }

    /// What `ps` shows: the arguments with blanks between.
    pub fn title(&self) -> String {
        self.arguments.join(" ").trim_end().to_owned()
    }

    /// Name of its program: of the file if we may know it, else of the first argument, else what the kernel keeps.
    pub fn program_name(&self) -> &str {
        let first = self.arguments.first().map(String::as_str);
        let first = first.map(|first| first.split([' ', ':']).next().unwrap_or(first));
        self.program.as_deref().or(first).map_or(&self.name, path::name)
    }

    /// Whether its program, or what it calls itself, has one of these names.
    pub fn is_called(&self, names: &[&str]) -> bool {
        let first = self.arguments.first().map(|first| path::name(first.split(' ').next().unwrap_or(first)));
        let by = [Some(self.program_name()), first, Some(self.name.as_str())];
        by.into_iter().flatten().any(|name| names.contains(&name.trim_end_matches(':')))
    }

    /// The value of an option: `--name=value`, `--name value` or, for one letter, `-nvalue` and `-n value`. The last
    /// one given counts.
    pub fn option(&self, names: &[&str]) -> Option<String> {
        option(&self.arguments, names)
    }

    /// Its environment, name and value; empty when hidden.
    pub fn environment(&self) -> Vec<(String, String)> {
        let text = read_text(&self.machine.process(self.pid).join("environ")).unwrap_or_default();
        let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// A path of the process made absolute by its working folder.
    pub fn absolute(&self, path: &str) -> String {
        path::join(self.folder.as_deref().unwrap_or("/"), path)
    }

    /// Whether its paths are those of the host.
    pub fn is_of_host(&self) -> bool {
        self.root.folder() == self.machine.root && !self.has_own_mounts
    }

    /// The program's file, also when it was replaced since: to look for texts in it.
    pub fn open_program(&self) -> Option<File> {
        let by_path = || self.root.open(self.program.as_deref()?).ok();
        // The link shows the file that runs, whatever its path means by now. In a recording it leads elsewhere.
        let by_link = || crate::root::open_regular(&self.machine.process(self.pid).join("exe")).ok();
        if self.machine.is_real { by_link().or_else(by_path) } else { by_path() }
    }

    /// A short name of the container it is in, by its control group; else the number of its mounts, or of its network.
    /// Empty for who has neither mounts nor a network of his own: the host's.
    pub fn container(&self) -> String {
        if !self.has_own_mounts && self.network.is_none() {
            return String::new();
        }
        let text = self.control_groups();
        if let Some(number) =
            crate::output::container_number(&text).filter(|_| text != self.machine.control_group)
        {
            return number[..12].to_owned();
        }
        let groups = text.lines().filter_map(|line| line.rsplit_once('/').map(|(_, name)| name));
        let groups = groups.filter(|_| text != self.machine.control_group);
        let named = groups.map(container_name).find(|name| !name.is_empty());
        let space = if self.has_own_mounts { "ns/mnt" } else { "ns/net" };
        let by_number = || link(&self.machine.process(self.pid).join(space)).unwrap_or_default();
        named.unwrap_or_else(by_number)
    }

    /// Its control groups, as the kernel tells them; empty when hidden.
    pub(crate) fn control_groups(&self) -> String {
        read_text(&self.machine.process(self.pid).join("cgroup")).unwrap_or_default()
    }

    /// Its number as it knows it itself: in a container another than ours.
    pub fn own_pid(&self) -> u32 {
        let status = read_text(&self.machine.process(self.pid).join("status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
        line.and_then(|pids| pids.split_whitespace().last()?.parse().ok()).unwrap_or(self.pid)
    }

    /// Where one of its descriptors leads.
    pub fn descriptor(&self, number: u32) -> Option<String> {
        link(&self.machine.process(self.pid).join("fd").join(number.to_string()))
    }
}

/// See [`Process::option`].
pub fn option(arguments: &[String], names: &[&str]) -> Option<String> {
    let mut found = None;
    for (at, argument) in arguments.iter().enumerate() {
        for name in names {
            let Some(rest) = argument.strip_prefix(name) else { continue };
            let is_letter = name.len() == 2 && !name.starts_with("--");
            found = match rest.strip_prefix('=') {
                Some(value) if !is_letter => Some(value.to_owned()),
                _ if rest.is_empty() => arguments.get(at + 1).cloned().or(found),
                _ if is_letter => Some(rest.to_owned()),
                _ => found,
            };
        }
    }
    found
}

/// The arguments without the zeros that titles leave behind.
fn arguments(text: &str) -> Vec<String> {
    let text = text.trim_end_matches('\0');
    if text.is_empty() { Vec::new() } else { text.split('\0').map(str::to_owned).collect() }
}

/// `docker-4f6c….scope` and `cri-containerd-4f6c….scope` by the first digits of the number, as tools show them.
fn container_name(group: &str) -> String {
    let group = group.trim_end_matches(".scope").trim_end_matches(".service");
    let last = group.rsplit('-').next().unwrap_or(group);
    let is_number = last.len() >= 32 && last.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_number { last[..12].to_owned() } else { group.to_owned() }
}

/// A path of the host as somebody sees it whose root is `root`.
fn below(root: &str, path: &str) -> String {
    match path.strip_prefix(root.trim_end_matches('/')) {
        Some("") => "/".to_owned(),
        Some(rest) if rest.starts_with('/') => rest.to_owned(),
        _ => path.to_owned(),
    }
}

/// The kernel says so when the file was replaced since: an upgrade.
fn without_mark(path: String) -> String {
    path.strip_suffix(" (deleted)").map_or(path.clone(), str::to_owned)
}

/// Whether it changed its root after it was started, as HAProxy does once it has read its files and opened its sockets:
/// then its program is outside of that root, and all paths that it was told are.
fn has_jailed_itself(root: Option<&str>, program: Option<&str>) -> bool {
    let (Some(root), Some(program)) = (root, program) else { return false };
    root != "/" && !program.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
}

/// Through `/proc/PID/root` where mounts differ; else by the path itself, which stays good when the process is replaced.
fn files(machine: &Machine, pid: u32, root: Option<&str>, has_own_mounts: bool) -> Root {
    match root {
        Some(_) if has_own_mounts => Root::new(machine.process(pid).join("root")),
        Some(root) if root != "/" => Root::new(machine.root.join(root.trim_start_matches('/'))),
        _ => Root::new(machine.root.clone()),
    }
}

/// The user and group it acts as.
fn ids(folder: &std::path::Path) -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    let status = read_text(&folder.join("status")).unwrap_or_default();
    let id = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    let owner = || fs::metadata(folder).ok().map(|metadata| (metadata.uid(), metadata.gid()));
    id("Uid:").zip(id("Gid:")).or_else(owner)
}

fn read_text(path: &std::path::Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(TEXT_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests;
