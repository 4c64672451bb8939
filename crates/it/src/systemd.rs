//! A machine that systemd boots, for what only it can judge: our units, with the rights they give and take away. It is made
//! of namespaces and of this machine's own files under a layer in memory, so that nothing of it stays. Its network is
//! a loopback of its own.

use crate::network::within;
use crate::process::{Folder, Running, binary};
use crate::wait::until;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

const SYSTEMD: &str = "/usr/lib/systemd/systemd";
/// Lays the files over each other and becomes the init process. `$1` is the folder, `$2` the binary, `$3` systemd; what the test has put into
/// `files` lies above everything.
const BOOT: &str = r#"
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1/layer"
mkdir "$1/layer/upper" "$1/layer/work"
root=$1/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/layer/upper,workdir=$1/layer/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
umount -l "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for device in null zero full random urandom tty kmsg; do cp -a "/dev/$device" "$root/dev/$device"; done
mount -t tmpfs tmpfs "$root/run"
rm -rf "$root"/etc/systemd/system/*.wants
cp -a "$1/files/." "$root/"
touch "$root/usr/bin/windhover"
mount --bind "$2" "$root/usr/bin/windhover"
ip link set lo up
container=test exec chroot "$root" "$3" --system --unit=test.target --log-target=console
"#;

/// A booted machine; gone when dropped.
pub struct Machine {
    /// Holds the machine: its init process ends with this one.
    _running: Running,
    init: u32,
    _folder: Folder,
}

impl Machine {
    /// Boots with these units of the packages, and files: path, mode, text. `None`, with the reason said, where that cannot be.
    pub fn boot(units: &[&str], files: &[(&str, u32, &str)]) -> Option<Self> {
        let folder = Folder::new("systemd");
        for name in ["layer", "root", "files"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder of ours");
        }
        if let Err(why) = is_possible() {
            crate::skip(&format!("no machine of systemd's: {why}"));
            return None;
        }
        let above = folder.path().join("files");
        let target = format!(
            "[Unit]\nRequires=basic.target dbus.service\nAfter=basic.target dbus.service\nWants={0}\nAfter={0}\n",
            units.join(" ")
        );
        put(&above, "/etc/systemd/system/test.target", 0o644, &target);
        let users = std::fs::read_to_string(packaging("sysusers.d/windhover.conf")).expect("a file of ours");
        put(&above, "/usr/lib/sysusers.d/windhover.conf", 0o644, &users);
        for unit in units.iter().filter(|unit| unit.starts_with("windhover")) {
            let text =
                std::fs::read_to_string(packaging(&format!("systemd/{unit}"))).expect("a unit of ours");
            put(&above, &format!("/etc/systemd/system/{unit}"), 0o644, &text);
        }
        files.iter().for_each(|(path, mode, text)| put(&above, path, *mode, text));
        let mut command = Command::new("unshare");
        command.args(["--fork", "--pid", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--kill-child"]);
        command.args(["sh", "-c", BOOT, "sh"]).arg(folder.path()).arg(binary()).arg(SYSTEMD);
        let running = Running::start(&mut command);
        let init = until("an init process", Duration::from_secs(30), || child_of(running.pid()));
        Some(Self { _running: running, init, _folder: folder })
    }

    /// Runs a program there, as root.
    pub fn run(&self, program: &[&str]) -> Output {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.init.to_string(), "--all", "--root", "--wd"]).args(program);
        command.output().expect("nsenter is of util-linux")
    }

    /// What a unit says of itself, such as its `ActiveState`.
    pub fn property(&self, unit: &str, name: &str) -> String {
        let output = self.run(&["systemctl", "show", "--value", "--property", name, unit]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What a unit wrote to the journal.
    pub fn journal(&self, unit: &str) -> String {
        let output = self.run(&["journalctl", "--no-pager", "--unit", unit]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Does something with its network.
    pub fn on<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        within(Path::new(&format!("/proc/{}/ns/net", self.init)), work)
    }
}

fn is_possible() -> Result<(), String> {
    if !Path::new(SYSTEMD).exists() {
        return Err("the package systemd is not installed".to_owned());
    }
    let tried = ["--mount", "--pid", "--fork", "--cgroup", "sh", "-c", "mount -t cgroup2 cgroup2 /mnt"];
    let output = Command::new("unshare").args(tried).output().map_err(|e| format!("unshare: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

fn packaging(path: &str) -> PathBuf {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/it is two folders deep");
    root.join("packaging").join(path)
}

fn put(root: &Path, path: &str, mode: u32, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = root.join(path.trim_start_matches('/'));
    std::fs::create_dir_all(path.parent().expect("a file")).expect("a folder of ours");
    std::fs::write(&path, text).expect("a file of ours");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("a file of ours");
}

/// The one child of `unshare`, once it is systemd.
fn child_of(parent: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    let child = children.split_whitespace().next()?.parse().ok()?;
    let name = std::fs::read_to_string(format!("/proc/{child}/comm")).ok()?;
    (name.trim() == "systemd").then_some(child)
}
