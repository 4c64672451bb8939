//! The table over made-up processes and over real ones.

use super::*;
use crate::Host;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn stat(name: &str, start: u64, user: u64, system: u64) -> String {
    format!("1 ({name}) S 7 1 1 0 -1 0 0 0 3 0 {user} {system} 0 0 20 0 2 0 {start} 1000 10 0\n")
}

fn put(root: &Path, pid: u32, name: &str, start: u64, user: u64) {
    let folder = root.join(format!("proc/{pid}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("stat"), stat(name, start, user, 4)).unwrap();
}

/// The kernel fails reads through descriptors of what has ended; here the file is emptied first.
fn remove(root: &Path, pid: u32) {
    let folder = root.join(format!("proc/{pid}"));
    fs::write(folder.join("stat"), "").unwrap();
    fs::remove_dir_all(folder).unwrap();
}

fn empty() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("proc")).unwrap();
    root
}

fn pids(table: &ProcessTable) -> Vec<u32> {
    table.processes().iter().map(|process| process.pid).collect()
}

#[test]
fn a_tick_reads_once_and_a_process_that_goes_while_it_is_read_is_left_out() {
    let root = empty();
    put(root.path(), 5, "a", 10, 1);
    put(root.path(), 7, "b", 11, 1);
    // Listed, and gone when its line is asked for.
    fs::create_dir(root.path().join("proc/6")).unwrap();
    let mut table = ProcessTable::new(&Host::recorded(root.path()));
    table.read(1000, &mut Vec::new(), None).unwrap();
    assert_eq!(pids(&table), [5, 7]);
    put(root.path(), 5, "a", 10, 9);
    table.read(1000, &mut Vec::new(), None).unwrap();
    assert_eq!(table.find(5).unwrap().used, Used::default());
    table.read(2000, &mut Vec::new(), None).unwrap();
    assert_eq!(table.find(5).unwrap().used.user_ticks, 8);
    // What was used belongs to one tick only.
    table.read(3000, &mut Vec::new(), None).unwrap();
    assert_eq!(table.find(5).unwrap().used, Used::default());
    fs::remove_dir_all(root.path().join("proc/5")).unwrap();
    table.read(4000, &mut Vec::new(), None).unwrap();
    assert_eq!(pids(&table), [7]);
    assert!(table.find(5).is_none());
}

#[test]
fn without_a_folder_of_processes_reading_fails_and_can_be_tried_again() {
    let root = tempfile::tempdir().unwrap();
    let mut table = ProcessTable::new(&Host::recorded(root.path()));
    assert!(table.read(1000, &mut Vec::new(), None).unwrap_err().to_string().contains("/proc"));
    fs::create_dir(root.path().join("proc")).unwrap();
    put(root.path(), 3, "x", 1, 1);
    table.read(1000, &mut Vec::new(), None).unwrap();
    assert_eq!(pids(&table), [3]);
}

#[test]
fn changes_are_told_at_birth_after_settling_and_at_another_program() {
    let root = empty();
    put(root.path(), 1, "old", 1, 1);
    let mut table = ProcessTable::new(&Host::recorded(root.path()));
    // The pass of the last change, and this pass.
    let mut changed = |now_ms: i64, pid: u32| {
        table.read(now_ms, &mut Vec::new(), None).unwrap();
        (table.find(pid).unwrap().changed, table.passes())
    };
    assert_eq!(changed(1000, 1), (1, 1));
    assert_eq!(changed(9000, 1), (1, 2));
    put(root.path(), 2, "born", 5, 1);
    assert_eq!(changed(10_000, 2), (3, 3));
    assert_eq!(changed(12_000, 2), (3, 4));
    assert_eq!(changed(13_000, 2), (5, 5));
    assert_eq!(changed(20_000, 2), (5, 6));
    put(root.path(), 2, "another", 5, 1);
    assert_eq!(changed(21_000, 2), (7, 7));
    // The pid given to another process; then the clock jumps into the past.
    put(root.path(), 2, "another", 6, 1);
    assert_eq!(changed(22_000, 2), (8, 8));
    assert_eq!(changed(2_000, 2), (9, 9));
    assert_eq!(changed(6_000, 2), (9, 10));
}

#[test]
fn a_worker_of_the_kernel_that_takes_other_work_has_not_changed() {
    let root = empty();
    let mut table = ProcessTable::new(&Host::recorded(root.path()));
    for (now_ms, name) in [(1000, "kworker/0:1-events"), (2000, "kworker/0:1-mm"), (3000, "kworker/0:1")] {
        put(root.path(), 9, name, 1, 1);
        let path = root.path().join("proc/9/stat");
        let text = fs::read_to_string(&path).unwrap().replace(" 0 -1 0 ", " 0 -1 2129984 ");
        fs::write(path, text).unwrap();
        table.read(now_ms, &mut Vec::new(), None).unwrap();
        let process = table.find(9).unwrap();
        assert!(process.stat.is_kernel && process.stat.kind() == b"kworker");
        assert_eq!(process.changed, 1, "{name}");
    }
}

#[test]
fn what_is_kept_beside_follows_births_ends_and_pids_given_away() {
    let root = empty();
    let mut table = ProcessTable::new(&Host::recorded(root.path()));
    let mut beside: Beside<(u32, u64)> = Beside::default();
    let mut random = stdx::random::Random::from_seed(11);
    let mut truth: std::collections::BTreeMap<u32, u64> = Default::default();
    for round in 0..200u64 {
        for _ in 0..random.below(4) {
            let pid = 1 + random.below(12) as u32;
            match truth.remove(&pid) {
                Some(_) => remove(root.path(), pid),
                None => {
                    put(root.path(), pid, "x", round, 0);
                    truth.insert(pid, round);
                }
            }
        }
        table.read(round as i64, &mut Vec::new(), None).unwrap();
        let (before, mut met, mut parted) = (beside.values().count(), 0, 0);
        let meet = |process: &Process| (process.pid, process.stat.start_ticks);
        beside.follow(
            &table,
            |process| {
                met += 1;
                meet(process)
            },
            |_| parted += 1,
        );
        assert_eq!(
            beside.values().copied().collect::<Vec<_>>(),
            truth.clone().into_iter().collect::<Vec<_>>()
        );
        assert_eq!(beside.values().count() + parted, before + met);
        assert_eq!(
            table.processes().iter().map(meet).collect::<Vec<_>>(),
            beside.values().copied().collect::<Vec<_>>()
        );
    }
}

/// A child that is ended with the test.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Reads the table of this machine until the condition holds.
fn wait_for(table: &mut ProcessTable, now_ms: &mut i64, holds: impl Fn(&ProcessTable) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        *now_ms += 1000;
        table.read(*now_ms, &mut Vec::new(), None).unwrap();
        if holds(table) {
            return;
        }
        assert!(Instant::now() < deadline, "it never came to be");
        std::thread::yield_now();
    }
}

fn program(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    fs::copy("/bin/sleep", &path).unwrap();
    path
}

#[test]
fn real_processes_with_odd_names_are_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a) R (b", "two words", "line\nend", ")))"];
    let children: Vec<Running> = names
        .iter()
        .map(|name| Running::start(Command::new(program(folder.path(), name)).args(["600", "1"])))
        .collect();
    let mut table = ProcessTable::new(&Host::this());
    let mut now_ms = 0;
    for (name, child) in names.iter().zip(&children) {
        let is = |process: &Process| process.stat.name.as_bytes() == name.as_bytes();
        wait_for(&mut table, &mut now_ms, |table| table.find(child.0.id()).is_some_and(is));
        let process = table.find(child.0.id()).unwrap();
        assert_eq!(process.stat.parent, std::process::id());
        assert!(!process.stat.is_kernel && process.stat.threads == 1 && process.stat.resident_pages > 0);
        let mut buffer = Vec::new();
        let path = folder.path().join(name);
        let path = path.to_str().unwrap();
        assert_eq!(table.read_program(process, &mut buffer).unwrap(), path.as_bytes());
        let line = table.read_command_line(process, &mut buffer).unwrap();
        assert_eq!(line, format!("{path}\0600\x001\0").as_bytes());
        let status = table.read_status(process, &mut buffer).unwrap();
        assert_eq!(status.user, rustix::process::geteuid().as_raw());
        assert!(status.anonymous_bytes.is_some_and(|bytes| bytes > 0));
        assert!(table.read_io(process, &mut buffer).is_some());
        let open = fs::read_dir(format!("/proc/{}/fd", process.pid)).unwrap().count() as u64;
        assert_eq!(table.count_descriptors(process, &mut buffer), Some(open));
        assert!(table.read_descriptors_max(process, &mut buffer).is_none_or(|max| max >= open));
        assert!(table.read_proportional_bytes(process, &mut buffer).is_some_and(|bytes| bytes > 0));
        assert!(table.read_control_group(process, &mut buffer).is_none_or(|path| path.starts_with(b"/")));
    }
}

#[test]
fn a_real_process_that_starts_another_program_is_seen_to_change_and_then_to_end() {
    let mut child = Running::start(Command::new("/bin/sh").args(["-c", "read line; exec sleep 600"]));
    let pid = child.0.id();
    let mut table = ProcessTable::new(&Host::this());
    let mut now_ms = 0;
    let is =
        |table: &ProcessTable, name: &[u8]| table.find(pid).is_some_and(|p| p.stat.name.as_bytes() == name);
    wait_for(&mut table, &mut now_ms, |table| is(table, b"sh"));
    let before = table.find(pid).unwrap().changed;
    drop(child.0.stdin.take());
    wait_for(&mut table, &mut now_ms, |table| is(table, b"sleep"));
    assert!(table.find(pid).unwrap().changed > before);
    drop(child);
    wait_for(&mut table, &mut now_ms, |table| table.find(pid).is_none());
}
