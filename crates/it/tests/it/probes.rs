//! Probes and monitors on a bridge, ours and those of shell and socat, as the people who wrote them run them.

use it::bridge::{BROADCAST, Bridge, RANGE};
use it::process::{Folder, Running};
use it::wait::until;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
/// Pings in a row by which somebody is taken for the only one.
const STEADY: usize = 6;

fn has_socat() -> bool {
    let found = Command::new("socat").arg("-V").output().is_ok();
    if !found {
        it::skip("socat is not installed");
    }
    found
}

/// A program of shell.
fn script(folder: &Folder, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, format!("#!/usr/bin/env bash\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// The probe of the specification, for a host of any name.
fn shell_probe(folder: &Folder, host: &str) -> String {
    let text = format!(
        "for (( i=0; i<3; i++ )); do\n\
         echo {host}:load_$(( 5 * ( i + 1 ) )):$( cut -d ' ' -f $(( i + 1 )) /proc/loadavg ):GAUGE\ndone"
    );
    script(folder, &format!("{host}.sh"), &text)
}

fn socat_probe(bridge: &Bridge, host: usize, program: &str) -> Running {
    bridge.run(host, &["socat", "UDP4-RECVFROM:6666,broadcast,fork", &format!("EXEC:{program}")])
}

/// Hears pings as a probe does, says who sent them, and answers nothing.
fn ear(bridge: &Bridge, host: usize) -> Running {
    let tell = "SYSTEM:echo pinged by $SOCAT_PEERADDR >&2";
    bridge.run(host, &["socat", "UDP4-RECVFROM:6666,broadcast,fork", tell])
}

fn pinged_by(ear: &Running) -> Vec<String> {
    ear.said().lines().filter_map(|line| line.strip_prefix("pinged by ")).map(str::to_owned).collect()
}

/// Waits until the last pings that all of these heard are of one and the same, heard after now.
fn one_pings(ears: &[&Running]) -> String {
    let before: Vec<usize> = ears.iter().map(|ear| pinged_by(ear).len()).collect();
    until("one and the same to ping", SOON, || {
        let mut who = BTreeSet::new();
        for (ear, before) in ears.iter().zip(&before) {
            let heard = pinged_by(ear);
            let last = heard[*before..].iter().rev().take(STEADY);
            who.extend(last.clone().cloned());
            if last.len() < STEADY || who.len() != 1 {
                return None;
            }
        }
        who.pop_first()
    })
}

fn host_of(address: &str) -> usize {
    (0..9).find(|host| Bridge::address(*host) == address).unwrap_or_else(|| panic!("{address}?"))
}

/// Waits until a process prints so many more lines of a host.
fn hears(process: &Running, host: &str, more: usize) {
    let count = || process.said().lines().filter(|line| line.starts_with(&format!("{host}:"))).count();
    let before = count();
    until(&format!("lines of {host}"), SOON, || (count() >= before + more).then_some(()));
}

#[test]
fn our_monitor_hears_shell_probes_and_writes_what_the_shell_monitor_writes() {
    let (true, Some(bridge)) = (has_socat(), Bridge::new(3)) else { return };
    let folder = Folder::new("probes-shell");
    let _probes =
        [1, 2].map(|host| socat_probe(&bridge, host, &shell_probe(&folder, &format!("shell{host}"))));
    let out = folder.path().join("out");
    let out_text = out.display().to_string();
    let monitor = bridge.start(
        0,
        &["monitor", "--stdout", "--csv", &out_text, "--rrd", &out_text, "--monitor-to", BROADCAST],
    );
    for host in ["shell1", "shell2"] {
        hears(&monitor, host, 9);
    }
    for name in ["shell1.load_5", "shell2.load_15"] {
        let csv = until("the table", SOON, || std::fs::read_to_string(out.join(format!("{name}.csv"))).ok());
        let line = csv.lines().next().unwrap();
        let (epoch, value) = line.split_once(' ').unwrap();
        assert!(epoch.parse::<i64>().unwrap() > 1_700_000_000 && value.parse::<f64>().is_ok(), "{line}");
    }
    assert_is_as_specified(&out.join("shell1.load_10.rrd"));
}

/// The definition and the values, as the real program sees them.
fn assert_is_as_specified(path: &Path) {
    let rrdtool = |arguments: &[&str]| {
        let output = Command::new("rrdtool").args(arguments).output().ok()?;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).ok()
    };
    let path = path.display().to_string();
    let Some(info) = rrdtool(&["info", &path]) else { return it::skip("rrdtool is not installed") };
    for line in [
        "step = 1",
        "ds[x].type = \"GAUGE\"",
        "ds[x].minimal_heartbeat = 1",
        "ds[x].min = 0.0000000000e+00",
        "ds[x].max = 9.9000000000e+01",
        "rra[0].rows = 864000",
        "rra[1].pdp_per_row = 60",
        "rra[1].rows = 129600",
        "rra[2].pdp_per_row = 3600",
        "rra[2].rows = 13392",
        "rra[3].pdp_per_row = 86400",
        "rra[3].rows = 3660",
        "rra[3].cf = \"AVERAGE\"",
        "rra[3].xff = 5.0000000000e-01",
    ] {
        assert!(info.lines().any(|found| found == line), "{line} is not in:\n{info}");
    }
    let fetched = rrdtool(&["fetch", &path, "AVERAGE", "--start", "end-30s"]).expect("it is installed");
    let known = fetched.lines().filter(|line| line.contains(": ") && !line.contains("nan")).count();
    assert!(known >= 4, "{fetched}");
}

#[test]
fn a_shell_monitor_hears_our_probes() {
    let (true, Some(bridge)) = (has_socat(), Bridge::new(3)) else { return };
    let folder = Folder::new("probes-ours");
    let _numbers = bridge.start(1, &["probe", "--host", "ours"]);
    let program = shell_probe(&folder, "command");
    let _command = bridge.start(2, &["probe", "--exec", &program, "--probe-range", RANGE]);
    let line = format!(
        "while sleep 1; do echo ping; done | socat STDIO UDP4-DATAGRAM:{BROADCAST}:6666,broadcast,range={RANGE}"
    );
    let monitor = bridge.shell(0, &line);
    for host in ["ours", "command"] {
        hears(&monitor, host, 6);
    }
    let said = monitor.said();
    assert!(said.lines().any(|line| line.starts_with("ours:load1:") && line.ends_with(":GAUGE")), "{said}");
}

#[test]
fn of_several_monitors_one_pings_all_hear_and_another_takes_over() {
    let (true, Some(bridge)) = (has_socat(), Bridge::new(6)) else { return };
    let folder = Folder::new("probes-several");
    let _shell = socat_probe(&bridge, 3, &shell_probe(&folder, "shell"));
    let _ours = bridge.start(4, &["probe", "--exec", &shell_probe(&folder, "ours")]);
    let ear = ear(&bridge, 5);
    let mut monitors: Vec<Option<Running>> =
        (0..3).map(|host| Some(bridge.start(host, &["monitor", "--stdout"]))).collect();
    for left in (1..=3).rev() {
        let pinging = host_of(&one_pings(&[&ear]));
        for monitor in monitors.iter().flatten() {
            hears(monitor, "shell", 3);
            hears(monitor, "ours", 3);
        }
        assert_eq!(monitors.iter().flatten().count(), left);
        monitors[pinging].take().expect("it pings").kill();
    }
}

#[test]
fn each_side_of_a_split_goes_on_and_one_yields_when_it_heals() {
    let (true, Some(bridge)) = (has_socat(), Bridge::new(6)) else { return };
    let folder = Folder::new("probes-split");
    let _left_probe = socat_probe(&bridge, 2, &shell_probe(&folder, "left"));
    let _right_probe = socat_probe(&bridge, 5, &shell_probe(&folder, "right"));
    let (left_ear, right_ear) = (ear(&bridge, 1), ear(&bridge, 4));
    let (left, right) = (bridge.start(0, &["monitor"]), bridge.start(3, &["monitor"]));
    one_pings(&[&left_ear, &right_ear]);
    for monitor in [&left, &right] {
        hears(monitor, "left", 3);
        hears(monitor, "right", 3);
    }
    bridge.split(true);
    assert_eq!(one_pings(&[&left_ear]), Bridge::address(0));
    assert_eq!(one_pings(&[&right_ear]), Bridge::address(3));
    hears(&left, "left", 3);
    hears(&right, "right", 3);
    bridge.split(false);
    one_pings(&[&left_ear, &right_ear]);
    for monitor in [&left, &right] {
        hears(monitor, "left", 3);
        hears(monitor, "right", 3);
    }
}

#[test]
fn by_ipv6_multicast_too() {
    let (true, Some(bridge)) = (has_socat(), Bridge::new(4)) else { return };
    let folder = Folder::new("probes-six");
    let group = "ff12::6666%eth0";
    let program = format!("EXEC:{}", shell_probe(&folder, "shell"));
    let join = "UDP6-RECVFROM:6666,ipv6-join-group=[ff12::6666]:eth0,fork";
    let _shell = bridge.run(1, &["socat", join, &program]);
    let program = shell_probe(&folder, "ours");
    let _ours = bridge.start(2, &["probe", "--exec", &program, "--probe-listen", group]);
    let monitor = bridge.start(0, &["monitor", "--monitor-to", group]);
    let line = format!("while sleep 1; do echo ping; done | socat STDIO UDP6-DATAGRAM:[{group}]:6666");
    let shell_monitor = bridge.shell(3, &line);
    for monitor in [&monitor, &shell_monitor] {
        hears(monitor, "shell", 6);
        hears(monitor, "ours", 6);
    }
}

#[test]
fn a_foreign_clock_counts_while_its_answers_are_heard() {
    let (true, Some(bridge)) = (has_socat(), Bridge::new(4)) else { return };
    let folder = Folder::new("probes-foreign");
    let ear = ear(&bridge, 3);
    // A probe that tells everybody on the monitors' port, not only who asked.
    let program = shell_probe(&folder, "loud");
    let tell = format!("{program} | socat -u STDIN UDP4-DATAGRAM:{BROADCAST}:6667,broadcast");
    let _loud = socat_probe(&bridge, 1, &script(&folder, "tell.sh", &tell));
    let clock = format!(
        "while sleep 1; do echo ping; done | socat -u STDIN UDP4-DATAGRAM:{BROADCAST}:6666,broadcast"
    );
    let clock = bridge.shell(2, &clock);
    let monitor = bridge.start(0, &["monitor", "--monitor-foreign-clocks=true"]);
    hears(&monitor, "loud", 9);
    assert_eq!(one_pings(&[&ear]), Bridge::address(2));
    clock.kill();
    assert_eq!(one_pings(&[&ear]), Bridge::address(0));
    hears(&monitor, "loud", 9);
}

#[test]
fn many_monitors_that_end_in_one_store_make_one_sample_of_each() {
    let Some(bridge) = Bridge::new(4) else { return };
    let folder = Folder::new("probes-store");
    let program = shell_probe(&folder, "ours");
    let _probe = bridge.start(3, &["probe", "--exec", &program]);
    let data = |name: &str| Path::join(folder.path(), name).display().to_string();
    let listen = format!("{}:9463", Bridge::address(0));
    let url = format!("http://{listen}");
    let arguments = ["server", "--data", &data("server"), "--listen", &listen, "--access-open", "--monitor"];
    let server = bridge.start(0, &arguments);
    server.line_with("listen");
    let _second = bridge.start(1, &["monitor", "--server", &url, "--data", &data("second")]);
    let _third = bridge.start(2, &["monitor", "--server", &url, "--data", &data("third")]);
    // The first seconds, while they agree, may have two that ask.
    until("a quarter of a minute of one sample a second", SOON, || {
        let expr = ".es(q='host:ours', metric='count:load_5')";
        let arguments = [
            "query", "--url", &url, "--from", "now-20s", "--to", "now-4s", "--step", "1s", "-o", "csv", expr,
        ];
        let query = bridge.start(0, &arguments);
        let mut query = query;
        until("the answer", SOON, || (!query.is_alive()).then_some(()));
        let said = query.said();
        let counts: Vec<f64> = said
            .lines()
            .filter_map(|line| line.rsplit(',').next()?.parse().ok())
            .filter(|n| *n > 0.0)
            .collect();
        // A ping at the edge of a second may make none there and two in the next.
        let sum: f64 = counts.iter().sum();
        (counts.len() >= 13 && (14.0..=17.0).contains(&sum)).then_some(())
    });
}
