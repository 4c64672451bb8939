use crate::tests::Text;
use crate::{Host, Options, Scheduler};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn mounts_come_and_go() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("proc/1")).unwrap();
    fs::write(
        root.path().join("statvfs"),
        "/ 1024 10 5 4 0 0\n/b 1024 20 5 5 0 0\n/c 1024 30 5 5 0 0\n/none 1024 0 0 0 0 0\n",
    )
    .unwrap();
    let others = crate::collectors::COLLECTORS.iter().filter(|row| row.name != "filesystem");
    let options =
        Options { left_out: others.map(|row| row.name.to_owned()).collect(), ..Options::for_host("h") };
    let mut scheduler = Scheduler::new(Host::recorded(root.path()), options).unwrap();
    let mut sizes = |now_ms: i64, mounts: &[&str]| {
        let lines: String = mounts
            .iter()
            .map(|path| {
                format!(
                    "1 0 0:{} / {path} rw - nfs4 filer:{path} rw\n",
                    path.len() + path.as_bytes()[path.len() - 1] as usize
                )
            })
            .collect();
        fs::write(root.path().join("proc/1/mountinfo"), lines).unwrap();
        let text = Text::default();
        scheduler.tick(now_ms, &text);
        let sizes = text.take().into_iter().filter(|line| line.starts_with("filesystem_size_bytes"));
        sizes.map(|line| line.split("mount=").nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(sizes(1000, &["/", "/b", "/none"]), [r#""/"} 10240"#, r#""/b"} 20480"#]);
    assert_eq!(sizes(2000, &["/", "/c"]), [r#""/b"} end"#, r#""/"} 10240"#, r#""/c"} 30720"#]);
    assert_eq!(sizes(3000, &["/c"]), [r#""/"} end"#, r#""/c"} 30720"#]);
}

/// A disk with errors is mounted read-only by the kernel; its series used to end and begin in the same tick.
#[test]
fn what_becomes_read_only_keeps_its_series() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("proc/1")).unwrap();
    fs::write(root.path().join("statvfs"), "/ 1024 10 5 4 0 0\n").unwrap();
    let mut scheduler = Scheduler::new(Host::recorded(root.path()), Options::for_host("h")).unwrap();
    let mut is_read_only = |now_ms, rights: &str| {
        let line = format!("1 0 8:1 / / {rights} - ext4 /dev/sda1 {rights}\n");
        fs::write(root.path().join("proc/1/mountinfo"), line).unwrap();
        let text = Text::default();
        scheduler.tick(now_ms, &text);
        let lines = text.take().into_iter().filter(|line| line.starts_with("filesystem_read_only"));
        lines.map(|line| line.rsplit_once(' ').unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(is_read_only(1000, "rw"), ["0"]);
    assert_eq!(is_read_only(2000, "ro"), ["1"]);
    assert_eq!(is_read_only(3000, "rw"), ["0"]);
}

/// What the test that mounts is told by itself, run anew in a name space of its own.
const INSIDE: &str = "WINDHOVER_TEST_MOUNTS_IN";

/// A real file system whose server takes no question, as a dead NFS server: ticks go on without it, it is told to hang,
/// costs one thread, and when its server is gone it is told to fail.
#[test]
fn a_mount_whose_server_hangs_stops_nothing_but_itself() {
    if let Some(folder) = std::env::var_os(INSIDE) {
        return watch_a_mount_hang(Path::new(&folder));
    }
    if !rustix::process::geteuid().is_root() || fs::File::open("/dev/fuse").is_err() {
        eprintln!("not tried: mounting needs root and /dev/fuse");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "collectors::filesystem::tests::a_mount_whose_server_hangs_stops_nothing_but_itself";
    let mut inside = Command::new("unshare");
    inside.args(["--mount", "--propagation", "private"]).arg(std::env::current_exe().unwrap());
    let told = inside.args(["--exact", name, "--nocapture"]).env(INSIDE, folder.path()).output().unwrap();
    let text = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success() && text.contains("1 passed"), "{text}");
}

fn watch_a_mount_hang(folder: &Path) {
    let server = rustix::fs::open("/dev/fuse", rustix::fs::OFlags::RDWR, rustix::fs::Mode::empty()).unwrap();
    let number = std::os::fd::AsRawFd::as_raw_fd(&server);
    let data = format!("fd={number},rootmode=40000,user_id=0,group_id=0");
    let data = std::ffi::CString::new(data).unwrap();
    let (flags, kind) = (rustix::mount::MountFlags::empty(), "fuse.hanging");
    rustix::mount::mount("nobody:/export", folder, kind, flags, data.as_c_str()).unwrap();
    let left_out = crate::collectors::COLLECTORS.iter().filter(|row| row.name != "filesystem");
    let options =
        Options { left_out: left_out.map(|row| row.name.to_owned()).collect(), ..Options::for_host("h") };
    let mut scheduler = Scheduler::new(Host::this(), options).unwrap();
    let mut now_ms = 0;
    let mut said = |metric: &str| {
        now_ms += 1000;
        let text = Text::default();
        scheduler.tick(now_ms, &text);
        let of = format!("{metric}{{device=\"nobody:/export\"");
        let root = format!("{metric}{{");
        let lines = text.take();
        let line =
            lines.iter().find(|line| line.starts_with(&of)).map(|line| line.rsplit_once(' ').unwrap().1);
        (line.map(str::to_owned), lines.iter().filter(|line| line.starts_with(&root)).count())
    };
    let (hung, first) = said("filesystem_hung");
    assert_eq!(hung.as_deref(), Some("1"));
    assert!(first > 1, "the others are told of");
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(said("filesystem_hung").0.as_deref(), Some("1"));
    }
    // Each waited for it would be two seconds.
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(said("filesystem_size_bytes").0, None);
    let threads = fs::read_dir("/proc/self/task").unwrap().filter(|task| {
        let name = fs::read_to_string(task.as_ref().unwrap().path().join("comm"));
        name.is_ok_and(|name| name.trim() == "statvfs")
    });
    assert!((1..=2).contains(&threads.count()));
    drop(server);
    let deadline = Instant::now() + Duration::from_secs(10);
    while said("filesystem_hung").0.as_deref() != Some("0") {
        assert!(Instant::now() < deadline, "the failure is never told");
    }
    assert_eq!(said("filesystem_error").0.as_deref(), Some("1"));
}
