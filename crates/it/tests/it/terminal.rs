//! `windhover query` at a terminal: the prompt with its keys, and charts that are followed.

use it::process::{Folder, Server, binary};
use it::terminal::Terminal;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

const UP: &str = "\x1b[A";
const CTRL_A: &str = "\x01";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const CTRL_K: &str = "\x0b";
const CLEARED: &str = "\x1b[H\x1b[2J";

fn query(server: &Server, home: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(["query", "--url", &server.url, "--to", "now+1m"]).args(arguments);
    command.env("HOME", home.path()).env("XDG_STATE_HOME", "").env("NO_COLOR", "1");
    command
}

fn server_with_load(folder: &Folder) -> Server {
    let server = Server::start("server", folder.path(), 0, &[]);
    let mut import = Command::new(binary())
        .args(["import", "probe", "-", "--url", &server.url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    import.stdin.take().unwrap().write_all(b"web1:load_15:0.83:GAUGE\n").unwrap();
    assert!(import.wait().unwrap().success());
    server
}

#[test]
fn the_prompt_completes_remembers_and_ends_as_people_expect() {
    let (folder, home) = (Folder::new("prompt"), Folder::new("prompt-home"));
    let server = server_with_load(&folder);
    let mut terminal = Terminal::start(&query(&server, &home, &[]), 100, 30);
    let at = terminal.wait_for(0, "timelion> ");
    terminal.press(".es(met\t");
    terminal.wait_for(at, "metric=");
    terminal.press("max:loa\t");
    terminal.wait_for(at, "max:load_15");
    terminal.press(")\r");
    let at = terminal.wait_for(at, "0.83");

    // What is wrong has a caret, and the prompt goes on.
    terminal.press(".es(metric=avg:load_15).movingavrage(3)\r");
    let at = terminal.wait_for(at, "did you mean .movingaverage?");
    let at = terminal.wait_for(at, "timelion> ");
    // Ctrl-C drops the line, not the program.
    terminal.press("rubbish");
    let at = terminal.wait_for(at, "rubbish");
    terminal.press(CTRL_C);
    let at = terminal.wait_for(at, "timelion> ");
    terminal.press("\\l nolanguage\r");
    let at = terminal.wait_for(at, "is none of timelion");
    terminal.press("\\l promql\r");
    let at = terminal.wait_for(at, "promql> ");
    terminal.press("load_15 * 100\r");
    let at = terminal.wait_for(at, "83");
    let at = terminal.wait_for(at, "promql> ");
    // A line of before is changed at its beginning and asked again.
    terminal.press(&format!("{UP}{CTRL_A}2 * \r"));
    let at = terminal.wait_for(at, "166");
    terminal.wait_for(at, "promql> ");
    terminal.press(CTRL_D);
    assert!(terminal.wait_for_end().success());

    // The history outlives the program.
    let mut terminal = Terminal::start(&query(&server, &home, &["-l", "promql"]), 100, 30);
    let at = terminal.wait_for(0, "promql> ");
    terminal.press(UP);
    let at = terminal.wait_for(at, "2 * load_15 * 100");
    terminal.press(UP);
    terminal.wait_for(at, "load_15 * 100");
    terminal.press(&format!("{CTRL_A}{CTRL_K}\\q\r"));
    assert!(terminal.wait_for_end().success());
}

#[test]
fn a_followed_chart_is_as_wide_as_the_terminal_and_ends_with_ctrl_c() {
    let (folder, home) = (Folder::new("watch"), Folder::new("watch-home"));
    let server = server_with_load(&folder);
    let command = query(&server, &home, &["-o", "chart", "--watch", "1", ".es(metric=max:load_15)"]);
    let mut terminal = Terminal::start(&command, 90, 30);
    let widest = |frame: &str| frame.lines().map(|line| line.trim_end().chars().count()).max().unwrap_or(0);
    let (mut at, mut frame);
    // A frame is whole when the next one begins.
    at = terminal.wait_for(0, CLEARED);
    let end = terminal.wait_for(at, CLEARED);
    frame = terminal.shown()[at..end - CLEARED.len()].to_owned();
    assert!(frame.contains("max(load_15)") && (60..=90).contains(&widest(&frame)), "{frame}");
    terminal.resize(50, 20);
    at = terminal.wait_for(end, CLEARED);
    let end = terminal.wait_for(at, CLEARED);
    frame = terminal.shown()[at..end - CLEARED.len()].to_owned();
    assert!((30..=50).contains(&widest(&frame)), "{frame}");
    terminal.press(CTRL_C);
    assert_eq!(terminal.wait_for_end().signal(), Some(2));
}
