//! The terminal: query, import, config, help.

use it::process::{Folder, Server, binary};
use it::wait::until;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn windhover(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The Linux probe of the shell text, as a user runs it.
const PROBE: &str = r#"for (( i=0 ; i<3;i++)); do
  echo $( hostname ):load_$(( 5 * ( i + 1) )):$( cat /proc/loadavg | cut -d " " -f $(( i + 1 )) ):GAUGE
done"#;

/// What the FreeBSD probe prints there.
const FREEBSD: &str = "freebsd-14.0_RELEASE:load_5:0.79:GAUGE\nfreebsd-14.0_RELEASE:load_10:0.81:GAUGE\nfreebsd-14.0_RELEASE:load_15:0.83:GAUGE\n";

fn import(server: &Server, input: &[u8]) -> Output {
    let mut child = Command::new(binary())
        .args(["import", "probe", "-", "--url", &server.url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn the_shell_probes_are_imported_and_asked_for() {
    let folder = Folder::new("probe");
    let server = Server::start("server", folder.path(), 0, &[]);
    let printed = Command::new("bash").args(["-c", PROBE]).output().unwrap().stdout;
    let output = import(&server, &printed);
    assert!(text(&output.stdout).contains("3 samples taken, 0 lines refused"), "{output:?}");
    let output = import(&server, FREEBSD.as_bytes());
    assert!(text(&output.stdout).contains("3 samples taken"), "{output:?}");
    let output = import(&server, b"ok:a:1:GAUGE\nnonsense\nok:b:x:GAUGE\n");
    let said = text(&output.stderr);
    assert!(said.contains("line 2: ") && said.contains("line 3: "), "{said}");

    let expr = ".es(q='host:\"freebsd-14.0_RELEASE\"', metric='last:load_15').label(fifteen)";
    let table = windhover(&["query", expr, "--url", &server.url, "--to", "now+1m"]);
    let table = text(&table.stdout);
    assert!(table.contains("fifteen") && table.contains("0.83"), "{table}");
    let csv = text(&windhover(&["query", expr, "--url", &server.url, "--to", "now+1m", "-o", "csv"]).stdout);
    assert!(csv.starts_with("time_ms,\"fifteen\"\n") && csv.contains(",0.83"), "{csv}");
    let json = text(&windhover(&["query", expr, "--url", &server.url, "-o", "json"]).stdout);
    assert!(json.contains("\"label\": \"fifteen\""), "{json}");

    let wrong = windhover(&["query", ".es().movingavrage(5)", "--url", &server.url]);
    let said = text(&wrong.stderr);
    assert!(!wrong.status.success() && said.contains("movingaverage") && said.contains('^'), "{said}");
}

#[test]
fn every_language_is_asked_from_the_terminal_online_and_offline() {
    let folder = Folder::new("query");
    let server = Server::start("server", folder.path(), 0, &[]);
    assert!(text(&import(&server, FREEBSD.as_bytes()).stdout).contains("3 samples taken"));
    let ask = |arguments: &[&str]| {
        let fixed = ["query", "--url", &server.url, "--from", "now-5m", "--to", "now+1m", "--step", "1m"];
        windhover(&[&fixed[..], arguments].concat())
    };
    let rpn = ["--rpn", "DEF:a=load_15{host=~\"freebsd.*\"}:MAX", "CDEF:b=a,100,*", "XPORT:b:percent"];
    let said = text(&ask(&[&rpn[..], &["-o", "xport"]].concat()).stdout);
    assert!(said.contains("\"percent\"") && said.contains("8.3000000000e+01"), "{said}");
    let said = text(&ask(&["-l", "promql", "-o", "csv", "last_over_time(load_15[5m]) * 100"]).stdout);
    assert!(said.contains(",83"), "{said}");
    let chart = text(
        &ask(&["-o", "chart", "--width", "60", "--height", "6", ".es(metric=max:load_15).fit(carry)"]).stdout,
    );
    assert!(chart.contains('┤') && chart.contains('└') && chart.contains("── "), "{chart}");
    let png = ask(&["-o", "png", ".es(metric=max:load_15)"]).stdout;
    assert!(png.starts_with(b"\x89PNG"), "{} bytes", png.len());
    let told = text(&ask(&["--explain", "--trace", ".es(metric=max:load_15).abs()"]).stdout);
    assert!(
        told.contains("1. Reads the greatest of load_15") && told.contains("2. Absolute values"),
        "{told}"
    );
    assert!(told.contains("samples or rows touched, from tier"), "{told}");
    let wrong = ask(&["--rpn", "DEF:a=load_15:MAX CDEF:b=a,+"]);
    let said = text(&wrong.stderr);
    assert!(!wrong.status.success() && said.contains("+ takes 2 values") && said.contains('^'), "{said}");
    let data = folder.path().to_str().unwrap();
    let offline = windhover(&[
        "query",
        "--offline",
        "--data",
        data,
        "--from",
        "now-5m",
        "--to",
        "now+1m",
        "-o",
        "csv",
        ".es(metric=max:load_15)",
    ]);
    assert!(text(&offline.stdout).contains(",0.83"), "{offline:?}");
}

#[test]
fn settings_are_checked_with_place_and_remedy() {
    let folder = Folder::new("config");
    let file = folder.path().join("w.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
    let output = windhover(&["config", "check", "--config", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("did you mean `listen`?"), "{output:?}");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\n[agent]\ninterval = \"10s\"\n").unwrap();
    assert!(windhover(&["config", "check", "--config", file.to_str().unwrap()]).status.success());
    let show =
        text(&windhover(&["config", "show", "--config", file.to_str().unwrap(), "--interval", "5s"]).stdout);
    assert!(
        show.lines().any(|l| l.starts_with("agent.interval") && l.contains("5s") && l.contains("--interval")),
        "{show}"
    );
}

#[test]
fn help_completions_and_manual_come_from_the_same_table() {
    let help = text(&windhover(&["--help"]).stdout);
    assert!(help.starts_with("Examples:") || help.contains("Examples:"), "{help}");
    for word in ["--listen", "--data", "--interval", "query", "agent"] {
        assert!(help.contains(word), "{word} is missing in:\n{help}");
    }
    let short = text(&windhover(&["query", "-h"]).stdout);
    assert!(help.contains("--nsca-method") && !short.contains("--nsca-method"), "{short}");
    assert!(
        short.contains("--language") && short.contains("--server") && short.lines().count() < 100,
        "{short}"
    );
    assert!(text(&windhover(&["completions", "bash"]).stdout).contains("--access-token-file"));
    assert!(text(&windhover(&["man"]).stdout).contains(".TH windhover"));
    let wrong = windhover(&["--lisen", "x"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("--listen"), "{wrong:?}");
}

#[test]
fn a_signal_that_comes_early_is_obeyed() {
    let folder = Folder::new("early");
    let mut command = Command::new(binary());
    command.args(["up", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    let running = it::process::Running::start(&mut command);
    running.line_with("open");
    assert!(running.terminate().success());
    until("the folder to be released", Duration::from_secs(10), || {
        let again = Server::start("server", folder.path(), 0, &[]);
        again.process.terminate().success().then_some(())
    });
}
