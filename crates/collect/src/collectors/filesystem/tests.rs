use crate::tests::Text;
use crate::{Host, Options, Scheduler};
use std::fs;

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
