//! Other programs' files in and out: through a folder, through a running server, and judged by the other programs.

use it::process::{Folder, Running, Server, binary, free_port};
use it::wait::until;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

/// The examples are of 2023.
const KEPT: [&str; 2] = ["--store-retention", "20000d"];

fn windhover(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).output().unwrap()
}

/// Standard output of a command that must succeed.
fn done(arguments: &[&str]) -> String {
    let output = windhover(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn fixture(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/foreign").join(path);
    path.display().to_string()
}

fn folder_arguments(folder: &Folder) -> Vec<String> {
    let data = folder.path().display().to_string();
    ["--data", &data].into_iter().chain(KEPT).map(str::to_owned).collect()
}

fn with<'a>(first: &[&'a str], then: &'a [String]) -> Vec<&'a str> {
    first.iter().copied().chain(then.iter().map(String::as_str)).collect()
}

fn promtool(arguments: &[&str]) -> Option<String> {
    let output = Command::new("promtool").args(arguments).output().ok()?;
    assert!(output.status.success(), "promtool {arguments:?}: {output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// All samples of a Prometheus data folder, sorted.
fn promtool_dump(data: &Path) -> Vec<String> {
    std::fs::create_dir_all(data.join("wal")).unwrap();
    let dump = promtool(&["tsdb", "dump", &data.display().to_string()]).expect("promtool ran before");
    let mut lines: Vec<String> = dump.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn without_promtool() -> bool {
    let missing = Command::new("promtool").arg("--version").output().is_err();
    if missing {
        it::skip("no `promtool` on this machine; `cargo xtask test` installs it with Prometheus");
    }
    missing
}

#[test]
fn prometheus_blocks_go_in_and_come_out_as_promtool_sees_them() {
    if without_promtool() {
        return;
    }
    let folder = Folder::new("blocks");
    let arguments = folder_arguments(&folder);
    let said = done(&with(&["import", &fixture("prometheus")], &arguments));
    assert!(said.starts_with("1100 samples of 3 series taken from 1 × prometheus"), "{said}");
    let (text, data) = (folder.path().join("all.om"), folder.path().join("blocks"));
    done(&with(&["export", "--out", text.to_str().unwrap()], &arguments));
    promtool(&["tsdb", "create-blocks-from", "openmetrics", text.to_str().unwrap(), data.to_str().unwrap()]);
    let mut wanted: Vec<String> = std::fs::read_to_string(fixture("expected/prometheus.txt"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    wanted.sort();
    assert_eq!(promtool_dump(&data), wanted);
}

#[test]
fn a_running_server_takes_any_age_and_gives_it_back() {
    let (folder, other) = (Folder::new("through"), Folder::new("again"));
    let server = Server::start("server", folder.path(), 0, &KEPT);
    let said = done(&["import", &fixture("prometheus"), &fixture("csv/load.csv"), "--url", &server.url]);
    assert!(said.starts_with("1103 samples of 5 series taken from 1 × csv, 1 × prometheus"), "{said}");
    let again = done(&["import", &fixture("prometheus"), "--url", &server.url]);
    assert!(again.starts_with("1100 samples"), "importing twice is fine: {again}");
    let day = ["--from", "2023-11-14", "--to", "2023-11-16", "--format"];
    let from_server = |format: &str| {
        let mut all = vec!["export", "--url", &server.url];
        all.extend(day.iter().copied().chain([format]));
        done(&all)
    };
    let arguments = folder_arguments(&folder);
    let from_folder = |format: &str| {
        let mut all = vec!["export"];
        all.extend(day.iter().copied().chain([format]));
        done(&with(&all, &arguments))
    };
    for format in ["csv", "csv-wide"] {
        assert_eq!(
            from_server(format),
            from_folder(format),
            "{format}: the folder is read while the server runs"
        );
    }
    // What was written is read into another folder and says the same.
    let table = other.path().join("table.csv");
    std::fs::write(&table, from_server("csv-wide")).unwrap();
    let other_arguments = folder_arguments(&other);
    done(&with(&["import", table.to_str().unwrap()], &other_arguments));
    let there = done(&with(&["export", "--format", "csv"], &other_arguments));
    assert_eq!(there, from_server("csv"));
    let streamed = it::http::get(&server.at("/api/v1/export?match[]=load1&format=openmetrics"));
    assert_eq!(
        streamed.text,
        "# TYPE load1 unknown\nload1{host=\"web1\"} 0.5 1700000000\nload1{host=\"web1\"} 0.75 1700000010\n# EOF\n"
    );
    assert!(server.process.terminate().success());
}

#[test]
fn one_hosts_day_comes_as_columns_with_its_extents() {
    let folder = Folder::new("day");
    let arguments = folder_arguments(&folder);
    done(&with(&["import", &fixture("prometheus")], &arguments));
    let day = ["export", "--host", "web1", "--day", "2023-11-14"];
    let file = folder.path().join("day.whcols");
    let mut write = day.to_vec();
    write.extend(["--out", file.to_str().unwrap()]);
    done(&with(&write, &arguments));
    let said = done(&["import", "--check", file.to_str().unwrap()]);
    assert!(said.starts_with("507 samples of 2 series taken from 1 × columns"), "{said}");
    let mut explain = day.to_vec();
    explain.push("--explain");
    let table = done(&with(&explain, &arguments));
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("file\toffset\tbytes\tcount\tseries"));
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        assert!(cells[4] == "(times)" || cells[4].contains("web1"), "{line}");
        let length = std::fs::metadata(folder.path().join("store").join(cells[0])).unwrap().len();
        let (offset, bytes): (u64, u64) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        assert!(offset + bytes <= length, "{line}");
    }
}

#[test]
fn what_cannot_be_imported_is_told_and_the_rest_goes_on() {
    let folder = Folder::new("broken");
    let arguments = folder_arguments(&folder);
    let tree = folder.path().join("tree/below");
    std::fs::create_dir_all(&tree).unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = tree.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let csv = file("a.csv", "time,x\n1700000000,1\nsoon,2\n1700000010,3\n");
    file("b.om", "y 1 1700000000\n# EOF\n");
    file("notes.txt", "buy milk\n");
    let root = folder.path().join("tree").display().to_string();
    let checked = windhover(&with(&["import", "--check", &root, "--label", "site=\"north\""], &arguments));
    assert_eq!(checked.status.code(), Some(3));
    let output = windhover(&with(&["import", &root, "--label", "site=north"], &arguments));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(3), "{out}{err}");
    assert!(out.starts_with("3 samples of 2 series taken from 1 × csv, 1 × openmetrics\ntimes 2023-11-14T22:13:20Z to 2023-11-14T22:13:30Z"), "{out}");
    assert!(out.contains("1 lines or parts could not be read") && out.contains("notes.txt"), "{out}");
    assert!(err.contains(&format!("{}: line 3: `soon` is not a time", csv.display())), "{err}");
    let back = done(&with(&["export", "--format", "csv", "--times", "s"], &arguments));
    assert!(back.contains("\"x{site=\"\"north\"\"}\",1700000010,3"), "{back}");

    for (arguments, said) in [
        (vec!["import", "--check", "/nowhere"], "/nowhere: No such file"),
        (vec!["import", "--check", tree.join("notes.txt").to_str().unwrap()], "no known format"),
        (vec!["export", "--day", "yesterday", "--from", "now-1d"], "--day goes without"),
        (vec!["export", "--match", "{a"], "--match {a"),
    ] {
        let output = windhover(&arguments);
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && err.contains(said), "{arguments:?}: {err}");
    }
}

/// A real Prometheus makes the blocks and deletes from them.
#[test]
fn what_prometheus_deleted_does_not_come_back() {
    if without_promtool() || Command::new("prometheus").arg("--version").output().is_err() {
        return;
    }
    let (peer, folder) = (Folder::new("deleting"), Folder::new("deleted"));
    let (text, data) = (peer.path().join("in.om"), peer.path().join("data"));
    let now_s = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs() / 7200 * 7200 - 36_000;
    let lines = (0..200).map(|i| format!("a{{n=\"1\"}} {i} {0}\n", now_s + i * 10));
    let more = (0..200).map(|i| format!("a{{n=\"2\"}} {i} {0}\n", now_s + i * 10));
    std::fs::write(&text, lines.chain(more).chain(["# EOF\n".to_owned()]).collect::<String>()).unwrap();
    promtool(&["tsdb", "create-blocks-from", "openmetrics", text.to_str().unwrap(), data.to_str().unwrap()]);
    let (port, config) = (free_port(), peer.path().join("prometheus.yml"));
    std::fs::write(&config, "global: {scrape_interval: 1h}\n").unwrap();
    let mut command = Command::new("prometheus");
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--web.enable-admin-api");
    let prometheus = Running::start(&mut command);
    let delete = format!(
        "http://127.0.0.1:{port}/api/v1/admin/tsdb/delete_series?match[]=a%7Bn=%221%22%7D&start={}&end={}",
        now_s + 500,
        now_s + 990
    );
    until("the deletion", Duration::from_secs(60), || {
        let ready = it::http::try_get(&format!("http://127.0.0.1:{port}/-/ready"))?;
        (ready.status == 200).then(|| it::http::post(&delete, "", b"")).filter(|answer| answer.status == 204)
    });
    assert!(prometheus.terminate().success());
    let wanted = promtool_dump(&data).len();
    assert_eq!(wanted, 350, "promtool itself leaves out what was deleted");
    let output = done(&with(&["import", data.to_str().unwrap()], &folder_arguments(&folder)));
    assert!(output.starts_with("350 samples of 2 series"), "{output}");
    assert!(output.contains("50 samples deleted in Prometheus left out"), "{output}");
}

#[test]
fn rrdtool_restores_what_we_export_and_we_import_what_it_dumps() {
    if Command::new("rrdtool").output().is_err() {
        return it::skip("no `rrdtool` on this machine; `cargo xtask test` installs it");
    }
    let (folder, other) = (Folder::new("rrd"), Folder::new("rrd-again"));
    let (table, xml, rrd) =
        (folder.path().join("t.csv"), folder.path().join("t.xml"), folder.path().join("t.rrd"));
    let lines = (0..100).map(|i| format!("{},{}\n", 1_700_000_040 + i * 60, i % 7));
    std::fs::write(&table, ["time,load\n".to_owned()].into_iter().chain(lines).collect::<String>()).unwrap();
    let arguments = folder_arguments(&folder);
    done(&with(&["import", table.to_str().unwrap()], &arguments));
    let export = ["export", "--rrd-step", "60", "--rra", "AVERAGE:0.5:1:200", "--out", xml.to_str().unwrap()];
    done(&with(&[&export[..], &["--format", "rrd-xml"]].concat(), &arguments));
    let rrdtool = |arguments: &[&str]| {
        let output = Command::new("rrdtool").args(arguments).output().unwrap();
        assert!(output.status.success(), "rrdtool {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    rrdtool(&["restore", xml.to_str().unwrap(), rrd.to_str().unwrap()]);
    let fetched =
        rrdtool(&["fetch", rrd.to_str().unwrap(), "AVERAGE", "-s", "1700000100", "-e", "1700000340"]);
    let values: Vec<f64> = fetched
        .lines()
        .filter_map(|l| l.split_once(": ")?.1.trim().parse().ok())
        .filter(|v: &f64| !v.is_nan())
        .collect();
    assert_eq!(values[..5], [2.0, 3.0, 4.0, 5.0, 6.0], "{fetched}");
    // And back: what rrdtool itself writes.
    let dump = folder.path().join("dump.xml");
    std::fs::write(&dump, rrdtool(&["dump", rrd.to_str().unwrap()])).unwrap();
    let other_arguments = folder_arguments(&other);
    let said = done(&with(&["import", dump.to_str().unwrap(), "--metric", "load"], &other_arguments));
    assert!(said.contains("1 × rrd-xml"), "{said}");
    let back = done(&with(&["export", "--format", "csv", "--times", "s"], &other_arguments));
    assert!(back.contains(",1700000160,2\n"), "{back:.400}");
}
