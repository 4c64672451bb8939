//! Plugins on a file system that does not answer.

use super::*;
use crate::Folder;
use crate::runner::worker::START_WITHIN;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Command;

/// What the test is told by itself, run anew in a name space of its own.
const INSIDE: &str = "WINDHOVER_TEST_PLUGINS_HANG_IN";

/// A real file system whose server takes no question, as a dead NFS server.
#[test]
fn a_program_or_folder_on_a_file_system_that_hangs_stops_nothing_but_itself() {
    if let Some(folder) = std::env::var_os(INSIDE) {
        return watch_plugins_hang(Path::new(&folder));
    }
    if !rustix::process::geteuid().is_root() || std::fs::File::open("/dev/fuse").is_err() {
        eprintln!("not tried: mounting needs root and /dev/fuse");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "tests::hung::a_program_or_folder_on_a_file_system_that_hangs_stops_nothing_but_itself";
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--propagation", "private"]).arg(std::env::current_exe().unwrap());
    let told = inside.args(["--exact", name, "--nocapture"]).env(INSIDE, folder.path()).output().unwrap();
    let text = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success() && text.contains("1 passed"), "{text}");
}

fn mount_hanging(folder: &Path) -> OwnedFd {
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::CLOEXEC;
    let server = rustix::fs::open("/dev/fuse", flags, rustix::fs::Mode::empty()).unwrap();
    let data = format!("fd={},rootmode=40000,user_id=0,group_id=0", server.as_raw_fd());
    let data = std::ffi::CString::new(data).unwrap();
    mount("nobody:/export", folder, "fuse.hanging", MountFlags::empty(), data.as_c_str()).unwrap();
    server
}

fn watch_plugins_hang(folder: &Path) {
    let _server = mount_hanging(folder);
    let house = House::new();
    let path = folder.join("60_x");
    let mode = Mode::Once { period: Duration::from_secs(60) };
    for name in ["hung", "gone"] {
        house.runner().put(Plugin::new(name, &path, mode));
    }
    let common = Plugin::new("", "", mode);
    let folder_name = folder.display().to_string();
    house.runner().watch(Folder { path: folder.to_owned(), folders: vec![], bindings: vec![], common });
    let mut beat = house.shell("beat", "echo beat 1");
    beat.mode = Mode::Once { period: Duration::from_millis(200) };
    house.runner().put(beat);
    let start = Instant::now();
    let hung = house.after_run("hung");
    assert!(hung.problem.starts_with("its start has hung"), "{}", hung.problem);
    let folder_problem = until("the folder's standing", || house.standing(&folder_name)).problem;
    assert_eq!(folder_problem, "its file system does not answer");
    assert!(start.elapsed() >= START_WITHIN);
    assert!(house.samples("beat").len() > 10, "the other one went on: {}", house.samples("beat").len());
    house.runner().remove("gone");
    until("the removed one to be gone", || house.standing("gone").is_none().then_some(()));
    // Its server ends: what hung comes back with an error.
    let _ = unmount(folder, UnmountFlags::FORCE | UnmountFlags::DETACH);
    until("the start to come back", || house.standing("hung").filter(|s| s.problem != hung.problem));
    let problem = house.standing("hung").unwrap().problem;
    assert!(problem.contains("cannot be started") || problem.contains("is not there"), "{problem}");
    ends_in_time_while_it_hangs(house, folder);
}

/// The end of the runner does not wait for what hangs either.
fn ends_in_time_while_it_hangs(mut house: House, folder: &Path) {
    let _server = mount_hanging(folder);
    let mode = Mode::Once { period: Duration::from_secs(60) };
    house.runner().put(Plugin::new("again", folder.join("60_x"), mode));
    let start = Instant::now();
    house.after_run("again");
    drop(house.runner.take());
    assert!(start.elapsed() < START_WITHIN + Duration::from_secs(10), "{:?}", start.elapsed());
    let _ = unmount(folder, UnmountFlags::FORCE | UnmountFlags::DETACH);
}
