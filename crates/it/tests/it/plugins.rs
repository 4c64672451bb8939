//! Programs that others wrote, run by Windhover: monitoring plugins, a folder as Open-Falcon has it, scripts of
//! collectd's exec plugin beside the real collectd, and programs that do what they should not.

use it::http::get;
use it::process::{Folder, Running, Server, free_port};
use it::wait::until;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(40);
/// Where Debian has the monitoring plugins.
const PLUGINS: &str = "/usr/lib/nagios/plugins";

/// Starts `windhover up` with these settings.
fn start(folder: &Folder, port: u16, settings: &str) -> Server {
    let config = folder.path().join("windhover.toml");
    std::fs::write(&config, settings).unwrap();
    let config = config.to_str().unwrap().to_owned();
    Server::start("up", &folder.path().join("data"), port, &["--host", "merlin", "--config", &config])
}

/// Values by time of each series that a selector matches, by its name and labels.
fn samples(server: &Server, selector: &str) -> BTreeMap<String, BTreeMap<i64, f64>> {
    // Names with dots have to stand among the labels.
    let (name, labels) = selector.split_once('{').unwrap_or((selector, "}"));
    let selector = format!("{{__name__=\"{name}\",{labels}");
    let query: String = selector.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let answer = get(&server.at(&format!("/api/v1/export?format=openmetrics&match[]={query}")));
    assert_eq!(answer.status, 200, "{selector}: {}", answer.text);
    let mut all: BTreeMap<String, BTreeMap<i64, f64>> = BTreeMap::new();
    for line in answer.text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.rsplitn(3, ' ');
        let (time, value, series) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let time_ms = (time.parse::<f64>().unwrap() * 1000.0).round() as i64;
        all.entry(series.to_owned()).or_default().insert(time_ms, value.parse().unwrap());
    }
    all
}

/// The newest value of the only series that matches, once it is there.
fn newest(server: &Server, selector: &str) -> f64 {
    until(selector, SOON, || {
        let all = samples(server, selector);
        assert!(all.len() <= 1, "{selector} is not one series: {all:?}");
        all.into_values().next()?.into_values().last()
    })
}

/// What a plugin says is wrong with it, as the server tells it.
fn problem(server: &Server, name: &str) -> Option<String> {
    let all = get(&server.at("/api/v1/standings?host=merlin")).json();
    let parts = all["hosts"][0]["parts"].as_array()?;
    let part = parts.iter().find(|part| part["part"] == "plugin" && part["name"] == name)?;
    Some(part["problem"].as_str()?.to_owned())
}

fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn plugin(name: &str, interval: &str, command: &[&str]) -> String {
    let command: Vec<String> = command.iter().map(|word| format!("{word:?}")).collect();
    format!("[[plugin]]\nname = {name:?}\ninterval = {interval:?}\ncommand = [{}]\n", command.join(", "))
}

#[test]
fn monitoring_plugins_become_series() {
    if !Path::new(PLUGINS).join("check_load").exists() {
        return it::skip("monitoring-plugins-basic is not installed");
    }
    let (folder, port) = (Folder::new("monitoring-plugins"), free_port());
    let check = |name: &str, arguments: &[&str]| {
        let program = format!("{PLUGINS}/check_{name}");
        plugin(name, "1s", &[&[program.as_str()], arguments].concat())
    };
    let closed = free_port().to_string();
    let settings = [
        check("load", &["-w", "999,999,999", "-c", "9999,9999,9999"]),
        check("disk", &["-w", "0%", "-c", "0%", "-p", "/"]),
        check("procs", &["-w", "0:0"]),
        check("users", &["-w", "1000", "-c", "2000"]),
        check("http", &["-H", "127.0.0.1", "-p", &port.to_string(), "-u", "/health"]),
        check("tcp", &["-H", "127.0.0.1", "-p", &closed]),
        check("dummy", &["3", "no idea"]),
    ];
    let server = start(&folder, port, &settings.concat());
    let state = |name: &str| newest(&server, &format!("plugin_state{{plugin=\"{name}\"}}"));
    for (name, wanted) in
        [("load", 0.0), ("disk", 0.0), ("procs", 1.0), ("users", 0.0), ("tcp", 2.0), ("dummy", 3.0)]
    {
        assert_eq!(state(name), wanted, "{name}");
    }
    // The server may not have answered yet when it was asked for the first time.
    until("an answer of our own", SOON, || (state("http") == 0.0).then_some(()));
    let load = newest(&server, "perfdata_value{plugin=\"load\",label=\"load1\",host=\"merlin\"}");
    assert!((0.0..500.0).contains(&load), "{load}");
    assert_eq!(
        newest(&server, "perfdata_value_bound{plugin=\"load\",label=\"load1\",bound=\"crit_above\"}"),
        9999.0
    );
    let took = newest(&server, "perfdata_seconds{plugin=\"http\",label=\"time\"}");
    assert!(took > 0.0 && took < 10.0, "{took}");
    assert!(newest(&server, "perfdata_bytes{plugin=\"http\",label=\"size\"}") > 10.0);
    assert!(newest(&server, "perfdata_value{plugin=\"procs\"}") > 1.0);

    // What the plugin says to us is what became of it here.
    let said = Command::new(format!("{PLUGINS}/check_disk"))
        .args(["-w", "0%", "-c", "0%", "-p", "/"])
        .output()
        .unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let size: f64 = said.trim().rsplit(';').next().unwrap().parse().unwrap();
    assert_eq!(
        newest(&server, "perfdata_bytes_bound{plugin=\"disk\",label=\"/\",bound=\"max\"}"),
        size,
        "{said}"
    );
    assert!(newest(&server, "windhover_plugins_run_seconds{plugin=\"disk\"}") > 0.0);
    assert_eq!(newest(&server, "windhover_plugins_run_success{plugin=\"procs\",format=\"monitoring\"}"), 1.0);
    assert!(server.process.terminate().success());
}

/// Shaped like those of Open-Falcon's own plugin folder: shell and Python, complete values on the standard output.
const NTP: &str = r#"#!/usr/bin/env python3
import json, socket, sys, time
ts = int(time.time())
print(json.dumps([
    {"endpoint": "falcon-host", "metric": "sys.ntp.offset", "timestamp": ts, "step": 2, "value": -0.125,
     "counterType": "GAUGE", "tags": "server=%s,mode=%s" % (sys.argv[1], sys.argv[2])},
    {"endpoint": "falcon-host", "metric": "sys.ntp.polls", "timestamp": ts, "step": 2, "value": "%d" % ts,
     "counterType": "COUNTER", "tags": ""},
]))
"#;
const MOUNT: &str = r#"#!/bin/sh
ts=`date +%s`
echo "[{\"endpoint\": \"$(cat "$(dirname "$0")/name")\", \"tags\": \"mount=/\", \"timestamp\": $ts, \"metric\": \"sys.mount.rw\", \"value\": 0, \"counterType\": \"GAUGE\", \"step\": 1}]"
"#;

#[test]
fn a_folder_of_open_falcon_runs_unmodified() {
    let folder = Folder::new("falcon-plugins");
    let plugins = folder.path().join("plugin");
    std::fs::create_dir_all(plugins.join("sys/ntp")).unwrap();
    std::fs::create_dir_all(plugins.join("sys/other")).unwrap();
    script(&plugins.join("sys/ntp"), "2_ntp.py", NTP);
    script(&plugins.join("sys/other"), "1_other.sh", "#!/bin/sh\necho other 1\n");
    script(&plugins, "1_mount.sh", MOUNT);
    script(&plugins, "README", "#!/bin/sh\necho readme 1\n");
    script(
        &plugins,
        "1_fails.sh",
        "#!/bin/sh\necho '[{\"endpoint\":\"e\",\"metric\":\"fails\",\"timestamp\":1,\"step\":1,\"value\":1,\"counterType\":\"GAUGE\"}]'\necho no luck >&2\nexit 1\n",
    );
    std::fs::write(plugins.join("name"), "falcon-host").unwrap();
    let settings = format!(
        "[[plugin_dir]]\npath = {plugins:?}\nfolders = [\"sys/ntp\"]\nfiles = ['sys/ntp/2_ntp.py(time1,\"two words\")']\n"
    );
    let server = start(&folder, 0, &settings);
    until("some rounds", SOON, || {
        (samples(&server, "sys.mount.rw{host=\"falcon-host\",mount=\"/\"}").into_values().next()?.len() >= 3)
            .then_some(())
    });
    assert_eq!(
        newest(&server, "sys.ntp.offset{host=\"falcon-host\",server=\"time1\",mode=\"twowords\"}"),
        -0.125
    );
    let polls = samples(&server, "sys.ntp.polls{host=\"falcon-host\"}").into_values().next().unwrap();
    for (time_ms, value) in polls {
        // As in Open-Falcon, times are floored to the step.
        let time_s = (value as i64).div_euclid(2) * 2;
        assert_eq!(time_ms, time_s * 1000);
    }
    let fails = newest(
        &server,
        &format!("windhover_plugins_run_success{{plugin=\"{}/1_fails.sh\"}}", plugins.display()),
    );
    assert_eq!(fails, 0.0);
    for left_out in ["other", "readme", "fails"] {
        assert!(samples(&server, left_out).is_empty(), "{left_out}");
    }
    // Files that come and go are noticed without a restart.
    script(&plugins, "1_new.sh", "#!/bin/sh\necho new.file 7\n");
    std::fs::remove_file(plugins.join("1_mount.sh")).unwrap();
    assert_eq!(newest(&server, "new.file{host=\"merlin\"}"), 7.0);
    assert!(server.process.terminate().success());
}

const EXEC: &str = r#"#!/bin/sh
HOST="${COLLECTD_HOSTNAME:-localhost}"
while :; do
  t=$(date +%s)
  echo "PUTVAL \"$HOST/it-script/gauge-seconds\" interval=${COLLECTD_INTERVAL} $t:$((t % 100)).5"
  echo "PUTVAL \"$HOST/it-script/if_octets-eth0\" interval=${COLLECTD_INTERVAL} $t:$((t * 3)):$((t * 5))"
  sleep 1
done
"#;

#[test]
fn collectd_and_windhover_read_a_script_the_same() {
    if !Path::new("/usr/sbin/collectd").exists() {
        return it::skip("collectd is not installed");
    }
    let folder = Folder::new("collectd-exec");
    let script = script(folder.path(), "exec.sh", EXEC);
    let csv = folder.path().join("csv");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = folder.path().join("collectd.conf");
    let text = format!(
        "Hostname \"collectd-host\"\nFQDNLookup false\nInterval 1\nBaseDir {base:?}\nPIDFile \"{pid}\"\n\
         TypesDB \"/usr/share/collectd/types.db\"\nLoadPlugin exec\nLoadPlugin csv\n\
         <Plugin exec>\n  Exec \"nobody\" {script:?}\n</Plugin>\n<Plugin csv>\n  DataDir {csv:?}\n  StoreRates false\n</Plugin>\n",
        base = folder.path(),
        pid = folder.path().join("collectd.pid").display(),
    );
    std::fs::write(&config, text).unwrap();
    let mut collectd = Running::start(Command::new("/usr/sbin/collectd").arg("-f").arg("-C").arg(&config));
    let settings = format!(
        "[[plugin]]\nname = \"script\"\nmode = \"stream\"\ninterval = \"1s\"\nuser = \"nobody\"\ncommand = [{script:?}]\n"
    );
    let server = start(&folder, 0, &settings);
    let ours = |name: &str| {
        samples(&server, &format!("{name}{{host=\"merlin\"}}")).into_values().next().unwrap_or_default()
    };
    let theirs = |file: &str, column: usize| collectd_csv(&csv.join("collectd-host/it-script"), file, column);
    for (name, file, column) in [
        ("it_gauge", "gauge-seconds", 1),
        ("it_if_octets_rx", "if_octets-eth0", 1),
        ("it_if_octets_tx", "if_octets-eth0", 2),
    ] {
        let same = until("five seconds that both have", SOON, || {
            assert!(collectd.is_alive(), "{}", collectd.said());
            let (ours, theirs) = (ours(name), theirs(file, column));
            let both: Vec<_> =
                ours.iter().filter_map(|(time_ms, v)| Some((*time_ms, *v, *theirs.get(time_ms)?))).collect();
            (both.len() >= 5).then_some(both)
        });
        assert!(same.iter().all(|(_, ours, theirs)| ours == theirs), "{name}: {same:?}");
    }
    let labels = samples(&server, "it_if_octets_rx").into_keys().next().unwrap();
    assert!(
        labels.contains("plugin_instance=\"script\"") && labels.contains("type_instance=\"eth0\""),
        "{labels}"
    );
    assert!(server.process.terminate().success());
}

/// What collectd wrote: values by time in milliseconds.
fn collectd_csv(folder: &Path, file: &str, column: usize) -> BTreeMap<i64, f64> {
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let of_series =
        files.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(file)));
    let text: String = of_series.filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    text.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let time_s: f64 = cells.first()?.parse().ok()?;
            Some(((time_s * 1000.0).round() as i64, cells.get(column)?.parse().ok()?))
        })
        .collect()
}

/// Lines of `/proc/*/stat` and the environment of processes, by number.
fn processes() -> impl Iterator<Item = (u32, String, Vec<u8>)> {
    std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let path = entry.ok()?.path();
        let pid = path.file_name()?.to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(path.join("stat")).ok()?;
        Some((pid, stat, std::fs::read(path.join("environ")).unwrap_or_default()))
    })
}

#[test]
fn programs_that_misbehave_are_bounded_and_leave_nothing() {
    let folder = Folder::new("bad-plugins");
    let mark = format!("IT_FOLDER={}", folder.path().display());
    let shell = |name: &str, script: &str| {
        let plugin = plugin(&format!("bad-{name}"), "1s", &["/bin/sh", "-c", script]);
        format!("{plugin}env = {{ IT_FOLDER = {:?} }}\n", folder.path())
    };
    let settings = [
        shell("hang", "sleep 1000 & sleep 1000"),
        shell("deaf", "trap '' TERM; while :; do sleep 0.1; done"),
        shell("flood", "exec yes flood 1"),
        shell("binary", "exec head -c 300000 /dev/urandom"),
        shell("half", "printf 'half.line 1\\nhalf.l'"),
        shell("daemon", "setsid sleep 3 & sleep 1000 & echo daemon.sample 1"),
        shell("closed", "exec >&- 2>&-; sleep 1000"),
        shell("crash", "kill -SEGV $$"),
        shell("errors", "head -c 3000000 /dev/zero >&2; exit 5"),
        plugin("bad-missing", "1s", &["/no/such/program"]),
        plugin("good", "1s", &["/bin/sh", "-c", "echo good.sample 1"]),
    ];
    let server = start(&folder, 0, &settings.concat());
    let good = || samples(&server, "good.sample").into_values().next().unwrap_or_default().len();
    until("the good one among the bad", SOON, || (good() >= 5).then_some(()));
    for name in ["hang", "deaf", "flood", "half", "daemon", "closed", "crash", "errors", "missing"] {
        assert_eq!(
            newest(&server, &format!("windhover_plugins_run_success{{plugin=\"bad-{name}\"}}")),
            0.0,
            "{name}"
        );
    }
    assert_eq!(newest(&server, "half.line{host=\"merlin\"}"), 1.0);
    assert_eq!(newest(&server, "daemon.sample{host=\"merlin\"}"), 1.0);
    // The numbers of the program about itself come every five seconds.
    for name in ["timeouts", "left_behind", "starts_failed", "output_discarded_bytes"] {
        let counter = format!("windhover_plugins_{name}_total{{role=\"up\"}}");
        until(&counter, SOON, || (newest(&server, &counter) > 0.0).then_some(()));
    }

    for (name, wanted) in [
        ("hang", "killed after "),
        ("crash", "was ended by signal 11"),
        ("errors", "ended with exit code 5"),
        ("missing", "/no/such/program is not there"),
        ("half", "read as graphite, 1 of 2 refused; line 2"),
        ("daemon", "left processes behind"),
    ] {
        let name = format!("bad-{name}");
        until(&name, SOON, || problem(&server, &name).filter(|problem| problem.starts_with(wanted)));
    }
    assert_eq!(problem(&server, "good").as_deref(), Some(""));

    let pid = server.process.pid();
    let descriptors = || std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    let before = descriptors();
    let rounds = good() + 4;
    until("some more rounds", SOON, || (good() >= rounds).then_some(()));
    // Three for each of ten that may just be running, and connections of the test.
    let after = descriptors();
    assert!(after <= before + 30, "{before} descriptors, later {after}");
    let zombies = || processes().filter(|(_, stat, _)| stat.contains(&format!(") Z {pid} "))).count();
    until("no zombie", SOON, || (zombies() == 0).then_some(()));

    assert!(server.process.terminate().success());
    let ours = |environment: &[u8]| environment.windows(mark.len()).any(|window| window == mark.as_bytes());
    until("all children to end", SOON, || {
        processes().all(|(_, _, environment)| !ours(&environment)).then_some(())
    });
}
