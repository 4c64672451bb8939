use crate::tests::Text;
use crate::{Host, Options, Scheduler};
use std::path::Path;

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

struct Machine {
    root: tempfile::TempDir,
    scheduler: Scheduler,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let scheduler = Scheduler::new(Host::recorded(root.path()), Options::for_host("h")).unwrap();
        let machine = Self { root, scheduler };
        machine.write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
        machine
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn group(&self, path: &str, seconds: u64, memory: u64) {
        self.write(&format!("sys/fs/cgroup/{path}/cpu.stat"), &format!("usage_usec {seconds}000000\n"));
        self.write(&format!("sys/fs/cgroup/{path}/memory.current"), &format!("{memory}\n"));
    }

    fn remove(&self, path: &str) {
        std::fs::remove_dir_all(self.root.path().join(Path::new("sys/fs/cgroup")).join(path)).unwrap();
    }

    /// What the pass at this second says of a metric: labels without the host, and values.
    fn say(&mut self, second: i64, metric: &str) -> Vec<String> {
        let text = Text::default();
        self.scheduler.tick(second * 1000, &text);
        let lines = text.take();
        let of = lines.iter().filter(|line| line.split(['{', ' ']).next() == Some(metric));
        let plain = |line: &String| {
            let text = line[metric.len() + 1..].replace(['"', '}'], "").replace('=', " ");
            text.replace(",host h", "").replace("host h,", "")
        };
        let mut said: Vec<_> = of.map(plain).collect();
        said.sort();
        said
    }
}

#[test]
fn a_container_started_anew_goes_on_under_its_name_and_one_that_ends_ends_its_series() {
    let mut machine = Machine::new();
    let old = format!("docker/{ID}");
    machine.group(&old, 7, 100);
    machine.write(&format!("var/lib/docker/containers/{ID}/config.v2.json"), r#"{"Name":"/web"}"#);
    let metric = "container_cpu_seconds_total";
    assert_eq!(machine.say(0, metric), ["container other 0", "container web 7"]);

    let id = ID.replace('0', "f");
    machine.remove(&old);
    machine.group(&format!("docker/{id}"), 1, 100);
    machine.write(&format!("var/lib/docker/containers/{id}/config.v2.json"), r#"{"Name":"/web"}"#);
    // That it is gone is noticed when it is read, and the tree is walked at the next pass.
    assert_eq!(machine.say(10, metric), ["container other 0"]);
    assert_eq!(machine.say(20, metric), ["container other 0", "container web 1"]);
    machine.remove(&format!("docker/{id}"));
    assert_eq!(machine.say(30, metric), ["container other 0"]);
    assert_eq!(machine.say(40, metric), ["container other end", "container web end"]);
    assert_eq!(machine.say(50, metric), Vec::<String>::new());
}

#[test]
fn the_first_are_followed_and_the_rest_is_summed_without_losing_cpu() {
    let mut machine = Machine::new();
    for unit in 0..30 {
        machine.group(&format!("system.slice/u{unit:02}.service"), 100, 1 + unit);
    }
    let metric = "unit_cpu_seconds_total";
    let said = machine.say(0, metric);
    assert_eq!(said.len(), super::UNITS_TOP + 1);
    assert!(said.contains(&"unit other 0".to_owned()) && said.contains(&"unit u29.service 100".to_owned()));
    // One that was not followed begins to work; another, unfollowed, is born and has worked.
    machine.group("system.slice/u00.service", 105, 1);
    machine.group("system.slice/x.service", 3, 0);
    machine.write("sys/fs/cgroup/cgroup.stat", "nr_descendants 33\n");
    let said = machine.say(10, metric);
    assert!(said.contains(&"unit u00.service 105".to_owned()), "{said:?}");
    assert!(said.contains(&"unit x.service 3".to_owned()), "{said:?}");
    assert_eq!(machine.say(20, "unit_memory_bytes")[0], format!("unit other {}", (2..=20).sum::<u32>()));
    // Idle for long enough, it is no longer followed and its series ends; the sum takes it up.
    for second in (30..600).step_by(10) {
        machine.say(second, metric);
    }
    let followed = machine.say(600, metric);
    assert!(!followed.iter().any(|line| line.contains("u00")), "{followed:?}");
    machine.group("system.slice/u01.service", 100, 1);
    let other = |said: Vec<String>| said.into_iter().find(|line| line.contains("other")).unwrap();
    let before = other(machine.say(610, metric));
    assert_eq!(before, other(machine.say(620, metric)));
}

#[test]
fn two_of_a_name_are_told_apart() {
    let mut machine = Machine::new();
    machine.group("system.slice/a.service", 1, 5);
    machine.group("system.slice/system-a.slice/a.service", 2, 5);
    let said = machine.say(0, "unit_cpu_seconds_total");
    assert_eq!(said.len(), 3);
    assert!(
        said.contains(&"unit a.service (system.slice/system-a.slice/a.service) 2".to_owned()),
        "{said:?}"
    );
    assert_eq!(said, machine.say(10, "unit_cpu_seconds_total"));
}

/// Units and containers of a host of control groups v1, where not every controller has every group.
#[test]
fn the_older_hierarchies_tell_the_same() {
    let mut machine = Machine::new();
    std::fs::remove_file(machine.root.path().join("sys/fs/cgroup/cgroup.controllers")).unwrap();
    let (unit, container) = ("system.slice/cron.service", format!("docker/{ID}"));
    let write = |machine: &Machine, tree: &str, group: &str, file: &str, text: &str| {
        machine.write(&format!("sys/fs/cgroup/{tree}/{group}/{file}"), text);
    };
    write(&machine, "systemd", unit, "tasks", "1\n");
    write(&machine, "pids", unit, "pids.current", "3\n");
    write(&machine, "memory", unit, "memory.usage_in_bytes", "4096\n");
    write(&machine, "systemd", &container, "tasks", "2\n");
    write(&machine, "cpuacct", &container, "cpuacct.usage", "7000000000\n");
    write(&machine, "memory", &container, "memory.usage_in_bytes", "8192\n");
    write(&machine, "memory", &container, "memory.limit_in_bytes", "9223372036854771712\n");
    write(&machine, "memory", &container, "memory.stat", "rss 1\ntotal_rss 5000\ntotal_cache 3192\n");
    write(
        &machine,
        "blkio",
        &container,
        "blkio.throttle.io_service_bytes",
        "8:0 Read 11\n8:0 Write 5\nTotal 16\n",
    );
    machine.write(&format!("var/lib/docker/containers/{ID}/config.v2.json"), r#"{"Name":"/web"}"#);
    assert_eq!(machine.say(0, "cgroups_unified"), ["host h 0"]);
    assert_eq!(machine.say(10, "unit_tasks"), ["unit cron.service 3", "unit other 0"]);
    assert_eq!(machine.say(20, "unit_cpu_seconds_total"), ["unit other 0"]);
    assert_eq!(machine.say(30, "container_cpu_seconds_total"), ["container other 0", "container web 7"]);
    assert_eq!(machine.say(40, "container_memory_file_bytes"), ["container web 3192"]);
    assert_eq!(machine.say(50, "container_memory_limit_bytes"), Vec::<String>::new());
    assert_eq!(machine.say(60, "container_disk_read_bytes_total"), ["container web 11"]);
    machine.remove(&format!("systemd/{container}"));
    machine.remove(&format!("cpuacct/{container}"));
    machine.say(70, "container_tasks");
    assert_eq!(machine.say(80, "container_memory_bytes"), ["container other end", "container web end"]);
    assert_eq!(machine.say(90, "unit_memory_bytes"), ["unit cron.service 4096", "unit other 0"]);
}

/// A manager of containers that is a unit holds containers, and so does a user.
#[test]
fn containers_are_found_within_units() {
    let mut machine = Machine::new();
    let other = ID.replace('0', "f");
    machine.group("system.slice/containerd.service", 9, 1);
    machine.group(&format!("system.slice/containerd.service/kubepods-x.slice:cri-containerd:{ID}"), 2, 1);
    machine.group("user.slice/user-1000.slice", 5, 1);
    machine.group(
        &format!("user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{other}.scope"),
        3,
        1,
    );
    let metric = "container_cpu_seconds_total";
    let wanted = ["container 0123456789ab 2", "container f123456789ab 3", "container other 0"];
    assert_eq!(machine.say(0, metric), wanted);
    let units = machine.say(10, "unit_cpu_seconds_total");
    assert_eq!(units, ["unit containerd.service 9", "unit other 0", "unit user-1000.slice 5"]);
}

#[test]
fn the_tree_is_walked_when_the_number_of_groups_changes_and_not_when_dead_ones_vanish() {
    let mut machine = Machine::new();
    let count = |machine: &Machine, living: u32, dying: u32| {
        let text = format!("nr_descendants {living}\nnr_dying_descendants {dying}\n");
        machine.write("sys/fs/cgroup/cgroup.stat", &text);
    };
    count(&machine, 2, 7);
    machine.group("system.slice/a.service", 1, 1);
    let metric = "unit_cpu_seconds_total";
    assert_eq!(machine.say(0, metric), ["unit a.service 1", "unit other 0"]);
    machine.group("system.slice/b.service", 2, 1);
    count(&machine, 2, 6);
    assert_eq!(machine.say(10, metric), ["unit a.service 1", "unit other 0"]);
    count(&machine, 3, 6);
    assert_eq!(machine.say(20, metric), ["unit a.service 1", "unit b.service 2", "unit other 0"]);
}
