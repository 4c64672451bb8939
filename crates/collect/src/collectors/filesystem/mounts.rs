//! Which mounts are worth asking, from `/proc/PID/mountinfo` (proc(5)). Pure.

use crate::text::{fields, lines};

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    /// Where it is mounted.
    pub(super) path: Box<str>,
    /// What is mounted.
    pub(super) device: Box<str>,
    /// Type of the file system.
    pub(super) fstype: Box<str>,
    pub(super) is_read_only: bool,
}

impl Mount {
    /// Whether both have the same series; one of them may have been mounted anew with other rights.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.path, &self.device, &self.fstype) == (&other.path, &other.device, &other.fstype)
    }
}

/// A line with what is needed to choose among mounts of the same thing.
struct Line {
    mount: Mount,
    /// The file system's number in the kernel.
    number: Box<[u8]>,
    /// Whether all of it is mounted, or a folder of it.
    is_whole: bool,
}

/// Types that store nothing, show what another shows, or are full by nature.
static LEFT_OUT: [&str; 33] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "erofs",
    "fuse.gvfsd-fuse",
    "fuse.lxcfs",
    "fuse.portal",
    "fuse.snapfuse",
    "fusectl",
    "hugetlbfs",
    "iso9660",
    "mqueue",
    "nfsd",
    "nsfs",
    "proc",
    "pstore",
    "ramfs",
    "rootfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "squashfs",
    "sysfs",
    "tracefs",
    "udf",
];

/// Places where containers, sessions and the kernel mount things of their own, in great number.
static PLACES_LEFT_OUT: [&str; 11] = [
    "/dev/",
    "/proc/",
    "/run/credentials/",
    "/run/containerd/",
    "/run/docker/",
    "/run/user/",
    "/snap/",
    "/sys/",
    "/var/lib/containers/",
    "/var/lib/docker/",
    "/var/lib/kubelet/",
];

/// The mounts to ask, one for each file system, in order of mounting.
pub(super) fn parse(text: &[u8]) -> Vec<Mount> {
    let mut chosen: Vec<Line> = Vec::new();
    for line in lines(text).filter_map(parse_line) {
        // What is mounted over another hides it.
        chosen.retain(|other| other.mount.path != line.mount.path);
        match chosen.iter_mut().find(|other| other.is_same(&line)) {
            Some(other) if line.is_better(other) => *other = line,
            Some(_) => {}
            None => chosen.push(line),
        }
    }
    chosen.into_iter().map(|line| line.mount).filter(is_asked).collect()
}

/// `36 35 98:0 /folder /path rw,noatime master:1 - ext4 /dev/sda1 rw`
fn parse_line(line: &[u8]) -> Option<Line> {
    let mut fields = fields(line).skip(2);
    let number = fields.next()?.into();
    let is_whole = fields.next()? == b"/";
    let path = unescape(fields.next()?)?;
    let options = fields.next()?;
    let mut rest = fields.skip_while(|field| *field != b"-").skip(1);
    let fstype = unescape(rest.next()?)?;
    let device = unescape(rest.next()?)?;
    let is_ro = |options: &[u8]| options.split(|byte| *byte == b',').any(|option| option == b"ro");
    let is_read_only = is_ro(options) || rest.next().is_some_and(is_ro);
    Some(Line { mount: Mount { path, device, fstype, is_read_only }, number, is_whole })
}

/// Blanks and the like are written as a backslash and three octal digits. `None` when it is no UTF-8.
fn unescape(field: &[u8]) -> Option<Box<str>> {
    let mut text = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, tail)) = rest.split_first() {
        let octal =
            tail.get(..3).filter(|digits| byte == b'\\' && digits.iter().all(|d| (b'0'..b'8').contains(d)));
        let code =
            octal.map(|digits| digits.iter().fold(0u32, |sum, digit| sum * 8 + u32::from(digit - b'0')));
        match code.and_then(|code| u8::try_from(code).ok()) {
            Some(code) => {
                text.push(code);
                rest = &tail[3..];
            }
            None => {
                text.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(text).ok().map(String::into_boxed_str)
}

impl Line {
    /// Whether both show the same store. Parts of one device (bind mounts, btrfs subvolumes) share its space.
    fn is_same(&self, other: &Self) -> bool {
        let is_device = self.mount.device.starts_with("/dev/");
        self.number == other.number || (is_device && self.mount.device == other.mount.device)
    }

    fn is_better(&self, other: &Self) -> bool {
        let rank = |line: &Self| (!line.is_whole, line.mount.path.len());
        rank(self) < rank(other)
    }
}

fn is_asked(mount: &Mount) -> bool {
    let is_left_out = LEFT_OUT.contains(&&*mount.fstype);
    let is_elsewhere =
        PLACES_LEFT_OUT.iter().any(|place| mount.path.starts_with(place)) && &*mount.path != "/dev/shm";
    // The root of a container is an overlay; any other overlay is some container's.
    let is_inner = &*mount.fstype == "overlay" && &*mount.path != "/";
    !(is_left_out || is_elsewhere || is_inner)
}

#[cfg(test)]
mod tests;
