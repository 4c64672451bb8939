use crate::options::process::{Field, Rule};
use crate::tests::Text;
use crate::{Host, Options, Scheduler};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use stdx::random::Random;

fn rule(group: &str, field: Field, patterns: &[&str]) -> Rule {
    let patterns: Vec<String> = patterns.iter().map(|text| (*text).to_owned()).collect();
    Rule::new(group, [(field, &*patterns)].into_iter(), false).unwrap()
}

struct Machine {
    root: tempfile::TempDir,
    scheduler: Scheduler,
    now_ms: i64,
}

/// A process to put there.
#[derive(Clone)]
struct Made {
    pid: u32,
    name: &'static str,
    start: u64,
    ticks: u64,
    read_bytes: u64,
    user: u32,
}

impl Machine {
    fn new(rules: Vec<Rule>) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("proc")).unwrap();
        fs::write(root.path().join("proc/stat"), "cpu 1 1 1 1\nbtime 1000000\n").unwrap();
        let others = crate::collectors::COLLECTORS.iter().filter(|row| row.name != "process_groups");
        let options = Options {
            left_out: others.map(|row| row.name.to_owned()).collect(),
            process_rules: rules,
            ..Options::for_host("h")
        };
        let scheduler = Scheduler::new(Host::recorded(root.path()), options).unwrap();
        Self { root, scheduler, now_ms: 0 }
    }

    fn put(&self, made: &Made) {
        let Made { pid, name, start, ticks, read_bytes, user } = made;
        let folder = self.root.path().join(format!("proc/{pid}"));
        fs::create_dir_all(folder.join("fd")).unwrap();
        let stat = format!("1 ({name}) S 1 1 1 0 -1 0 0 0 2 0 {ticks} 0 0 0 20 0 2 0 {start} 1000 10 0\n");
        write(&folder.join("stat"), &stat);
        write(&folder.join("io"), &format!("read_bytes: {read_bytes}\nwrite_bytes: 0\n"));
        write(&folder.join("status"), &format!("Uid:\t0\t{user}\t0\t0\nRssAnon: 4 kB\n"));
    }

    fn remove(&self, pid: u32) {
        let folder = self.root.path().join(format!("proc/{pid}"));
        write(&folder.join("stat"), "");
        fs::remove_dir_all(folder).unwrap();
    }

    /// Values after some more seconds, without the prefix of the metric.
    fn after(&mut self, seconds: i64) -> BTreeMap<String, f64> {
        self.now_ms += seconds * 1000;
        let text = Text::default();
        self.scheduler.tick(self.now_ms, &text);
        let value = |line: String| {
            let (series, value) = line.strip_prefix("process_group_")?.rsplit_once(' ')?;
            Some((series.replace(r#",host="h""#, "").replace('"', ""), value.parse().unwrap_or(f64::NAN)))
        };
        text.take().into_iter().filter_map(value).collect()
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

const MASTER: Made = Made { pid: 10, name: "web", start: 100, ticks: 50, read_bytes: 7, user: 0 };

#[test]
fn what_was_used_before_the_agent_came_is_not_counted_and_what_was_used_since_birth_is() {
    let mut machine = Machine::new(vec![rule("web", Field::Name, &["web"])]);
    machine.put(&MASTER);
    let first = machine.after(1);
    assert_eq!(first["cpu_seconds_total{group=web,mode=user}"], 0.0);
    assert_eq!((first["disk_read_bytes_total{group=web}"], first["starts_total{group=web}"]), (0.0, 0.0));
    assert_eq!(first["oldest_start_seconds{group=web}"], 1_000_001.0);
    assert_eq!(first["anonymous_bytes{group=web}"], 4096.0);
    assert_eq!(first["state_processes{group=web,state=sleeping}"], 1.0);
    machine.put(&Made { pid: 11, start: 200, ticks: 30, read_bytes: 1000, ..MASTER });
    machine.put(&Made { ticks: 60, read_bytes: 17, ..MASTER });
    let second = machine.after(2);
    assert_eq!(second["cpu_seconds_total{group=web,mode=user}"], 0.4);
    assert_eq!(
        (second["disk_read_bytes_total{group=web}"], second["starts_total{group=web}"]),
        (1000.0, 1.0)
    );
    assert_eq!((second["processes{group=web}"], second["threads{group=web}"]), (2.0, 4.0));
    // The dear numbers of one that moved are read again when they are five seconds old.
    assert_eq!(machine.after(3)["disk_read_bytes_total{group=web}"], 1010.0);
}

#[test]
fn a_restart_is_a_new_oldest_that_was_not_there_before() {
    let mut machine = Machine::new(vec![rule("web", Field::Name, &["web"])]);
    machine.put(&MASTER);
    machine.put(&Made { pid: 11, start: 150, ..MASTER });
    assert_eq!(machine.after(1)["restarts_total{group=web}"], 0.0);
    // A worker goes on when the master ends; then another replaces it: neither is a restart of the whole.
    machine.remove(10);
    assert_eq!(machine.after(1)["restarts_total{group=web}"], 0.0);
    machine.put(&Made { pid: 12, start: 300, ..MASTER });
    machine.after(1);
    machine.remove(11);
    let values = machine.after(1);
    assert_eq!((values["restarts_total{group=web}"], values["starts_total{group=web}"]), (0.0, 1.0));
    // All at once.
    machine.remove(12);
    machine.put(&Made { pid: 13, start: 400, ..MASTER });
    assert_eq!(machine.after(1)["restarts_total{group=web}"], 1.0);
    // Gone for a while, then back.
    machine.remove(13);
    let values = machine.after(1);
    assert_eq!((values["processes{group=web}"], values["restarts_total{group=web}"]), (0.0, 1.0));
    assert!(
        !values.contains_key("oldest_start_seconds{group=web}")
            || values["oldest_start_seconds{group=web}"].is_nan()
    );
    machine.put(&Made { pid: 14, start: 500, ..MASTER });
    assert_eq!(machine.after(1)["restarts_total{group=web}"], 2.0);
    // The same pid given to another process of the kind.
    machine.remove(14);
    machine.put(&Made { pid: 14, start: 600, ..MASTER });
    assert_eq!(machine.after(1)["restarts_total{group=web}"], 3.0);
}

#[test]
fn the_first_rule_that_fits_holds_and_rules_may_share_a_group() {
    let users = "root:x:0:0::/:\nann:x:1000:1000::/:\n";
    let rules = vec![
        rule("anns", Field::User, &["ann"]),
        rule("both", Field::Name, &["web", "db*"]),
        rule("both", Field::User, &["7"]),
        rule("rest", Field::Name, &["*"]),
    ];
    let mut machine = Machine::new(rules);
    fs::create_dir_all(machine.root.path().join("etc")).unwrap();
    write(&machine.root.path().join("etc/passwd"), users);
    for (pid, name, user) in [(1, "web", 1000), (2, "web", 0), (3, "dbx", 0), (4, "x", 7), (5, "y", 0)] {
        machine.put(&Made { pid, name, user, ..MASTER });
    }
    let count = |values: &BTreeMap<String, f64>| {
        ["anns", "both", "rest"].map(|group| values[&format!("processes{{group={group}}}")])
    };
    assert_eq!(count(&machine.after(1)), [1.0, 3.0, 1.0]);
    // It starts another program.
    machine.put(&Made { pid: 5, name: "db", ..MASTER });
    assert_eq!(count(&machine.after(1)), [1.0, 4.0, 0.0]);
}

#[test]
fn command_lines_paths_and_control_groups_decide() {
    let rules = vec![
        rule("line", Field::CommandLine, &["java * -jar shop.jar"]),
        rule("program", Field::Program, &["cat"]),
        rule("unit", Field::ControlGroup, &["shop.service", "/user.slice/*"]),
    ];
    let mut machine = Machine::new(rules);
    for pid in 1..=5 {
        machine.put(&Made { pid, name: "x", ..MASTER });
    }
    let folder = |pid: u32| machine.root.path().join(format!("proc/{pid}"));
    write(&folder(1).join("cmdline"), "java\0-Xmx1g\0-jar\0shop.jar\0");
    std::os::unix::fs::symlink("/usr/bin/cat (deleted)", folder(2).join("exe")).unwrap();
    write(&folder(3).join("cgroup"), "0::/system.slice/shop.service\n");
    write(&folder(4).join("cgroup"), "12:cpu:/x\n1:name=systemd:/user.slice/user-1.slice\n0::/\n");
    let values = machine.after(1);
    let count = ["line", "program", "unit"].map(|group| values[&format!("processes{{group={group}}}")]);
    assert_eq!(count, [1.0, 1.0, 2.0]);
}

/// Whatever comes, goes, and changes its group: no counter of a group ever goes back.
#[test]
fn counters_never_go_back() {
    let rules = vec![rule("a", Field::Name, &["a"]), rule("b", Field::Name, &["b"])];
    for seed in 0..5 {
        let mut random = Random::from_seed(seed);
        let mut machine = Machine::new(rules.clone());
        let mut living: BTreeMap<u32, Made> = BTreeMap::new();
        let mut before: BTreeMap<String, f64> = BTreeMap::new();
        for round in 0..60u64 {
            for _ in 0..random.below(5) {
                let pid = 1 + random.below(15) as u32;
                if random.below(3) == 0 && living.remove(&pid).is_some() {
                    machine.remove(pid);
                    continue;
                }
                let born = Made { pid, name: "a", start: 100 + round, ticks: 0, read_bytes: 0, user: 0 };
                let made = living.entry(pid).or_insert(born);
                made.ticks += random.below(100);
                made.read_bytes += random.below(1000);
                made.name = ["a", "b"][random.below(2) as usize];
                machine.put(made);
            }
            // The clock jumps now and then.
            machine.now_ms += [0, 0, 0, 3_600_000, -3_600_000][random.below(5) as usize];
            let values = machine.after(1 + random.below(10) as i64);
            for (series, value) in values.iter().filter(|(series, _)| series.contains("_total")) {
                let last = before.get(series).copied().unwrap_or(0.0);
                assert!(*value >= last, "seed {seed}, round {round}: {series} {value} after {last}");
            }
            let (a, b) = (values["processes{group=a}"], values["processes{group=b}"]);
            assert_eq!((a + b) as usize, living.len());
            before.extend(values);
        }
        assert!(before["cpu_seconds_total{group=a,mode=user}"] > 1.0);
    }
}
