use crate::tests::Text;
use crate::{Host, Options, Scheduler};
use std::fs;
use std::path::Path;

/// A machine of made-up processes.
struct Bench {
    root: tempfile::TempDir,
    scheduler: Scheduler,
    now_ms: i64,
}

impl Bench {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("proc")).unwrap();
        let others =
            crate::collectors::COLLECTORS.iter().filter(|row| !["cpu", "processes"].contains(&row.name));
        let options =
            Options { left_out: others.map(|row| row.name.to_owned()).collect(), ..Options::for_host("h") };
        let scheduler = Scheduler::new(Host::recorded(root.path()), options).unwrap();
        Self { root, scheduler, now_ms: 0 }
    }

    fn path(&self, pid: u32) -> std::path::PathBuf {
        self.root.path().join(format!("proc/{pid}/stat"))
    }

    fn put(&self, pid: u32, name: &str, start: u64, ticks: u64) {
        write(&self.path(pid), name, start, ticks);
    }

    /// CPU time of the host, in ticks.
    fn put_host(&self, ticks: u64) {
        fs::write(self.root.path().join("proc/stat"), format!("cpu {ticks} 0 0 9\n")).unwrap();
    }

    /// CPU seconds of a name after one more second.
    fn tick(&mut self) -> Vec<String> {
        self.now_ms += 1000;
        let text = Text::default();
        self.scheduler.tick(self.now_ms, &text);
        text.take()
    }

    fn cpu(&mut self, name: &str) -> Option<f64> {
        let start = format!("process_cpu_seconds_total{{host=\"h\",name=\"{name}\"}} ");
        self.tick().iter().find_map(|line| line.strip_prefix(&start)?.parse().ok())
    }
}

fn write(path: &Path, name: &str, start: u64, ticks: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text = format!("1 ({name}) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 2 0 {start} 1000 10 0\n");
    fs::write(path, text).unwrap();
}

#[test]
fn cpu_is_counted_from_the_first_sight_or_from_birth() {
    let mut bench = Bench::new();
    bench.put(10, "old", 50, 1000);
    assert_eq!(bench.cpu("old"), Some(0.0));
    bench.put(10, "old", 50, 1020);
    // Born since the last pass: all it used is new.
    bench.put(11, "old", 60, 30);
    assert_eq!(bench.cpu("old"), Some(0.5));
    // Older than what was seen: hidden before, its past is not ours.
    bench.put(12, "old", 40, 5000);
    assert_eq!(bench.cpu("old"), Some(0.5));
    fs::remove_dir_all(bench.path(11).parent().unwrap()).unwrap();
    bench.put(10, "old", 50, 1040);
    assert_eq!(bench.cpu("old"), Some(0.7));
}

#[test]
fn a_pid_given_away_is_another_process() {
    let mut bench = Bench::new();
    bench.put(10, "first", 50, 1000);
    bench.put(11, "second", 55, 0);
    bench.tick();
    // The kernel fails reads through the old descriptor; here the old file is emptied and another put in its place.
    let new = bench.root.path().join("new");
    write(&new, "second", 70, 40);
    fs::File::options().write(true).open(bench.path(10)).unwrap().set_len(0).unwrap();
    fs::rename(&new, bench.path(10)).unwrap();
    let lines = bench.tick();
    let has = |wanted: &str| assert!(lines.iter().any(|line| line == wanted), "no {wanted} in {lines:#?}");
    has(r#"process_cpu_seconds_total{host="h",name="second"} 0.4"#);
    has(r#"process_count{host="h",name="first"} 0"#);
    has(r#"process_count{host="h",name="second"} 2"#);
    has(r#"process_threads{host="h",name="second"} 4"#);
    has(r#"processes{host="h",state="sleeping"} 2"#);
    has(r#"threads{host="h"} 4"#);
}

#[test]
fn a_process_that_starts_another_program_moves() {
    let mut bench = Bench::new();
    bench.put(10, "shell", 50, 100);
    bench.tick();
    bench.put(10, "program", 50, 130);
    assert_eq!(bench.cpu("program"), Some(0.3));
}

#[test]
fn of_a_crowd_all_that_move_and_a_part_of_the_rest_are_read() {
    let mut bench = Bench::new();
    for pid in 1..=2100 {
        bench.put(pid, "crowd", 1, 0);
    }
    bench.tick();
    for pid in 1..=2100 {
        bench.put(pid, "crowd", 1, 1);
    }
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(bench.cpu("crowd").unwrap());
    }
    assert!(seen[0] > 3.0 && seen[0] < 6.0, "{seen:?}");
    assert_eq!(seen[4], 21.0);
}

#[test]
fn the_idle_take_turns_until_the_host_used_more_than_is_explained() {
    let mut bench = Bench::new();
    bench.put_host(1000);
    bench.put(10, "sleepy", 50, 100);
    for _ in 0..20 {
        assert_eq!(bench.cpu("sleepy").unwrap_or(0.0), 0.0);
    }
    // It woke up, and the host tells.
    bench.put(10, "sleepy", 50, 150);
    bench.put_host(1050);
    assert_eq!(bench.cpu("sleepy"), Some(0.5));
    for _ in 0..20 {
        assert_eq!(bench.cpu("sleepy"), Some(0.5));
    }
    // So little that the host's count may be wrong by it: seen when its turn comes.
    bench.put(10, "sleepy", 50, 151);
    bench.put_host(1051);
    let seen: Vec<f64> = (0..5).map(|_| bench.cpu("sleepy").unwrap()).collect();
    assert!(seen[4] == 0.51 && seen.iter().filter(|v| **v == 0.5).count() < 5, "{seen:?}");
}

#[test]
fn on_a_host_busy_with_what_nobody_sees_the_idle_are_still_read_by_turns() {
    let mut bench = Bench::new();
    bench.put(10, "sleepy", 50, 100);
    let mut late = Vec::new();
    for second in 0..200u64 {
        bench.put_host(second * 90);
        if second % 20 == 19 {
            bench.put(10, "sleepy", 50, 100 + second);
            let wanted = second as f64 / 100.0;
            late.push((0..10).position(|_| (bench.cpu("sleepy").unwrap() - wanted).abs() < 1e-9).unwrap());
        } else {
            bench.tick();
        }
    }
    assert!(late.iter().all(|passes| *passes < 5), "{late:?}");
}
