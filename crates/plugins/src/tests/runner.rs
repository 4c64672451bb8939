//! Plugins that do what they should.

use super::*;
use crate::folder::Binding;
use crate::{Folder, Format, Limits, Owner};

#[test]
fn every_format_is_recognised_and_read() {
    let house = House::new();
    for (name, script, wanted) in [
        ("graphite", "echo 'q.len;dc=x 5 -1'", "q.len{dc=\"x\",host=\"merlin\"} 5"),
        ("influx", "echo 'q,host=h len=5i'", "q_len{host=\"h\"} 5"),
        ("probe", "echo 'h:qp:5:GAUGE'", "qp{host=\"h\"} 5"),
        ("prometheus", "printf '# TYPE qt counter\\nqt{a=\"b\"} 5\\n'", "qt{a=\"b\",host=\"merlin\"} 5"),
        (
            "putval",
            "echo PUTVAL $COLLECTD_HOSTNAME/qx/gauge-a interval=$COLLECTD_INTERVAL N:5",
            "qx_gauge{host=\"merlin\",type_instance=\"a\"} 5",
        ),
        (
            "monitoring",
            "echo 'Q OK - fine|len=5;10'; exit 0",
            "perfdata_value{host=\"merlin\",label=\"len\",plugin=\"monitoring\"} 5",
        ),
        (
            "falcon",
            r#"echo '[{"endpoint":"e","metric":"qf","timestamp":'$(date +%s)',"step":60,"value":5,"counterType":"GAUGE","tags":"a=b"}]'"#,
            "qf{a=\"b\",host=\"e\"} 5",
        ),
    ] {
        let standing = house.once(name, script);
        assert_eq!(standing.problem, "", "{name}");
        assert!(standing.samples > 0 && standing.took_us > 0 && standing.part == "plugin", "{standing:?}");
        assert!(house.samples("").contains(&wanted.to_owned()), "{name}: {:?}", house.samples(""));
        let said = house.memory.0.lock().unwrap().clone();
        let success =
            format!("windhover_plugins_run_success{{format=\"{name}\",host=\"merlin\",plugin=\"{name}\"}} 1");
        assert!(said.contains(&success), "{said:?}");
    }
    assert_eq!(house.samples("plugin_state"), ["plugin_state{host=\"merlin\",plugin=\"monitoring\"} 0"]);
    assert_eq!(
        house.samples("_bound"),
        [r#"perfdata_value_bound{bound="warn_above",host="merlin",label="len",plugin="monitoring"} 10"#]
    );
}

#[test]
fn states_of_monitoring_plugins_are_told_with_their_text() {
    let house = House::new();
    for (name, script, state, problem) in [
        ("warning", "echo 'DISK WARNING - / 91%|/=91%;90'; exit 1", 1, "DISK WARNING - / 91%"),
        ("critical", "echo 'it burns|t=900C'; exit 2", 2, "CRITICAL: it burns"),
        ("unknown", "echo 'X UNKNOWN: no idea'; exit 3", 3, "X UNKNOWN: no idea"),
        ("odd", "echo 'X OK'; echo broken >&2; exit 7", 3, "ended with exit code 7: broken; UNKNOWN: X OK"),
    ] {
        assert_eq!(house.once(name, script).problem, problem);
        assert_eq!(house.samples(&format!("plugin_state{{host=\"merlin\",plugin=\"{name}\"")).len(), 1);
        assert!(house.samples("plugin_state").pop().unwrap().ends_with(&format!(" {state}")), "{name}");
    }
    let mut slow = house.shell("slow", "sleep 60");
    slow.format = Format::named("monitoring");
    slow.limits.time = Duration::from_millis(100);
    house.runner().put(slow);
    assert!(house.after_run("slow").problem.ends_with(" s; UNKNOWN"), "{:?}", house.standing("slow"));
}

#[test]
fn the_environment_is_ours() {
    let house = House::new();
    let mut plugin = house
        .shell("env", "env > all; pwd >> all; ulimit -n >> all; ulimit -v >> all; nice >> all; echo a 1");
    plugin.environment = vec![("SECRET".to_owned(), "a b".to_owned())];
    plugin.limits = Limits { files: Some(77), memory_bytes: Some(512 << 20), ..plugin.limits };
    plugin.niceness = 7;
    plugin.labels = vec![("team".to_owned(), "db".to_owned())];
    house.runner().put(plugin);
    assert_eq!(house.after_run("env").problem, "");
    assert_eq!(house.samples("a{"), ["a{host=\"merlin\",team=\"db\"} 1"]);
    let all = std::fs::read_to_string(house.at("all")).unwrap();
    let mut names: Vec<&str> = all.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    names.sort_unstable();
    names.retain(|name| !matches!(*name, "_" | "SHLVL" | "OLDPWD"));
    let wanted = [
        "COLLECTD_HOSTNAME",
        "COLLECTD_INTERVAL",
        "HOME",
        "LANG",
        "LC_ALL",
        "PATH",
        "PWD",
        "SECRET",
        "SHELL",
        "WINDHOVER_HOST",
        "WINDHOVER_INTERVAL",
        "WINDHOVER_PLUGIN",
    ];
    assert_eq!(names, wanted);
    assert!(all.contains("SECRET=a b\n") && all.contains("WINDHOVER_INTERVAL=60\n"), "{all}");
    let rest: Vec<&str> = all.lines().rev().take(4).collect();
    let folder = house.folder.path().canonicalize().unwrap();
    assert_eq!(rest, ["7", "524288", "77", folder.to_str().unwrap()], "{all}");
}

#[test]
fn a_plugin_runs_on_its_beat_and_never_beside_itself() {
    let house = House::new();
    let mut plugin =
        house.shell("beat", "mkdir running || echo overlap >> bad; sleep 0.35; rmdir running; echo beat 1");
    plugin.mode = Mode::Once { period: Duration::from_millis(100) };
    plugin.limits.time = Duration::from_secs(5);
    let skipped = crate::telemetry::SKIPPED.get();
    house.runner().put(plugin);
    until("three runs", || (house.samples("beat").len() >= 3).then_some(()));
    assert!(!house.at("bad").exists());
    assert!(crate::telemetry::SKIPPED.get() >= skipped + 4);
}

#[test]
fn no_more_run_at_a_time_than_allowed() {
    let house = House::with(|options| options.running_max = 2);
    for at in 0..6 {
        house.runner().put(house.shell(
            &format!("p{at}"),
            "mkdir slot1 2>/dev/null && s=slot1 || { mkdir slot2 && s=slot2; } || echo many 1; sleep 0.1; rmdir $s; echo done 1",
        ));
    }
    until("all runs", || (house.samples("done").len() == 6).then_some(()));
    assert!(house.samples("many").is_empty());
}

#[test]
fn lines_of_a_stream_are_taken_as_they_come() {
    let house = House::new();
    house.runner().put(house.stream(
        "stream",
        "echo PUTVAL h/exec/gauge N:1; echo 'PUTNOTIF severity=warning time=7 message=look here'; \
         echo \"PUTVAL h/exec/gauge N:oops\"; printf 'PUTVAL h/exec/gauge N:'; while [ ! -e go ]; do sleep 0.02; done; echo 2; sleep 60",
    ));
    until("the first line", || (house.samples("exec_gauge").len() == 1).then_some(()));
    let standing = until("the broken line", || house.standing("stream").filter(|s| !s.problem.is_empty()));
    assert!(
        standing.problem.contains("read as putval, 1 of") && standing.problem.contains("oops"),
        "{standing:?}"
    );
    std::fs::write(house.at("go"), "").unwrap();
    until("the second half of a line", || {
        (house.samples("exec_gauge").last()? == "exec_gauge{host=\"h\"} 2").then_some(())
    });
    until("all to be well", || house.standing("stream").filter(|s| s.problem.is_empty() && s.samples == 2));
    let notices = house.notices.lock().unwrap();
    assert_eq!(
        (notices[0].plugin.as_str(), notices[0].message.as_str(), notices[0].time_ms),
        ("stream", "look here", 7000)
    );
}

#[test]
fn a_stream_that_ends_is_started_again_after_a_while() {
    let house = House::new();
    house.runner().put(house.stream("short", "echo x >> starts; echo a.b 1; echo why >&2; exit 3"));
    let told = until("its end to be told", || {
        house.standing("short").filter(|s| s.problem.contains("started again"))
    });
    assert!(told.problem.starts_with("ended with exit code 3: why; it is started again in "), "{told:?}");
    until("some more starts", || {
        (std::fs::read_to_string(house.at("starts")).unwrap_or_default().lines().count() >= 3).then_some(())
    });
    assert!(house.samples("a.b").len() >= 2);
}

#[test]
fn plugins_are_changed_and_removed_while_they_run() {
    let house = House::new();
    let script = |word: &str| format!("echo $$ > pid_{word}; echo word_{word} 1; sleep 60");
    house.runner().put(house.stream("p", &script("one")));
    let first = number_in(&house.at("pid_one"));
    house.runner().put(house.stream("p", &script("two")));
    let second = number_in(&house.at("pid_two"));
    assert!(!is_alive(first), "the old one is ended before the new one starts");
    house.runner().put(house.stream("p", &script("two")));
    until("the second one's samples", || (house.samples("word_two").len() == 1).then_some(()));
    assert!(is_alive(second), "the same again changes nothing");
    house.runner().remove("p");
    until("its end", || (!is_alive(second) && house.runner().board().standings().is_empty()).then_some(()));
}

#[test]
fn all_children_end_with_the_runner() {
    let mut house = House::new();
    house.runner().put(
        house.stream("deaf", "trap '' TERM; echo $$ > deaf; sleep 60 & echo $! > child; wait; sleep 60"),
    );
    house.runner().put(house.shell("slow", "echo $$ > slow; sleep 60"));
    let pids: Vec<u32> = ["deaf", "child", "slow"].iter().map(|name| number_in(&house.at(name))).collect();
    drop(house.runner.take());
    until("all to end", || pids.iter().all(|pid| !is_alive(*pid)).then_some(()));
}

#[test]
fn a_folder_of_open_falcon_is_run_as_it_is() {
    let house = House::new();
    let value = |metric: &str, value: &str| {
        format!(
            "#!/bin/sh\necho '[{{\"endpoint\":\"e\",\"metric\":\"{metric}\",\"timestamp\":0,\"step\":1,\"value\":'{value}',\"counterType\":\"GAUGE\",\"tags\":\"\"}}]'\n"
        )
    };
    house.script("1_plain.sh", &value("plain", "1"));
    house.script("plain.sh", &value("ignored", "1"));
    house.script("1_args.sh", &value("args", "${#2}"));
    house.script("1_failing.sh", &(value("failing", "1") + "echo 'no disk' >&2\nexit 1\n"));
    std::fs::write(house.at("1_not_executable"), "").unwrap();
    let mut common = house.shell("", "");
    common.arguments.clear();
    common.folder = None;
    common.limits.time = Duration::ZERO;
    let bindings = vec![Binding::parse("1_args.sh(a,\"b c\")").unwrap()];
    let path = house.folder.path().to_owned();
    house.runner().watch(Folder { path, folders: Vec::new(), bindings, common });
    until("two rounds", || (house.samples("plain").len() >= 2).then_some(()));
    until("arguments", || house.samples("args").contains(&"args{host=\"e\"} 3".to_owned()).then_some(()));
    let name = |file: &str| house.at(file).display().to_string();
    let failing =
        until("a failure", || house.standing(&name("1_failing.sh")).filter(|s| !s.problem.is_empty()));
    assert_eq!(failing.problem, "ended with exit code 1, so what it printed does not count: no disk");
    let odd =
        until("a failure", || house.standing(&name("1_not_executable")).filter(|s| !s.problem.is_empty()));
    assert!(odd.problem.contains("is not executable: chmod +x"), "{odd:?}");
    assert!(house.samples("failing").is_empty() && house.samples("ignored").is_empty());

    std::fs::remove_file(house.at("1_plain.sh")).unwrap();
    house.script("1_args.sh", &value("changed", "1"));
    house.script("1_new.sh", &value("new", "1"));
    for metric in ["changed", "new"] {
        until(metric, || (!house.samples(metric).is_empty()).then_some(()));
    }
    assert!(house.standing(&name("1_plain.sh")).is_none());
}

/// Where the tests run as root, as in the CI's containers.
#[test]
fn a_plugin_runs_as_another_user() {
    let house = House::new();
    let mut plugin = house.shell("whose", "echo id.$(id -u).$(id -g).$(id -G | tr ' ' .).$USER 1");
    plugin.folder = Some("/".into());
    plugin.owner = Some(Owner { user: "nobody".into(), group: String::new() });
    house.runner().put(plugin);
    let standing = house.after_run("whose");
    if rustix::process::geteuid().is_root() {
        assert_eq!((standing.problem.as_str(), house.samples("id.65534.65534.65534.nobody").len()), ("", 1));
        let mut slow = house.shell("slow", "sleep 60");
        slow.folder = Some("/".into());
        slow.owner = Some(Owner { user: "65534".into(), group: "65534".into() });
        slow.limits.time = Duration::from_millis(100);
        house.runner().put(slow);
        assert!(house.after_run("slow").problem.starts_with("killed after "));
    } else {
        assert!(standing.problem.starts_with("it cannot be run as nobody: that needs root"), "{standing:?}");
    }
}
