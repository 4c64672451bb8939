//! Plugins that do what they should not. Each is bounded, ends, and is told.

use super::*;
use crate::Owner;

fn problem(house: &House, name: &str, script: &str, change: impl FnOnce(&mut Plugin)) -> String {
    let mut plugin = house.shell(name, script);
    plugin.limits.time = Duration::from_millis(300);
    change(&mut plugin);
    house.runner().put(plugin);
    house.after_run(name).problem
}

#[test]
fn hanging_programs_are_ended_with_their_group() {
    let house = House::new();
    let hang = "echo hang.sample 1; echo waiting >&2; sleep 70 & echo $! > child; wait";
    killed(&problem(&house, "hang", hang, |_| {}), 0.3, ": waiting");
    assert!(!is_alive(number_in(&house.at("child"))));
    assert_eq!(house.samples("hang.sample").len(), 1, "what it had printed counts");

    let deaf = "trap '' TERM; echo $$ > deaf; while :; do sleep 0.05; done";
    killed(&problem(&house, "deaf", deaf, |_| {}), 0.7, "");
    assert!(!is_alive(number_in(&house.at("deaf"))));

    killed(&problem(&house, "closed", "exec >&- 2>&-; sleep 70", |_| {}), 0.3, "");
    killed(&problem(&house, "stopped", "kill -STOP $$", |_| {}), 0.3, "");
}

/// It was killed after at least so many seconds (more, where the machine is busy), and then this was said.
fn killed(said: &str, seconds: f64, words: &str) {
    let after = said.strip_prefix("killed after ").and_then(|rest| rest.split_once(" s"));
    let Some((took, rest)) = after else { panic!("{said}") };
    assert!(took.parse::<f64>().is_ok_and(|took| took >= seconds && took < 15.0) && rest == words, "{said}");
}

#[test]
fn processes_left_behind_do_not_hold_a_run_up() {
    let house = House::new();
    let said = problem(&house, "left", "sleep 71 & echo $! > left; echo left.sample 1", |_| {});
    assert_eq!(said, "left processes behind that held its output open; they were ended");
    // It was killed; the kernel may take a moment.
    let left = number_in(&house.at("left"));
    until("what was left behind to end", || (!is_alive(left)).then_some(()));
    // One that leaves the group, too, is out of reach, and costs nothing.
    let said = problem(&house, "daemon", "setsid sleep 2 & echo daemon.sample 1", |_| {});
    assert!(said.starts_with("left processes behind"), "{said}");
    assert_eq!((house.samples("left.sample").len(), house.samples("daemon.sample").len()), (1, 1));
    // One that closes its output is no business of ours, except that it is ended with its group.
    let quiet =
        problem(&house, "quiet", "sleep 72 >/dev/null 2>&1 & echo $! > quiet; echo quiet.sample 1", |_| {});
    assert_eq!(quiet, "");
    until("its end", || (!is_alive(number_in(&house.at("quiet")))).then_some(()));
}

#[test]
fn floods_are_cut_and_ended() {
    let house = House::new();
    let flood = problem(&house, "flood", "yes flood.sample 1", |p| {
        p.limits.output_bytes = 64 << 10;
        p.limits.time = Duration::from_secs(30);
    });
    assert!(flood.starts_with("ended because it printed more than 512 KiB; printed "), "{flood}");
    assert!(flood.ends_with("and was cut to 64 KiB"), "{flood}");
    let lines = house.samples("flood.sample").len();
    assert!(lines > 3000 && lines < (64 << 10) / "flood.sample 1\n".len() + 1, "{lines}");

    let errors =
        problem(&house, "errors", "yes error >&2 & sleep 0.1; kill $!; echo errors.sample 1; exit 9", |p| {
            p.limits.time = Duration::from_secs(5);
        });
    assert_eq!(errors, "ended with exit code 9: error");
}

#[test]
fn odd_output_is_told() {
    let house = House::new();
    for (name, script, wanted) in [
        ("nothing", ":", "printed nothing"),
        ("text", "echo hello world", "cannot tell what format this is (name it with `format`): hello world"),
        (
            "half",
            "printf 'half.sample 1\\nhalf.sam'",
            "read as graphite, 1 of 2 refused; line 2: expected `path value time`, there is no value",
        ),
        ("json", "printf '[{\"metric\":\"x\"'", "read as falcon, 1 of 1 refused; byte 14: "),
        ("crash", "kill -SEGV $$", "was ended by signal 11"),
        ("code", "echo one >&2; echo two >&2; exit 42", "ended with exit code 42: two"),
        ("python", "echo Traceback >&2; exit 1", "ended with exit code 1: Traceback"),
    ] {
        let said = problem(&house, name, script, |p| p.limits.time = Duration::from_secs(20));
        assert!(said.starts_with(wanted), "{name}: {said}");
    }
    let said =
        problem(&house, "binary", "head -c 70000 /dev/urandom", |p| p.limits.time = Duration::from_secs(20));
    assert!(!said.is_empty() && said.len() < 700 && !said.contains('\n'), "{said}");
    assert_eq!(house.samples("half.sample").len(), 1);
}

#[test]
fn what_cannot_be_started_is_told() {
    let house = House::new();
    let mode = Mode::Once { period: Duration::from_secs(60) };
    let said = |name: &str, program: PathBuf, change: &dyn Fn(&mut Plugin)| {
        let mut plugin = Plugin::new(name, program, mode);
        change(&mut plugin);
        house.runner().put(plugin);
        house.after_run(name).problem
    };
    let none = |_: &mut Plugin| {};
    assert!(said("missing", house.at("missing"), &none).ends_with("missing is not there"));
    assert_eq!(said("deep", "/no/such/program".into(), &none), "/no/such/program is not there");
    assert!(
        said("nowhere", "no-such-program-here".into(), &none)
            .starts_with("there is no program no-such-program-here in /")
    );
    std::fs::write(house.at("plain"), "#!/bin/sh\n").unwrap();
    assert!(said("plain", house.at("plain"), &none).contains("is not executable: chmod +x"));
    let path = house.script("odd", "#!/no/such/interpreter\n");
    assert!(said("odd", path, &none).contains("the interpreter in its first line is not there"));
    let path = house.script("bare", "echo a 1\n");
    assert!(said("bare", path, &none).contains("should name an interpreter"));
    assert!(said("dir", house.folder.path().into(), &none).ends_with("is a folder"));
    let nobody = |plugin: &mut Plugin| {
        plugin.owner = Some(Owner { user: "no-such-user".into(), group: String::new() })
    };
    assert_eq!(said("nobody", "/bin/true".into(), &nobody), "there is no user `no-such-user` in /etc/passwd");
    let lost = |plugin: &mut Plugin| plugin.folder = Some("/no/such/folder".into());
    assert_eq!(said("lost", "/bin/true".into(), &lost), "its working folder /no/such/folder is not there");
}

#[test]
fn long_lines_of_a_stream_are_dropped() {
    let house = House::new();
    let mut plugin =
        house.stream("long", "head -c 300000 /dev/zero | tr '\\0' x; echo; echo long.sample 1; sleep 60");
    plugin.limits.output_bytes = 4096;
    house.runner().put(plugin);
    until("the line after", || (house.samples("long.sample").len() == 1).then_some(()));
    let closing = house.stream("closing", "echo closing.sample 1; exec >&-; sleep 60");
    house.runner().put(closing);
    let told =
        until("its end", || house.standing("closing").filter(|s| s.problem.contains("closed its output")));
    assert!(told.problem.contains("started again"), "{told:?}");
}

#[test]
fn limits_hold_and_nothing_is_left() {
    let house = House::new();
    let said = problem(&house, "memory", "head -c 900000000 /dev/zero | tail -c 800000000 | wc -c", |p| {
        p.limits.memory_bytes = Some(200 << 20);
        p.limits.time = Duration::from_secs(20);
    });
    assert!(said.contains("memory exhausted") || said.contains("tail") || said.contains("cannot"), "{said}");
    drop(house);
    // Children of this process are children of tests, which may just be ending: wait until none is a zombie.
    until("no zombie", || {
        let all = std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("stat")).ok());
        let mine = format!(" Z {} ", std::process::id());
        (!all.into_iter().any(|stat| stat.contains(&mine))).then_some(())
    });
}
