//! The machine whose services are looked for.

use collect::Host;
use std::fs::read_link;
use std::path::{Path, PathBuf};

/// Where the machine's processes and files are.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The folder that holds `proc` and is `/` for the host.
    pub root: PathBuf,
    /// Whether it is the one we run on: the kernel can be asked by other means than files.
    pub is_real: bool,
    /// Our own name spaces: those of mounts and of the network, as `/proc/self/ns` names them.
    pub mounts: String,
    /// See [`Machine::mounts`].
    pub network: String,
    /// Our own control group: a process that shares it is in no container of its own.
    pub control_group: String,
}

impl Machine {
    /// The machine of the collectors.
    pub fn of(host: &Host) -> Self {
        let space = |name: &str| link(&host.root.join("proc/self/ns").join(name)).unwrap_or_default();
        let control_group = std::fs::read_to_string(host.root.join("proc/self/cgroup")).unwrap_or_default();
        Self {
            control_group,
            root: host.root.clone(),
            is_real: host.has_kernel,
            mounts: space("mnt"),
            network: space("net"),
        }
    }

    /// The folder of a process below `proc`.
    pub fn process(&self, pid: u32) -> PathBuf {
        self.root.join("proc").join(pid.to_string())
    }

    /// A path of ours as the host would name it.
    pub(crate) fn inside(&self, path: &str) -> String {
        let root = self.root.to_string_lossy();
        match path.strip_prefix(root.trim_end_matches('/')) {
            Some("") => "/".to_owned(),
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            _ => path.to_owned(),
        }
    }
}

/// Where a symbolic link leads; `None` when it is hidden or gone.
pub(crate) fn link(path: &Path) -> Option<String> {
    read_link(path).ok().map(|target| target.to_string_lossy().into_owned())
}
